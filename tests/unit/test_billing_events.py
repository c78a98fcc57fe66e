"""What Stripe's events come to: in any order, twice, at the same time, and when they are odd."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.billing.plans import GRACE
from frontdesk.billing.standing import plan_of
from frontdesk.billing.stripe_objects import StripeSubscription, read_subscription
from frontdesk.mail.jobs import PaymentFailedMail, SubscribedMail
from frontdesk.tables.audit import Audit
from frontdesk.tables.client import Table
from tests.aws import empty_table
from tests.unit.stripe_desk import (
    MONTH,
    PRICES,
    StripeDesk,
    event,
    invoice,
    item,
    subscription,
)

START = 1_780_000_000
NOW = datetime.fromtimestamp(START + 86_400, UTC)


@pytest.fixture
def desk(table: Table) -> StripeDesk:
    return StripeDesk(table)


def happened(desk: StripeDesk, kind: str, found: dict[str, Any]) -> str:
    """A subscription becomes so at Stripe, and the event of it is processed."""
    desk.stripe.subscriptions[found["id"]] = found
    return desk.take(event(kind, found))


def test_a_paid_checkout_gives_the_plan_and_one_mail_with_the_receipt(desk: StripeDesk) -> None:
    desk.stripe.subscriptions["sub_1"] = subscription()
    session = {
        "id": "cs_1",
        "object": "checkout.session",
        "customer": "cus_1",
        "subscription": "sub_1",
        "client_reference_id": desk.organization_id,
    }
    assert desk.take(event("checkout.session.completed", session)) == "pro is active"
    for kind in ("customer.subscription.created", "customer.subscription.updated"):
        assert desk.take(event(kind, subscription())) == "unchanged"
    assert desk.take(event("invoice.paid", invoice())) == "unchanged"
    assert plan_of(desk.account, NOW).name == "pro"
    (mail,) = desk.mails("subscribed")
    assert isinstance(mail, SubscribedMail)
    assert mail.receipt_url == "https://pay.example/in_1"


def test_a_checkout_that_names_another_organisation_changes_nothing(desk: StripeDesk) -> None:
    """Anybody can put a reference into a link; whose a customer is, only we say."""
    desk.stripe.subscriptions["sub_1"] = subscription()
    session = {
        "id": "cs_1",
        "customer": "cus_1",
        "subscription": "sub_1",
        "client_reference_id": desk.other_id,
    }
    assert desk.take(event("checkout.session.completed", session)).startswith("refused")
    for organization_id in (desk.organization_id, desk.other_id):
        assert desk.accounts.read(organization_id, NOW).subscriptions == ()


def test_a_subscription_of_another_customer_is_not_taken_over(desk: StripeDesk) -> None:
    desk.stripe.subscriptions["sub_2"] = subscription("sub_2", customer="cus_2")
    session = {"id": "cs_1", "customer": "cus_1", "subscription": "sub_2"}
    assert desk.take(event("checkout.session.completed", session)).startswith("refused")
    assert desk.account.subscriptions == ()


@pytest.mark.parametrize(
    "found",
    [
        subscription(price="price_of_somebody_else"),
        subscription(currency="eur"),
        subscription(items={"data": [item("price_pro"), item("price_biz")]}),
        subscription(items={"data": []}),
    ],
    ids=["unknown price", "other currency", "two plans", "no item"],
)
def test_a_subscription_that_stands_for_no_plan_gives_none(
    desk: StripeDesk, found: dict[str, Any]
) -> None:
    outcome = happened(desk, "customer.subscription.created", found)
    assert outcome.startswith("refused")
    assert desk.account.subscriptions == ()
    assert desk.mailbox.jobs == []


def test_an_extra_beside_the_plan_is_no_harm(desk: StripeDesk) -> None:
    found = subscription(items={"data": [item("price_support_hours"), item("price_pro")]})
    assert happened(desk, "customer.subscription.created", found) == "pro is active"


def test_a_price_from_before_still_stands_for_its_plan(desk: StripeDesk) -> None:
    found = subscription(price="price_pro_old")
    assert happened(desk, "customer.subscription.created", found) == "pro is active"


def test_a_cancellation_counts_although_the_price_is_not_known_any_more(desk: StripeDesk) -> None:
    happened(desk, "customer.subscription.created", subscription())
    gone = subscription(price="price_unknown", status="canceled", ended_at=START + MONTH)
    assert happened(desk, "customer.subscription.deleted", gone) == "pro is canceled"
    assert plan_of(desk.account, NOW).name == "free"


def test_a_failed_payment_leaves_the_plan_for_the_time_of_grace(desk: StripeDesk) -> None:
    happened(desk, "customer.subscription.created", subscription())
    again = START + MONTH + 3 * 86_400
    unpaid = invoice(
        "in_2", status="open", created=START + MONTH, attempt_count=1, next_payment_attempt=again
    )
    desk.stripe.invoices["in_2"] = unpaid
    desk.stripe.subscriptions["sub_1"] = subscription(
        status="past_due", start=START + MONTH, latest_invoice=unpaid
    )
    assert desk.take(event("invoice.payment_failed", unpaid)) == "pro is past_due"
    failed = desk.subscription.past_due_since
    assert failed is not None
    assert failed <= datetime.now(UTC)
    assert plan_of(desk.account, failed + GRACE - timedelta(seconds=1)).name == "pro"
    assert plan_of(desk.account, failed + GRACE).name == "free"
    (mail,) = desk.mails("payment_failed")
    assert isinstance(mail, PaymentFailedMail)
    assert mail.pay_url == "https://pay.example/in_2"
    assert mail.next_attempt == datetime.fromtimestamp(again, UTC)


@pytest.mark.parametrize("due", [START + MONTH, None])
def test_grace_begins_when_payment_was_due_and_not_when_the_invoice_was_made(
    desk: StripeDesk, due: int | None
) -> None:
    """Sent to be paid within a month; or charged, long after it was drafted."""
    unpaid = invoice("in_1", status="open", created=START, due_date=due, attempt_count=0)
    seen = datetime.fromtimestamp(START + MONTH + 60, UTC)
    found = subscription(status="past_due", start=START, latest_invoice=unpaid)
    read = read_subscription(StripeSubscription.model_validate(found), PRICES, None, seen)
    since = datetime.fromtimestamp(due, UTC) if due else seen
    assert read.past_due_since == since
    later = seen + timedelta(days=5)
    again = read_subscription(StripeSubscription.model_validate(found), PRICES, read, later)
    assert again.past_due_since == since
    account = desk.account.__class__(organization_id="org", subscriptions=(read,))
    assert plan_of(account, since + GRACE - timedelta(seconds=1)).name == "pro"
    assert plan_of(account, since + GRACE).name == "free"


def test_another_invoice_that_is_not_paid_either_begins_no_new_time_of_grace(
    desk: StripeDesk,
) -> None:
    """Stripe goes on to bill what it was told to leave past due."""
    for month in (1, 2, 3):
        begin = START + month * MONTH
        unpaid = invoice(f"in_{month}", status="open", created=begin, due_date=begin)
        owed = subscription(status="past_due", latest_invoice=unpaid)
        owed["items"] = {"data": [item("price_pro", start=begin)]}
        happened(desk, "customer.subscription.updated", owed)
    failed = datetime.fromtimestamp(START + MONTH, UTC)
    assert desk.subscription.past_due_since == failed
    assert plan_of(desk.account, failed + GRACE).name == "free"
    paid = subscription(latest_invoice=invoice("in_3", created=START + 3 * MONTH))
    happened(desk, "customer.subscription.updated", paid)
    assert desk.subscription.past_due_since is None


def test_the_end_of_a_subscription_without_items_counts(desk: StripeDesk) -> None:
    happened(desk, "customer.subscription.created", subscription())
    period = desk.subscription.period_start, desk.subscription.period_end
    gone = subscription(status="canceled", ended_at=START + 9, items={"data": []})
    assert happened(desk, "customer.subscription.deleted", gone) == "pro is canceled"
    assert (desk.subscription.period_start, desk.subscription.period_end) == period


def test_an_older_shape_is_read_as_well(desk: StripeDesk) -> None:
    """Other versions and other makers of Stripe's API: references, objects and nulls."""
    older = subscription(schedule="sub_sched_1")
    older["customer"] = {"id": "cus_1", "object": "customer"}
    older["items"] = {"data": [{"id": "si_1", "price": "price_pro", "deleted": True}]}
    older |= {"current_period_start": START, "current_period_end": START + MONTH}
    older["latest_invoice"] = "in_1"
    session = {
        "id": "cs_1",
        "object": "checkout.session",
        "customer": {"id": "cus_1", "object": "customer", "metadata": None},
        "subscription": older,
        "client_reference_id": None,
    }
    desk.stripe.subscriptions["sub_1"] = older
    assert desk.take(event("checkout.session.completed", session)) == "pro is active"
    assert desk.subscription.period_end == datetime.fromtimestamp(START + MONTH, UTC)


