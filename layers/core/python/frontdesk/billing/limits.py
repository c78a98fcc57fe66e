"""What people are told whose plan has no room for something, or not this feature."""

from collections.abc import Mapping

from frontdesk.billing.plans import PLANS, Feature, Plan, rank
from frontdesk.errors import PlanLimit

_FEATURES: Mapping[Feature, str] = {
    "checks": "Checks and replays",
    "exports": "Exports",
    "transcripts": "Transcripts by mail",
}
_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"))


def no_room_for_document(plan: Plan) -> PlanLimit:
    """There are as many documents as the plan allows."""
    return PlanLimit(
        f"The plan {plan.title} has room for {plan.documents} documents. "
        f"{_or_larger(plan, 'Delete one')}"
    )


def no_room_for_bytes(plan: Plan) -> PlanLimit:
    """The documents would be larger, all together, than the plan allows."""
    return PlanLimit(
        f"The plan {plan.title} stores {_size(plan.storage or 0)} of documents, and with this file "
        f"it would be more. {_or_larger(plan, 'Delete some')}"
    )


def no_seat(plan: Plan) -> PlanLimit:
    """Members and open invitations fill the plan's seats."""
    return PlanLimit(
        f"The plan {plan.title} has {plan.seats} seats, for members and open invitations. "
        f"{_or_larger(plan, 'Free one')}"
    )


def not_included(plan: Plan, feature: Feature) -> PlanLimit:
    """The plan does not have the feature."""
    having = " or ".join(each.title for each in PLANS.values() if feature in each.features)
    return PlanLimit(
        f"{_FEATURES[feature]} are not part of the plan {plan.title}. Choose {having}."
    )


def _or_larger(plan: Plan, otherwise: str) -> str:
    larger = rank(plan.name) < len(PLANS) - 1
    return f"{otherwise}, or choose a larger plan." if larger else f"{otherwise} first."


def _size(number: int) -> str:
    unit, name = next((each for each in _UNITS if number >= each[0]), _UNITS[-1])
    return f"{number / unit:g} {name}"
