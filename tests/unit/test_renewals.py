"""Subscriptions of which nothing was heard when they should have been renewed."""

from datetime import UTC, datetime

import pytest

from frontdesk.billing.jobs import ReadAgainJob
from frontdesk.entities import Organization
from frontdesk.tables.client import Table
from tests.unit.stripe_desk import MONTH, StripeDesk, event, subscription
from upkeep.renewals import read_overdue

HOUR = 3_600


@pytest.fixture
def desk(table: Table) -> StripeDesk:
    return StripeDesk(table)


def begins(desk: StripeDesk, ago: int, **more: object) -> None:
    """A subscription whose present month began so many seconds ago, and its event."""
    start = int(datetime.now(UTC).timestamp()) - ago
    found = subscription(start=start, **more)  # type: ignore[arg-type]
    desk.stripe.subscriptions["sub_1"] = found
    desk.take(event("customer.subscription.updated", found))
    desk.mailbox.jobs.clear()


def overdue(desk: StripeDesk) -> int:
    organization = Organization(id=desk.organization_id, name="One")
    return read_overdue(organization, desk.accounts, desk.queue)


def test_a_renewal_whose_events_were_lost_is_found_at_stripe(desk: StripeDesk) -> None:
    begins(desk, ago=MONTH + 4 * HOUR)
    desk.queue.jobs.clear()
    now = int(datetime.now(UTC).timestamp())
    desk.stripe.subscriptions["sub_1"] = subscription(start=now - 4 * HOUR)
    assert overdue(desk) == 1
    assert desk.queue.jobs == [
        ReadAgainJob(organization_id=desk.organization_id, subscription_id="sub_1")
    ]
    assert desk.processor.read_again(desk.organization_id, "sub_1") == "pro is active"
    assert overdue(desk) == 0


@pytest.mark.parametrize(
    ("ago", "status"),
    [(MONTH - HOUR, "active"), (MONTH + HOUR, "active"), (MONTH + 4 * HOUR, "canceled")],
    ids=["within its month", "just now", "over"],
)
def test_what_is_in_order_is_left_alone(desk: StripeDesk, ago: int, status: str) -> None:
    begins(desk, ago=MONTH - HOUR)
    begins(desk, ago=ago, status=status)
    assert overdue(desk) == 0


def test_a_subscription_of_somebody_else_is_not_read_into_an_account(desk: StripeDesk) -> None:
    desk.stripe.subscriptions["sub_2"] = subscription("sub_2", customer="cus_2")
    assert desk.processor.read_again(desk.organization_id, "sub_2").startswith("refused")
    assert desk.account.subscriptions == ()
