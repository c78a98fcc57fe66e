"""What an organisation has subscribed to."""

from datetime import datetime
from typing import Literal

from frontdesk.entities.base import Entity

PlanName = Literal["free", "starter", "pro", "business"]
"""From the smallest to the largest."""

PaidPlan = Literal["starter", "pro", "business"]

SubscriptionStatus = Literal[
    "incomplete",
    "incomplete_expired",
    "trialing",
    "active",
    "past_due",
    "canceled",
    "unpaid",
    "paused",
]
"""Stripe's own words: docs.stripe.com/api/subscriptions/object."""


class Subscription(Entity):
    """A subscription at Stripe, as it was when it was last read there.

    `cancel_at` is when it will end, `next_plan` what it becomes at `period_end`. `past_due_since`
    is when a payment was due, or was first seen to have failed. `pay_url` is the page of an invoice
    that is open, `receipt_url` that of the last one that was paid. `version` counts how often it
    was written here.
    """

    id: str
    plan: PaidPlan
    status: SubscriptionStatus
    price_id: str
    currency: str
    created_at: datetime
    period_start: datetime
    period_end: datetime
    cancel_at: datetime | None = None
    ended_at: datetime | None = None
    trial_end: datetime | None = None
    next_plan: PaidPlan | None = None
    past_due_since: datetime | None = None
    next_payment_attempt: datetime | None = None
    pay_url: str | None = None
    receipt_url: str | None = None
    version: int = 0


class PlanGrant(Entity):
    """A plan that an operator gives without payment, for ever or until a time."""

    plan: PaidPlan
    until: datetime | None = None
