"""The whole way on the running stack, in a browser: prices, signing up, paying, what it gives."""

import re
import time

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from local import mailbox
from local.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

EMAIL, PASSWORD = "grace@folkestone.example", "a long sentence to remember"
SECONDS = 60.0
PATIENCE = SECONDS * 1000


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


def mail(stack: Stack, wanted: str) -> mailbox.SentMail:
    """The first mail to the address that holds what is `wanted`, as soon as it is there."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        for each in mailbox.sent(stack.endpoint_url):
            if EMAIL in each.to and re.search(wanted, f"{each.subject}\n{each.text}"):
                return each
        time.sleep(0.1)
    raise AssertionError(f"no mail with {wanted} came")


def test_somebody_who_finds_the_prices_ends_with_pro(warm_stack: Stack, page: Page) -> None:
    stack = warm_stack
    page.goto(f"{stack.site_url}/pricing.html")
    page.locator('.plan[data-plan="pro"]').get_by_role("link", name="Subscribe").click()
    form = page.locator("form:visible")
    form.get_by_label("Organisation").fill("Folkestone")
    form.get_by_label("Your name").fill("Grace")
    form.get_by_label("E-mail address").fill(EMAIL)
    form.get_by_label("Password", exact=True).fill(PASSWORD)
    form.get_by_role("button").last.click()

    link = re.findall(r"http\S+#verify=\S+", mail(stack, "#verify=").text)[0]
    page.goto(link)
    page.locator("form:visible").get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Prove my address").click()

    page.get_by_role("dialog").get_by_role("button", name="Continue to payment").click()
    page.get_by_label("Card number").fill("4242 4242 4242 4242")
    page.get_by_label("Expiry").fill("12 / 40")
    page.get_by_label("CVC").fill("123")
    page.get_by_role("button", name="Subscribe", exact=True).click()

    expect(page.get_by_role("heading", name="Pro", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("0 of 10,000")).to_be_visible(timeout=PATIENCE)
    confirmed = mail(stack, "Pro")
    receipt = re.findall(r"http\S+/_stripe/\S+", confirmed.text)[0]
    page.goto(receipt)
    expect(page.get_by_text("$99.00").first).to_be_visible(timeout=PATIENCE)
