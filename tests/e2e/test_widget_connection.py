"""The widget's line to the server: lost, refused, silent, slow. The server is the test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from frontdesk.ids import is_ulid, new_id
from tests.e2e.chat_stand_in import ChatStandIn, Frame, answer
from tests.e2e.site_server import SiteServer

pytestmark = pytest.mark.browser


@pytest.fixture
def chat(page: Page, site: SiteServer) -> Iterator[ChatStandIn]:
    """The published widget on a host page, not yet opened; the page's clock can be moved."""
    stand_in = ChatStandIn(page)
    page.clock.install()
    page.goto(f"{site.published}/host.html")
    page.locator(".launcher").wait_for()
    yield stand_in
    page.evaluate("Frontdesk.shutdown()")


def ask(page: Page, text: str) -> None:
    page.evaluate("text => Frontdesk.ask(text)", text)


def test_nothing_is_asked_of_the_server_before_the_panel_is_opened(
    page: Page, chat: ChatStandIn
) -> None:
    page.locator(".launcher").hover()
    page.clock.fast_forward(60_000)
    assert chat.sessions == []


def test_the_visitor_is_known_again_on_the_next_page(
    page: Page, chat: ChatStandIn, site: SiteServer
) -> None:
    page.evaluate("Frontdesk.open()")
    chat.until(lambda: len(chat.sockets) == 1)
    page.goto(f"{site.published}/host.html")
    page.locator(".launcher").click()
    chat.until(lambda: len(chat.sockets) == 2)
    assert chat.sessions == [{"key": "pk_test"}, {"key": "pk_test", "visitor": "vt_" + "v" * 32}]


def test_the_page_is_told_with_the_session_and_again_when_it_is_another(
    page: Page, chat: ChatStandIn, site: SiteServer
) -> None:
    page.evaluate("Frontdesk.shutdown()")
    page.evaluate(
        "Frontdesk.boot({ key: 'pk_test', api: 'https://api.test/api', attributes: {plan: 'pro'}})"
    )
    page.evaluate("Frontdesk.open()")
    chat.until(lambda: len(chat.sockets) == 1)
    title = page.title()
    first = {"url": f"{site.published}/host.html", "title": title}
    assert chat.visits == [{"page": first, "language": page.evaluate("navigator.language")}]
    assert chat.sessions == [{"key": "pk_test", "attributes": {"plan": "pro"}}]
    page.evaluate("history.pushState({}, '', '#top')")
    page.clock.fast_forward(4_000)
    page.evaluate("history.pushState({}, '', '?step=2')")
    page.clock.fast_forward(4_000)
    chat.until(lambda: len(chat.sent("page")) == 1)
    [told] = chat.sent("page")
    assert told == {"action": "page", "url": f"{first['url']}?step=2", "title": title}


def test_every_connection_spends_a_token_of_its_own(page: Page, chat: ChatStandIn) -> None:
    ask(page, "Hello")
    for count in (1, 2, 3):
        chat.until(lambda wanted=count: len(chat.sockets) == wanted)  # type: ignore[misc]
        expect(page.locator(".notice span")).to_be_hidden()
        chat.drop()
        expect(page.locator(".notice span")).to_contain_text("Reconnecting")
        page.clock.fast_forward(30_000)
    chat.until(lambda: len(chat.sockets) == 4)
    assert chat.urls == [f"wss://chat.test/prod?token=ct_{n}" for n in (1, 2, 3, 4)]


def test_an_unacknowledged_message_is_sent_again_under_its_id(
    page: Page, chat: ChatStandIn
) -> None:
    chat.acknowledge = False
    ask(page, "Are you there?")
    chat.until(lambda: len(chat.sent("message")) == 1)
    chat.drop()
    page.clock.fast_forward(2_000)
    chat.until(lambda: len(chat.sent("message")) == 2)
    first, second = chat.sent("message")
    assert first == second
    assert is_ulid(first["id"])


def test_a_message_nobody_acknowledges_is_a_dead_line(page: Page, chat: ChatStandIn) -> None:
    chat.acknowledge = False
    ask(page, "Are you there?")
    chat.until(lambda: len(chat.sent("message")) == 1)
    page.clock.fast_forward(10_500)
    page.clock.fast_forward(2_000)
    chat.until(lambda: len(chat.sent("message")) == 2)
    assert len(chat.sessions) == 2


