"""The widget on pages as they are: storage, logins, new bodies, old libraries, the next page."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from frontdesk.ids import is_ulid, new_id
from tests.e2e.chat_stand_in import CITATION, VISITOR, ChatStandIn, Frame, answer
from tests.e2e.site_server import SiteServer

pytestmark = pytest.mark.browser

BOOT = "Frontdesk.boot({ key: 'pk_test', api: 'https://api.test/api' })"
KEPT = "Object.keys(localStorage)"


@pytest.fixture
def chat(page: Page, site: SiteServer) -> Iterator[ChatStandIn]:
    """The server's side for a page that a test opens with `visit`."""
    stand_in = ChatStandIn(page)
    yield stand_in
    page.evaluate("window.Frontdesk?.shutdown()")


Visit = Callable[[], None]


@pytest.fixture
def visit(page: Page, site: SiteServer) -> Visit:
    """Go to a page of the site."""

    def go() -> None:
        page.goto(f"{site.published}/host.html")
        page.locator(".launcher").wait_for()

    return go


def ask(page: Page, chat: ChatStandIn, text: str = "Hello") -> None:
    before = len(chat.sent("message"))
    page.evaluate("text => Frontdesk.ask(text)", text)
    chat.until(lambda: len(chat.sent("message")) == before + 1)


def said(text: str, **changes: Any) -> Frame:
    return {"id": new_id(), "text": text, "at": "2026-11-23T10:00:00.123Z", **changes}


def identity(subject: str, number: int = 1) -> str:
    """A JWT as a site makes them. Who may sign it is the server's to judge."""
    claims = json.dumps({"sub": subject, "aud": "frontdesk", "number": number}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln"


ANNA, BEN = identity("anna"), identity("ben")


# Forgetting


@pytest.mark.parametrize("before", ["", "Frontdesk.shutdown()", "await Frontdesk.open()"])
def test_whatever_was_loaded_forgetting_leaves_no_key(
    page: Page, chat: ChatStandIn, visit: Visit, before: str
) -> None:
    visit()
    ask(page, chat)
    chat.say(type="state", status="waiting")
    page.wait_for_function("Object.keys(localStorage).some((key) => key.endsWith('awaiting'))")
    page.evaluate("localStorage.setItem('theirs', '1')")
    visit()
    # While the panel's code, and a session, are on their way.
    page.evaluate(f"async () => {{ {before}; Frontdesk.shutdown({{ forget: true }}) }}")
    page.wait_for_timeout(100)
    assert page.evaluate(KEPT) == ["theirs"]
    chat.history = [answer("Of the one before.")]
    page.evaluate(BOOT)
    page.locator(".launcher").click()
    chat.until(lambda: "visitor" not in chat.sessions[-1])


def test_what_one_tab_forgets_is_gone_from_the_others(
    page: Page, context: BrowserContext, chat: ChatStandIn, visit: Visit, site: SiteServer
) -> None:
    chat.history = [answer("Your order goes to 5 Elm Street.")]
    visit()
    page.evaluate("Frontdesk.update({ identity: " + json.dumps(ANNA) + " })")
    page.locator(".launcher").click()
    expect(page.get_by_text("5 Elm Street")).to_be_visible()
    second = context.new_page()
    second.goto(f"{site.published}/host.html")
    second.evaluate("Frontdesk.shutdown({ forget: true })")
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.get_by_text("5 Elm Street")).to_have_count(0)
    assert page.evaluate(KEPT) == []
    chat.history = []
    page.locator(".launcher").click()
    chat.until(lambda: len(chat.sessions) == 2)
    assert chat.sessions[1] == {"key": "pk_test"}
    second.close()


# Storage

UNWRITABLE = (
    "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };"
)
MUTE = "Storage.prototype.setItem = () => {};"
FORBIDDEN = (
    "Object.defineProperty(window, 'localStorage',"
    " { get() { throw new DOMException('', 'SecurityError'); } });"
)
ABSENT = "Object.defineProperty(window, 'localStorage', { value: null });"


