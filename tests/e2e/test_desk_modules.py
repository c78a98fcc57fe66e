"""What the desk decides without showing it: each in one blank page that all tests share."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from frontdesk.entities import Organization

pytestmark = pytest.mark.browser

WEB = Path(__file__).parents[2] / "web"
JS = WEB / "js"
LANGUAGES = ("en", "de", "es", "fr")
AREAS = sorted(path.name for path in (JS / "strings").iterdir())
SOURCES = [
    path.read_text("utf-8")
    for path in (*WEB.glob("*.html"), *JS.rglob("*.js"))
    if path.parents[1].name != "strings"
]
# Storage that forgets, so that tests leave nothing to each other.
STORAGE = """
class Kept extends Map {
  get length() { return this.size; }
  key(i) { return [...this.keys()][i] ?? null; }
  getItem(name) { return this.get(name) ?? null; }
  setItem(name, text) {
    if (this.room !== undefined && text.length > this.room) throw new DOMException("full");
    this.set(name, text);
  }
  removeItem(name) { this.delete(name); }
}
"""


def run(page: Page, body: str, argument: Any = None) -> Any:
    return page.evaluate(f"async (given) => {{ {body} }}", argument)


# Strings


@pytest.fixture(scope="module")
def tables(modules: Page) -> dict[str, dict[str, str]]:
    """The texts of every language, by area and key."""
    body = """
      const all = {};
      for (const [area, language] of given) {
        const table = (await import(`./js/strings/${area}/${language}.js`)).default;
        for (const key in table) (all[language] ??= {})[`${area} ${key}`] = table[key];
      }
      return all;
    """
    found: dict[str, dict[str, str]] = run(
        modules, body, [(area, language) for area in AREAS for language in LANGUAGES]
    )
    return found


@pytest.fixture(scope="module")
def texts(tables: dict[str, dict[str, str]]) -> dict[str, str]:
    """The English texts by key, which no two areas share."""
    found = {name.split(" ")[1]: text for name, text in tables["en"].items()}
    assert len(found) == len(tables["en"])
    return found


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_language_says_the_same_things(
    tables: dict[str, dict[str, str]], language: str
) -> None:
    english, other = tables["en"], tables[language]
    assert other.keys() == english.keys()
    places = re.compile(r"\{\w+\}")
    assert {key: sorted(places.findall(text)) for key, text in other.items()} == {
        key: sorted(places.findall(text)) for key, text in english.items()
    }
    assert [key for key, text in other.items() if not text.strip()] == []


def test_every_language_that_is_offered_has_a_table_and_no_table_is_left_out(modules: Page) -> None:
    offered = set(run(modules, 'return (await import("./js/strings.js")).LANGUAGES'))
    for area in AREAS:
        assert {path.stem for path in (JS / "strings" / area).glob("*.js")} == offered


def test_every_text_that_a_page_asks_for_is_there(texts: dict[str, str]) -> None:
    """Names that are put together at run time begin with what stands before the `${`."""
    missing = []
    for source in SOURCES:
        for call, key in re.findall(r'words\.(t|n)\("([\w.-]+)"', source):
            if key not in texts and not (call == "n" and f"{key}.other" in texts):
                missing.append(key)
        for beginning in re.findall(r"words\.[tn]\(`([\w.-]+)\$\{", source):
            missing += [] if any(key.startswith(beginning) for key in texts) else [beginning]
        named = re.findall(r'data-(?:t(?:-\w+)?|missing)="([^"]+)"', source)
        missing += [key for key in named if key not in texts]
    assert missing == []


def test_no_text_is_left_that_nothing_says(texts: dict[str, str]) -> None:
    source = "\n".join(SOURCES)
    named = set(re.findall(r"""["'`]([\w-]+(?:\.[\w-]+)*)["'`]""", source))
    begun = tuple(re.findall(r"`([\w.-]+\.)\$\{", source))
    unused = [
        key
        for key in texts
        if re.sub(r"\.(zero|one|two|few|many|other)$", "", key) not in named
        and key not in named
        and not key.startswith(begun)
    ]
    assert unused == []


def test_pages_that_are_read_without_javascript_are_written_as_the_table_has_it(
    texts: dict[str, str],
) -> None:
    said = re.compile(r'<\w+(?: [^<>]*)? data-t="([^"]+)"[^<>]*>([^<>]+)<')
    for page in ("index.html", "pricing.html", "404.html"):
        written = said.findall((WEB / page).read_text("utf-8"))
        assert [(key, text) for key, text in written if texts[key] != text] == []
        assert len(written) > 3


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["pt-BR", "es-MX", "en"], "es"),
        (["DE"], "de"),
        (["ja", "zh-Hant"], "en"),
        ([], "en"),
        (["english", ""], "en"),
    ],
)
def test_the_first_language_that_is_known_is_spoken(
    modules: Page, wanted: list[str], language: str
) -> None:
    body = 'return (await import("./js/strings.js")).languageOf(given)'
    assert run(modules, body, wanted) == language


