"""What another plan would mean for an organisation, said before anything is changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from frontdesk.billing.plans import PLANS, Feature, Plan, rank
from frontdesk.billing.standing import Standing, is_live
from frontdesk.entities import PlanName

ChangeKind = Literal["subscribe", "upgrade", "downgrade", "cancel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """A change of plan. What is over the new plan stays, and nothing is added until it fits.

    `at` is from when it counts. Answers are those of this month so far.
    """

    plan: Plan
    kind: ChangeKind
    at: datetime
    documents_over: int
    storage_over: int
    seats_over: int
    answers_over: int
    features_lost: frozenset[Feature]


def changes(standing: Standing, *, seats: int) -> list[PlanChange]:
    """Every change an organisation with so many members and invitations could make."""
    return [
        _change(standing, plan, kind, seats)
        for name, plan in PLANS.items()
        if (kind := _kind(standing, name)) is not None
    ]


def _kind(standing: Standing, name: PlanName) -> ChangeKind | None:
    subscription = standing.subscription
    if subscription is None or not is_live(subscription):
        return None if name == "free" else "subscribe"
    if name == subscription.plan:
        return None
    if name == "free":
        return None if subscription.cancel_at is not None else "cancel"
    return "upgrade" if rank(name) > rank(subscription.plan) else "downgrade"


def _change(standing: Standing, plan: Plan, kind: ChangeKind, seats: int) -> PlanChange:
    account, subscription = standing.account, standing.subscription
    later = kind in {"downgrade", "cancel"} and subscription is not None
    return PlanChange(
        plan=plan,
        kind=kind,
        at=subscription.period_end if later and subscription is not None else standing.at,
        documents_over=_over(account.documents, plan.documents),
        storage_over=_over(account.stored_bytes, plan.storage),
        seats_over=_over(seats, plan.seats),
        answers_over=_over(account.answers, plan.answers),
        features_lost=standing.plan.features - plan.features,
    )


def _over(used: int, limit: int | None) -> int:
    return 0 if limit is None else max(0, used - limit)