def test_a_message_survives_a_reload_before_it_was_acknowledged(
    page: Page, chat: ChatStandIn, site: SiteServer
) -> None:
    chat.acknowledge = False
    ask(page, "Are you there?")
    chat.until(lambda: len(chat.sent("message")) == 1)
    page.goto(f"{site.published}/host.html")
    page.locator(".launcher").click()
    chat.until(lambda: len(chat.sent("message")) == 2)
    first, second = chat.sent("message")
    assert first == second
    expect(page.locator(".message .text")).to_have_text(["Are you there?"])


def test_an_acknowledged_message_is_not_sent_again(page: Page, chat: ChatStandIn) -> None:
    ask(page, "Hello")
    chat.until(lambda: len(chat.sent("message")) == 1)
    chat.drop()
    page.clock.fast_forward(2_000)
    chat.until(lambda: len(chat.sockets) == 2)
    page.clock.fast_forward(5_000)
    assert len(chat.sent("message")) == 1


def test_after_a_drop_the_answer_goes_on_from_the_last_finished_one(
    page: Page, chat: ChatStandIn
) -> None:
    before = answer("The answer before.")
    ask(page, "First")
    chat.until(lambda: len(chat.sent("message")) == 1)
    chat.say(type="done", message=before)
    ask(page, "Second")
    chat.until(lambda: len(chat.sent("message")) == 2)
    whole = answer("Three days, then the money is there.")
    chat.stream(whole["id"], "Three ", "days")
    expect(page.get_by_text("Three days")).to_be_visible()
    chat.answering = True
    chat.drop()
    page.clock.fast_forward(2_000)
    chat.until(lambda: len(chat.sent("resume")) == 1)
    assert chat.sent("resume")[0]["after"] == before["id"]
    chat.say(type="resumed", status="open", messages=[], answering=True)
    chat.say(
        **{"type": "delta", "message_id": whole["id"], "from": 1, "n": 4},
        text="Three days, then the ",
    )
    chat.say(
        **{"type": "delta", "message_id": whole["id"], "from": 5, "n": 5}, text="money is there."
    )
    expect(page.get_by_text("Three days, then the money is there.")).to_be_visible()
    chat.say(type="done", message=whole)
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_have_count(2)
    expect(page.locator(".message .text").filter(has_text="Three days")).to_have_count(1)


def test_a_cut_history_is_shown_and_not_asked_for_again(page: Page, chat: ChatStandIn) -> None:
    held, missed = answer("held"), answer("missed")
    chat.history = [held]
    page.evaluate("Frontdesk.open()")
    chat.until(lambda: len(chat.sent("resume")) == 1)
    # What is missing is older than what came; the next session brings it.
    chat.say(type="resumed", status="open", messages=[missed], answering=False, more=True)
    expect(page.locator(".message .text")).to_have_text(["held", "missed"])
    assert [frame["after"] for frame in chat.sent("resume")] == [held["id"]]


def test_silence_after_an_acknowledgement_wakes_the_answer(page: Page, chat: ChatStandIn) -> None:
    ask(page, "Hello")
    chat.until(lambda: len(chat.sent("message")) == 1)
    expect(page.locator(".typing")).to_be_visible()
    page.clock.fast_forward(19_000)
    assert chat.sent("resume") == []
    page.clock.fast_forward(1_500)
    chat.until(lambda: len(chat.sent("resume")) == 1)


def test_an_answer_that_is_coming_is_left_in_peace(page: Page, chat: ChatStandIn) -> None:
    ask(page, "Hello")
    chat.until(lambda: len(chat.sent("message")) == 1)
    message_id = new_id()
    for n in (1, 2, 3):
        page.clock.fast_forward(15_000)
        chat.say(**{"type": "delta", "message_id": message_id, "from": n, "n": n, "text": "…"})
        expect(page.locator(".message .text").last).to_have_text("…" * n)
    assert chat.sent("resume") == []


def test_when_a_person_has_taken_over_nobody_is_woken_for_ever(
    page: Page, chat: ChatStandIn
) -> None:
    ask(page, "Hello")
    chat.until(lambda: len(chat.sent("message")) == 1)
    page.clock.fast_forward(20_500)
    chat.until(lambda: len(chat.sent("resume")) == 1)
    chat.say(type="resumed", status="open", messages=[], answering=False)
    expect(page.locator(".typing")).to_be_hidden()
    page.clock.fast_forward(120_000)
    assert len(chat.sent("resume")) == 1