@pytest.mark.parametrize("storage", [UNWRITABLE, MUTE, FORBIDDEN, ABSENT])
def test_without_storage_the_visitor_lasts_as_long_as_the_page(
    page: Page, chat: ChatStandIn, visit: Visit, storage: str
) -> None:
    asked = passages(page)
    page.add_init_script(storage)
    chat.history = [answer("Yes. [1]", citations=[CITATION])]
    visit()
    ask(page, chat)
    page.locator(".source").first.click()
    expect(page.locator(".passage")).to_contain_text("The whole passage.")
    assert asked[0].headers["authorization"] == f"Bearer {VISITOR}"
    chat.drop()
    chat.until(lambda: len(chat.sessions) == 2)
    assert chat.sessions[1]["visitor"] == VISITOR
    page.evaluate("Frontdesk.shutdown({ forget: true })")


def passages(page: Page) -> list[Request]:
    """Answer requests for passages; what was asked."""
    asked: list[Request] = []
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}

    def give(route: Route) -> None:
        if route.request.method != "OPTIONS":
            asked.append(route.request)
        passage = {**CITATION, "text": "The whole passage."}
        route.fulfill(status=200, headers=headers, json=passage)

    page.route("https://api.test/api/widget/messages/**", give)
    return asked


def test_damaged_storage_counts_as_empty(page: Page, chat: ChatStandIn, visit: Visit) -> None:
    """Each value of another version or of nobody's, on one page after the other."""
    damaged = ["undefined", "", "{", "null", "3", "[]", "{}", '"x"', "[1, null]", '[{"id": 3}]']
    visit()
    for value in damaged:
        page.evaluate(
            """(value) => {
              Frontdesk.shutdown({ forget: true });
              for (const name of ["unsent", "look", "visitor", "customer", "awaiting"])
                localStorage.setItem(`frontdesk:pk_test:${name}`, value);
            }""",
            value,
        )
        page.evaluate(BOOT)
        before = len(chat.sessions)
        ask(page, chat)
        assert "visitor" not in chat.sessions[before]
        expect(page.locator(".message .text")).to_have_text(["Hello"])
    assert page.evaluate("localStorage['frontdesk:pk_test:visitor']") == VISITOR


# Logins


def test_the_page_vouches_for_its_customer(page: Page, chat: ChatStandIn, site: SiteServer) -> None:
    def tagged(route: Route) -> None:
        html = route.fetch().text()
        route.fulfill(body=html.replace("data-key", f'data-identity="{ANNA}" data-key'))

    page.route("**/host.html", tagged)
    asked = passages(page)
    chat.history = [answer("Yes. [1]", citations=[CITATION])]
    page.goto(f"{site.published}/host.html")
    page.locator(".launcher").click()
    page.locator(".source").click()
    expect(page.locator(".passage")).to_contain_text("The whole passage.")
    assert chat.sessions == [{"key": "pk_test", "identity": ANNA}]
    assert asked[0].headers["x-frontdesk-identity"] == ANNA


def test_an_identity_that_expired_is_asked_for_again_once(
    page: Page, chat: ChatStandIn, visit: Visit
) -> None:
    tokens = [identity("anna", number) for number in range(1, 5)]
    chat.stale = {tokens[0]}
    visit()
    page.evaluate(
        """async (tokens) => {
          Frontdesk.shutdown();
          window.asked = 0;
          const identity = async () => tokens[window.asked++];
          Frontdesk.boot({ key: "pk_test", api: "https://api.test/api", identity });
          Frontdesk.open();
        }""",
        tokens,
    )
    chat.until(lambda: len(chat.sockets) == 1)
    assert [each.get("identity") for each in chat.sessions] == tokens[:2]
    # A connection is a session, and a session a fresh identity.
    chat.stale = set(tokens)
    chat.drop()
    expect(page.locator(".notice span")).to_contain_text("Chat isn't available on this page.")
    assert [each.get("identity") for each in chat.sessions] == tokens
    assert page.evaluate("asked") == 4


