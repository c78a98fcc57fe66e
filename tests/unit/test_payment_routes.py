"""Subscribing and managing what is subscribed to, as the team's browser asks for it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from frontdesk.billing.plans import PLANS
from frontdesk.billing.ports import CancelFlow, PlanFlow
from frontdesk.billing.stripe_objects import StripeSubscription, read_subscription
from frontdesk.tables.accounts import Accounts, count_answers, store_more
from frontdesk.tables.client import Table
from tests.unit.deployment import ROLES, STRIPE_PRICES, UNLIMITED, Deployment, is_problem
from tests.unit.stripe_desk import invoice, subscription


class Team:
    """The owner of an organisation in front of its billing page."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.accounts = Accounts(deployment.table)
        self.organization_id = deployment.one.organization_id
        self.headers = deployment.login(deployment.one, "owner")

    def checkout(self, plan: str = "pro") -> Any:
        return self.post("checkout", {"plan": plan})

    def portal(self, **body: object) -> Any:
        return self.post("portal", body)

    def post(self, path: str, body: object) -> Any:
        return self.deployment.http.post(f"/api/payments/{path}", json=body, headers=self.headers)

    def state(self) -> Any:
        answer = self.deployment.http.get("/api/payments/subscription", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def subscribes(self, **found: Any) -> None:
        """Stripe has a subscription of theirs, and its event was processed."""
        now = int(datetime.now(UTC).timestamp())
        at_stripe = StripeSubscription.model_validate(
            subscription(customer="cus_1", start=now, **found)
        )
        self.deployment.till.subscriptions[at_stripe.id] = at_stripe
        before = self.accounts.subscription(self.organization_id, at_stripe.id)
        self.accounts.put_subscription(
            self.organization_id, read_subscription(at_stripe, STRIPE_PRICES, before)
        )
        self.accounts.link_customer(self.organization_id, "cus_1")


@pytest.fixture
def team(table: Table) -> Team:
    return Team(Deployment(table, UNLIMITED, billed=True))


def test_everybody_sees_the_plans_that_are_enforced(team: Team) -> None:
    answer = team.deployment.http.get("/api/payments/plans").json()
    assert answer["billed"] is True
    shown = {plan["name"]: plan for plan in answer["plans"]}
    assert list(shown) == list(PLANS)
    for name, plan in PLANS.items():
        assert shown[name]["answers"] == plan.answers
        assert shown[name]["monthly_price"] == plan.monthly_price


def test_a_checkout_is_for_the_organisation_of_the_login_and_the_price_of_the_plan(
    team: Team,
) -> None:
    assert team.checkout("business").json() == {"url": "https://pay.example/cs_1"}
    (order,) = team.deployment.till.orders
    assert (order.organization_id, order.price_id) == (team.organization_id, "price_biz")
    assert team.accounts.organization_of(order.customer_id) == team.organization_id


def test_the_same_customer_is_used_again(team: Team) -> None:
    team.checkout("starter")
    team.checkout("pro")
    assert {order.customer_id for order in team.deployment.till.orders} == {"cus_1"}


def test_two_owners_who_begin_at_once_pay_as_one_customer(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = team.deployment.till
    plain = till.create_customer

    def overtaken(organization_id: str, **known: Any) -> str:
        team.accounts.link_customer(organization_id, "cus_7")
        return plain(organization_id, **known)

    monkeypatch.setattr(till, "create_customer", overtaken)
    assert team.checkout("pro").status_code == 200
    assert [order.customer_id for order in till.orders] == ["cus_7"]


def test_an_earlier_page_is_closed_when_another_is_opened(team: Team) -> None:
    """Whoever has both open cannot pay twice."""
    team.checkout("starter")
    team.checkout("pro")
    assert team.deployment.till.closed == ["cs_1"]


def test_a_page_that_was_paid_on_a_moment_ago_leads_to_no_second_payment(team: Team) -> None:
    team.checkout("starter")
    team.deployment.till.paid["cs_1"] = "sub_1"
    assert is_problem(team.checkout("starter"), 409)
    team.subscribes(status="incomplete")
    assert is_problem(team.checkout("starter"), 409)
    assert len(team.deployment.till.orders) == 1


@pytest.mark.parametrize("status", ["active", "trialing", "past_due", "unpaid", "paused"])
def test_who_has_a_subscription_cannot_begin_another(team: Team, status: str) -> None:
    team.subscribes(status=status)
    assert is_problem(team.checkout("business"), 409)
    assert team.deployment.till.orders == {}


def test_who_had_one_can_subscribe_again(team: Team) -> None:
    """The last page they had was paid on, and what came of it is over."""
    team.checkout("pro")
    team.deployment.till.paid["cs_1"] = "sub_1"
    team.subscribes(status="active")
    team.subscribes(status="canceled")
    assert team.checkout("pro").json() == {"url": "https://pay.example/cs_2"}


def test_a_customer_that_was_deleted_at_stripe_is_made_anew(team: Team) -> None:
    team.checkout("starter")
    team.deployment.till.gone.add("cus_1")
    assert team.checkout("pro").status_code == 200
    account = team.accounts.read(team.organization_id, datetime.now(UTC))
    assert account.customer_id == "cus_2"


@pytest.mark.parametrize("body", [{"plan": "free"}, {"plan": "price_pro"}, {"plan": None}, {}])
def test_only_plans_that_are_sold_can_be_bought(team: Team, body: object) -> None:
    assert is_problem(team.post("checkout", body), 422)


def test_nobody_names_an_organisation_a_customer_or_a_price(team: Team) -> None:
    for extra in ("organization_id", "customer", "price", "client_reference_id"):
        assert is_problem(team.post("checkout", {"plan": "pro", extra: "x"}), 422)


def test_only_an_owner_spends_money(team: Team) -> None:
    deployment = team.deployment
    for role in ROLES:
        login = deployment.login(deployment.one, role)
        for path, body in (("checkout", {"plan": "pro"}), ("portal", {"plan": "pro"})):
            answer = deployment.http.post(f"/api/payments/{path}", json=body, headers=login)
            assert (answer.status_code == 403) == (role != "owner"), (role, path)


def test_a_key_cannot_subscribe(team: Team) -> None:
    headers = team.deployment.one.headers("owner")
    answer = team.deployment.http.post(
        "/api/payments/checkout", json={"plan": "pro"}, headers=headers
    )
    assert is_problem(answer, 403)


def test_where_nothing_is_billed_everybody_has_everything(table: Table) -> None:
    team = Team(Deployment(table, UNLIMITED))
    assert is_problem(team.checkout(), 409)
    state = team.state()
    assert state["billed"] is False
    assert state["usage"]["answers"]["limit"] is None
    assert state["changes"] == []


def test_the_portal_needs_somebody_who_has_paid(team: Team) -> None:
    assert is_problem(team.portal(), 409)
    team.checkout()
    assert team.portal().json() == {"url": "https://pay.example/cus_1"}
    assert is_problem(team.portal(plan="starter"), 409)
    assert is_problem(team.portal(cancel=True), 409)


def test_another_plan_is_confirmed_in_the_portal(team: Team) -> None:
    team.subscribes()
    assert team.portal(plan="starter").status_code == 200
    assert team.portal(cancel=True).status_code == 200
    assert is_problem(team.portal(plan="pro"), 409)
    assert is_problem(team.portal(plan="starter", cancel=True), 422)
    assert team.deployment.till.flows == [
        PlanFlow("sub_1", "si_price_pro", "price_starter"),
        CancelFlow("sub_1"),
    ]


def test_the_state_says_what_is_used_and_what_another_plan_would_mean(
    team: Team, table: Table
) -> None:
    team.subscribes(price="price_biz")
    now = datetime.now(UTC)
    business = PLANS["business"]
    table.update(store_more(team.organization_id, business, documents=130, stored_bytes=7))
    table.update(count_answers(team.organization_id, now, 40_000, shard=0))
    state = team.state()
    assert state["plan"]["name"] == "business"
    assert state["subscription"]["status"] == "active"
    assert state["warning"] == 80
    assert state["usage"]["documents"] == {"used": 130, "limit": 2_000}
    assert state["usage"]["seats"] == {"used": 1, "limit": 50}
    changes = {change["plan"]: change for change in state["changes"]}
    assert set(changes) == {"free", "starter", "pro"}
    assert changes["free"]["kind"] == "cancel"
    starter = changes["starter"]
    assert starter["kind"] == "downgrade"
    assert starter["documents_over"] == 30
    assert starter["features_lost"] == ["checks", "exports"]
    assert starter["at"] == state["subscription"]["period_end"]


def test_the_answers_of_a_month_begin_anew_with_the_next(team: Team, table: Table) -> None:
    december = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    january = datetime(2027, 1, 1, tzinfo=UTC)
    table.update(count_answers(team.organization_id, december, 3, shard=0))
    assert team.accounts.read(team.organization_id, december).answers == 3
    assert team.accounts.read(team.organization_id, january).answers == 0


@pytest.mark.parametrize("status", ["past_due", "unpaid", "paused"])
def test_what_is_not_paid_for_any_more_is_changed_and_not_subscribed_to_again(
    team: Team, status: str
) -> None:
    """A checkout is refused while it goes on at Stripe: see `checkout`."""
    owed = invoice(status="open", created=1_700_000_000, due_date=1_700_000_000)
    team.subscribes(status=status, latest_invoice=owed)
    state = team.state()
    assert state["plan"]["name"] == "free"
    kinds = {change["plan"]: change["kind"] for change in state["changes"]}
    assert kinds == {"free": "cancel", "starter": "downgrade", "business": "upgrade"}


def test_another_organisation_sees_nothing_of_it(team: Team) -> None:
    team.subscribes()
    headers = team.deployment.two.headers("owner")
    answer = team.deployment.http.get("/api/payments/subscription", headers=headers).json()
    assert answer["plan"]["name"] == "free"
    assert answer["subscription"] is None