def test_a_customer_without_labels_is_not_one_of_ours(desk: StripeDesk) -> None:
    desk.stripe.customers["cus_3"] = {"id": "cus_3", "metadata": None, "deleted": None}
    outcome = happened(desk, "customer.subscription.created", subscription(customer="cus_3"))
    assert outcome == "refused: the customer is not one of ours"


def test_a_failure_that_was_paid_since_says_nothing(desk: StripeDesk) -> None:
    desk.stripe.subscriptions["sub_1"] = subscription()
    desk.stripe.invoices["in_1"] = invoice(status="paid")
    desk.take(event("invoice.payment_failed", invoice(status="open")))
    assert desk.mails("payment_failed") == []


def test_a_smaller_plan_is_announced_for_the_end_of_the_period(desk: StripeDesk) -> None:
    schedule = {
        "status": "active",
        "current_phase": {"start_date": START, "end_date": START + MONTH},
        "phases": [
            {"start_date": START, "end_date": START + MONTH, "items": [{"price": "price_pro"}]},
            {"start_date": START + MONTH, "end_date": None, "items": [{"price": "price_starter"}]},
        ],
    }
    happened(desk, "customer.subscription.updated", subscription(schedule=schedule))
    assert desk.subscription.next_plan == "starter"
    assert plan_of(desk.account, NOW).name == "pro"


