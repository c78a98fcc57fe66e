"""The pages in a browser: what they weigh, and how soon something is to be seen."""

import gzip
import re
import time
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from benchmarks.chromium import MEASURE, TIMEOUT, chromium
from benchmarks.summary import milliseconds
from frontdesk.ids import new_id
from infra.site_files import site_files
from local.chat_client import ChatClient
from local.layout import ROOT
from local.seed import OWNER_EMAIL
from local.stack import Stack

_NAMED = re.compile(r'(?:src|href)="((?:js|css|img|widget)/[^"]+)"')

_AREAS = re.compile(r' data-words="([^"]+)"')

_CONTENT = {
    "index.html": "#plans li",
    "pricing.html": "#plans li",
    "dashboard.html": ".panel.today .panel-body > :not(.bones)",
    "conversations.html": ".row",
    "documents.html": "main li",
    "billing.html": "main h2",
}
"""What makes a page more than its frame: what the API says."""

_FIRST_PAINT = """() => new Promise((tell) => {
  new PerformanceObserver((list) => {
    const [first] = list.getEntriesByName("first-contentful-paint");
    if (first) tell(first.startTime);
  }).observe({ type: "paint", buffered: true });
})"""

_SHIFTS = """() => new Promise((tell) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { sum += value; }))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => tell(sum), 200);
})"""


def weights() -> dict[str, object]:
    """What each page transfers, gzipped, without the font, and in how many files."""
    files = site_files(ROOT / "web")
    report: dict[str, object] = {}
    for page in sorted(name for name in files if name.endswith(".html")):
        named = {each for each in _NAMED.findall(files[page].decode()) if each in files}
        if "js/strings.js" in named:
            areas = " ".join(["common", *_AREAS.findall(files[page].decode())])
            areas += " desk" if "js/shell.js" in named else " site"
            # The largest of the tables; a browser loads one of each area.
            named |= {f"js/strings/{area}/fr.js" for area in areas.split()}
        loaded = [files[page], *(files[name] for name in named)]
        size = sum(len(gzip.compress(content)) for content in loaded)
        report[page] = {"bytes": size, "files": len(loaded)}
    return report


def on_the_stack(stack: Stack, *, runs: int = 10) -> dict[str, object]:
    """From a click or an address to the picture, on the stack of this machine. In milliseconds."""
    with chromium() as browser:
        first = _first_view(stack, browser)
        context = _logged_in(stack, browser)
        page = context.new_page()
        with _Customer(stack) as customer:
            customer.want_person()
            report: dict[str, object] = {
                "first view after the start": first,
                "warm page": {
                    name: _loads(page, stack, name, look, runs) for name, look in _CONTENT.items()
                },
                "change of view in the inbox": _view_changes(page, stack, runs),
                "from page to page": _page_changes(page, stack, runs),
                "message of a customer": _events(page, stack, customer, runs),
            }
        report["layout shift of the landing page"] = {
            str(width): _shift(browser, stack, width) for width in (360, 1280)
        }
    return report


def _first_view(stack: Stack, browser: Browser) -> dict[str, object]:
    """A login and what comes after it, where nobody has asked anything since the start."""
    context = _context(browser)
    page = context.new_page()
    asked: list[dict[str, Any]] = []
    page.on("requestfinished", lambda request: asked.append(_timing(request)))
    begin = time.perf_counter()
    page.goto(f"{stack.site_url}/auth.html")
    page.locator("#login-email").fill(OWNER_EMAIL)
    shown = time.perf_counter() - begin
    assert stack.sample
    page.locator("#login-password").fill(stack.sample.owner_password)
    begin = time.perf_counter()
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(_CONTENT["dashboard.html"]).first).to_be_visible()
    entered = time.perf_counter() - begin
    slowest = sorted(asked, key=lambda each: -each["ms"])[:6]
    context.close()
    return {
        "login page": round(shown * 1000),
        "overview after the login": round(entered * 1000),
        "slowest requests": slowest,
    }


def _timing(request: Any) -> dict[str, Any]:  # noqa: ANN401 - Playwright's
    path = re.sub(r"^https?://[^/]+(?:/_aws/execute-api/[^/]+/[^/]+)?", "", request.url)
    return {"path": path.split("?")[0], "ms": round(request.timing["responseEnd"])}


