"""One customer's question, from a team's signing up to the stars it is given for the answer."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from frontdesk.ids import new_id
from local import mailbox
from local.stack import Stack
from tests.e2e.conftest import TIMEOUT
from tests.e2e.site_server import serving

pytestmark = [pytest.mark.browser, pytest.mark.stack]

# Of this run alone, as mail is kept.
HOST = f"{new_id().lower()}.example"
OWNER, COLLEAGUE = f"olive@{HOST}", f"ben@{HOST}"
PASSWORD = "a long sentence to remember"
DOCUMENT = """# Quillon pens

## Nibs

A Quillon nib is made of rhodium and has to be polished every 19 weeks.
"""
QUESTION = "How often does a Quillon nib have to be polished?"
SECONDS = 120.0

Browse = Callable[[], Page]


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Browse]:
    """Opens a browser of somebody else's, in which nothing may go wrong unseen."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(f"{message.text} {message.location['url']}")

    def opened() -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        context.set_default_timeout(SECONDS * 1000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", note)
        return page

    expect.set_options(timeout=SECONDS * 1000)
    yield opened
    expect.set_options(timeout=TIMEOUT)
    for context in contexts:
        context.close()
    assert wrong == []


def link_mailed(stack: Stack, to: str, wanted: str) -> str:
    """The first link that is `wanted` in a mail to somebody, as soon as it is there."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        for each in mailbox.sent(stack.endpoint_url):
            found = re.search(rf"http\S+{wanted}\S+", each.text) if to in each.to else None
            if found:
                return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no mail with {wanted} came to {to}")


def step(page: Page, name: str) -> Locator:
    """A step of the first run, opened."""
    found = page.locator(f'.step[data-step="{name}"]')
    opener = found.get_by_role("button").first
    expect(opener).to_be_visible()
    if opener.get_attribute("aria-expanded") == "false":
        opener.click()
    return found


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_label("Your message").press("Enter")


def test_a_team_signs_up_and_a_customer_on_its_site_is_answered_by_assistant_and_person(
    warm_stack: Stack, browse: Browse
) -> None:
    stack = warm_stack
    owner = browse()
    owner.goto(f"{stack.site_url}/auth.html#signup")
    form = owner.locator("form:visible")
    form.get_by_label("Organisation").fill("Quillon")
    form.get_by_label("Your name").fill("Olive")
    form.get_by_label("E-mail address").fill(OWNER)
    form.get_by_label("Password", exact=True).fill(PASSWORD)
    form.get_by_role("button", name="Create the account").click()
    owner.goto(link_mailed(stack, OWNER, "#verify="))
    owner.locator("#verify-password").fill(PASSWORD)
    owner.get_by_role("button", name="Prove my address").click()
    expect(owner).to_have_url(f"{stack.site_url}/dashboard.html")
    progress = owner.locator(".first-head [role=status]")
    expect(progress).to_have_text("0 of 6 done")

    # A colleague, whose mail is on its way while the first run goes on.
    invite = step(owner, "invite")
    invite.get_by_label("E-mail address").fill(COLLEAGUE)
    invite.get_by_role("button", name="Invite", exact=True).click()
    expect(invite).to_contain_text(f"An invitation is on its way to {COLLEAGUE}.")

    step(owner, "documents").get_by_role("link", name="Upload files").click()
    expect(owner.get_by_role("heading", name="Documents", exact=True)).to_be_visible()
    owner.set_input_files(
        "#picker",
        {"name": "quillon-pens.md", "mimeType": "text/markdown", "buffer": DOCUMENT.encode()},
    )
    expect(owner.locator(".document .label")).to_have_text("Ready")
    owner.get_by_role("navigation").get_by_role("link", name="Overview").click()
    expect(progress).to_have_text("2 of 6 done")

    asked = step(owner, "ask")
    asked.get_by_label("Your question").fill(QUESTION)
    asked.get_by_role("button", name="Ask", exact=True).click()
    expect(asked.locator(".said")).to_contain_text("19 weeks")
    expect(asked.locator(".sources")).to_contain_text("Quillon pens")
    expect(progress).to_have_text("3 of 6 done")

    embed = step(owner, "embed")
    code = embed.get_by_label("Code to embed").input_value()
    page = f"<!doctype html><html lang=en><title>Pens</title><h1>Pens</h1>{code}".encode()
    with serving({"pens.html": page, "favicon.ico": b""}) as site:
        embed.get_by_label("Address of your site").fill(f"{site.url}/pens.html")
        embed.get_by_role("button", name="Allow this site").click()
        expect(embed).to_contain_text(f"Allowed: {site.url.removeprefix('http://')}")
        embed.get_by_role("button", name="Copy").click()
        expect(progress).to_have_text("4 of 6 done")
        seen = step(owner, "seen")
        expect(seen).to_contain_text("Waiting for the first visit")

        customer = browse()
        customer.goto(f"{site.url}/pens.html")
        customer.get_by_role("button", name="Chat with us").click()
        ask(customer, QUESTION)
        expect(seen).to_contain_text(f"Seen on {site.url.removeprefix('http://')}")
        answer = customer.locator('.message[data-role="assistant"]').first
        expect(answer.locator(".text")).to_contain_text("19 weeks")
        answer.locator(".source").first.click()
        sheet = customer.locator(".sheet")
        expect(sheet.get_by_role("heading")).to_have_text("Quillon pens")
        expect(sheet.locator("mark").first).to_contain_text("polished every 19 weeks")
        customer.get_by_role("button", name="Back to the conversation").click()

        colleague = browse()
        colleague.goto(link_mailed(stack, COLLEAGUE, "#invitation="))
        colleague.locator("#invitation-name").fill("Ben")
        colleague.locator("#invitation-password").fill(PASSWORD)
        colleague.get_by_role("button", name="Join").click()
        expect(colleague.locator("#member")).to_have_text("Ben")

        ask(customer, "I want to talk to a person, please.")
        expect(customer.locator(".subtitle")).to_have_text("A person from Quillon is called in")
        expect(owner.locator(".waiting-row")).to_contain_text(QUESTION)

        colleague.goto(link_mailed(stack, COLLEAGUE, "/conversations.html#"))
        expect(colleague.locator(".handoff")).to_contain_text("Asked for a person")
        colleague.get_by_role("button", name="Take over").click()
        expect(customer.locator(".subtitle")).to_have_text("A person from Quillon is in this chat")
        expect(owner.get_by_text("Nobody is waiting")).to_be_visible()
        colleague.keyboard.press("r")
        colleague.locator(".composer textarea").fill("Ben here. Any soft cloth will do.")
        colleague.get_by_role("button", name="Send reply").click()
        reply = customer.locator('.message[data-role="agent"]')
        expect(reply.locator(".text")).to_have_text("Ben here. Any soft cloth will do.")

        colleague.get_by_role("button", name="Resolve").click()
        stars = customer.get_by_role("radio", name="4 of 5")
        stars.check(force=True)
        customer.get_by_label("What was good, or should be better?").fill("Quick and kind.")
        customer.locator(".rating").get_by_role("button", name="Send").click()
        expect(customer.get_by_text("Thank you for telling us.")).to_be_visible()

    owner.get_by_role("navigation").get_by_role("link", name="Conversations").click()
    owner.get_by_role("link", name="Resolved").click()
    owner.locator(".row").click()
    expect(owner.locator(".customer-pane")).to_contain_text("Quick and kind.")
    expect(owner.locator(".event").last).to_contain_text("The customer gave 4 of 5")