def test_cancelling_and_ending_are_told_of_once_each(desk: StripeDesk) -> None:
    happened(desk, "customer.subscription.created", subscription())
    leaving = subscription(cancel_at_period_end=True)
    happened(desk, "customer.subscription.updated", leaving)
    happened(desk, "customer.subscription.updated", leaving)
    assert desk.subscription.cancel_at == datetime.fromtimestamp(START + MONTH, UTC)
    assert plan_of(desk.account, NOW).name == "pro"
    ended = subscription(status="canceled", ended_at=START + MONTH)
    happened(desk, "customer.subscription.deleted", ended)
    assert len(desk.mails("cancelled")) == len(desk.mails("ended")) == 1
    assert plan_of(desk.account, NOW).name == "free"


def test_a_trial_gives_the_plan_and_its_end_is_told_of(desk: StripeDesk) -> None:
    trial = subscription(status="trialing", trial_end=START + MONTH)
    happened(desk, "customer.subscription.created", trial)
    assert plan_of(desk.account, NOW).name == "pro"
    happened(desk, "customer.subscription.trial_will_end", trial)
    assert len(desk.mails("trial_ending")) == 1


def test_a_payment_that_is_not_finished_gives_nothing(desk: StripeDesk) -> None:
    unfinished = subscription(status="incomplete", latest_invoice=invoice(status="open"))
    happened(desk, "customer.subscription.created", unfinished)
    assert plan_of(desk.account, NOW).name == "free"
    assert desk.mails("subscribed") == []
    happened(desk, "customer.subscription.updated", subscription())
    assert plan_of(desk.account, NOW).name == "pro"
    assert len(desk.mails("subscribed")) == 1


