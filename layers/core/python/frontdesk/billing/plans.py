"""The plans: the one table that the API, the pricing page and the enforcement work by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from frontdesk.entities import PlanName

Feature = Literal["checks", "exports", "transcripts"]
"""What only some plans have: test questions that are asked again when documents change,
conversations as files, conversations mailed to customers."""

CURRENCY = "usd"
"""What all prices are in: Stripe lets a customer pay in one currency only."""

GRACE = timedelta(days=14)
"""How long a plan goes on after a payment has failed, while Stripe tries again."""

_MEGABYTE = 1_000_000
_GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an organisation may use.

    `answers` are those of a calendar month (UTC). `seats` are members and open invitations. Storage
    is in bytes, the price in hundredths of CURRENCY a month. None is no limit.
    """

    name: PlanName
    title: str
    summary: str
    monthly_price: int
    answers: int | None
    documents: int | None
    storage: int | None
    seats: int | None
    retention_days: int
    features: frozenset[Feature]


PLANS: Mapping[PlanName, Plan] = {
    plan.name: plan
    for plan in (
        Plan(
            name="free",
            title="Free",
            summary="To try it on your own site",
            monthly_price=0,
            answers=500,
            documents=25,
            storage=100 * _MEGABYTE,
            seats=2,
            retention_days=30,
            features=frozenset(),
        ),
        Plan(
            name="starter",
            title="Starter",
            summary="For a small help centre",
            monthly_price=29_00,
            answers=2_500,
            documents=100,
            storage=_GIGABYTE,
            seats=5,
            retention_days=180,
            features=frozenset({"transcripts"}),
        ),
        Plan(
            name="pro",
            title="Pro",
            summary="For a support team",
            monthly_price=99_00,
            answers=10_000,
            documents=500,
            storage=5 * _GIGABYTE,
            seats=15,
            retention_days=365,
            features=frozenset({"transcripts", "checks", "exports"}),
        ),
        Plan(
            name="business",
            title="Business",
            summary="For many teams and many documents",
            monthly_price=399_00,
            answers=50_000,
            documents=2_000,
            storage=20 * _GIGABYTE,
            seats=50,
            retention_days=1_095,
            features=frozenset({"transcripts", "checks", "exports"}),
        ),
    )
}

UNBILLED = Plan(
    name="business",
    title="Unlimited",
    summary="This deployment bills nobody",
    monthly_price=0,
    answers=None,
    documents=None,
    storage=None,
    seats=None,
    retention_days=3_650,
    features=frozenset(get_args(Feature)),
)
"""What everybody has in a deployment without billing."""


def rank(plan: PlanName) -> int:
    """Where a plan stands, the smallest first."""
    return list(PLANS).index(plan)