def test_an_answer_that_never_comes_is_not_asked_for_for_ever(
    page: Page, chat: ChatStandIn
) -> None:
    # A poisoned turn: each time it begins, and its worker dies.
    def begin(frame: Frame) -> None:
        if frame["action"] == "message":
            chat.say(type="ack", id=frame["id"], message_id=new_id())
        elif frame["action"] == "resume":
            chat.say(type="resumed", status="open", messages=[], answering=True)
            chat.say(**{"type": "delta", "message_id": new_id(), "from": 1, "n": 1, "text": "…"})

    chat.reply = begin
    ask(page, "Hello")
    stalled = page.locator(".notice").get_by_text("The answer is taking too long.")
    expect(page.locator(".typing")).to_be_visible()
    for wakes in range(1, 6):
        page.clock.fast_forward(6 * 60_000)
        chat.until(lambda wanted=wakes: len(chat.sent("resume")) == wanted)  # type: ignore[misc]
        expect(page.get_by_text("…", exact=True)).to_have_count(wakes)
    page.clock.fast_forward(6 * 60_000)
    expect(stalled).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    chat.answering = True
    chat.drop()
    page.clock.fast_forward(2_000)
    chat.until(lambda: len(chat.sockets) == 2)
    page.clock.fast_forward(60 * 60_000)
    assert len(chat.sent("resume")) == 5
    page.get_by_role("button", name="Try again").click()
    chat.until(lambda: len(chat.sent("resume")) == 6)
    expect(stalled).to_be_hidden()
    chat.say(type="done", message=answer("There it is."))
    expect(page.get_by_text("There it is.", exact=True)).to_be_visible()


def test_a_line_that_drops_as_soon_as_it_is_up_is_tried_ever_more_slowly(
    page: Page, chat: ChatStandIn
) -> None:
    chat.reply = lambda _frame: chat.drop()
    ask(page, "Hello")
    for seconds in range(120):
        page.clock.fast_forward(1_000)
        page.evaluate("new Promise((done) => requestAnimationFrame(done))")
        assert len(chat.sessions) <= 5 + seconds // 10


def test_a_message_that_the_server_cannot_take_waits_for_the_customer_in_the_end(
    page: Page, chat: ChatStandIn
) -> None:
    chat.reply = lambda frame: chat.say(
        type="error", code="unavailable", message="Not now.", id=frame["id"]
    )
    ask(page, "Hello")
    for tries in range(1, 10):
        chat.until(lambda wanted=tries: len(chat.sent("message")) == wanted)  # type: ignore[misc]
        page.clock.fast_forward(61_000)
    expect(page.get_by_text("Not sent. Not now.")).to_be_visible()
    page.clock.fast_forward(10 * 60_000)
    assert len(chat.sent("message")) == 9
    chat.reply = None
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Not sent.")).to_have_count(0)


def test_the_line_is_kept_open_with_pings(page: Page, chat: ChatStandIn) -> None:
    page.evaluate("Frontdesk.open()")
    chat.until(lambda: len(chat.sockets) == 1)
    page.clock.fast_forward(4 * 60_000)
    assert chat.sent("ping") == []
    for count in (1, 2):
        page.clock.fast_forward(5 * 60_000)
        chat.until(lambda wanted=count: len(chat.sent("ping")) == wanted)  # type: ignore[misc]
    assert len(chat.sockets) == 1


def test_a_line_closed_for_idling_is_opened_again_only_when_someone_looks(
    page: Page, chat: ChatStandIn
) -> None:
    page.evaluate("Frontdesk.open()")
    chat.until(lambda: len(chat.sockets) == 1)
    page.keyboard.press("Escape")
    chat.drop()
    page.clock.fast_forward(10 * 60_000)
    assert len(chat.sessions) == 1
    page.locator(".launcher").click()
    chat.until(lambda: len(chat.sockets) == 2)


