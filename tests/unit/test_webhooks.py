"""Stripe's webhook: what is let in, and that it is kept before it is acknowledged."""

import json
import time

import pytest

from frontdesk.billing.jobs import EventJob
from frontdesk.errors import PaymentsUnavailable
from frontdesk.tables.client import Table
from tests.unit.stripe_desk import StripeDesk, event, signature, subscription


@pytest.fixture
def desk(table: Table) -> StripeDesk:
    desk = StripeDesk(table)
    desk.stripe.subscriptions["sub_1"] = subscription()
    return desk


CREATED = event("customer.subscription.created", subscription(), "evt_1")


def test_an_event_is_stored_and_queued_before_it_is_acknowledged(desk: StripeDesk) -> None:
    assert desk.deliver(CREATED) == 200
    assert json.loads(desk.events.get("stripe", "evt_1").body) == CREATED
    assert desk.queue.jobs == [EventJob(event_id="evt_1")]


def test_of_a_processed_event_no_personal_data_is_left(desk: StripeDesk) -> None:
    desk.take(CREATED)
    assert desk.events.get("stripe", "evt_1").outcome == "pro is active"
    assert desk.events.get("stripe", "evt_1").body == ""


def test_an_event_that_could_not_be_queued_is_queued_when_stripe_sends_it_again(
    desk: StripeDesk,
) -> None:
    desk.queue.is_down = True
    assert desk.deliver(CREATED) == 503
    desk.queue.is_down = False
    assert desk.deliver(CREATED) == 200
    assert desk.work() == ["pro is active"]


def test_a_repeated_event_that_was_processed_is_acknowledged_and_left_alone(
    desk: StripeDesk,
) -> None:
    desk.take(CREATED)
    desk.queue.jobs.clear()
    assert desk.deliver(CREATED) == 200
    assert desk.queue.jobs == []


def test_both_secrets_of_a_rotation_count(desk: StripeDesk) -> None:
    assert desk.deliver(CREATED, secret="whsec_previous") == 200
    assert desk.deliver(CREATED, secret="whsec_before_that") == 400


def test_forged_old_truncated_and_changed_events_are_refused(desk: StripeDesk) -> None:
    body = json.dumps(CREATED).encode()
    good = signature(body)
    refused = {
        "forged": desk.post(body, signature(body, secret="guess")),
        "old": desk.post(body, signature(body, at=time.time() - 3_600)),
        "truncated": desk.post(body[:-20], good),
        "changed": desk.post(body.replace(b"price_pro", b"price_biz"), good),
        "without signature": desk.post(body, ""),
        "nonsense for a signature": desk.post(body, "t=now,v1=zz,v1="),
        "no JSON": desk.post(b"\xff\xfe", signature(b"\xff\xfe")),
        "no event": desk.post(b"[1]", signature(b"[1]")),
        "no id": desk.post(b'{"object": "event"}', signature(b'{"object": "event"}')),
    }
    assert set(refused.values()) == {400}, refused
    assert desk.queue.jobs == []


def test_five_megabytes_are_refused(desk: StripeDesk) -> None:
    large = event("customer.subscription.created", {"id": "sub_1", "pad": "x" * 5_000_000})
    assert desk.deliver(large) == 413
    assert desk.queue.jobs == []


def test_an_unknown_type_is_acknowledged(desk: StripeDesk) -> None:
    assert desk.take(event("radar.early_fraud_warning.created", {"id": "x"})) == "nothing to do"


def test_a_failure_at_stripe_leaves_the_event_to_be_done_again(desk: StripeDesk) -> None:
    desk.deliver(CREATED)
    desk.stripe.is_down = True
    with pytest.raises(PaymentsUnavailable):
        desk.processor.process("evt_1")
    assert desk.account.subscriptions == ()
    assert desk.mailbox.jobs == []
    desk.stripe.is_down = False
    assert desk.processor.process("evt_1") == "pro is active"