def test_a_text_is_filled_counted_and_never_missing(modules: Page) -> None:
    body = """
      const { Words } = await import("./js/strings.js");
      const words = new Words("en", {
        hello: "Hello {name}, {name}!", "cat.one": "{count} cat", "cat.other": "{count} cats" });
      let missed = false;
      try { words.t("nothing"); } catch { missed = true; }
      const hello = words.t("hello", { name: "$& {x}" });
      return [hello, words.n("cat", 1), words.n("cat", 1234), missed];
    """
    assert run(modules, body) == ["Hello $& {x}, $& {x}!", "1 cat", "1,234 cats", True]


# Problems


@pytest.mark.parametrize("status", [0, 400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 502, 503])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_kind_of_problem_becomes_a_sentence_that_says_what_to_do(
    modules: Page, status: int, language: str
) -> None:
    body = """
      const [{ sentence }, { Problem }, { Words }, table] = await Promise.all([
        import("./js/problems.js"), import("./widget/http.js"), import("./js/strings.js"),
        import(`./js/strings/common/${given.language}.js`)]);
      const words = new Words(given.language, table.default);
      const problem = new Problem(given.status, "Field x is wrong.", null);
      return [true, false].map((online) => sentence(problem, words, online));
    """
    online, offline = run(modules, body, {"status": status, "language": language})
    assert len(online) > 15
    assert not re.search(r"\{\w+\}|\d{3}", online)
    # What only the API knows is passed on.
    assert ("Field x is wrong." in online) == (status in {400, 402, 409, 422})
    assert (online != offline) == (status == 0)


def test_who_has_to_wait_is_told_how_long(modules: Page) -> None:
    body = """
      const [{ sentence }, { Problem }, { Words }, table] = await Promise.all([
        import("./js/problems.js"), import("./widget/http.js"), import("./js/strings.js"),
        import("./js/strings/common/en.js")]);
      return sentence(new Problem(429, "", 42), new Words("en", table.default), true);
    """
    assert "42 seconds" in run(modules, body)


# The API

API = (
    STORAGE
    + """
  const [{ Api, pause }, { Cache }, { Problem }] = await Promise.all([
    import("./js/api.js"), import("./js/cache.js"), import("./widget/http.js")]);
  const waits = [], sent = [];
  const clock = { sleep: async (ms) => void waits.push(ms), random: () => 0 };
  const answers = (...list) => ({ call: async (method, path, body) => {
    sent.push([method, path, body]);
    const answer = list.length > 1 ? list.shift() : list[0];
    if (answer instanceof Error) throw answer;
    return structuredClone(answer);
  } });
  const make = (...list) => new Api(answers(...list), new Cache(new Kept(), "o:m"), clock);
  const down = (status, after = null) => new Problem(status, "down", after);
"""
)


def test_reading_is_tried_again_after_longer_and_longer_waits(modules: Page) -> None:
    body = (
        API
        + "return [await make(down(503), down(0), {ok: 1}).get('/x'), waits, sent.length].flat()"
    )
    assert run(modules, body) == [{"ok": 1}, 400, 1200, 3]


@pytest.mark.parametrize(
    ("status", "after", "tries"),
    [
        (503, None, 3),
        (0, None, 3),
        (429, 2, 3),
        (429, 60, 1),
        (404, None, 1),
        (500, None, 1),
        (422, None, 1),
    ],
)
def test_only_what_may_pass_is_tried_again_and_not_for_ever(
    modules: Page, status: int, after: int | None, tries: int
) -> None:
    body = API + (
        "let failed = 0; await make(down(given.status, given.after)).get('/x')"
        ".catch((error) => { failed = error.status; }); return [failed, sent.length, waits];"
    )
    failed, sent, waits = run(modules, body, {"status": status, "after": after})
    assert (failed, sent) == (status, tries)
    assert all(wait >= (after or 0) * 1000 for wait in waits)


def test_what_is_created_keeps_its_id_over_every_try_and_other_acts_are_sent_once(
    modules: Page,
) -> None:
    body = (
        API
        + """
      await make(down(0), down(502), {}).create("/things", { name: "x" });
      await make(down(0), {}).send("POST", "/act", {}).catch(() => {});
      return sent;
    """
    )
    *tries, act = run(modules, body)
    assert len(tries) == 3
    assert len({json.dumps(each) for each in tries}) == 1
    assert len(tries[0][2]["id"]) == 26
    assert act == ["POST", "/act", {}]