@pytest.mark.parametrize(
    "change",
    [
        "Frontdesk.update({ identity: BEN })",
        "Frontdesk.update({ identity: null })",
        "Frontdesk.update({ identity: () => BEN })",
        "Frontdesk.update({ identity: () => new Promise((done) => setTimeout(done, 300, BEN)) })",
        "Frontdesk.boot({ key: 'pk_test', identity: BEN })",
    ],
)
def test_nobody_sees_what_the_one_before_was_told(
    page: Page, chat: ChatStandIn, visit: Visit, change: str
) -> None:
    visit()
    page.evaluate(f"Frontdesk.update({{ identity: '{ANNA}' }})")
    chat.history = [answer("Anna, your order goes to 5 Elm Street.")]
    ask(page, chat, "I am Anna")
    chat.acknowledge = False
    ask(page, chat, "Anna's, on its way")
    expect(page.get_by_text("Anna")).to_have_count(3)
    page.get_by_label("Your message").fill("Anna's, half written")
    chat.history, chat.visitor = [], "vt_" + "b" * 32
    sessions = len(chat.sessions)
    page.evaluate(f"() => {{ const BEN = '{BEN}'; {change} }}")
    expect(page.get_by_text("Anna")).to_have_count(0)
    expect(page.get_by_label("Your message")).to_have_value("")
    chat.until(lambda: len(chat.sessions) == sessions + 1)
    named = {"identity": BEN} if "BEN" in change else {}
    assert chat.sessions[-1] == {"key": "pk_test", **named}
    ask(page, chat, "Somebody else")
    assert "Anna" not in str(chat.sent("message")[-1:])
    expect(page.locator(".message .text")).to_have_text(["Somebody else"])


@pytest.mark.parametrize(("first", "next_one"), [(ANNA, BEN), (ANNA, ""), ("", ANNA)])
def test_the_next_page_shows_nothing_of_who_was_here_before(
    page: Page, chat: ChatStandIn, visit: Visit, first: str, next_one: str
) -> None:
    visit()
    page.evaluate(f"Frontdesk.update({{ identity: '{first}' }})")
    chat.acknowledge = False
    ask(page, chat, "On its way")
    visit()
    page.evaluate(f"Frontdesk.update({{ identity: '{next_one}' }})")
    page.locator(".launcher").click()
    chat.until(lambda: len(chat.sockets) == 2)
    named = {"identity": next_one} if next_one else {}
    assert chat.sessions[-1] == {"key": "pk_test", **named}
    expect(page.locator(".message")).to_have_count(0)
    assert len(chat.sent("message")) == 1


def test_a_fresh_identity_of_the_same_customer_changes_nothing_on_the_screen(
    page: Page, chat: ChatStandIn, visit: Visit
) -> None:
    visit()
    page.evaluate(f"Frontdesk.update({{ identity: '{ANNA}' }})")
    ask(page, chat)
    page.get_by_label("Your message").fill("half written")
    fresh = identity("anna", 2)
    page.evaluate(f"Frontdesk.update({{ identity: '{fresh}' }})")
    expect(page.get_by_label("Your message")).to_have_value("half written")
    assert len(chat.sessions) == 1
    chat.drop()
    chat.until(lambda: len(chat.sessions) == 2)
    assert chat.sessions[1] == {"key": "pk_test", "identity": fresh, "visitor": VISITOR}


# The page around it


def test_a_page_with_a_new_body_keeps_the_chat(
    page: Page, chat: ChatStandIn, visit: Visit, site: SiteServer
) -> None:
    visit()
    ask(page, chat, "Said on the first page")
    renew = """(html) => {
      const body = document.createElement("body");
      body.innerHTML = html;
      document.documentElement.replaceChild(body, document.body);
    }"""
    page.evaluate(renew, "<h1>Next page</h1>")
    expect(page.locator(".panel")).to_be_visible()
    expect(page.get_by_text("Said on the first page")).to_be_visible()
    page.get_by_role("button", name="Close chat").click()
    page.evaluate(renew, "<h1>One more</h1>")
    expect(page.locator(".launcher")).to_be_visible()
    # Emptied, it has its widget back as soon as somebody asks for it.
    for call in (BOOT, "Frontdesk.open()"):
        page.evaluate("document.body.innerHTML = ''")
        expect(page.locator("#frontdesk")).to_have_count(0)
        page.evaluate(call)
        expect(page.locator("#frontdesk")).to_have_count(1)
    expect(page.locator(".panel")).to_be_visible()
    assert len(chat.sessions) == 1


