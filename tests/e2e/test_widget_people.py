"""People in the conversation, as the customer meets them in the widget."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from frontdesk.ids import new_id
from tests.e2e.chat_stand_in import ChatStandIn, answer
from tests.e2e.site_server import SiteServer

pytestmark = pytest.mark.browser

HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "*",
}


class People:
    """The widget, open, with what it sends over HTTP."""

    def __init__(self, page: Page, chat: ChatStandIn) -> None:
        self.page, self.chat = page, chat
        self.requests: list[tuple[str, str, Any]] = []
        self.broken = False
        for path in ("contact", "rating"):
            page.route(f"https://api.test/api/widget/{path}", self._answer)

    def _answer(self, route: Route) -> None:
        request = route.request
        if request.method == "OPTIONS":
            route.fulfill(status=204, headers=HEADERS)
            return
        self.requests.append((request.method, request.url, request.post_data_json))
        status = 503 if self.broken else 204
        route.fulfill(status=status, headers=HEADERS)

    def say(self, text: str) -> None:
        box = self.page.get_by_label("Your message")
        box.fill(text)
        box.press("Enter")
        self.chat.until(lambda: any(f["text"] == text for f in self.chat.sent("message")))

    def comes(self, status: str, text: str, **message: Any) -> None:
        whole = {"id": new_id(), "text": text, "at": "2026-11-23T10:00:00.123Z", **message}
        self.chat.say(type="posted", message=whole, status=status)

    def picture(self, name: str) -> None:
        """For looking at: set PICTURES to a folder."""
        if folder := os.environ.get("PICTURES"):
            self.page.screenshot(path=f"{folder}/{name}.png")


@pytest.fixture
def people(page: Page, site: SiteServer) -> Iterator[People]:
    chat = ChatStandIn(page)
    page.goto(f"{site.url}/published/host.html")
    page.get_by_role("button", name="Chat with us").click()
    chat.until(lambda: len(chat.sockets) == 1)
    yield People(page, chat)
    page.evaluate("window.Frontdesk?.shutdown()")


def handed_off(people: People) -> None:
    people.say("I want to talk to a person")
    whole = answer(
        "Of course. I have passed this on to the team of Harbor. They are back tomorrow at 09:00.",
        kind="handoff",
        suggested_actions=[{"type": "address", "text": "Leave your address"}],
    )
    people.chat.say(type="done", message=whole)
    people.chat.say(type="state", status="waiting")


def test_who_waits_for_a_person_sees_it_and_leaves_an_address(page: Page, people: People) -> None:
    handed_off(people)
    expect(page.get_by_text("A person from Harbor is called in")).to_be_visible()
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Leave your address").click()
    address = page.get_by_label("Your e-mail address")
    expect(address).to_be_focused()
    address.fill("sam@example.org")
    page.get_by_label("Your name (if you like)").fill("Sam")
    people.picture("address")
    people.broken = True
    page.get_by_role("form", name="Where to answer you").get_by_role("button").click()
    expect(page.get_by_text("That didn't work. Please try again.")).to_be_visible()
    people.broken = False
    page.get_by_role("form", name="Where to answer you").get_by_role("button").click()
    expect(page.get_by_text("If you leave, the answer comes to sam@example.org.")).to_be_visible()
    assert people.requests[-1] == (
        "PUT",
        "https://api.test/api/widget/contact",
        {"email": "sam@example.org", "name": "Sam"},
    )


def test_an_assistant_that_steps_back_offers_a_person_and_asks_for_no_verdict(
    page: Page, people: People
) -> None:
    people.say("How long do refunds take?")
    whole = answer(
        "I can't answer that right now, but a person can help you.",
        kind="paused",
        suggested_actions=[{"type": "person", "text": "Talk to a person"}],
    )
    people.chat.say(type="done", message=whole)
    expect(page.locator("p").get_by_text("I can't answer that right now")).to_be_visible()
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_have_count(0)
    people.picture("paused")
    page.get_by_role("button", name="Talk to a person").last.click()
    people.chat.until(lambda: any(frame.get("person") for frame in people.chat.sent("message")))


def test_what_is_no_address_is_not_sent(page: Page, people: People) -> None:
    handed_off(people)
    page.get_by_role("button", name="Leave your address").click()
    page.get_by_label("Your e-mail address").fill("sam")
    page.get_by_role("form", name="Where to answer you").get_by_role("button").click()
    assert people.requests == []


def test_the_button_asks_for_a_person_whatever_the_language(page: Page, people: People) -> None:
    people.say("Hm?")
    action = {"type": "person", "text": "Talk to a person"}
    people.chat.say(type="done", message=answer("I don't know.", suggested_actions=[action]))
    page.get_by_role("button", name="Talk to a person").click()
    people.chat.until(lambda: len(people.chat.sent("message")) == 2)
    assert [frame.get("person") for frame in people.chat.sent("message")] == [None, True]


def test_a_person_who_comes_in_takes_the_word_from_the_assistant(
    page: Page, people: People
) -> None:
    people.say("Where is my parcel?")
    whole = answer("It takes three days.")
    people.chat.stream(whole["id"], "It takes ")
    expect(page.get_by_text("It takes")).to_be_visible()
    people.comes("human", "Ada has joined.", role="system")
    expect(page.get_by_text("It takes")).to_have_count(0)
    people.chat.say(
        **{"type": "delta", "message_id": whole["id"], "from": 2, "n": 2, "text": "three days."}
    )
    people.comes("human", "Hello Sam, I am looking.", role="agent", author="Ada")
    expect(page.get_by_text("Hello Sam, I am looking.", exact=True)).to_be_visible()
    expect(page.get_by_text("It takes")).to_have_count(0)
    expect(page.get_by_text("A person from Harbor is in this chat")).to_be_visible()
    expect(page.get_by_text("Answers are written by AI")).to_be_hidden()
    people.picture("human")


def test_an_answer_that_will_not_come_is_removed(page: Page, people: People) -> None:
    people.say("Where is my parcel?")
    whole = answer("It takes three days.")
    people.chat.stream(whole["id"], "It takes ")
    expect(page.get_by_text("It takes")).to_be_visible()
    people.chat.say(type="withdrawn", message_id=whole["id"])
    expect(page.get_by_text("It takes")).to_have_count(0)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_typing_shows_on_both_sides_while_a_person_is_in(page: Page, people: People) -> None:
    page.get_by_label("Your message").press_sequentially("abc")
    assert people.chat.sent("typing") == []
    people.say("abc")
    people.comes("human", "Ada has joined.", role="system")
    expect(page.get_by_text("Ada has joined.").first).to_be_visible()
    page.get_by_label("Your message").press_sequentially("Hello there")
    people.chat.until(lambda: len(people.chat.sent("typing")) == 1)
    people.chat.say(type="typing", author="Ada")
    expect(page.locator(".typing")).to_be_visible()
    people.picture("typing")
    people.comes("human", "There it is.", role="agent", author="Ada")
    expect(page.locator(".typing")).to_be_hidden()
    people.say("Thanks")
    expect(page.locator(".typing")).to_be_hidden()


class Files:
    """The files of the conversation, and the store. It refuses the first upload and link."""

    def __init__(self, page: Page) -> None:
        self.stored: list[dict[str, Any]] = []
        self.refused: set[str] = set()
        page.context.route("https://api.test/api/widget/files**", self._answer)
        page.context.route("https://api.test/api/widget/files/**", self._answer)
        page.context.route("https://api.test/store/**", self._answer)

    def _answer(self, route: Route) -> None:
        request = route.request
        path = urlsplit(request.url).path
        if request.method == "OPTIONS":
            route.fulfill(status=204, headers=HEADERS)
        elif path.startswith("/store/up") and path not in self.refused:
            self.refused.add(path)
            route.fulfill(status=403, headers=HEADERS)
        elif path.startswith("/store/"):
            route.fulfill(status=200, headers=HEADERS, content_type="text/plain", body="It")
        elif path.endswith("/complete"):
            route.fulfill(headers=HEADERS, json=self.stored[-1])
        elif request.method == "POST":
            self.stored.append(dict(request.post_data_json or {}))
            form = {"url": "https://api.test/store/up", "fields": {"key": "k"}}
            route.fulfill(headers=HEADERS, json={"id": self.stored[-1]["id"], "upload": form})
        elif path not in self.refused:
            self.refused.add(path)
            route.fulfill(status=503, headers=HEADERS)
        else:
            route.fulfill(headers=HEADERS, json={"url": "https://api.test/store/down"})


def test_files_go_both_ways_while_a_person_is_in(page: Page, people: People) -> None:
    files = Files(page)
    people.say("Hello")
    attach = page.get_by_role("button", name="Attach a file")
    expect(attach).to_be_hidden()
    sent = {"id": new_id(), "name": "<b>.pdf", "type": "application/pdf", "size": 2048}
    people.comes("human", "", role="agent", author="Ada", attachments=[sent])
    theirs = page.get_by_role("button", name="Download <b>.pdf")
    expect(theirs).to_contain_text("2 KB")
    theirs.click()
    expect(page.get_by_text("It can't be opened right now.")).to_be_visible()
    with page.expect_popup() as opened:
        theirs.click()
    opened.value.close()
    expect(attach).to_be_visible()
    chosen = page.locator("#frontdesk input[type=file]")
    chosen.set_input_files({"name": "run.exe", "mimeType": "text/x-run", "buffer": b"MZ"})
    expect(page.get_by_text("Pictures, PDF and text can be sent")).to_be_visible()
    chosen.set_input_files({"name": "broken.png", "mimeType": "image/png", "buffer": b"png"})
    page.get_by_role("button", name="Try again").click()
    send = page.get_by_role("button", name="Send", exact=True)
    expect(send).to_be_enabled()
    people.picture("attached")
    send.click()
    people.chat.until(lambda: len(people.chat.sent("message")) == 2)
    said = people.chat.sent("message")[-1]
    assert (said["text"], said["attachments"]) == ("", [files.stored[-1]["id"]])
    expect(page.locator(".message[data-role=customer]").last).to_contain_text("broken.png")
    expect(send).to_be_disabled()
    people.picture("files")


def test_what_people_write_is_seen_once_and_only_while_the_page_is(
    page: Page, people: People
) -> None:
    people.say("Hello")
    seen = people.chat.sent
    people.chat.say(type="done", message=answer("Hello."))
    people.comes("human", "I am here.", id=new_id(), role="agent", author="Ada")
    people.chat.until(lambda: len(seen("seen")) == 1)
    hide = """(hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(hide, True)
    last = new_id()
    people.comes("human", "It comes tomorrow.", id=last, role="agent", author="Ada")
    people.comes("human", "Ada has left.", role="system")
    expect(page.get_by_text("Ada has left.", exact=True).first).to_be_visible()
    assert len(seen("seen")) == 1
    page.evaluate(hide, False)
    people.chat.until(lambda: len(seen("seen")) == 2)
    assert seen("seen")[-1]["message_id"] == last


def test_once_it_is_over_the_customer_rates_it(page: Page, people: People) -> None:
    people.say("Thanks")
    people.comes("human", "Gladly.", role="agent", author="Ada")
    people.chat.say(type="state", status="resolved")
    expect(page.get_by_text("How did it go?")).to_be_visible()
    page.get_by_label("4 of 5").check(force=True)
    page.get_by_label("What was good, or should be better?").fill("Quick")
    people.picture("rating")
    page.locator(".rating").get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you for telling us.")).to_be_visible()
    assert people.requests[-1][2] == {"score": 4, "comment": "Quick"}
    people.say("One more thing")
    expect(page.get_by_text("Thank you for telling us.")).to_be_hidden()
    expect(page.get_by_text("How did it go?")).to_be_hidden()