def test_the_last_answer_is_shown_at_once_and_corrected_when_it_has_changed(modules: Page) -> None:
    body = (
        API
        + """
      const api = make({ n: 1 }, { n: 1 }, { n: 2 });
      const shown = [];
      const show = ({ n }, fresh) => shown.push([n, fresh]);
      for (let i = 0; i < 3; i++) await api.show("/x", show);
      return shown;
    """
    )
    assert run(modules, body) == [[1, True], [1, False], [1, False], [2, True]]


def test_two_parts_of_a_page_that_ask_the_same_ask_once(modules: Page) -> None:
    body = API + "const api = make({}); await Promise.all([api.get('/x'), api.get('/x')]); "
    assert run(modules, body + "await api.get('/x'); return sent.length;") == 2


def test_all_who_asked_are_shown_what_has_changed(modules: Page) -> None:
    body = (
        API
        + """
      const api = make({ n: 1 }, { n: 2 });
      await api.show("/x", () => {});
      const shown = [[], []];
      await Promise.all(shown.map((each) => api.show("/x", ({ n }) => each.push(n))));
      return shown;
    """
    )
    assert run(modules, body) == [[1, 2], [1, 2]]


def test_a_list_that_changes_while_it_is_read_repeats_nothing(modules: Page) -> None:
    body = (
        API
        + """
      const page = (ids, cursor) => ({ entries: ids.map((id) => ({ id })), cursor });
      const api = make(page(["a", "b"], "c 1"), page(["b", "d"], null));
      const found = [];
      for await (const each of api.entries("/x?limit=2", "entries")) found.push(each.id);
      return [found.join(""), sent.map(([, path]) => path)];
    """
    )
    assert run(modules, body) == ["abd", ["/x?limit=2", "/x?limit=2&cursor=c%201"]]


# The cache

CACHE = (
    STORAGE + 'const { Cache, forget } = await import("./js/cache.js"); const kept = new Kept();'
)


def test_what_one_member_saw_is_not_there_for_the_next_and_gone_at_logout(modules: Page) -> None:
    body = (
        CACHE
        + """
      kept.setItem("other", "stays");
      new Cache(kept, "one:ada").put("/x", { secret: 1 });
      const again = new Cache(kept, "one:ada").get("/x");
      const ben = new Cache(kept, "one:ben").get("/x");
      const left = kept.size;
      new Cache(kept, "one:ben").put("/x", 2);
      forget(kept);
      return [again, ben ?? null, left, [...kept.keys()]];
    """
    )
    assert run(modules, body) == [{"secret": 1}, None, 1, ["other"]]


def test_an_answer_that_comes_after_the_logout_is_not_kept(modules: Page) -> None:
    body = (
        CACHE
        + """
      const cache = new Cache(kept, "o:m");
      cache.put("/x", 1);
      cache.end();
      cache.put("/x", 2);
      return [kept.size, cache.get("/x") ?? null];
    """
    )
    assert run(modules, body) == [0, None]


def test_the_cache_is_bounded_and_lets_the_longest_unused_go(modules: Page) -> None:
    body = (
        CACHE
        + """
      const cache = new Cache(kept, "o:m", 100);
      for (const name of ["a", "b", "c", "d", "e"]) cache.put(name, name.repeat(18));
      cache.get("a");
      cache.put("f", "f".repeat(18));
      cache.put("huge", "h".repeat(200));
      const size = [...kept.values()].join("").length;
      const there = ["a", "b", "f", "huge"].map((name) => cache.get(name) !== undefined);
      return [there, size <= 100];
    """
    )
    assert run(modules, body) == [[True, False, True, False], True]


def test_a_browser_without_room_still_shows_what_was_seen(modules: Page) -> None:
    body = (
        CACHE
        + """
      kept.room = 5;
      const cache = new Cache(kept, "o:m");
      const first = cache.put("/x", "more than five");
      return [first, cache.get("/x"), cache.put("/x", "more than five")];
    """
    )
    assert run(modules, body) == [True, "more than five", False]


# The view