def test_of_two_subscriptions_the_larger_counts(desk: StripeDesk) -> None:
    happened(desk, "customer.subscription.created", subscription("sub_1", price="price_biz"))
    happened(desk, "customer.subscription.created", subscription("sub_2", price="price_starter"))
    assert plan_of(desk.account, NOW).name == "business"
    ended = subscription("sub_1", price="price_biz", status="canceled")
    happened(desk, "customer.subscription.deleted", ended)
    assert plan_of(desk.account, NOW).name == "starter"


def test_a_plan_does_not_go_on_for_ever_when_no_events_come(desk: StripeDesk) -> None:
    happened(desk, "customer.subscription.created", subscription())
    end = datetime.fromtimestamp(START + MONTH, UTC)
    assert plan_of(desk.account, end + timedelta(days=1)).name == "pro"
    assert plan_of(desk.account, end + GRACE).name == "free"


def test_a_customer_nobody_knows_is_acknowledged(desk: StripeDesk) -> None:
    stranger = subscription("sub_9", customer="cus_9")
    assert happened(desk, "customer.subscription.created", stranger).startswith("refused")


def test_a_customer_that_was_made_and_not_written_down_is_found_again(desk: StripeDesk) -> None:
    desk.stripe.customers["cus_3"] = {"id": "cus_3", "metadata": {"organization_id": "org-3"}}
    found = subscription("sub_3", customer="cus_3")
    assert happened(desk, "customer.subscription.created", found) == "pro is active"
    assert plan_of(desk.accounts.read("org-3", NOW), NOW).name == "pro"


def test_a_second_customer_does_not_take_an_organisation_over(desk: StripeDesk) -> None:
    desk.stripe.customers["cus_3"] = {
        "id": "cus_3",
        "metadata": {"organization_id": desk.organization_id},
    }
    found = subscription("sub_3", customer="cus_3")
    assert happened(desk, "customer.subscription.created", found).startswith("refused")
    assert desk.account.customer_id == "cus_1"


def test_a_deleted_customer_is_forgotten_and_its_late_events_still_count(desk: StripeDesk) -> None:
    happened(desk, "customer.subscription.created", subscription())
    desk.stripe.customers["cus_1"] = {"id": "cus_1", "deleted": True}
    assert desk.take(event("customer.deleted", {"id": "cus_1"})) == "customer forgotten"
    assert desk.account.customer_id is None
    ended = subscription(status="canceled", ended_at=START + 1)
    assert happened(desk, "customer.subscription.deleted", ended) == "pro is canceled"


def test_a_refund_is_in_the_audit_log_once(desk: StripeDesk, table: Table) -> None:
    charge = {"id": "ch_1", "customer": "cus_1", "amount_refunded": 9900, "currency": "usd"}
    refunded = event("charge.refunded", charge)
    desk.take(refunded)
    desk.processor.process(refunded["id"])
    entries, _ = Audit(table).page(desk.organization_id, before=None, limit=10)
    assert [(each.action, each.target) for each in entries] == [("billing.refund", "ch_1")]


def test_the_same_event_in_two_invocations_at_once_counts_once(
    desk: StripeDesk, table: Table
) -> None:
    """Both have read what is stored before either writes."""
    both = threading.Barrier(2)
    times = itertools.count()
    desk.stripe.subscriptions["sub_1"] = subscription()
    plain = desk.stripe.subscription

    def subscription_together(subscription_id: str) -> StripeSubscription | None:
        if next(times) < 2:
            both.wait(timeout=20)
        return plain(subscription_id)

    desk.stripe.subscription = subscription_together  # type: ignore[method-assign]
    created = event("customer.subscription.created", subscription())
    desk.deliver(created)
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(desk.processor.process, [created["id"]] * 2))
    assert sorted(outcomes) == ["pro is active", "unchanged"]
    assert desk.subscription.version == 1
    assert len(desk.mails("subscribed")) == 1
    entries, _ = Audit(table).page(desk.organization_id, before=None, limit=10)
    assert [each.action for each in entries] == ["billing.subscription"]


