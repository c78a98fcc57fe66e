"""Subscriptions that should have been renewed or ended, and of which nothing was heard."""

from datetime import UTC, datetime, timedelta

from frontdesk.billing.jobs import BillingQueue, ReadAgainJob
from frontdesk.entities import Organization, Subscription
from frontdesk.tables.accounts import Accounts

_LATE = timedelta(hours=3)
"""An invoice is open for an hour before Stripe tries to have it paid, and events may be late."""

_TRIED_FOR = timedelta(days=30)

_RUNNING = frozenset({"active", "trialing", "past_due"})


def read_overdue(organization: Organization, accounts: Accounts, queue: BillingQueue) -> int:
    """Have Stripe asked about overdue subscriptions: their events may have been lost.

    Returns how many there are. Raises StoreUnavailable.
    """
    now = datetime.now(UTC)
    overdue = [
        each for each in accounts.read(organization.id, now).subscriptions if _is_overdue(each, now)
    ]
    for subscription in overdue:
        queue.put(ReadAgainJob(organization_id=organization.id, subscription_id=subscription.id))
    return len(overdue)


def _is_overdue(subscription: Subscription, now: datetime) -> bool:
    since = now - subscription.period_end
    return subscription.status in _RUNNING and _LATE < since < _TRIED_FOR
