"""A browser that measures what a person sees."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect

from tests.e2e import browser

MEASURE = """
window.measured = { heard: [] };
// When each frame of the socket came: js/live.js passes it on at once.
const { dispatchEvent } = EventTarget.prototype;
EventTarget.prototype.dispatchEvent = function (event) {
  if (event.type === "frame") {
    measured.heard.push([performance.now(), JSON.stringify(event.detail)]);
  }
  return dispatchEvent.call(this, event);
};
// Resolves with the time of the picture in which `look` finds something.
window.drawn = (look) => new Promise((tell) => {
  const check = () => {
    if (!look()) return false;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => tell(performance.now())));
    return true;
  };
  const watch = new MutationObserver(check);
  const all = { attributes: true, characterData: true, childList: true, subtree: true };
  watch.observe(document, all);
  check();
});
"""
"""Runs in each page before its own scripts."""


TIMEOUT = 300_000
"""Milliseconds after which something will not come any more."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that the tests run in."""
    expect.set_options(timeout=TIMEOUT)
    with browser.launched() as opened:
        yield opened
