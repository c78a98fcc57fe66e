"""Waiting for what is not on the screen: a request, what the server stored, a frame."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

# Seconds: long, for a machine that is busy; what is there sooner is not waited for.
SECONDS = 30


def until(page: Page, condition: Callable[[], Any], *, otherwise: str = "") -> None:
    """Let the browser work until `condition` holds.

    Raises AssertionError, which says `otherwise`, when it does not within SECONDS.
    """
    end = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"it never became true {otherwise}")
        # Waits on the real clock also where the page's own is stopped.
        page.evaluate("new Promise((done) => requestAnimationFrame(done))")
