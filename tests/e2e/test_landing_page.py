"""The page at the front: prices are the API's, and nothing moves or is cut off."""

import pytest
from playwright.sync_api import Page, expect

from frontdesk.billing.plans import PLANS
from frontdesk.tables.client import Table
from infra.site_files import site_files
from local.seed import ABOUT
from tests.e2e.team_site import WEB, team_site
from tests.unit.deployment import UNLIMITED, Deployment

pytestmark = pytest.mark.browser

MOST_BYTES = 100_000
SHIFT = """() => new Promise((tell) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => tell(sum), 100);
})"""


@pytest.mark.parametrize("width", [360, 1280])
def test_prices_are_the_apis_and_nothing_moves(page: Page, table: Table, width: int) -> None:
    errors: list[str] = []
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    page.set_viewport_size({"width": width, "height": 900})
    with team_site(Deployment(table, UNLIMITED, billed=True)) as site:
        page.goto(site.page("index.html"))
        shown = page.locator("#plans li")
        expect(shown).to_have_count(len(PLANS))
        for place, plan in enumerate(PLANS.values()):
            expect(shown.nth(place)).to_contain_text(f"${plan.monthly_price // 100:,} a month")
            expect(shown.nth(place)).to_contain_text(f"{plan.answers:,} answers a month")
        assert page.evaluate(SHIFT) < 0.001
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    # Without a key of its own the page says so, and its questions cannot be clicked in vain.
    expect(page.locator("#questions button:enabled")).to_have_count(0)
    expect(page.locator("#no-widget")).to_contain_text("no assistant")
    assert errors == []


def test_it_weighs_less_than_a_picture() -> None:
    files = site_files(WEB)
    names = ("index.html", "fonts/hanken-grotesk.woff2", "img/frontdesk.svg", "js/landing/page.js")
    styles = ("tokens", "base", "frame", "button", "landing")
    scripts = (
        "js/config.js",
        "js/find.js",
        "js/billing/words.js",
        "widget/dom.js",
        "widget/http.js",
    )
    loaded = (*names, *scripts, *(f"css/{style}.css" for style in styles))
    assert sum(len(files[name]) for name in loaded) < MOST_BYTES


def test_what_it_says_of_prices_is_what_the_plans_are() -> None:
    told = (ABOUT / "prices.md").read_text("utf-8")
    for plan in PLANS.values():
        assert (
            f"{plan.title} costs ${plan.monthly_price // 100:,} a month: {plan.answers:,} answers, "
            f"{plan.documents:,} documents and {plan.seats} people in the team."
        ) in told
