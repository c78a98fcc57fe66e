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


def test_a_customer_is_kept_found_and_deleted(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({"email": "a@x.example", "metadata": {"org": "1"}})
    client.v1.customers.create({"email": "b@x.example"})
    kept = client.v1.customers.retrieve(made.id)
    assert kept.metadata is not None
    assert (kept.email, kept.metadata.to_dict()) == ("a@x.example", {"org": "1"})
    assert [each.id for each in client.v1.customers.list({"email": "a@x.example"})] == [made.id]
    assert client.v1.customers.delete(made.id).deleted
    assert client.v1.customers.retrieve(made.id).deleted
    assert len(client.v1.customers.list().data) == 1


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
    (listed,) = client.v1.subscriptions.list({"customer": customer}).data
    invoice: Any = client.v1.invoices.retrieve(str(listed.latest_invoice))
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
    (created,) = client.v1.events.list({"type": "customer.created"}).data
    first = created.to_dict()["data"]
    assert first["object"]["currency"] is None
    assert "previous_attributes" not in first
    updated = client.v1.events.list({"type": "customer.updated"}).data[0].to_dict()["data"]
    assert updated["object"]["currency"] == "usd"
    assert updated["previous_attributes"]["currency"] is None


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


def test_a_subscription_renews_by_itself_at_the_end_of_its_month(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    before = running.subscribe(customer)
    running.advance(65)
    after = client.v1.subscriptions.retrieve(before.id)
    assert after.status == "active"
    invoices = client.v1.invoices.list({"customer": customer}).data
    assert [each.billing_reason for each in invoices] == [
        *("subscription_cycle", "subscription_cycle", "subscription_create")
    ]
    (item,) = after["items"].data
    assert invoices[0].created == item.current_period_start
    assert invoices[1].created == before["items"].data[0].current_period_end


def test_a_payment_that_fails_is_tried_again_and_then_the_subscription_ends(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    subscription = running.subscribe(customer, card=FAILS_LATER)
    running.advance(31)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    invoice = client.v1.invoices.list({"customer": customer, "limit": 1}).data[0]
    attempts = [(invoice.status, invoice.attempt_count, invoice.next_payment_attempt is not None)]
    for days in (3, 5):
        running.advance(days)
        invoice = client.v1.invoices.retrieve(invoice.id)
        attempts.append((invoice.status, invoice.attempt_count, bool(invoice.next_payment_attempt)))
    assert attempts == [("open", 1, True), ("open", 2, True), ("open", 3, True)]
    running.advance(7)
    ended = client.v1.subscriptions.retrieve(subscription.id)
    assert (ended.status, ended.ended_at is None) == ("canceled", False)
    assert not client.v1.invoices.retrieve(invoice.id).auto_advance
    assert running.events().count("invoice.payment_failed") == 4
    assert running.events()[-1] == "customer.subscription.deleted"


@pytest.mark.parametrize("card", ["", "4242 4242 4242 4242"])
def test_an_open_invoice_can_be_paid_on_its_page(
    running: RunningStripe, client: stripe.StripeClient, customer: str, card: str
) -> None:
    subscription = running.subscribe(customer, card=FAILS_LATER)
    running.advance(31)
    invoice = client.v1.invoices.list({"customer": customer, "limit": 1}).data[0]
    refused = running.pay(str(invoice.hosted_invoice_url), DECLINED)
    assert "insufficient funds" in refused.text
    assert running.pay(str(invoice.hosted_invoice_url), card).status_code == 303
    assert client.v1.invoices.retrieve(invoice.id).status == "paid"
    assert client.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_trial_costs_nothing_is_said_to_end_and_then_is_paid_for(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    session = checkout(client, customer, subscription_data={"trial_period_days": 14})
    running.pay(session.url)
    (subscription,) = client.v1.subscriptions.list({"customer": customer}).data
    assert subscription.status == "trialing"
    running.advance(11)
    assert running.events()[-1] == "customer.subscription.trial_will_end"
    running.advance(3)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "active"
    paid = [each.amount_paid for each in client.v1.invoices.list({"customer": customer})]
    assert paid == [9900, 0]


def test_a_subscription_ends_when_it_is_paid_until_and_may_be_resumed_before(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    subscription = running.subscribe(customer)
    page = portal(client, customer).url
    for do, ends in (("cancel", True), ("resume", False), ("cancel", True)):
        running.post(page, do=do, subscription=subscription.id)
        found = client.v1.subscriptions.retrieve(subscription.id)
        assert (found.cancel_at is not None) is ends
    running.advance(31)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert not client.v1.subscriptions.list({"customer": customer}).data
    assert client.v1.subscriptions.list({"customer": customer, "status": "all"}).data
    again = running.post(page, do="cancel", subscription=subscription.id)
    assert "No such subscription" in again.text


def portal(client: stripe.StripeClient, customer: str, price: str | None = None) -> Any:
    params: Any = {"customer": customer, "return_url": "https://harbor.example/billing"}
    if price:
        (subscription,) = client.v1.subscriptions.list({"customer": customer}).data
        item = {"id": subscription["items"].data[0].id, "price": price, "quantity": 1}
        confirm = {"subscription": subscription.id, "items": [item]}
        params["flow_data"] = {
            "type": "subscription_update_confirm",
            "subscription_update_confirm": confirm,
        }
    return client.v1.billing_portal.sessions.create(params)


def test_the_portal_upgrades_at_once_and_charges_what_is_left_of_the_month(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    subscription = running.subscribe(customer)
    running.advance(15)
    session = portal(client, customer, "price_business_monthly")
    page = httpx.get(session.url, trust_env=False)
    assert "Confirm" in page.text
    running.post(
        session.url, do="change", subscription=subscription.id, price="price_business_monthly"
    )
    after = client.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert after["items"].data[0].price.id == "price_business_monthly"
    invoice: Any = after.latest_invoice
    assert invoice.billing_reason == "subscription_update"
    assert 14_000 < invoice.amount_paid < 16_500
    assert len(invoice.lines.data) == 2


def test_the_portal_downgrades_at_the_end_of_the_period(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    subscription = running.subscribe(customer)
    session = portal(client, customer)
    running.post(
        session.url, do="change", subscription=subscription.id, price="price_starter_monthly"
    )
    waiting = client.v1.subscriptions.retrieve(subscription.id, {"expand": ["schedule"]})
    assert waiting["items"].data[0].price.id == "price_pro_monthly"
    schedule: Any = waiting.schedule
    phases = [phase["items"][0].price for phase in schedule.phases]
    assert phases == ["price_pro_monthly", "price_starter_monthly"]
    assert schedule.phases[0].end_date == waiting["items"].data[0].current_period_end
    running.advance(31)
    after = client.v1.subscriptions.retrieve(subscription.id)
    assert after["items"].data[0].price.id == "price_starter_monthly"
    assert client.v1.invoices.list({"customer": customer}).data[0].amount_paid == 2900
    running.advance(31)
    assert client.v1.subscriptions.retrieve(subscription.id).schedule is None


def test_nobody_changes_a_subscription_through_the_portal_of_another(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    subscription = running.subscribe(customer)
    other = client.v1.customers.create({"email": "eve@other.example"})
    session = portal(client, other.id)
    answer = running.post(session.url, do="cancel", subscription=subscription.id)
    assert "not yours" in answer.text
    assert client.v1.subscriptions.retrieve(subscription.id).cancel_at is None


def test_a_charge_is_refunded_once(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    running.subscribe(customer)
    (paid,) = client.v1.events.list({"type": "charge.succeeded"}).data
    charge = paid.to_dict()["data"]["object"]["id"]
    running.post(f"{running.url}/", do="refund", charge=charge)
    (event,) = client.v1.events.list({"type": "charge.refunded"}).data
    assert event.to_dict()["data"]["object"]["amount_refunded"] == 9900
    again = running.post(f"{running.url}/", do="refund", charge=charge)
    assert "already been refunded" in again.text
    assert running.events().count("charge.refunded") == 1


def test_a_customer_who_is_deleted_takes_the_subscriptions_along(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    subscription = running.subscribe(customer)
    client.v1.customers.delete(customer)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert running.events()[-2:] == ["customer.subscription.deleted", "customer.deleted"]


def test_the_same_key_does_the_same_once_and_refuses_anything_else(
    client: stripe.StripeClient,
) -> None:
    key: Any = {"idempotency_key": "one"}
    made = client.v1.customers.create({"email": "a@x.example"}, key)
    again = client.v1.customers.create({"email": "a@x.example"}, key)
    assert again.id == made.id
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"email": "b@x.example"}, key)
    assert len(client.v1.customers.list().data) == 1


def test_refusals_are_stripes_own(client: stripe.StripeClient, customer: str) -> None:
    wrong: Any = {"colour": "red"}
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        client.v1.customers.create(wrong)
    assert (unknown.value.code, unknown.value.param) == ("parameter_unknown", "colour")
    with pytest.raises(stripe.InvalidRequestError) as gone:
        client.v1.customers.retrieve("cus_nobody")
    assert (gone.value.code, gone.value.http_status) == ("resource_missing", 404)
    with pytest.raises(stripe.InvalidRequestError) as no_price:
        checkout(client, customer, line_items=[{"price": "price_x", "quantity": 1}])
    assert (no_price.value.code, no_price.value.http_status) == ("resource_missing", 400)
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client.v1.coupons.list()
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.customers.retrieve(customer, {"expand": ["shoes"]})
    assert unknown.value.request_id


@pytest.mark.parametrize("key", ["sk_live_x", "pk_test_x"])
def test_only_test_keys_are_let_in(running: RunningStripe, key: str) -> None:
    client = stripe.StripeClient(key, base_addresses={"api": running.url})
    with pytest.raises(stripe.AuthenticationError):
        client.v1.customers.list()
    assert httpx.get(f"{running.url}/v1/customers", trust_env=False).status_code == 401


def test_currencies_are_not_mixed(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    running.subscribe(customer)
    price = running.price_in("eur")
    with pytest.raises(stripe.InvalidRequestError, match="combine currencies"):
        checkout(client, customer, line_items=[{"price": price, "quantity": 1}])


def test_lists_come_in_pages(client: stripe.StripeClient) -> None:
    made = [client.v1.customers.create({"name": str(number)}).id for number in range(5)]
    first = client.v1.customers.list({"limit": 2})
    assert first.has_more
    assert [each.id for each in first.auto_paging_iter()] == made[::-1]


def test_a_session_expires_after_a_day(
    running: RunningStripe, client: stripe.StripeClient, customer: str
) -> None:
    session = checkout(client, customer)
    running.advance(1)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert running.events()[-1] == "checkout.session.expired"
    assert "no longer open" in running.pay(session.url).text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Host": "rebound.example"}])
def test_pages_of_other_sites_press_no_buttons(
    running: RunningStripe, headers: dict[str, str]
) -> None:
    answer = httpx.post(
        f"{running.url}/", data={"do": "days", "days": "31"}, headers=headers, trust_env=False
    )
    assert answer.status_code in {400, 403}
    assert running.stand_in.desk.state.clock.offset == 0
