"""Plans, what is used of them, and the ways to Stripe's pages."""

from datetime import UTC, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.credentials import Allowed, Principal
from api.payments import Payments
from api.services import AnyServices, Services
from frontdesk.billing.changes import ChangeKind, PlanChange, changes
from frontdesk.billing.plans import CURRENCY, GRACE, PLANS, Feature, Plan
from frontdesk.billing.standing import Account, Standing
from frontdesk.entities import PaidPlan, PlanName, Subscription, SubscriptionStatus
from frontdesk.errors import Conflict, Refused

router = APIRouter(prefix="/api/payments", tags=["payments"])

Reader = Annotated[Principal, Depends(Allowed("billing:read"))]
Writer = Annotated[Principal, Depends(Allowed("billing:write"))]


class PlanView(BaseModel):
    """A plan. The price is in hundredths a month; a limit of null is none; storage is in bytes."""

    name: PlanName
    title: str
    summary: str
    monthly_price: int
    answers: int | None
    documents: int | None
    storage_bytes: int | None
    seats: int | None
    retention_days: int
    features: list[Feature]

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """As everybody sees it."""
        return cls(
            name=plan.name,
            title=plan.title,
            summary=plan.summary,
            monthly_price=plan.monthly_price,
            answers=plan.answers,
            documents=plan.documents,
            storage_bytes=plan.storage,
            seats=plan.seats,
            retention_days=plan.retention_days,
            features=sorted(plan.features),
        )


class PlanList(BaseModel):
    """The plans, the smallest first. Where nothing is billed, everybody has everything."""

    billed: bool
    currency: str = CURRENCY
    plans: list[PlanView]


class SubscriptionView(BaseModel):
    """A subscription at Stripe. `grace_until` is how long the plan goes on without payment."""

    plan: PaidPlan
    status: SubscriptionStatus
    period_start: datetime
    period_end: datetime
    cancel_at: datetime | None
    next_plan: PaidPlan | None
    trial_end: datetime | None
    past_due_since: datetime | None
    grace_until: datetime | None
    next_payment_attempt: datetime | None
    pay_url: str | None
    receipt_url: str | None

    @classmethod
    def of(cls, found: Subscription) -> Self:
        """Without the ids of Stripe's."""
        since = found.past_due_since
        return cls(
            **{name: getattr(found, name) for name in cls.model_fields if name != "grace_until"},
            grace_until=None if since is None else since + GRACE,
        )


class Use(BaseModel):
    """How much is used of what there is; a limit of null is none."""

    used: int
    limit: int | None


class Usage(BaseModel):
    """What is used: answers since the beginning of the month (of UTC), the rest as it is now."""

    month: str
    resets_at: datetime
    answers: Use
    documents: Use
    storage_bytes: Use
    seats: Use


class ChangeView(BaseModel):
    """What another plan would mean, and from when.

    Nothing is deleted: what is over the new plan stays, and nothing is added until it fits.
    Conversations are kept for `retention_days` from then on.
    """

    plan: PlanName
    kind: ChangeKind
    at: datetime
    documents_over: int
    storage_bytes_over: int
    seats_over: int
    answers_over: int
    features_lost: list[Feature]
    retention_days: int

    @classmethod
    def of(cls, change: PlanChange) -> Self:
        """As the team sees it."""
        return cls(
            plan=change.plan.name,
            kind=change.kind,
            at=change.at,
            documents_over=change.documents_over,
            storage_bytes_over=change.storage_over,
            seats_over=change.seats_over,
            answers_over=change.answers_over,
            features_lost=sorted(change.features_lost),
            retention_days=change.plan.retention_days,
        )


class SubscriptionState(BaseModel):
    """How the organisation stands.

    `granted` is a plan given by the operator. `warning` is the per cent of this month's answers
    that were reached: 80, or 100, when the assistant steps back and offers a person.
    """

    billed: bool
    plan: PlanView
    granted: bool
    granted_until: datetime | None
    subscription: SubscriptionView | None
    usage: Usage
    warning: int | None
    changes: list[ChangeView]


class CheckoutRequest(BaseModel):
    """What to subscribe to."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"plan": "pro"}]})

    plan: PaidPlan


class PortalRequest(BaseModel):
    """What to do there: confirm another plan, confirm the end, or anything when nothing is said."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"plan": "starter"}]})

    plan: PaidPlan | None = None
    cancel: bool = Field(default=False, strict=True)

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if self.cancel and self.plan is not None:
            raise ValueError("plan and cancel exclude each other")
        return self


class Page(BaseModel):
    """A page of Stripe's to go to."""

    url: str


@router.get("/plans")
def read_plans(services: AnyServices) -> PlanList:
    """The plans there are, for everybody."""
    return PlanList(billed=services.billed, plans=[PlanView.of(plan) for plan in PLANS.values()])


@router.get("/subscription")
def read_subscription(services: AnyServices, team: Reader) -> SubscriptionState:
    """The plan, what is used of it, and what another one would mean. Three DynamoDB queries."""
    seating = services.pool.submit(_seats, services, team.organization_id)
    standing = services.standings.of(team.organization_id)
    seats, subscription = seating.result(), standing.subscription
    grant = standing.account.grant
    given = grant if grant and (grant.until is None or grant.until > standing.at) else None
    return SubscriptionState(
        billed=services.billed,
        plan=PlanView.of(standing.plan),
        granted=given is not None,
        granted_until=given.until if given else None,
        subscription=SubscriptionView.of(subscription) if subscription else None,
        usage=_usage(standing, seats),
        warning=standing.level,
        changes=[ChangeView.of(each) for each in changes(standing, seats=seats)]
        if services.billed
        else [],
    )


@router.post("/checkout")
def begin_checkout(body: CheckoutRequest, services: AnyServices, team: Writer) -> Page:
    """A page to subscribe on. It takes the place of one that was asked for before."""
    payments = _payments(services)
    if team.actor.type != "user":
        raise Refused("Only a person can subscribe.")
    user = services.users.get(team.organization_id, team.actor.id)
    organization = services.organizations.get(team.organization_id)
    standing = services.standings.of(team.organization_id)
    return Page(url=payments.begin_checkout(standing, organization, user, body.plan))


@router.post("/portal")
def open_portal(body: PortalRequest, services: AnyServices, team: Writer) -> Page:
    """A page to change the plan, the card or the address on, to read invoices, or to cancel."""
    standing = services.standings.of(team.organization_id)
    url = _payments(services).open_portal(standing, plan=body.plan, cancel=body.cancel)
    return Page(url=url)


def _payments(services: Services) -> Payments:
    if services.payments is None:
        raise Conflict("This deployment bills nobody.")
    return services.payments


def _seats(services: Services, organization_id: str) -> int:
    members = services.users.members(organization_id)
    return len(members) + len(services.users.invitations(organization_id))


def _usage(standing: Standing, seats: int) -> Usage:
    account: Account = standing.account
    plan = standing.plan
    begin = standing.at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = divmod(begin.year * 12 + begin.month, 12)
    return Usage(
        month=f"{begin:%Y-%m}",
        resets_at=begin.replace(year=year, month=month + 1),
        answers=Use(used=account.answers, limit=plan.answers),
        documents=Use(used=account.documents, limit=plan.documents),
        storage_bytes=Use(used=account.stored_bytes, limit=plan.storage),
        seats=Use(used=seats, limit=plan.seats),
    )
