"""The inbox among many conversations: what its routes read and write, and how its list scrolls.

The API runs in this process on a table in memory, so that 100,000 conversations are stored in
seconds. What is counted is what DynamoDB would be asked.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, Request, WebSocketRoute, expect

from benchmarks.chromium import MEASURE, TIMEOUT, chromium
from benchmarks.summary import milliseconds
from tests.e2e.team_site import TeamSite, team_site
from tests.unit.deployment import UNLIMITED, Deployment
from tests.unit.inbox_costs import CountingTable, costs, stored_items

SIZES = (10, 1_000, 100_000)
_ROWS = 5_000
_LONG_MS = 50
_SOCKET = "wss://socket.example/**"

_SCROLL = """async ([stage, count]) => {
  const list = document.querySelector(".list-scroll");
  const picture = () => new Promise(requestAnimationFrame);
  const record = async (act) => {
    const frames = [];
    let last = await picture(), on = true;
    const note = (time) => {
      frames.push(time - last);
      last = time;
      if (on) requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
    await act();
    on = false;
    await picture();
    return frames;
  };
  const stages = {
    async load() {
      while (document.querySelectorAll(".row").length < count) {
        list.scrollTop = list.scrollHeight;
        await picture();
      }
    },
    async turn() {
      list.scrollTop = 0;
      await new Promise((done) => setTimeout(done, 1000));
      for (let i = 0; i < count; i++) { list.scrollTop += 240; await picture(); }
    },
    async jump() {
      for (let i = 0; i < count; i++) {
        list.scrollTop = list.scrollHeight * ((i * 37) % count) / count;
        await picture();
      }
    },
  };
  return record(stages[stage]);
}"""

_OPEN = """async () => {
  const begin = performance.now();
  const before = document.querySelector(".row[aria-current]");
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
  await drawn(() => {
    const now = document.querySelector(".row[aria-current]");
    return now && now !== before;
  });
  return performance.now() - begin;
}"""


def routes() -> dict[str, object]:
    """Calls to DynamoDB, and items read and written, of each route at each size."""
    found = {number: costs(number) for number in SIZES}
    names = dict.fromkeys(name for each in found.values() for name in each)
    return {
        name: {
            f"{number:,}": {
                "calls": sum(cost.calls.values()),
                "read": cost.read,
                "written": cost.written,
            }
            for number, each in found.items()
            if (cost := each.get(name)) is not None
        }
        for name in names
    }


def first_screen() -> dict[str, object]:
    """What the inbox asks of the API before its first rows are on the screen, and after that."""
    return {f"{number:,}": _asked(number) for number in (10, 100_000)}


def _asked(conversations: int) -> dict[str, list[str]]:
    asked: list[str] = []
    with _inbox(conversations) as (page, site, _):
        page.on("request", lambda request: asked.append(_api_path(request)))
        page.goto(site.page("conversations.html?view=all"))
        expect(page.locator(".row").first).to_be_visible()
        expect(page.locator(".view-count").last).not_to_be_empty()
        before = [path for path in asked if path]
        page.wait_for_timeout(3000)
        later = [path for path in asked if path][len(before) :]
    return {"before the first screen": before, "after it": later}


def scrolling() -> dict[str, object]:
    """A list that really holds so many rows, read page by page: frames, a row opened, an event."""
    with _inbox(_ROWS) as (page, site, sockets):
        page.goto(site.page("conversations.html?view=all"))
        expect(page.locator(".row").first).to_be_visible()
        stages = {
            name: _frames(page, stage, count)
            for name, stage, count in (
                ("while its pages are read", "load", _ROWS),
                ("while a wheel turns", "turn", 600),
                ("jumps", "jump", 120),
            )
        }
        opened = [page.evaluate(_OPEN) / 1000 for _ in range(12)][2:]
        events = [_event(page, site, sockets[0], number) for number in range(12)][2:]
        return {
            "rows": page.locator(".row").count(),
            **stages,
            "next conversation opened": milliseconds(opened),
            "from a frame of the socket to the picture": milliseconds(events),
        }


def _event(page: Page, site: TeamSite, socket: WebSocketRoute, number: int) -> float:
    """Has one conversation change, as the socket tells, and waits until it can be seen."""
    deployment = site.deployment
    listed: Any = deployment.http.get(
        "/api/conversations?limit=1", headers=deployment.one.team
    ).json()["conversations"][0]
    own = {"unread", "unread_messages", "read_until"}
    entry = {name: value for name, value in listed.items() if name not in own}
    text = f"Changed for the {number}th time"
    page.evaluate(
        """(text) => { window.seen = drawn(() =>
          document.querySelector(".rows").firstChild.textContent.includes(text)); }""",
        text,
    )
    socket.send(json.dumps({"type": "conversation", "conversation": {**entry, "subject": text}}))
    took: float = page.evaluate(
        """async (text) => (await window.seen)
          - measured.heard.find(([, data]) => data.includes(text))[0]""",
        text,
    )
    return took / 1000


def _frames(page: Page, stage: str, count: int) -> dict[str, object]:
    """How long frames took, and how much processor time each task of the page took.

    On a busy machine frames wait for others; the processor time is the page's own.
    """
    browser = page.context.browser
    assert browser
    browser.start_tracing(page=page, categories=["toplevel", "disabled-by-default-lighthouse"])
    frames: list[float] = page.evaluate(_SCROLL, [stage, count])
    events = json.loads(browser.stop_tracing())["traceEvents"]
    renderers = {
        (each["pid"], each["tid"])
        for each in events
        if each.get("name") == "thread_name" and each["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        each["tdur"] / 1000
        for each in events
        if each.get("ph") == "X"
        and "RunTask" in each["name"]
        and "tdur" in each
        and (each["pid"], each["tid"]) in renderers
    ]
    return {
        "frames": _durations(frames),
        "processor time of tasks": _durations(tasks),
    }


def _durations(each_ms: list[float]) -> dict[str, float]:
    return {
        **milliseconds([each / 1000 for each in each_ms]),
        "longest": round(max(each_ms, default=0), 1),
        f"over {_LONG_MS} ms": sum(each > _LONG_MS for each in each_ms),
    }


def _api_path(request: Request) -> str:
    """What of the API was asked for; empty for anything else."""
    path = request.url.partition("/$default")[2]
    return f"{request.method} {path}" if path else ""


@contextmanager
def _inbox(conversations: int) -> Iterator[tuple[Page, TeamSite, list[WebSocketRoute]]]:
    """A tab with somebody's login, and the sockets that it opens."""
    table = CountingTable()
    deployment = Deployment(table, rates=UNLIMITED)
    me = deployment.member("admin", name="Ada", email="ada@one.example")
    table.fill(stored_items(deployment.one.organization_id, me.id, conversations))
    sockets: list[WebSocketRoute] = []

    def note(socket: WebSocketRoute) -> None:
        sockets.append(socket)

    with team_site(deployment) as site, chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        context.set_default_timeout(TIMEOUT)
        context.add_init_script(MEASURE)
        context.route_web_socket(_SOCKET, note)
        page = context.new_page()
        site.log_in(page, me.email)
        yield page, site, sockets
