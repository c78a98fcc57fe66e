"""What the inbox decides without showing it: each in one blank page that all tests share."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page

from frontdesk.entities import Conversation
from frontdesk.tables.conversation_lists import VIEWS, in_view
from tests.e2e.test_desk_modules import STORAGE, run

pytestmark = pytest.mark.browser

# Conversations of one letter: what a test says of them, over what they are otherwise.
ENTRIES = """
  const entry = (id, more = {}) => ({ id, status: "waiting", priority: "medium", labels: [],
    mood: null, assignee: null, snoozed_until: null, language: null, page: null, last_id: id,
    waiting_since: null, customer_messages: 1, customer: {}, ...more });
"""
STORE = (
    ENTRIES
    + """
  const [{ Store, merged }, { NOTHING_ASKED }] = await Promise.all([
    import("./js/conversations/store.js"), import("./js/conversations/views.js")]);
  const page = (entries, cursor = null) => ({ conversations: entries, watchers: {}, cursor });
  const make = (...answers) => {
    const asked = [];
    const get = async (path) => { asked.push(path); return structuredClone(answers.shift()); };
    const show = async (path, put) => put(await get(path), true);
    return Object.assign(new Store({ get, show }, "me"), { paths: asked });
  };
  const all = { ...NOTHING_ASKED, view: "all" };
  const ids = (store) => store.list.map(({ id }) => id).join("");