@pytest.mark.parametrize(
    ("search", "view"),
    [
        ("", {"status": "waiting", "q": ""}),
        ("?q=a%20b&status=open", {"status": "open", "q": "a b"}),
        ("?other=1&__proto__=x&q=%3Cscript%3E", {"status": "waiting", "q": "<script>"}),
        ("?status=", {"status": "", "q": ""}),
    ],
)
def test_an_address_and_a_view_say_the_same(
    modules: Page, search: str, view: dict[str, str]
) -> None:
    body = """
      const { readView, writeView } = await import("./js/view.js");
      const initial = { status: "waiting", q: "" };
      const view = readView(given, initial);
      return [view, readView(writeView(view, initial), initial)];
    """
    assert run(modules, body, search) == [view, view]


# Who waits, and since when


def test_the_longest_waiting_comes_first_and_what_is_put_off_does_not_count(modules: Page) -> None:
    body = """
      const { oldestFirst, isSnoozed } = await import("./js/waiting.js");
      const one = (id, at, started) => ({ id, handoff: at && { at }, started_at: started });
      const order = oldestFirst([
        one("b", "2026-01-02T10:00:00Z", "2026-01-01T00:00:00Z"),
        one("c", null, "2026-01-02T09:00:00+00:00"),
        one("a", "2026-01-02T10:00:00Z", null)]);
      const now = Date.parse("2026-01-02T12:00:00Z");
      const put = (until) => isSnoozed({ snoozed_until: until }, now);
      return [order.map(({ id }) => id).join(""), put(null),
        put("2026-01-02T12:00:01Z"), put("2026-01-02T11:00:00Z")];
    """
    assert run(modules, body) == ["cab", False, True, False]


def test_who_waits_is_not_listed_for_a_page_that_counts_them(modules: Page) -> None:
    body = """
      const { Waiting } = await import("./js/waiting.js");
      const [live, page, asked] = [new EventTarget(), new AbortController(), []];
      const show = async (path, put) => {
        asked.push(path);
        put({ conversations: [{ id: "a" }], cursor: null });
      };
      const waiting = new Waiting({ show }, live);
      const now = () => [asked.length, waiting.label, waiting.loaded];
      waiting.leaveTo(page.signal);
      waiting.begin();
      live.dispatchEvent(new Event("back"));
      waiting.tell({ count: 99, more: true });
      const counted = now();
      page.abort();
      waiting.begin();
      waiting.begin();
      return [counted, now()];
    """
    assert run(modules, body) == [[0, "99+", False], [1, "1", True]]


def test_who_came_or_went_while_the_list_was_asked_for_is_not_forgotten(modules: Page) -> None:
    body = """
      const { Waiting } = await import("./js/waiting.js");
      const live = new EventTarget();
      const tell = (id, status) => live.dispatchEvent(new CustomEvent("frame", {
        detail: { type: "conversation", conversation: { id, status, snoozed_until: null } } }));
      const show = async (_, put) => {
        tell("a", "human");
        tell("b", "waiting");
        put({ conversations: [{ id: "a" }, { id: "c" }], cursor: null });
      };
      const waiting = new Waiting({ show }, live);
      await waiting.load();
      return waiting.all.map(({ id }) => id).sort().join("");
    """
    assert run(modules, body) == "bc"


@pytest.mark.parametrize(
    ("seconds", "short", "long"),
    [
        (20, "now", "now"),
        (240, "4m", "4 minutes ago"),
        (10_800, "3h", "3 hours ago"),
        (86_400 * 2, "2d", "2 days ago"),
        (-50, "now", "now"),
    ],
)
def test_times_are_as_short_as_they_can_be(
    modules: Page, seconds: int, short: str, long: str
) -> None:
    body = """
      const { formats } = await import("./js/utils.js");
      const now = Date.parse("2026-01-10T12:00:00Z");
      const words = formats("en", () => now);
      const at = new Date(now - given * 1000).toISOString();
      return [words.since(at), words.ago(at)];
    """
    assert run(modules, body, seconds) == [short, long]


def test_reconnecting_waits_longer_each_time_up_to_half_a_minute(modules: Page) -> None:
    body = """
      const { reconnectPause } = await import("./js/live.js");
      return [1, 2, 3, 50].map((failures) =>
        [0, 1].map((chance) => reconnectPause(failures, chance)));
    """
    assert run(modules, body) == [[250, 500], [500, 1000], [1000, 2000], [15_000, 30_000]]


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Lovelace", "AL"), ("  ada ", "A"), ("", ""), ("😀 Ben", "😀B")]
)
def test_a_name_has_initials(modules: Page, name: str, letters: str) -> None:
    body = 'return (await import("./js/utils.js")).initials(given)'
    assert run(modules, body, name) == letters


# The first run


