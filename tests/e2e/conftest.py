"""A browser, and web/ served to it: as it is, as it is published, and with the API behind it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
)

from frontdesk.tables.client import Table
from infra.site_files import site_files
from local.warming import PAGE, start_at_once
from tests.e2e import browser
from tests.e2e.site_server import SiteServer, serving
from tests.e2e.team_site import TeamSite, team_site
from tests.unit.deployment import UNLIMITED, Deployment

if TYPE_CHECKING:
    from local.stack import Stack

WEB = Path(__file__).parents[2] / "web"

# A Content-Security-Policy as strict as a host page's may be and still allow the widget.
STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self' https://api.test wss://chat.test"
)
BLANK_PAGE = b"<!doctype html><title>Blank</title><main></main>"
HOST_PAGE = b"""<!doctype html>
<html lang="en"><title>Host</title><h1>A shop</h1><button id="other">Other</button>
<script async src="widget/frontdesk.js" data-key="pk_test" data-api="https://api.test/api"></script>
"""

# Milliseconds: long, for a machine that is busy; what is there sooner is not waited for.
TIMEOUT = 60_000
expect.set_options(timeout=TIMEOUT)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for one file of tests: Playwright keeps an event loop running while it is open."""
    with browser.launched() as opened:
        yield opened


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A visitor who has never been here."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(TIMEOUT)
    # The team's socket, as tests/unit/deployment.py names it: it opens, and says nothing.
    context.route_web_socket("wss://socket.example/**", lambda _: None)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """An empty tab. Afterwards no script has failed and no policy was broken."""
    page = context.new_page()
    wrong: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            wrong.append(message.text)

    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", note)
    yield page
    assert wrong == []


@pytest.fixture(scope="module")
def site() -> Iterator[SiteServer]:
    """web/ at `.url` as it is, and at `.published` as it is published."""
    files = {
        path.relative_to(WEB).as_posix(): path.read_bytes()
        for path in WEB.rglob("*")
        if path.is_file()
    }
    published = {f"published/{name}": content for name, content in site_files(WEB).items()}
    hosts = {"host.html": HOST_PAGE, "published/host.html": HOST_PAGE, "blank.html": BLANK_PAGE}
    with serving({**files, **published, **hosts}, policy=STRICT_POLICY) as server:
        yield server


@pytest.fixture(scope="module")
def modules(chromium: Browser, site: SiteServer) -> Iterator[Page]:
    """A blank page beside the widget's modules, shared by the tests of what keeps no state."""
    page = chromium.new_page()
    page.goto(f"{site.url}/blank.html")
    yield page
    page.close()


@pytest.fixture
def team(table: Table) -> Iterator[TeamSite]:
    """The pages of the team, and the API behind them on a table of their own."""
    with team_site(Deployment(table, UNLIMITED)) as site:
        yield site


@pytest.fixture
def warm_stack(stack: "Stack") -> "Stack":
    """The stack, once its API answers as many requests at once as a browser sends for a page.

    Each wants a process, and a page gives up on one that takes longer to start than an answer may.
    """

    start_at_once(stack.api_url, PAGE, seconds=300)
    return stack