"""
)


@pytest.mark.parametrize("status", ["open", "waiting", "human", "resolved"])
def test_a_conversation_is_in_the_views_in_which_the_api_has_it(modules: Page, status: str) -> None:
    cases = [
        {"status": status, "assignee": assignee, "snoozed_until": until}
        for assignee in (None, "me", "ben")
        for until in (None, "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z")
    ]
    body = (
        ENTRIES
        + """
      const { belongs, NOTHING_ASKED } = await import("./js/conversations/views.js");
      return given.cases.map((each) => given.views.filter((view) =>
        belongs(entry("x", { ...each, unread_messages: 1 }), { ...NOTHING_ASKED, view }, "me")));
    """
    )
    found = run(modules, body, {"cases": cases, "views": VIEWS})
    wanted = [
        [
            view
            for view in VIEWS
            if in_view(Conversation(id="x", organization_id="o", **each), view, "me")
        ]
        for each in cases
    ]
    assert found == wanted


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"priority": "urgent"}, "b"),
        ({"mood": "negative"}, "b"),
        ({"label": "VIP"}, "ab"),
        ({"assignee": "me"}, "a"),
        ({"assignee": "unassigned"}, "b"),
        ({"language": "de"}, "a"),
        ({"page": "/CART"}, "a"),
        ({"priority": "urgent", "assignee": "me"}, ""),
    ],
)
def test_the_list_is_narrowed_as_the_api_narrows_it(
    modules: Page, asked: dict[str, str], fits: str
) -> None:
    body = (
        ENTRIES
        + """
      const { belongs, NOTHING_ASKED } = await import("./js/conversations/views.js");
      const a = entry("a", { assignee: "me", labels: ["vip"], language: "de-AT",
        page: { url: "https://x.example/cart" } });
      const b = entry("b", { priority: "urgent", mood: { label: "NEGATIVE" }, labels: ["Vip"],
        language: "en" });
      const asked = { ...NOTHING_ASKED, view: "all", ...given };
      return [a, b].filter((each) => belongs(each, asked, "me")).map(({ id }) => id).join("");
    """
    )
    assert run(modules, body, asked) == fits


@pytest.mark.parametrize(
    ("sort", "order"), [("newest", "dcba"), ("waiting_longest", "bcda"), ("priority", "cdab")]
)
def test_a_list_is_in_the_order_that_was_asked_for(modules: Page, sort: str, order: str) -> None:
    body = (
        ENTRIES
        + """
      const { comparing } = await import("./js/conversations/views.js");
      const list = [
        entry("a", { status: "open", waiting_since: "2020-01-01T00:00:00Z" }),
        entry("b", { status: "resolved", priority: "urgent" }),
        entry("c", { priority: "urgent", waiting_since: "2026-01-02T00:00:00Z" }),
        entry("d", { waiting_since: "2026-01-03T00:00:00Z" }),
      ];
      if (given === "waiting_longest") {
        list[1] = entry("b", { waiting_since: "2026-01-01T00:00:00Z" });
      }
      return list.sort(comparing(given)).map(({ id }) => id).join("");
    """
    )
    assert run(modules, body, sort) == order


def test_a_list_that_changes_while_it_is_read_loses_and_repeats_nothing(modules: Page) -> None:
    body = (
        STORE
        + """
      const store = make(page([entry("f"), entry("e")], "e"), page([entry("e"), entry("d")], null));
      await store.load(all);
      store.put(entry("g"));                  // new: on top
      store.put(entry("b"));                  // below what is loaded: shows with its page
      const before = ids(store);
      store.put(entry("d", { last_id: "h" })); // moved up before its page was read
      await store.more();
      return [before, ids(store), store.paths[1].endsWith("&cursor=e")];
    """
    )
    assert run(modules, body) == ["gfe", "dgfeb", True]


def test_what_changes_between_two_pages_is_neither_lost_nor_repeated(modules: Page) -> None:
    body = (
        STORE
        + """
      const pages = [page([entry("h"), entry("f"), entry("d")], "d"), page([entry("b")], null)];
      const store = make(...pages, ...pages);
      await store.load({ ...NOTHING_ASKED, sort: "newest" });
      store.put(entry("d", { last_id: "k" }));       // the last of the page moves to the top
      store.put(entry("e"));                         // and one comes between it and the one before
      store.put(entry("f", { status: "resolved" })); // one of the page leaves the view
      store.put(entry("c"));                         // one comes between the pages
      const first = ids(store);
      await store.more();
      const both = ids(store);
      const again = store.load({ ...NOTHING_ASKED, sort: "newest" });
      store.put(entry("a", { last_id: "m" }));       // told while the list is asked for anew
      await again;
      return [first, both, ids(store)];
    """
    )
    # Asked for anew, as far as it was read, it is what the API says (of f too) and was told since.
    assert run(modules, body) == ["dhe", "dhecb", "adhfb"]


def test_a_list_asked_for_anew_stays_as_long_as_it_was(modules: Page) -> None:
    body = (
        STORE
        + """
      const letters = [..."zyxwvutsrqponmlkjihgfedcba"];
      const pages = () => letters.map((id, i) => page([entry(id)], letters[i + 1] ? id : null));
      const store = make(...pages(), ...pages());
      const sort = { ...NOTHING_ASKED, sort: "newest" };
      await store.load(sort);
      for (let i = 1; i < given; i += 1) await store.more();
      const before = ids(store);
      const shown = [];
      store.addEventListener("list", () => shown.push(ids(store).length));
      const skipped = letters.length - given;
      for (let i = 0; i < skipped; i += 1) await store.api.get("left over");
      await store.load(sort);
      return [before.length, Math.min(...shown), ids(store).length, store.cursor];
    """
    )
    assert run(modules, body, 5) == [5, 5, 5, "v"]
    assert run(modules, body, 24) == [24, 20, 20, "g"]


def test_what_the_socket_told_is_newer_than_an_answer_that_was_asked_for_before(
    modules: Page,
) -> None:
    body = (
        STORE
        + """
      const own = { unread_messages: 1, read_until: null };
      const thread = entry("b", { ...own, messages: [] });
      const store = make(page([entry("a", own), entry("b", own)]), thread);
      const loaded = store.load(all);
      store.put(entry("a", { status: "human" }));
      await loaded;
      const read = store.read("b");
      store.put(entry("b", { status: "resolved" }));
      await read;
      return ["a", "b"].map((id) => [store.entry(id).status, store.entry(id).unread_messages]);
    """
    )
    assert run(modules, body) == [["human", 1], ["resolved", 1]]


def test_a_row_that_has_not_changed_is_the_same_thing_as_before(modules: Page) -> None:
    body = (
        STORE
        + """
      const read = { unread_messages: 0, read_until: "m" };
      const pages = () => page([entry("a", read), entry("b", read)]);
      const store = make(pages(), pages());
      await store.load(all);
      const before = store.list;
      store.put(entry("a"));
      await store.load(all);
      store.markRead("a", 0, "n");
      return store.list.map((each) => before.includes(each));
    """
    )
    assert run(modules, body) == [True, False]


def test_what_is_changed_here_shows_at_once_and_goes_back_when_it_fails(modules: Page) -> None:
    body = (
        STORE
        + """
      const store = make(page([entry("a")]));
      await store.load(all);
      let answer;
      const sent = new Promise((_, failed) => { answer = failed; });
      const change = store.change("a", { priority: "urgent" }, () => sent).catch(() => "failed");
      const now = store.entry("a").priority;
      store.put(entry("a", { priority: "high" }));  // somebody else was first
      const meanwhile = store.entry("a").priority;
      answer(new Error());
      return [now, meanwhile, await change, store.entry("a").priority];
    """
    )
    assert run(modules, body) == ["urgent", "urgent", "failed", "high"]


def test_what_leaves_the_view_leaves_the_list_unless_it_is_open(modules: Page) -> None:
    body = (
        STORE
        + """
      const store = make(page([entry("a"), entry("b")]));
      await store.load({ ...NOTHING_ASKED });
      store.open = "a";
      for (const id of ["a", "b"]) store.put(entry(id, { status: "resolved" }));
      const open = ids(store);
      store.open = "";
      return [open, ids(store)];
    """
    )
    assert run(modules, body) == ["a", ""]


def test_new_messages_of_the_customer_count_as_unread_until_they_are_read(modules: Page) -> None:
    body = (
        STORE
        + """
      const read = { unread_messages: 0, read_until: "m" };
      const store = make(page([entry("a", read)]));
      await store.load(all);
      store.put(entry("a", { customer_messages: 3, last_id: "b" }));
      const { unread_messages } = store.entry("a");
      store.hear({ type: "read", conversation_id: "a", unread_messages: 0, read_until: "n" });
      store.put(entry("a", { customer_messages: 3, priority: "high" }));
      return [unread_messages, store.entry("a").unread_messages, store.entry("a").read_until];
    """
    )
    assert run(modules, body) == [2, 0, "n"]


def test_a_list_that_was_asked_for_before_does_not_make_unread_what_was_read(modules: Page) -> None:
    body = (
        STORE
        + """
      const unread = { unread_messages: 2, read_until: null };
      const store = make(page([entry("a", unread)]), page([entry("a", unread)]));
      await store.load(all);
      store.markRead("a", 0, "a");
      await store.load(all);
      return store.entry("a").unread_messages;
    """
    )
    assert run(modules, body) == 0


def test_no_new_message_is_lost_or_counted_twice_whichever_word_of_it_comes_first(
    modules: Page,
) -> None:
    body = (
        STORE
        + """
      const read = { unread_messages: 0, read_until: "a" };
      const behind = { unread_messages: 1, read_until: null, customer_messages: 1 };
      const store = make(page([entry("a", read), entry("b", behind)]), page([entry("a", read)]),
        page([entry("a", { unread_messages: 2, read_until: null, customer_messages: 2 })]),
        entry("c", { unread_messages: 1, read_until: "a", customer_messages: 4, messages: [] }));
      const of = (id) => store.entry(id).unread_messages;
      const found = [];
      await store.load(all);
      await store.change("a", {}, async () => entry("a", { customer_messages: 2 }));
      store.put(entry("a", { customer_messages: 2 }));
      found.push(of("a"));                      // the answer to an act, then the socket
      await store.load(all);
      found.push(of("a"));                      // a list from before that message
      store.markRead("a", 0, "b");
      store.put(entry("a", { customer_messages: 1 }));
      await store.load(all);
      found.push(of("a"));                      // a list from before it was read
      store.put(entry("b", { customer_messages: 3 }));
      found.push(of("b"));                      // nothing was ever read there
      store.put(entry("c", { customer_messages: 5, assignee: "ben" }));
      await store.learnUnread("c");
      found.push(of("c") ?? "not asked");       // a colleague's
      store.put(entry("c", { customer_messages: 5 }));
      await store.learnUnread("c");
      return [...found, of("c"), store.paths.length];
    """
    )
    assert run(modules, body) == [1, 1, 0, 3, "not asked", 2, 4]


def test_the_answer_to_an_earlier_question_does_not_replace_a_later_list(modules: Page) -> None:
    body = (
        STORE
        + """
      const answers = [];
      const show = (path, put) => new Promise((done) =>
        answers.push((entries) => { put(page(entries), true); done(); }));
      const store = new Store({ show }, "me");
      const [first, second] = [store.load(all), store.load({ ...all, priority: "high" })];
      answers[1]([entry("b", { priority: "high" })]);
      answers[0]([entry("a")]);
      await Promise.all([first, second]);
      return ids(store);
    """
    )
    assert run(modules, body) == "b"


LINES = """
  const { linesOf, countBelow } = await import("./js/conversations/lines.js");
  const message = (id, role, minute, more = {}) => ({ id, role, text: id, author: null,
    client_id: null, at: new Date(2026, 0, 1, 12, minute).toISOString(), ...more });