def test_a_rate_limit_is_said_and_waited_for(page: Page, chat: ChatStandIn) -> None:
    chat.reply = lambda frame: chat.say(
        type="error", code="rate_limited", message="Slow down", id=frame["id"], retry_after=8
    )
    ask(page, "Hello")
    expect(page.locator(".notice span")).to_contain_text("That was a lot at once. Sending again in")
    chat.reply = None
    page.clock.fast_forward(7_000)
    assert len(chat.sent("message")) == 1
    page.clock.fast_forward(1_500)
    chat.until(lambda: len(chat.sent("message")) == 2)
    expect(page.locator(".notice span")).to_be_hidden()


def test_a_refused_message_says_why_and_can_be_tried_again(page: Page, chat: ChatStandIn) -> None:
    chat.reply = lambda frame: chat.say(
        type="error", code="invalid", message="It has no words.", id=frame["id"]
    )
    ask(page, "...")
    expect(page.get_by_text("Not sent. It has no words.")).to_be_visible()
    chat.reply = None
    page.get_by_role("button", name="Try again").click()
    chat.until(lambda: len(chat.sent("message")) == 2)
    expect(page.get_by_text("Not sent")).to_have_count(0)


@pytest.mark.parametrize("status", [401, 403])
def test_a_page_that_may_not_have_the_chat_is_told_once(
    page: Page, chat: ChatStandIn, status: int
) -> None:
    chat.refusal = (status, {})
    page.evaluate("Frontdesk.open()")
    expect(page.locator(".notice span")).to_contain_text("Chat isn't available on this page.")
    page.clock.fast_forward(10 * 60_000)
    assert len(chat.sessions) == 1


def test_a_busy_server_is_asked_again_when_it_said(page: Page, chat: ChatStandIn) -> None:
    chat.refusal = (429, {"Retry-After": "12"})
    page.evaluate("Frontdesk.open()")
    expect(page.locator(".notice span")).to_contain_text("Trying again in 12 s.")
    chat.refusal = None
    page.clock.fast_forward(11_000)
    assert len(chat.sessions) == 1
    page.clock.fast_forward(1_500)
    chat.until(lambda: len(chat.sockets) == 1)


def test_a_failing_server_is_tried_again_ever_more_slowly(page: Page, chat: ChatStandIn) -> None:
    chat.refusal = (503, {})
    page.evaluate("Frontdesk.open()")
    chat.until(lambda: len(chat.sessions) == 1)
    gaps = []
    for tries in range(2, 8):
        waited = 0
        while len(chat.sessions) < tries:
            page.clock.fast_forward(250)
            page.wait_for_timeout(20)
            waited += 250
            assert waited <= 31_000
        gaps.append(waited)
    assert gaps[-1] > 4 * gaps[0]
    assert len(chat.sockets) == 0


def test_waits_double_up_to_half_a_minute_and_are_spread(modules: Page) -> None:
    waits: list[list[int]] = modules.evaluate(
        """async () => {
          const { backoff } = await import("/widget/connection.js");
          return [0, 1, 2, 3, 20].map((attempt) => [backoff(attempt, 0), backoff(attempt, 1)]);
        }"""
    )
    assert waits == [[250, 500], [500, 1000], [1000, 2000], [2000, 4000], [15_000, 30_000]]


def test_offline_is_said_and_what_was_said_meanwhile_is_sent_afterwards(
    page: Page, chat: ChatStandIn
) -> None:
    page.evaluate("Frontdesk.open()")
    chat.until(lambda: len(chat.sockets) == 1)
    page.context.set_offline(True)
    expect(page.locator(".notice span")).to_contain_text("You're offline.")
    ask(page, "Hello?")
    page.context.set_offline(False)
    chat.until(lambda: len(chat.sent("message")) == 1)
    expect(page.locator(".notice span")).to_be_hidden()


def test_shutdown_ends_everything_and_forgetting_leaves_no_trace(
    page: Page, chat: ChatStandIn
) -> None:
    ask(page, "Hello")
    chat.until(lambda: len(chat.sent("message")) == 1)
    page.evaluate("Frontdesk.shutdown({ forget: true })")
    expect(page.locator("#frontdesk")).to_have_count(0)
    page.clock.fast_forward(10 * 60_000)
    assert len(chat.sessions) == 1
    assert page.evaluate("Object.keys(localStorage)") == []
    page.evaluate("Frontdesk.boot({ key: 'pk_test', api: 'https://api.test/api' })")
    page.locator(".launcher").click()
    chat.until(lambda: len(chat.sessions) == 2)
    assert chat.sessions[1] == {"key": "pk_test"}
