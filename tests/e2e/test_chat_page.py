"""The chat page on the whole stack: ask, read, open the source, come back."""

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.e2e.site_server import serving

if TYPE_CHECKING:
    from local.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser]

QUESTION = "How long do refunds take?"
ANSWER_MS = 30_000


@pytest.fixture
def harbor(page: Page, stack: "Stack") -> Page:
    """The sample organisation's help page."""
    page.goto(f"{stack.site_url}/chat.html")
    return page


def ask(page: Page, question: str) -> Locator:
    """Ask in the open panel; the answer's element, once it is finished."""
    answers = page.locator('.message[data-role="assistant"]')
    before = answers.count()
    box = page.get_by_label("Your message")
    box.fill(question)
    box.press("Enter")
    answer = answers.nth(before)
    expect(answer.locator(".foot")).to_be_visible(timeout=ANSWER_MS)
    return answer


def test_a_question_on_the_page_is_answered_from_the_right_page_of_a_pdf(harbor: Page) -> None:
    harbor.get_by_role("button", name=QUESTION).click()
    answer = harbor.locator('.message[data-role="assistant"]')
    expect(answer.locator(".source").first).to_be_visible(timeout=ANSWER_MS)
    expect(answer.locator(".text")).to_contain_text("working days")
    source = answer.locator(".source").first
    expect(source).to_contain_text("Billing")
    page_number = source.locator(".where").inner_text().removeprefix("p. ")
    source.click()
    sheet = harbor.locator(".sheet")
    expect(sheet.locator(".page")).to_contain_text(page_number)
    expect(sheet.locator("mark").first).to_be_visible()
    quoted = sheet.locator("mark").first.inner_text().split()
    assert " ".join(quoted[:4]) in " ".join(answer.locator(".text").inner_text().split())


def test_a_source_without_pages_opens_too(harbor: Page) -> None:
    harbor.get_by_role("button", name="Ask Robin").click()
    answer = ask(harbor, "Appointments are missing from my Google calendar, what can I do?")
    answer.locator(".source", has_text="Troubleshooting").first.click()
    expect(harbor.locator(".sheet mark").first).to_be_visible()
    expect(harbor.locator(".sheet")).not_to_contain_text("can't be opened")


def test_the_conversation_and_its_feedback_are_there_after_a_reload(harbor: Page) -> None:
    harbor.get_by_role("button", name="Ask Robin").click()
    answer = ask(harbor, QUESTION)
    text = answer.locator(".text").inner_text()
    answer.get_by_role("button", name="Not helpful").click()
    expect(answer.get_by_text("Thanks for telling us")).to_be_visible()
    # Shown at once, but on its way: the next page must find it stored.
    harbor.wait_for_timeout(1_000)
    harbor.reload()
    harbor.locator(".launcher").click()
    expect(harbor.locator(".message .text")).to_have_text([QUESTION, text], use_inner_text=True)
    again = harbor.get_by_role("button", name="Not helpful")
    expect(again).to_have_attribute("aria-pressed", "true")


def test_a_connection_cut_in_mid_answer_loses_and_doubles_nothing(
    page: Page, stack: "Stack"
) -> None:
    cuts: list[str] = []

    def pass_on(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def to_widget(data: str | bytes) -> None:
            if not cuts and '"delta"' in str(data):
                cuts.append(str(data))
                server.close()
                socket.close(code=1011)
                return
            socket.send(data)

        server.on_message(to_widget)

    page.route_web_socket(re.compile(r"^wss?://"), pass_on)
    page.goto(f"{stack.site_url}/chat.html")
    page.get_by_role("button", name="Ask Robin").click()
    answer = ask(page, QUESTION)
    assert len(cuts) == 1
    expect(answer.locator(".text")).to_contain_text("working days")
    expect(page.locator(".message .text")).to_have_count(2)
    expect(page.locator(".notice span")).to_be_hidden()


def test_what_the_documents_do_not_say_is_not_made_up(harbor: Page) -> None:
    harbor.get_by_role("button", name="Ask Robin").click()
    answer = ask(harbor, "Who won the football world cup in 1954?")
    expect(answer.locator(".text")).to_contain_text("couldn't find this in Harbor's documents")
    expect(answer.locator(".source")).to_have_count(0)


def test_two_visitors_do_not_see_each_other(
    harbor: Page, chromium: Browser, stack: "Stack"
) -> None:
    harbor.get_by_role("button", name="Ask Robin").click()
    ask(harbor, QUESTION)
    other = chromium.new_page()
    other.goto(f"{stack.site_url}/chat.html")
    other.get_by_role("button", name="Ask Robin").click()
    expect(other.locator(".greeting")).to_be_visible()
    expect(other.locator(".message")).to_have_count(0)
    other.close()


def test_a_page_that_is_not_on_the_organisations_list_gets_no_chat(
    page: Page, stack: "Stack"
) -> None:
    assert stack.sample is not None
    body = f"""<!doctype html><title>Elsewhere</title>
        <script async data-key="{stack.sample.widget_key}" data-api="{stack.api_url}"
          src="{stack.site_url}/widget/frontdesk.js"></script>"""
    with serving({"index.html": body.encode()}) as elsewhere:
        page.goto(f"{elsewhere.url}/index.html")
        sockets: list[str] = []
        page.on("websocket", lambda socket: sockets.append(socket.url))
        page.locator(".launcher").click()
        expect(page.locator(".notice span")).to_be_visible()
        # Time for a few more tries, had it any reason to try.
        page.wait_for_timeout(3_000)
        expect(page.locator(".greeting")).to_be_hidden()
        assert sockets == []