def test_a_slow_worker_does_not_write_what_it_read_before_a_newer_one_wrote(
    desk: StripeDesk,
) -> None:
    """It has read the old state at Stripe when another event is read, processed and written."""
    desk.stripe.subscriptions["sub_1"] = subscription(price="price_starter")
    first = event("customer.subscription.created", subscription(price="price_starter"))
    second = event("customer.subscription.updated", subscription(price="price_biz"))
    desk.deliver(first)
    desk.deliver(second)
    plain = desk.stripe.subscription

    def overtaken(subscription_id: str) -> StripeSubscription | None:
        old = plain(subscription_id)
        desk.stripe.subscription = plain  # type: ignore[method-assign]
        desk.stripe.subscriptions["sub_1"] = subscription(price="price_biz")
        desk.processor.process(second["id"])
        return old

    desk.stripe.subscription = overtaken  # type: ignore[method-assign]
    desk.processor.process(first["id"])
    assert desk.subscription.plan == "business"


CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "starts": ("customer.subscription.created", subscription(status="incomplete")),
    "is paid": ("invoice.paid", subscription()),
    "grows": ("customer.subscription.updated", subscription(price="price_biz")),
    "shrinks": ("customer.subscription.updated", subscription(price="price_starter")),
    "leaves": ("customer.subscription.updated", subscription(cancel_at_period_end=True)),
    "stays": ("customer.subscription.updated", subscription()),
    "fails": (
        "invoice.payment_failed",
        subscription(status="past_due", latest_invoice=invoice("in_2", status="open")),
    ),
    "ends": ("customer.subscription.deleted", subscription(status="canceled", ended_at=START + 9)),
}


@pytest.mark.slow
@given(
    changes=st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=6),
    data=st.data(),
)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_events_in_any_order_and_with_repeats_end_in_the_state_at_stripe(
    changes: list[str], data: st.DataObject
) -> None:
    """Some are delivered while Stripe's state moves on, the rest afterwards, some of them twice."""
    with empty_table() as table:
        desk = StripeDesk(table)
        late: list[dict[str, Any]] = []
        for name in changes:
            kind, found = CHANGES[name]
            desk.stripe.subscriptions["sub_1"] = found
            about = found["latest_invoice"] if kind.startswith("invoice.") else found
            desk.stripe.invoices[found["latest_invoice"]["id"]] = found["latest_invoice"]
            made = event(kind, about)
            if data.draw(st.booleans(), label=f"{name} is delivered at once"):
                desk.take(made)
                late += [made] if data.draw(st.booleans(), label="and again") else []
            else:
                late.append(made)
        last = event("customer.subscription.updated", desk.stripe.subscriptions["sub_1"])
        for made in data.draw(st.permutations([*late, last])):
            desk.take(made)
            if data.draw(st.booleans()):
                desk.take(made)
        at_stripe = desk.stripe.subscription("sub_1")
        assert at_stripe is not None
        expected = read_subscription(at_stripe, PRICES, None)
        seen = {"version": 1, "past_due_since": expected.past_due_since}
        assert (desk.subscription.past_due_since is None) is (expected.past_due_since is None)
        assert desk.subscription.model_copy(update=seen) == expected


def test_a_failure_of_what_is_over_says_nothing_more(desk: StripeDesk) -> None:
    happened(desk, "customer.subscription.created", subscription())
    owed = invoice("in_2", status="open")
    ended = subscription(status="canceled", ended_at=START + MONTH, latest_invoice=owed)
    happened(desk, "customer.subscription.deleted", ended)
    desk.stripe.invoices["in_2"] = owed
    desk.take(event("invoice.payment_failed", owed))
    assert desk.mails("payment_failed") == []
    assert desk.subscription.pay_url is None
