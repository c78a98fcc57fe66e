"""What we ask of Stripe, asked of the stand-in, and of Stripe itself in test mode where there is a
key: STRIPE_SECRET_KEY (sk_test_…) and FRONTDESK_STRIPE_PRICES as docs/BILLING.md has them."""

import json
import os
import traceback
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
from pydantic import SecretStr

from frontdesk.billing.ports import (
    CancelFlow,
    CheckoutDone,
    CheckoutOrder,
    CustomerGone,
    PlanFlow,
)
from frontdesk.billing.prices import Prices
from frontdesk.billing.stripe_gateway import StripeGateway
from frontdesk.billing.stripe_objects import read_subscription
from frontdesk.errors import Conflict, PaymentsUnavailable
from infra.settings import STAND_IN_PRICES
from tests.contract.stripe_stand_in import RunningStripe, serving

KEY = os.environ.get("STRIPE_SECRET_KEY", "")
PRICES = os.environ.get("FRONTDESK_STRIPE_PRICES", "")
SIDES = ["stand-in", "stripe"] if KEY.startswith("sk_test_") and PRICES else ["stand-in"]


@dataclass
class Side:
    """Stripe, or who stands in for it. `stand_in` is None for Stripe."""

    gateway: StripeGateway
    client: stripe.StripeClient
    prices: Prices
    stand_in: RunningStripe | None

    def customer(
        self,
        organization_id: str | None = None,
        after: str | None = None,
        email: str = "ada@harbor.example",
    ) -> str:
        return self.gateway.create_customer(
            organization_id or f"test-{uuid.uuid4()}",
            name="Harbor",
            email=email,
            after=after,
        )

    def order(self, customer_id: str, plan: Any = "pro", attempt: str = "") -> CheckoutOrder:
        price_id = self.prices.sold(plan)
        assert price_id is not None
        return CheckoutOrder(
            organization_id="test",
            customer_id=customer_id,
            price_id=price_id,
            success_url="https://harbor.example/ok?session={CHECKOUT_SESSION_ID}",
            cancel_url="https://harbor.example/pricing",
            attempt=attempt,
        )

    def subscribe(self, customer_id: str) -> str:
        """The id of a subscription to Pro that is paid for."""
        if self.stand_in:
            return self.stand_in.subscribe(customer_id).id
        method = self.client.v1.payment_methods.attach("pm_card_visa", {"customer": customer_id})
        price = self.order(customer_id).price_id
        return self.client.v1.subscriptions.create(
            {
                "customer": customer_id,
                "items": [{"price": price}],
                "default_payment_method": method.id,
            }
        ).id


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    if request.param == "stripe":
        gateway = StripeGateway(SecretStr(KEY))
        yield Side(gateway, stripe.StripeClient(KEY), Prices.of(json.loads(PRICES)), None)
        return
    with serving(tmp_path) as running:
        key = SecretStr(running.stand_in.desk.state.secret_key)
        gateway = StripeGateway(key, api_base=running.url)
        yield Side(gateway, running.client(), Prices.of(dict(STAND_IN_PRICES)), running)  # type: ignore[arg-type]


def test_a_customer_is_made_once_and_says_whose_it_is(side: Side) -> None:
    organization_id = f"test-{uuid.uuid4()}"
    made = side.customer(organization_id)
    assert side.customer(organization_id) == made
    found = side.gateway.customer(made)
    assert found is not None
    assert found.organization_id == organization_id


def test_another_owner_is_not_refused_because_one_has_asked_before(side: Side) -> None:
    """Stripe would refuse the same idempotency key with another address, for a day."""
    organization_id = f"test-{uuid.uuid4()}"
    made = side.customer(organization_id)
    assert side.customer(organization_id, email="bob@harbor.example") != made


def test_a_customer_after_a_deleted_one_is_another(side: Side) -> None:
    organization_id = f"test-{uuid.uuid4()}"
    made = side.customer(organization_id)
    side.client.v1.customers.delete(made)
    deleted = side.gateway.customer(made)
    assert deleted is not None
    assert deleted.deleted
    assert side.customer(organization_id, after=made) != made


def test_what_stripe_does_not_know_is_nothing(side: Side) -> None:
    assert side.gateway.customer("cus_nobody") is None
    assert side.gateway.subscription("sub_nothing") is None
    assert side.gateway.invoice("in_nothing") is None


