"""The page of the plans: what it says is what the API says."""

import pytest
from playwright.sync_api import Locator, Page, expect

from frontdesk.billing.plans import PLANS
from frontdesk.tables.client import Table
from tests.e2e.team_site import TeamSite, team_site
from tests.unit.deployment import UNLIMITED, Deployment

pytestmark = pytest.mark.browser


def plan(page: Page, name: str) -> Locator:
    return page.locator(f'.plan[data-plan="{name}"]')


def test_each_plan_shows_its_price_and_what_it_holds(page: Page, team: TeamSite) -> None:
    page.goto(team.page("pricing.html"))
    for each in PLANS.values():
        shown = plan(page, each.name)
        expect(shown.get_by_role("heading")).to_have_text(each.title)
        expect(shown).to_contain_text(f"${each.monthly_price // 100:,} a month")
        expect(shown).to_contain_text(f"{each.answers:,} answers a month")
        expect(shown).to_contain_text(f"{each.documents:,} documents")
        expect(shown).to_contain_text(f"{each.seats} people in the team")
        included = shown.locator('[data-included="true"]')
        expect(included).to_have_count(len(each.features))
    expect(plan(page, "free")).to_contain_text("30 days of conversations kept")
    expect(plan(page, "business")).to_contain_text("3 years of conversations kept")
    expect(plan(page, "free")).to_contain_text("100 MB of files")


def test_prices_and_limits_are_the_apis_and_stand_nowhere_in_the_page(
    page: Page, team: TeamSite
) -> None:
    page.route(
        "**/api/payments/plans",
        lambda route: route.fulfill(
            json={
                "billed": True,
                "currency": "eur",
                "plans": [
                    {
                        "name": "tiny",
                        "title": "Tiny",
                        "summary": "For one",
                        "monthly_price": 1250,
                        "answers": None,
                        "documents": 1,
                        "storage_bytes": 2_500_000,
                        "seats": 1,
                        "retention_days": None,
                        "features": ["<b>new</b>"],
                    }
                ],
            }
        ),
    )
    page.goto(team.page("pricing.html"))
    shown = plan(page, "tiny")
    expect(shown).to_contain_text("€12.50 a month")
    for text in ("Unlimited answers", "2.5 MB", "1 person in the team", "For ever", "<b>new</b>"):
        expect(shown).to_contain_text(text)
    expect(page.locator("#small-print")).to_contain_text("Prices in EUR")


def test_who_has_no_login_signs_up_first_and_goes_on_to_the_plan(
    page: Page, team: TeamSite
) -> None:
    page.goto(team.page("pricing.html"))
    plan(page, "pro").get_by_role("link", name="Subscribe").click()
    expect(page).to_have_url(team.page("auth.html?next=billing.html%3Fplan%3Dpro#signup"))
    expect(page.get_by_role("heading", name="Sign up")).to_be_visible()
    page.go_back()
    plan(page, "free").get_by_role("link", name="Start free").click()
    expect(page).to_have_url(team.page("auth.html?next=dashboard.html#signup"))


def test_plans_that_cannot_be_read_are_said_to_be_and_tried_again(
    page: Page, team: TeamSite
) -> None:
    page.route("**/api/payments/plans", lambda route: route.fulfill(status=503, json={}))
    page.goto(team.page("pricing.html"))
    expect(page.get_by_role("alert")).to_contain_text("can’t be reached")
    page.unroute("**/api/payments/plans")
    page.get_by_role("button", name="Try again").click()
    expect(plan(page, "pro")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_where_nothing_is_billed_no_price_is_named(page: Page, table: Table) -> None:
    with team_site(Deployment(table, UNLIMITED), billed=False) as site:
        page.goto(site.page("pricing.html"))
        expect(page.get_by_text("This deployment bills nobody")).to_be_visible()
        expect(page.locator("#plans")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 700, 1280])
def test_nothing_is_cut_off_at_any_width(page: Page, team: TeamSite, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(team.page("pricing.html"))
    expect(plan(page, "business")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