@pytest.mark.parametrize(
    ("standing", "done"),
    [
        ({}, []),
        ({"documents": [{"answering": False}, {"answering": True}]}, ["documents"]),
        ({"organization": {"color": "#112233"}}, ["look"]),
        ({"organization": {"greeting": "Ahoy"}, "did": {"ask": True}}, ["ask", "look"]),
        # Copied, but no site may carry it yet.
        ({"did": {"embed": True}}, []),
        (
            {"did": {"embed": True}, "organization": {"allowed_origins": ["https://a.example"]}},
            ["embed"],
        ),
        ({"organization": {"seen_at": "2026-01-01T00:00:00Z"}}, ["embed", "seen"]),
        ({"team": {"members": [{}], "invitations": [{}]}}, ["invite"]),
        ({"team": {"members": [{}, {}], "invitations": []}}, ["invite"]),
    ],
)
def test_the_list_of_a_new_organisation_ticks_what_is_done(
    modules: Page, standing: dict[str, Any], done: list[str]
) -> None:
    body = """
      const { doneSteps } = await import("./js/overview/steps.js");
      const organization = { greeting: "Hello! How can I help you?", color: "#0f766e",
        assistant: "Assistant", allowed_origins: [], seen_at: null, ...given.organization };
      const team = { members: [{}], invitations: [], ...given.team };
      return [...doneSteps({ documents: [], did: {}, ...given, organization, team })];
    """
    assert run(modules, body, standing) == done


def test_what_counts_as_chosen_is_what_the_api_begins_with(modules: Page) -> None:
    plain = Organization(id="-", name="-")
    body = """
      const { doneSteps } = await import("./js/overview/steps.js");
      return [...doneSteps({ documents: [], did: {}, organization: { ...given, seen_at: null },
        team: { members: [{}], invitations: [] } })];
    """
    assert run(modules, body, plain.model_dump(mode="json")) == []


@pytest.mark.parametrize(
    ("email", "origin"),
    [
        ("ada@harbor.example", "https://harbor.example"),
        ("ada@Mail.Harbor.EXAMPLE", "https://mail.harbor.example"),
        ("ada@gmail.com", ""),
        ("ada@t-online.de", ""),
        ("ada@yahoo.co.uk", ""),
        ("ada@münchen.example", "https://xn--mnchen-3ya.example"),
        ("ada@localhost", ""),
        ("", ""),
    ],
)
def test_a_site_is_suggested_where_the_address_says_whose_it_is(
    modules: Page, email: str, origin: str
) -> None:
    body = 'return (await import("./js/overview/steps.js")).suggestedOrigin(given)'
    assert run(modules, body, email) == origin


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("shop.example", "https://shop.example"),
        (" HTTPS://Shop.Example/help?x=1#y ", "https://shop.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://shop.example:443", "https://shop.example"),
        ("not a site", ""),
        ("javascript:alert(1)", ""),
        ("https://user:pass@shop.example", ""),
        ("shop", ""),
        ("", ""),
    ],
)
def test_an_origin_is_read_from_what_people_write(modules: Page, text: str, origin: str) -> None:
    body = 'return (await import("./js/overview/steps.js")).originOf(given)'
    assert run(modules, body, text) == origin


@pytest.mark.parametrize(
    ("api", "named"),
    [
        ("https://desk.example/api", ""),
        ("https://desk.example/stage/api", ' data-api="https://desk.example/stage/api"'),
    ],
)
def test_the_code_to_embed_names_the_api_where_it_is_elsewhere(
    modules: Page, api: str, named: str
) -> None:
    body = """
      const { embedCode } = await import("./js/overview/steps.js");
      return embedCode("https://desk.example/site/", "pk_1", given);
    """
    script = "https://desk.example/site/widget/frontdesk.js"
    wanted = f'<script async src="{script}" data-key="pk_1"{named}></script>'
    assert run(modules, body, api) == wanted


def test_letters_on_a_colour_are_those_that_are_easier_to_read(modules: Page) -> None:
    body = """
      const { isLight } = await import("./js/overview/step-look.js");
      return given.map(isLight);
    """
    colors = ["#ffffff", "#000000", "#0f766e", "#ffdd00", "#777777"]
    assert run(modules, body, colors) == [True, False, False, True, False]


def test_today_is_compared_with_the_same_hours_a_week_ago(modules: Page) -> None:
    body = """
      const { stretches } = await import("./js/overview/today.js");
      const { today, before } = stretches(new Date(2026, 0, 15, 14, 20));
      return [...today, ...before].map((at) =>
        [at.getMonth(), at.getDate(), at.getHours(), at.getMinutes()]);
    """
    assert run(modules, body) == [
        [0, 15, 0, 0],
        [0, 15, 15, 0],
        [0, 8, 0, 0],
        [0, 8, 15, 0],
    ]