def test_the_same_order_leads_to_the_same_page(side: Side) -> None:
    order = side.order(side.customer())
    first, again = side.gateway.create_checkout(order), side.gateway.create_checkout(order)
    assert first == again
    assert httpx.get(first.url, follow_redirects=True, trust_env=False).status_code == 200
    another = side.gateway.create_checkout(side.order(order.customer_id, attempt=first.session_id))
    assert another.session_id != first.session_id


def test_a_page_is_closed_once_and_for_all(side: Side) -> None:
    page = side.gateway.create_checkout(side.order(side.customer()))
    side.gateway.close_checkout(page.session_id)
    side.gateway.close_checkout(page.session_id)
    found = side.client.v1.checkout.sessions.retrieve(page.session_id)
    assert found.status == "expired"
    side.gateway.close_checkout("cs_test_nothing")


def test_nobody_can_check_out_as_a_customer_that_is_gone(side: Side) -> None:
    customer_id = side.customer()
    side.client.v1.customers.delete(customer_id)
    with pytest.raises(CustomerGone):
        side.gateway.create_checkout(side.order(customer_id))
    with pytest.raises(CustomerGone):
        side.gateway.create_portal(customer_id, return_url="https://harbor.example/")


def test_a_subscription_is_read_with_its_plan_and_receipt(side: Side) -> None:
    subscription_id = side.subscribe(side.customer())
    found = side.gateway.subscription(subscription_id)
    assert found is not None
    read = read_subscription(found, side.prices, None)
    assert (read.plan, read.status, read.currency) == ("pro", "active", "usd")
    assert read.receipt_url is not None
    assert read.receipt_url.startswith("http")
    assert read.period_end > read.period_start
    invoice = found.invoice
    assert invoice is not None
    assert side.gateway.invoice(invoice.id) == invoice


def test_the_portal_opens_and_confirms_changes_of_ones_own_subscription(side: Side) -> None:
    customer_id = side.customer()
    subscription_id = side.subscribe(customer_id)
    found = side.gateway.subscription(subscription_id)
    assert found is not None
    starter = side.prices.sold("starter")
    assert starter is not None
    change = PlanFlow(subscription_id, found.items.data[0].id, starter)
    for flow in (None, change, CancelFlow(subscription_id)):
        url = side.gateway.create_portal(
            customer_id, return_url="https://harbor.example/billing.html", flow=flow
        )
        assert url.startswith("http")
    with pytest.raises((PaymentsUnavailable, Conflict)):
        side.gateway.create_portal(
            side.customer(),
            return_url="https://harbor.example/billing.html",
            flow=CancelFlow(subscription_id),
        )


def test_what_stripe_quotes_of_a_request_is_in_no_traceback(side: Side) -> None:
    order = replace(side.order(side.customer()), price_id="ada@harbor.example")
    with pytest.raises(PaymentsUnavailable) as refused:
        side.gateway.create_checkout(order)
    assert "ada@" not in "".join(traceback.format_exception(refused.value))


def test_a_wrong_key_is_our_fault_and_not_the_teams(side: Side) -> None:
    base = side.stand_in.url if side.stand_in else None
    stranger = StripeGateway(SecretStr("sk_live_wrong"), api_base=base)
    with pytest.raises(PaymentsUnavailable):
        stranger.customer("cus_1")


def test_a_completed_page_says_so(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        gateway = StripeGateway(
            SecretStr(running.stand_in.desk.state.secret_key), api_base=running.url
        )
        side = Side(gateway, running.client(), Prices.of(dict(STAND_IN_PRICES)), running)  # type: ignore[arg-type]
        page = gateway.create_checkout(side.order(side.customer()))
        assert running.pay(page.url).status_code == 303
        with pytest.raises(CheckoutDone) as done:
            gateway.close_checkout(page.session_id)
        assert done.value.subscription_id is not None
        found = gateway.subscription(done.value.subscription_id)
        assert found is not None
        assert found.status == "active"


def test_who_paid_in_another_currency_is_told_so(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        gateway = StripeGateway(
            SecretStr(running.stand_in.desk.state.secret_key), api_base=running.url
        )
        side = Side(gateway, running.client(), Prices.of(dict(STAND_IN_PRICES)), running)  # type: ignore[arg-type]
        customer_id = side.customer()
        running.subscribe(customer_id, running.price_in("eur"))
        with pytest.raises(Conflict, match="another currency"):
            gateway.create_checkout(side.order(customer_id))


def test_a_stripe_that_is_away_is_unavailable() -> None:
    gateway = StripeGateway(SecretStr("sk_test_x"), api_base="http://127.0.0.1:9")
    with pytest.raises(PaymentsUnavailable):
        gateway.customer("cus_1")
