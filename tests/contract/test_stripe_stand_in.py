"""The real SDK against the stand-in of Stripe."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from local.stripe.state import API_VERSION
from tests.contract.stripe_stand_in import RunningStripe, receiving, serving

DECLINED = "4000 0000 0000 9995"
AUTHENTICATES = "4000 0025 0000 3155"
FAILS_LATER = "4000 0000 0000 0341"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningStripe]:
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def client(running: RunningStripe) -> stripe.StripeClient:
    return running.client()


@pytest.fixture
def customer(client: stripe.StripeClient) -> str:
    return client.v1.customers.create({"email": "ada@harbor.example", "name": "Ada"}).id


def checkout(client: stripe.StripeClient, customer: str, **more: Any) -> Any:
    params: Any = {
        "mode": "subscription",
        "customer": customer,
        "client_reference_id": "01J0ORGANIZATION",
        "line_items": [{"price": "price_pro_monthly", "quantity": 1}],
        "success_url": "https://harbor.example/ok?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://harbor.example/pricing",
        "subscription_data": {"metadata": {"organization": "01J0ORGANIZATION"}},
        **more,
    }
    return client.v1.checkout.sessions.create(params)


def test_a_customer_is_kept_changed_found_and_deleted(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({"email": "a@x.example", "metadata": {"org": "1", "b": "2"}})
    changed = client.v1.customers.update(made.id, {"name": "A", "metadata": {"b": ""}})
    assert changed.name == "A"
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"org": "1"}
    assert client.v1.customers.retrieve(made.id).email == "a@x.example"
    assert [each.id for each in client.v1.customers.list({"email": "a@x.example"})] == [made.id]
    assert client.v1.customers.delete(made.id).deleted
    assert client.v1.customers.retrieve(made.id).deleted
    assert not client.v1.customers.list().data


def test_a_paid_checkout_makes_a_subscription(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    session = checkout(client, customer)
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert "Subscribe" in httpx.get(session.url, trust_env=False).text
    answer = running.pay(session.url)
    assert answer.headers["location"] == f"https://harbor.example/ok?session={session.id}"
    done = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert done.client_reference_id == "01J0ORGANIZATION"
    subscription: Any = done.subscription
    assert subscription.status == "active"
    assert subscription.metadata.to_dict() == {"organization": "01J0ORGANIZATION"}
    (item,) = subscription["items"].data
    assert item.price.id == "price_pro_monthly"
    assert 28 <= (item.current_period_end - item.current_period_start) / 86_400 <= 31
    (listed,) = client.v1.subscriptions.list(
        {"customer": customer, "expand": ["data.latest_invoice"]}
    ).data
    invoice: Any = listed.latest_invoice
    assert (invoice.status, invoice.amount_paid) == ("paid", 9900)
    assert invoice.parent.subscription_details.subscription == listed.id
    assert "Invoice" in httpx.get(invoice.hosted_invoice_url, trust_env=False).text


def test_a_declined_card_changes_nothing_and_may_be_replaced(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    session = checkout(client, customer)
    refused = running.pay(session.url, DECLINED)
    assert "insufficient funds" in refused.text
    assert not client.v1.subscriptions.list({"customer": customer}).data
    assert running.pay(session.url).status_code == 303


@pytest.mark.parametrize(("do", "status"), [("complete", 303), ("fail", 200)])
def test_a_card_may_ask_for_authentication(
    running: RunningStripe, client: stripe.StripeClient, customer: str, do: str, status: int
) -> None:
    session = checkout(client, customer)
    page = running.pay(session.url, AUTHENTICATES)
    assert "authentication" in page.text
    assert not client.v1.subscriptions.list({"customer": customer}).data
    assert running.pay(session.url, AUTHENTICATES, do=do).status_code == status
    assert len(client.v1.subscriptions.list({"customer": customer}).data) == (status == 303)


def test_events_arrive_signed_and_come_again_until_they_are_taken(tmp_path: Path) -> None:
    with receiving(500, 302, 400) as receiver, serving(tmp_path, receiver=receiver.url) as running:
        customer = running.client().v1.customers.create({"email": "ada@harbor.example"})
        running.subscribe(customer.id)
        running.delivered()
        assert sorted(receiver.types) == sorted(running.events())
        assert len(receiver.bodies) == len(receiver.accepted) + 3
        for body, signature in zip(receiver.bodies, receiver.signatures, strict=True):
            event = stripe.Webhook.construct_event(body, signature, running.webhook_secret)
            assert event.api_version == API_VERSION
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(
                receiver.bodies[0] + b" ", receiver.signatures[0], running.webhook_secret
            )


def test_an_event_holds_the_object_as_it_was(running: RunningStripe, customer: str) -> None:
    client = running.client()
    running.subscribe(customer)
    client.v1.customers.update(customer, {"name": "Grace"})
    found = client.v1.events.list({"types": ["customer.created", "customer.updated"]})
    data = [event.to_dict()["data"] for event in found]
    names = [(each["object"]["name"], "name" in each["previous_attributes"]) for each in data[:-1]]
    assert names[0] == ("Grace", True)
    assert data[-1]["object"]["name"] == "Ada"
    assert "previous_attributes" not in data[-1]


def test_what_was_not_delivered_is_delivered_by_the_next_process(tmp_path: Path) -> None:
    with receiving(*[503] * 50) as receiver:
        with serving(tmp_path, receiver=receiver.url, delays=(0.2,) * 19) as running:
            customer = running.client().v1.customers.create({"email": "ada@harbor.example"})
        assert not receiver.accepted
        receiver.statuses.clear()
        with serving(tmp_path) as running:
            running.delivered()
            assert receiver.types == ["customer.created"]
            assert running.client().v1.customers.retrieve(customer.id).email
        assert len({json.loads(body)["id"] for body in receiver.bodies}) == 1