"""


def test_a_thread_has_days_groups_and_quiet_lines(modules: Page) -> None:
    body = (
        LINES
        + """
      const lines = linesOf([
        message("a", "customer", 0), message("b", "customer", 2), message("c", "customer", 20),
        message("d", "system", 21), message("e", "customer", 22),
        message("f", "agent", 23, { author: "Ada" }), message("g", "agent", 24, { author: "Ben" }),
        message("h", "note", 24, { author: "Ben" }),
        { ...message("i", "agent", 0), at: new Date(2026, 0, 2, 0, 0).toISOString() },
      ], []);
      return lines.map(({ kind, first }) => kind[0] + (first ? "!" : "")).join(" ");
    """
    )
    assert run(modules, body) == "d m! m m! e m! m! m! m! d m!"


def test_what_is_on_its_way_is_shown_once_also_when_it_has_arrived(modules: Page) -> None:
    body = (
        LINES
        + """
      const said = [{ id: "x", kind: "reply", text: "Hi" }, { id: "y", kind: "note", text: "Hm" }];
      const stored = message("b", "agent", 1, { client_id: "x" });
      return linesOf([message("a", "customer", 0), stored], said).map(({ key }) => key);
    """
    )
    found = run(modules, body)
    assert found[1:] == ["a", "x", "y"]


@pytest.mark.parametrize(
    ("read", "seen"), [(None, []), ("a", []), ("b", ["b"]), ("d", ["d"]), ("z", ["d"])]
)
def test_seen_stands_under_the_last_words_of_the_team_that_were_read(
    modules: Page, read: str | None, seen: list[str]
) -> None:
    body = (
        LINES
        + f"""
      const messages = ["customer", "agent", "note", "agent", "customer"].map((role, i) =>
        message("abcde"[i], role, i));
      return linesOf(messages, [], {json.dumps(read)}).filter(({{ seen }}) => seen)
        .map(({{ key }}) => key);
    """
    )
    assert run(modules, body) == seen


def test_new_messages_below_are_counted_without_records(modules: Page) -> None:
    body = (
        LINES
        + """
      const messages = ["a", "b", "c", "d"].map((id, i) =>
        message(id, id === "c" ? "system" : "customer", i));
      return ["", "b", "d"].map((seen) => countBelow(messages, seen));
    """
    )
    assert run(modules, body) == [3, 1, 0]


DRAFTS = STORAGE + 'const { Drafts } = await import("./js/conversations/drafts.js");'


def test_what_was_written_is_there_after_a_reload_for_each_conversation_and_member(
    modules: Page,
) -> None:
    body = (
        DRAFTS
        + """
      const kept = new Kept();
      const drafts = new Drafts(kept, "o:ada");
      drafts.change("a", { reply: "Dear" });
      drafts.change("a", { note: "Hm", kind: "note" });
      const [again, other] = [new Drafts(kept, "o:ada"), new Drafts(kept, "o:ben")];
      drafts.change("b", { reply: "" });
      return [again.of("a"), again.has("b"), other.has("a"), kept.length];
    """
    )
    draft = {"kind": "note", "reply": "Dear", "note": "Hm", "files": [], "said": []}
    assert run(modules, body) == [draft, False, False, 1]


def test_a_draft_counts_as_such_as_long_as_one_of_its_sentences_stands(modules: Page) -> None:
    body = """
      const { keepsSome } = await import("./js/conversations/drafts.js");
      const drafted = "It takes two days.\\nWrite to us at a.b@x.example! Until soon";
      const texts = [
        drafted, "Dear Sam, it does. Until soon, Ada", "Write to us at a.b@x.example! It is here.",
        "Write to us", "My own words.", "",
      ];
      return [...texts.map((text) => keepsSome(text, drafted)), keepsSome("Anything", "")];
    """
    assert run(modules, body) == [True, True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("mood", "shown"),
    [
        ("Calm (0.0).", "Calm."),
        ("Unhappy (-0.5); getting worse; anger.", "Unhappy; getting worse; anger."),
        ("Not measured.", "Not measured."),
    ],
)
def test_a_mood_is_shown_without_its_figure(modules: Page, mood: str, shown: str) -> None:
    body = f"""
      const {{ moodText }} = await import("./js/conversations/names.js");
      return moodText({mood!r});
    """
    assert run(modules, body) == shown


def test_what_is_sent_leaves_the_field_and_stays_until_the_server_has_it(modules: Page) -> None:
    body = (
        DRAFTS
        + """
      const drafts = new Drafts(new Kept(), "o:ada");
      const file = (id) => ({ id, name: id, type: "image/png", size: 9, stored: true });
      drafts.change("a", { reply: "Dear", note: "Hm", files: [file("f"), file("g")] });
      const sent = { id: "x", kind: "reply", text: "Dear", files: [file("f")] };
      drafts.say("a", { ...sent, failed: false });
      drafts.say("a", { ...sent, failed: true });
      const { reply, note, files, said } = drafts.of("a");
      drafts.settle("a", "x");
      return [reply, note, files.map(({ id }) => id), said[0].files.map(({ id }) => id),
        said.length, said[0].failed, drafts.of("a").said.length];
    """
    )
    assert run(modules, body) == ["", "Hm", ["g"], ["f"], 1, True, 0]


def test_the_drafts_written_longest_ago_make_room_and_nonsense_is_none(modules: Page) -> None:
    body = (
        DRAFTS
        + """
      const kept = new Kept();
      const drafts = new Drafts(kept, "o:ada", 2);
      for (const id of ["a", "b", "c"]) {
        drafts.change(id, { reply: id });
        const key = `frontdesk:draft:o:ada:${id}`;
        const draft = JSON.parse(kept.get(key));
        kept.set(key, JSON.stringify({ ...draft, at: "abc".indexOf(id) }));
      }
      kept.set("frontdesk:draft:o:ada:b", '{"reply": 7, "said": [null, {"id": 1}]}');
      return ["a", "b", "c"].map((id) => drafts.has(id));
    """
    )
    assert run(modules, body) == [False, False, True]


@pytest.mark.parametrize(
    ("event", "typing", "act"),
    [
        ({"key": "j"}, False, "next"),
        ({"key": "J"}, False, "next"),
        ({"key": "?"}, False, "help"),
        ({"key": "j"}, True, None),
        ({"key": "j", "altKey": True}, False, None),
        ({"key": "r", "ctrlKey": True}, False, None),
        ({"key": "k", "metaKey": True}, True, "palette"),
        ({"key": "K", "ctrlKey": True}, True, "palette"),
        ({"key": "e", "isComposing": True}, False, None),
        ({"key": "q"}, False, None),
    ],
)
def test_keys_act_and_are_silent_while_somebody_types(
    modules: Page, event: dict[str, Any], typing: bool, act: str | None
) -> None:
    body = """
      const { actOf } = await import("./js/conversations/keys.js");
      return actOf(given.event, given.typing);
    """
    assert run(modules, body, {"event": event, "typing": typing}) == act


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        # A Monday, a Sunday evening, and late at night.
        ("2026-03-02T10:00", [("later", 2, 13), ("tomorrow", 3, 9), ("monday", 9, 9)]),
        ("2026-03-08T18:00", [("later", 8, 21), ("tomorrow", 9, 9), ("monday", 9, 9)]),
        ("2026-03-05T23:00", [("tomorrow", 6, 9), ("monday", 9, 9)]),
    ],
)
def test_one_can_put_off_until_a_moment_that_is_to_come(
    modules: Page, now: str, wanted: list[tuple[str, int, int]]
) -> None:
    body = """
      const { snoozes } = await import("./js/conversations/snoozes.js");
      return snoozes(new Date(given).getTime()).map(({ name, until }) =>
        [name, new Date(until).getDate(), new Date(until).getHours(), until]);
    """
    *found, (last, *_, until) = run(modules, body, now)
    assert [tuple(each[:3]) for each in found] == wanted
    assert last == "reply"
    assert datetime.fromisoformat(until) > datetime(2900, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/", ["", 0, 1]),
        ("/Late-p", ["late-p", 0, 7]),
        ("Hello\n/re", ["re", 6, 9]),
        ("and/or", None),
        ("https://x", None),
        ("/late parcel", None),
        ("/" + "a" * 50, None),
    ],
)
def test_a_slash_asks_for_a_canned_reply_where_a_word_begins(
    modules: Page, text: str, found: list[Any] | None
) -> None:
    body = """
      const { cannedAt } = await import("./js/conversations/canned.js");
      const found = cannedAt(given, given.length);
      return found && [found.text, found.start, found.end];
    """
    assert run(modules, body, text) == found


@pytest.mark.parametrize(
    ("line", "sought", "pieces"),
    [
        ("The parcel, I mean", "PARC", ["The ", "parcel", ", I mean"]),
        (
            "the parcel is the thing",
            "the parcel",
            ["", "the", " ", "parcel", " is ", "the", " thing"],
        ),
        ("A parcels’ parcel", "parcel lat", ["A parcels’ ", "parcel", ""]),
        ("Die Größe passt", "GROSSE", ["Die ", "Größe", " passt"]),
        ("Le cafe\u0301 noir", "café", ["Le ", "cafe\u0301", " noir"]),
        ("Order HB-48213 late", "hb-482", ["Order ", "HB", "-", "48213", " late"]),
        ("我想退款，谢谢", "想退款", ["我", "想退款", "，谢谢"]),
        ("Ada's bag", "ada's", ["", "Ada", "'s bag"]),
        ("\U0001f469 <mark>zebra", "zebra", ["\U0001f469 <mark>", "zebra", ""]),
        ("w" * 500 + " zebra", "zebra", ["…", "zebra", ""]),
        ("Long ago it all began. The zebra", "zebra", ["…it all began. The ", "zebra", ""]),
        ("zebra " + "w" * 500, "zebra", ["", "zebra", " " + "w" * 194 + "…"]),
        ("Nothing", "!", ["Nothing"]),
    ],
)
def test_what_was_found_is_cut_around_the_hit_and_marked_by_the_words_of_the_api(
    modules: Page, line: str, sought: str, pieces: list[str]
) -> None:
    body = """
      const { foundIn, marked } = await import("./js/conversations/found.js");
      const line = document.createElement("p");
      line.append(...marked(foundIn(given[0], given[1])));
      const marks = [...line.children].map((each) => [each.tagName, each.textContent]);
      return [foundIn(given[0], given[1]), marks];
    """
    marks = [["MARK", piece] for piece in pieces[1::2]]
    assert run(modules, body, [line, sought]) == [pieces, marks]


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("assistant", "Due now: see <b> it . One Two"),
        ("customer", "**Due** now: [see](https://x.example) <b> *it* [1]. - One - Two"),
    ],
)
def test_a_preview_shows_no_marks_of_markdown(modules: Page, role: str, shown: str) -> None:
    text = "**Due** now:\n[see](https://x.example) <b> *it* [1].\n\n- One\n- Two"
    body = """
      const { onOneLine } = await import("./js/conversations/found.js");
      return onOneLine(...given);
    """
    assert run(modules, body, [text, role]) == shown


def test_replying_is_said_of_others_and_passes(modules: Page) -> None:
    body = """
      const { Presence } = await import("./js/conversations/presence.js");
      let now = 0;
      const presence = new Presence("me", () => now);
      const agents = [["me", "Ada"], ["b", "Ben"]].map(([id, name]) =>
        ({ id, name, replying: true }));
      presence.hear({ type: "watchers", conversation_id: "a", agents });
      presence.hear({ type: "typing", conversation_id: "a" });
      presence.hear({ type: "typing", conversation_id: "a", author: agents[1] });
      const first = [presence.of("a"), presence.customerTypes("a")];
      now = 17_000;
      return [...first, presence.of("a"), presence.customerTypes("a"), presence.of("z")];
    """
    ben = {"id": "b", "name": "Ben"}
    assert run(modules, body) == [
        [{**ben, "replying": True}],
        True,
        [{**ben, "replying": False}],
        False,
        [],
    ]