# As Prototype, MooTools and others have them. Playwright cannot do with a toJSON of arrays in the
# page, so only the widget meets it.
OLD_LIBRARIES = """
const slice = Array.prototype.slice;
Array.from = (list) => slice.call(list);
const ours = () => /JSON.stringify.*\\n.*\\/widget\\//.test(new Error().stack);
for (const kind of [Array, Object, String])
  Object.defineProperty(kind.prototype, "toJSON", {
    configurable: true,
    get: () => (ours() ? () => "as text" : undefined),
    set(value) { Object.defineProperty(this, "toJSON", { value, writable: true }); },
  });
Array.prototype.each = function (iterate) { this.forEach(iterate); return this; };
Object.entries = (object) => slice.call(object);
Object.assign = undefined;
Date.now = () => 1763884800123.5;
Function.prototype.bind = function (self, args) { return () => this.apply(self, args); };
Element.prototype.remove = function (element) { element.parentNode.removeChild(element); };
for (const name of ["append", "prepend", "replaceWith", "replaceChildren"])
  Element.prototype[name] = function () { throw new TypeError(name); };
for (const name of ["CustomEvent", "Text", "Element"])
  window[name] = function () { throw new TypeError(name); };
URL.canParse = undefined;
crypto.randomUUID = undefined;
"""


def test_the_chat_needs_nothing_that_old_libraries_replace(
    page: Page, chat: ChatStandIn, visit: Visit
) -> None:
    page.add_init_script(OLD_LIBRARIES)
    visit()
    page.evaluate(
        """() => {
          Frontdesk.shutdown();
          window.heard = [];
          Frontdesk.on("message", ({ text }) => heard.push(text));
          const api = "https://api.test/api";
          Frontdesk.boot({ key: "pk_test", api, categories: "Money, Boats" });
        }"""
    )
    chat.acknowledge = False
    ask(page, chat, "Not acknowledged")
    page.evaluate("Frontdesk.shutdown()")
    page.evaluate(BOOT)
    chat.acknowledge = True
    page.locator(".launcher").click()
    chat.until(lambda: len(chat.sent("message")) == 2)
    assert is_ulid(chat.sent("message")[0]["id"])
    assert chat.sent("message")[0] == chat.sent("message")[1]
    assert chat.sessions[0]["categories"] == ["Money", "Boats"]
    text = "- **bold** [1]\n\n| a | b |\n|---|---|\n| [c](https://c.example) | d |"
    actions = [{"type": "link", "text": "Look", "url": "https://a.example"}]
    whole = answer(text, citations=[CITATION], suggested_actions=actions)
    chat.stream(whole["id"], "- **bo")
    chat.say(type="done", message=whole)
    expect(page.locator("strong")).to_have_text("bold")
    expect(page.locator(".source")).to_have_count(1)
    expect(page.locator("a.action")).to_have_text("Look")
    assert page.evaluate("heard") == [text]


# The next page


@pytest.mark.parametrize("status", ["waiting", "human"])
def test_who_waits_for_a_person_sees_on_the_next_page_that_they_answered(
    page: Page, chat: ChatStandIn, visit: Visit, status: str
) -> None:
    visit()
    ask(page, chat, "I want to talk to a human")
    handoff = answer("A person is called in.", kind="handoff")
    chat.say(type="done", message=handoff)
    chat.say(type="state", status=status)
    expect(page.locator(".subtitle")).to_contain_text("A person from Harbor is")
    person = {"role": "agent", "author": "Ada"}
    # One answer came while the pages changed, one comes now.
    chat.status, chat.history = status, [handoff, said("Hello.", **person)]
    visit()
    expect(page.locator(".badge")).to_have_text("1")
    chat.until(lambda: len(chat.sockets) == 2)
    joined = said("Ada has joined.", role="system")
    chat.say(type="posted", message=joined, status="human")
    chat.say(type="posted", message=said("I am here now.", **person), status="human")
    expect(page.locator(".badge")).to_have_text("2")
    launcher = page.get_by_role("button", name="Chat with us. Unread messages: 2")
    launcher.click()
    expect(page.locator(".badge")).to_be_hidden()
    # Once it is over, and all is read, the next page has nothing to wait for.
    chat.say(type="state", status="resolved")
    expect(page.get_by_text("How did it go?")).to_be_visible()
    visit()
    page.wait_for_timeout(300)
    assert len(chat.sessions) == 2