def _loads(page: Page, stack: Stack, name: str, look: str, runs: int) -> dict[str, object]:
    """The page loaded anew in a tab that has seen it, up to the first paint and to its content."""
    painted, content = [], []
    for number in range(runs + 2):
        page.goto(f"{stack.site_url}/{name}")
        at = page.evaluate("(look) => drawn(() => document.querySelector(look))", look)
        paint = page.evaluate(_FIRST_PAINT)
        if number >= 2:
            painted.append(paint / 1000)
            content.append(at / 1000)
    return {"first paint": milliseconds(painted), "content": milliseconds(content)}


def _view_changes(page: Page, stack: Stack, runs: int) -> dict[str, float]:
    """A click on another view of the list, which was seen before, up to its rows."""
    page.goto(f"{stack.site_url}/conversations.html?view=all")
    expect(page.locator(".row").first).to_be_visible()
    seconds = []
    for number in range(2 * runs + 4):
        wanted = ("waiting", "all")[number % 2]
        took = page.evaluate(
            """async (view) => {
              const link = [...document.querySelectorAll(".view")].find(({ href }) =>
                (new URL(href).searchParams.get("view") ?? "waiting") === view);
              const begin = performance.now();
              link.click();
              const shown = () => link.ariaCurrent === "true" && document.querySelector(".row");
              return (await drawn(shown)) - begin;
            }""",
            wanted,
        )
        if number >= 4:
            seconds.append(took / 1000)
    return milliseconds(seconds)


def _page_changes(page: Page, stack: Stack, runs: int) -> dict[str, float]:
    """A click on another page of the desk, which was seen before, up to its content."""
    page.goto(f"{stack.site_url}/dashboard.html")
    expect(page.locator(_CONTENT["dashboard.html"]).first).to_be_visible()
    seconds = []
    for number in range(2 * runs + 4):
        wanted = ("conversations.html", "dashboard.html")[number % 2]
        took = page.evaluate(
            """async ([file, look]) => {
              const link = document.querySelector(`.places a[href="${file}"]`);
              const begin = performance.now();
              link.click();
              return (await drawn(() => document.querySelector(look))) - begin;
            }""",
            [wanted, _CONTENT[wanted]],
        )
        if number >= 4:
            seconds.append(took / 1000)
    return milliseconds(seconds)


def _events(page: Page, stack: Stack, customer: "_Customer", runs: int) -> dict[str, object]:
    """What a customer writes, up to the picture of an agent's list."""
    page.goto(f"{stack.site_url}/conversations.html?view=all")
    expect(page.locator(".row").first).to_be_visible()
    whole, own = [], []
    for number in range(runs + 3):
        text = f"Is anybody there? I ask for the {number}th time"
        page.evaluate(
            """(text) => { window.seen = drawn(() =>
              document.querySelector(".rows").textContent.includes(text)); }""",
            text,
        )
        begin = time.time()
        customer.say(text)
        at, heard, origin = page.evaluate(
            """async (text) => {
              const at = await window.seen;
              const [heard] = measured.heard.find(([, data]) => data.includes(text));
              return [at, heard, performance.timeOrigin];
            }""",
            text,
        )
        if number >= 3:
            whole.append((origin + at) / 1000 - begin)
            own.append((at - heard) / 1000)
    return {
        "from its sending to the agent's screen": milliseconds(whole),
        "from the socket's frame to the picture": milliseconds(own),
    }


def _shift(browser: Browser, stack: Stack, width: int) -> float:
    context = _context(browser, width)
    page = context.new_page()
    page.goto(f"{stack.site_url}/index.html")
    expect(page.locator("#plans li").first).to_be_visible()
    found: float = page.evaluate(_SHIFTS)
    context.close()
    return round(found, 4)


def _context(browser: Browser, width: int = 1280) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="en-GB")
    context.set_default_timeout(TIMEOUT)
    context.add_init_script(MEASURE)
    return context


def _logged_in(stack: Stack, browser: Browser) -> BrowserContext:
    context = _context(browser)
    assert stack.sample
    answer = context.request.post(
        f"{stack.api_url}/auth/login",
        data={"email": OWNER_EMAIL, "password": stack.sample.owner_password},
        headers={"Origin": stack.origin},
    )
    if not answer.ok:
        raise RuntimeError(answer.text())
    return context


class _Customer:
    """Somebody who waits for a person of the sample organisation."""

    def __init__(self, stack: Stack) -> None:
        assert stack.sample
        self._client = ChatClient(
            api_url=stack.api_url, key=stack.sample.widget_key, origin=stack.origin
        )

    def __enter__(self) -> "_Customer":
        self._client.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()

    def want_person(self) -> None:
        for _ in self._client.ask("I want to talk to a person, please"):
            pass

    def say(self, text: str) -> None:
        self._client.send({"action": "message", "id": new_id(), "text": text})
