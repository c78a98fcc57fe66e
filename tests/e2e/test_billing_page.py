"""The billing page, with the real API behind it and Stripe's pages stood in for by one of ours."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from frontdesk.billing.plans import UNBILLED
from frontdesk.entities import Organization, Role, Subscription
from frontdesk.ids import new_id
from frontdesk.tables.accounts import Accounts, count_answers, store_more
from frontdesk.tables.client import Table
from tests.e2e.team_site import TeamSite, team_site
from tests.unit.deployment import OPERATOR, UNLIMITED, Deployment

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)
PERIOD_END = NOW + timedelta(days=20)

Enter = Callable[..., str]


def subscribed(team: TeamSite, organization: str, **values: Any) -> None:
    """What the webhooks write."""
    found = Subscription.model_validate(
        {
            "id": "sub_1",
            "plan": "pro",
            "status": "active",
            "price_id": "price_pro",
            "currency": "usd",
            "created_at": NOW,
            "period_start": NOW - timedelta(days=10),
            "period_end": PERIOD_END,
            "version": 1,
            **values,
        }
    )
    accounts = Accounts(team.deployment.table)
    accounts.link_customer(organization, f"cus_{organization}")
    accounts.put_subscription(organization, found)


def used(team: TeamSite, organization: str, *, answers: int = 0, documents: int = 0) -> None:
    table = team.deployment.table
    table.transact(
        count_answers(organization, NOW, answers, shard=0),
        store_more(organization, UNBILLED, documents=documents, stored_bytes=documents * 10**6),
    )


def day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


@pytest.fixture
def enter(page: Page, team: TeamSite) -> Enter:
    """Logs a new member of an organisation in. Returns the organisation."""

    def log_in(role: Role = "owner", organization: str | None = None) -> str:
        organization = organization or team.deployment.one.organization_id
        team.log_in(page, team.deployment.member(role, organization_id=organization).email)
        page.goto(team.page("billing.html"))
        expect(page.locator("#member")).to_have_text(role.title())
        return organization

    return log_in


def test_a_login_that_has_ended_on_the_way_leads_back_to_the_plan_that_was_chosen(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    enter()
    page.context.clear_cookies()
    page.goto(team.page("billing.html?plan=pro"))
    expect(page).to_have_url(team.page("auth.html?next=billing.html%3Fplan%3Dpro"))


def measure(page: Page, name: str) -> Locator:
    return page.locator(f'.measure[data-measure="{name}"]')


def choose(page: Page, plan: str) -> Locator:
    """Open the dialog and choose a plan there."""
    page.get_by_role("button", name=re.compile("^(Change|Choose a) plan$")).click()
    dialog = page.get_by_role("dialog", name="Change plan")
    dialog.get_by_role("radio", name=plan).check()
    return dialog


def test_without_a_login_one_logs_in_first_and_comes_back(page: Page, team: TeamSite) -> None:
    page.goto(team.page("billing.html?plan=pro"))
    expect(page).to_have_url(team.page("auth.html?next=billing.html%3Fplan%3Dpro"))


def test_a_free_organisation_sees_what_it_uses_and_when_answers_start_again(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    organization = enter()
    used(team, organization, answers=120, documents=3)
    page.reload()
    expect(page.get_by_role("heading", name="Free")).to_be_visible()
    expect(measure(page, "answers")).to_contain_text("120 of 500")
    expect(measure(page, "answers")).to_contain_text("Counted anew from 1 ")
    expect(measure(page, "documents")).to_contain_text("3 of 25")
    expect(measure(page, "storage_bytes")).to_contain_text("3 MB of 100 MB")
    expect(measure(page, "seats")).to_contain_text("1 of 2")
    expect(page.locator(".notice")).to_have_count(0)
    expect(page.get_by_role("button", name="Manage payment")).to_be_hidden()


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        (399, ("fine", "")),
        (400, ("near", "400 of this month’s 500")),
        (501, ("full", "steps back")),
    ],
)
def test_a_month_that_is_nearly_used_up_and_one_that_is_are_shown(
    page: Page, team: TeamSite, enter: Enter, answers: int, shown: tuple[str, str]
) -> None:
    level, said = shown
    used(team, enter(), answers=answers)
    page.reload()
    expect(measure(page, "answers")).to_have_attribute("data-level", level)
    notice = page.locator(".notice")
    if said:
        expect(notice).to_contain_text(said)
    else:
        expect(notice).to_have_count(0)


def test_from_the_prices_one_click_leads_to_the_payment_page(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    enter()
    page.goto(team.page("pricing.html"))
    page.locator('.plan[data-plan="pro"]').get_by_role("link", name="Subscribe").click()
    dialog = page.get_by_role("dialog", name="Change plan")
    expect(dialog.get_by_role("radio", name="Pro")).to_be_checked()
    expect(dialog).to_contain_text("10,000 answers a month")
    dialog.get_by_role("button", name="Continue to payment").click()
    expect(page).to_have_url(f"{team.pages.url}?checkout=price_pro")


def test_after_the_checkout_it_waits_for_stripes_word_and_welcomes(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    organization = enter()
    page.goto(team.page("billing.html?checkout=done&session=cs_1"))
    expect(page.get_by_role("status").filter(has_text="waiting for Stripe")).to_be_visible()
    expect(page.get_by_role("heading", name="Free")).to_be_visible()
    subscribed(team, organization)
    expect(page.get_by_text("Welcome to Pro.")).to_be_visible()
    expect(page.get_by_role("heading", name="Pro", exact=True)).to_be_visible()
    expect(page.locator("#plan")).to_contain_text(f"renews on {day(PERIOD_END)} for $99")
    assert page.url == team.page("billing.html")


def test_a_payment_that_is_not_confirmed_for_long_is_not_asked_for_twice(
    page: Page, enter: Enter, team: TeamSite
) -> None:
    enter()
    page.clock.install()
    page.goto(team.page("billing.html?checkout=done"))
    expect(page.get_by_text("waiting for Stripe")).to_be_visible()
    for _ in range(25):
        page.clock.run_for(1600)
        page.wait_for_timeout(50)
    expect(page.get_by_text("You need not pay again")).to_be_visible()


def test_a_checkout_that_was_left_changed_nothing_and_says_so(
    page: Page, enter: Enter, team: TeamSite
) -> None:
    enter()
    page.goto(team.page("billing.html?checkout=cancelled"))
    expect(page.get_by_text("Nothing was charged")).to_be_visible()


def test_what_a_smaller_plan_means_is_said_before_anything_is_done(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    organization = enter()
    subscribed(team, organization)
    used(team, organization, answers=3_000, documents=137)
    for number in range(6):
        team.deployment.services.users.invite(
            organization, f"guest{number}@one.example", "agent", OPERATOR
        )
    page.reload()
    dialog = choose(page, "Starter")
    for said in (
        f"Starter, from {day(PERIOD_END)} on",
        "37 of your 137 documents are more than Starter holds",
        "2 of your 7 seats are more than Starter has",
        "This month has had 3,000 answers so far; Starter has 2,500",
        "No longer: Conversations as files",
        "kept for 180 days from then on instead of 1 year",
        "No document and nobody of the team is removed",
    ):
        expect(dialog).to_contain_text(said)
    dialog.get_by_role("button", name="Continue to confirm").click()
    expect(page).to_have_url(f"{team.pages.url}?portal=price_starter")


def test_ending_the_subscription_and_managing_it_lead_to_the_portal(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    subscribed(team, enter())
    page.reload()
    choose(page, "Free").get_by_role("button", name="Continue to cancel").click()
    expect(page).to_have_url(f"{team.pages.url}?portal=cancel")
    page.goto(team.page("billing.html"))
    page.get_by_role("button", name="Manage payment and invoices").click()
    expect(page).to_have_url(f"{team.pages.url}?portal=")


def test_nothing_is_sent_when_the_dialog_is_left(page: Page, team: TeamSite, enter: Enter) -> None:
    subscribed(team, enter())
    page.reload()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    sent_by_us = re.compile("/payments/(checkout|portal)$")
    dialog = choose(page, "Starter")
    dialog.get_by_role("button", name="Not now").click()
    expect(dialog).to_be_hidden()
    choose(page, "Business")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert not [url for url in sent if sent_by_us.search(url)]


def test_a_payment_page_that_cannot_be_opened_is_said_and_can_be_tried_again(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    enter()
    team.pages.fails = True
    dialog = choose(page, "Starter")
    dialog.get_by_role("button", name="Continue to payment").click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    team.pages.fails = False
    dialog.get_by_role("button", name="Continue to payment").click()
    expect(page).to_have_url(f"{team.pages.url}?checkout=price_starter")


SINCE = NOW - timedelta(days=2)


STANDINGS: list[tuple[dict[str, Any], list[str]]] = [
    (
        {
            "status": "past_due",
            "past_due_since": SINCE,
            "next_payment_attempt": NOW + timedelta(days=3),
            "pay_url": "https://invoice.example/1",
        },
        [
            "Payment failed",
            f"failed on {day(SINCE)}",
            f"tried again on {day(NOW + timedelta(days=3))}",
            f"Pro goes on until {day(SINCE + timedelta(days=14))}",
        ],
    ),
    (
        {"status": "past_due", "past_due_since": NOW - timedelta(days=15)},
        ["On hold", "The time to pay is over"],
    ),
    ({"cancel_at": PERIOD_END}, ["Ends soon", f"It ends on {day(PERIOD_END)}"]),
    ({"next_plan": "starter"}, ["Active", f"It becomes Starter on {day(PERIOD_END)}"]),
    (
        {"status": "trialing", "trial_end": PERIOD_END},
        ["Trial", f"Your trial lasts until {day(PERIOD_END)}. Then it is $99 a month."],
    ),
    ({"status": "unpaid"}, ["On hold", "Pro is on hold until what is owed"]),
    ({"status": "canceled"}, ["Ended", "Your subscription to Pro has ended"]),
    (
        {"status": "incomplete", "pay_url": "https://invoice.example/1"},
        ["Not paid yet", "is not confirmed yet"],
    ),
]


def test_how_the_subscription_stands_is_said_in_words(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    organization = enter()
    for version, (state, (label, *said)) in enumerate(STANDINGS, start=1):
        subscribed(team, organization, version=version, **state)
        page.reload()
        expect(page.locator("#plan-label")).to_have_text(label)
        for each in said:
            expect(page.locator("#main")).to_contain_text(each)
        if "pay_url" in state:
            link = page.locator(".notice").get_by_role("link")
            expect(link).to_have_attribute("href", state["pay_url"])


def test_the_last_receipt_is_linked(page: Page, team: TeamSite, enter: Enter) -> None:
    subscribed(team, enter(), receipt_url="https://receipt.example/1")
    page.reload()
    link = page.get_by_role("link", name="The last receipt")
    expect(link).to_have_attribute("href", "https://receipt.example/1")


def test_an_admin_sees_all_and_changes_nothing(page: Page, team: TeamSite, enter: Enter) -> None:
    subscribed(team, enter("admin"))
    page.goto(team.page("billing.html?plan=business"))
    expect(page.get_by_role("heading", name="Pro", exact=True)).to_be_visible()
    expect(page.get_by_text("Only an owner can change the plan")).to_be_visible()
    expect(page.locator("#change-plan")).to_be_hidden()
    expect(page.locator("#manage")).to_be_hidden()
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("role", ["agent", "viewer"])
def test_who_may_not_see_it_is_told_whom_to_ask(page: Page, enter: Enter, role: Role) -> None:
    enter(role)
    expect(page.get_by_role("heading", name="This page is for owners and admins")).to_be_visible()
    expect(page.locator("#billing")).to_be_hidden()


def test_logging_out_leads_to_the_login_page_and_there_is_no_way_back(
    page: Page, team: TeamSite, enter: Enter
) -> None:
    enter()
    page.locator("#account").click()
    page.get_by_role("menuitem", name="Log out").click()
    expect(page).to_have_url(team.page("auth.html"))
    page.goto(team.page("billing.html"))
    expect(page).to_have_url(team.page("auth.html?next=billing.html"))


def test_where_nothing_is_billed_there_are_no_limits_and_nothing_to_pay(
    page: Page, table: Table
) -> None:
    deployment = Deployment(table, UNLIMITED)
    with team_site(deployment, billed=False) as site:
        site.log_in(page, deployment.member("owner").email)
        page.goto(site.page("billing.html"))
        expect(page.get_by_text("bills nobody")).to_be_visible()
        expect(measure(page, "answers")).to_contain_text("0, without limit")
        expect(page.locator("#change-plan")).to_be_hidden()


def test_a_name_that_looks_like_markup_is_text(page: Page, team: TeamSite, enter: Enter) -> None:
    name = "<img src=x onerror=alert(1)>"
    organization = Organization(id=new_id(), name=name)
    team.deployment.services.organizations.create(organization)
    enter(organization=organization.id)
    expect(page.locator("#organization")).to_have_text(name)


@pytest.mark.parametrize(("role", "told"), [("admin", 1), ("viewer", 0)])
def test_the_documents_page_warns_too_if_the_member_may_know(
    page: Page, team: TeamSite, enter: Enter, role: Role, told: int
) -> None:
    used(team, enter(role), answers=450)
    page.goto(team.page("documents.html"))
    expect(page.get_by_role("heading", name="Documents", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".notice")).to_have_count(told)
    expect(page.locator("#dropzone")).to_be_visible(visible=role == "admin")
