"""What we read of Stripe's objects, and what we make of them.

Fields as in version 2026-10-28.endive of Stripe's API (docs.stripe.com/api). Where a period stands
on the subscription and not on its item, as before 2025-03-31, it is found too; and what is named by
its id may stand there itself, or the other way round.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from frontdesk.billing.plans import CURRENCY
from frontdesk.billing.prices import Prices
from frontdesk.entities import PaidPlan, Subscription, SubscriptionStatus


def _id_of(found: object) -> object:
    return found.get("id") if isinstance(found, dict) else found


def _object_of(found: object) -> object:
    return {"id": found} if isinstance(found, str) else found


Reference = Annotated[str, BeforeValidator(_id_of)]
"""The id of another object."""


class _Object(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Price(_Object):
    """A price, by its id alone where Stripe does not say more."""

    id: str


class Item(_Object):
    """What is subscribed to."""

    id: str
    price: Annotated[Price, BeforeValidator(_object_of)]
    current_period_start: int | None = None
    current_period_end: int | None = None


class Items(_Object):
    """The items of a subscription."""

    data: tuple[Item, ...] = ()


class Invoice(_Object):
    """An invoice. Times are in seconds since the epoch."""

    id: str
    created: int
    status: str | None = None
    customer: Reference | None = None
    attempt_count: int = 0
    next_payment_attempt: int | None = None
    due_date: int | None = None
    hosted_invoice_url: str | None = None

    @property
    def next_attempt_at(self) -> datetime | None:
        """When Stripe tries again to have it paid, if it does."""
        return _moment_or_none(self.next_payment_attempt if self.status == "open" else None)


class PhaseItem(_Object):
    """What is subscribed to in a phase."""

    price: Reference


class Phase(_Object):
    """A stretch of a schedule."""

    start_date: int
    end_date: int | None = None
    items: tuple[PhaseItem, ...] = ()


class CurrentPhase(_Object):
    """The stretch that is now."""

    end_date: int | None = None


class Schedule(_Object):
    """What a subscription will become."""

    status: str
    current_phase: CurrentPhase | None = None
    phases: tuple[Phase, ...] = ()

    @property
    def next_phase(self) -> Phase | None:
        """The stretch after the present one."""
        end = self.current_phase.end_date if self.current_phase else None
        if self.status != "active" or end is None:
            return None
        return next((phase for phase in self.phases if phase.start_date >= end), None)


class StripeSubscription(_Object):
    """A subscription with its latest invoice and its schedule."""

    id: str
    customer: Reference
    status: SubscriptionStatus
    currency: str
    created: int
    items: Items
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    ended_at: int | None = None
    trial_end: int | None = None
    current_period_start: int | None = None
    current_period_end: int | None = None
    latest_invoice: Invoice | str | None = None
    schedule: Schedule | str | None = None

    @property
    def invoice(self) -> Invoice | None:
        """The latest invoice, if Stripe was asked for it."""
        return self.latest_invoice if isinstance(self.latest_invoice, Invoice) else None


class Customer(_Object):
    """A customer. One that was deleted has nothing but its id."""

    id: str
    deleted: bool | None = None
    metadata: dict[str, Any] | None = None

    @property
    def organization_id(self) -> str | None:
        """The organisation it was made for."""
        found = (self.metadata or {}).get("organization_id")
        return found if isinstance(found, str) else None


class UnknownPlan(Exception):
    """A subscription that stands for no plan of ours. The text says why, without personal data."""


def read_subscription(
    found: StripeSubscription,
    prices: Prices,
    before: Subscription | None,
    seen_at: datetime | None = None,
) -> Subscription:
    """What is kept of a subscription, as the version after `before`.

    A subscription stands for the plan of its one item that has a price of ours; others are extras.
    Where none or several have one, or the currency is not ours, the plan stays what it was before:
    that it is cancelled has to count all the same. Raises UnknownPlan when there is no before.

    What is past due was so since its invoice was due, or since it was first seen to be so, at
    `seen_at` (now): another invoice that is not paid either begins no new time of grace.
    """
    invoice = found.invoice
    item, plan = _plan_item(found, prices, before)
    start = item.current_period_start or found.current_period_start or found.created
    end = item.current_period_end or found.current_period_end or start
    cancel_at = found.cancel_at or (end if found.cancel_at_period_end else None)
    # What a subscription that is over still owes brings it back no more.
    owed = invoice is not None and invoice.status == "open" and found.ended_at is None
    return Subscription(
        id=found.id,
        plan=plan,
        status=found.status,
        price_id=item.price.id,
        currency=found.currency,
        created_at=_moment(found.created),
        period_start=_moment(start),
        period_end=_moment(end),
        cancel_at=_moment_or_none(cancel_at if found.ended_at is None else None),
        ended_at=_moment_or_none(found.ended_at),
        trial_end=_moment_or_none(found.trial_end),
        next_plan=_next_plan(found, prices, plan),
        past_due_since=_past_due_since(found, before, seen_at or datetime.now(UTC)),
        next_payment_attempt=invoice.next_attempt_at if invoice and owed else None,
        pay_url=invoice.hosted_invoice_url if invoice and owed else None,
        receipt_url=invoice.hosted_invoice_url if invoice and invoice.status == "paid" else None,
        version=(before.version if before else 0) + 1,
    )


def _plan_item(
    found: StripeSubscription, prices: Prices, before: Subscription | None
) -> tuple[Item, PaidPlan]:
    ours = [
        (item, plan)
        for item in found.items.data
        if (plan := prices.plan_of(item.price.id)) is not None
    ]
    if len(ours) == 1 and found.currency.lower() == CURRENCY:
        return ours[0]
    if before is not None:
        return (found.items.data[0] if found.items.data else _item_of(before)), before.plan
    if not ours:
        raise UnknownPlan("no item has a price of ours")
    if len(ours) > 1:
        raise UnknownPlan(f"{len(ours)} items have a price of ours")
    raise UnknownPlan(f"the currency is {found.currency[:3]} and not {CURRENCY}")


def _item_of(before: Subscription) -> Item:
    """What stands in for an item that was removed."""
    return Item(
        id="",
        price=Price(id=before.price_id),
        current_period_start=int(before.period_start.timestamp()),
        current_period_end=int(before.period_end.timestamp()),
    )


def _past_due_since(
    found: StripeSubscription, before: Subscription | None, seen_at: datetime
) -> datetime | None:
    if found.status != "past_due":
        return None
    due = _moment_or_none(found.invoice.due_date if found.invoice else None)
    known = before.past_due_since if before else None
    return min((each for each in (due, known) if each), default=seen_at.replace(microsecond=0))


def _next_plan(found: StripeSubscription, prices: Prices, plan: PaidPlan) -> PaidPlan | None:
    phase = found.schedule.next_phase if isinstance(found.schedule, Schedule) else None
    if phase is None:
        return None
    plans = [each for item in phase.items if (each := prices.plan_of(item.price))]
    return plans[0] if len(plans) == 1 and plans[0] != plan else None


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _moment_or_none(seconds: int | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)
