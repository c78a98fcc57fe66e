"""What is written about plans and payments to those of a team who see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from frontdesk.billing.plans import GRACE, PLANS
from frontdesk.entities import Organization, Subscription, User
from frontdesk.mail.jobs import (
    BillingMail,
    CancelledMail,
    EndedMail,
    PaymentActionMail,
    PaymentFailedMail,
    QuotaMail,
    SubscribedMail,
    TrialEndingMail,
)
from mail.catalogue import first_of_next, language_of
from mail.letters import Links
from mail.stationery import Letter

NOTICES = (QuotaMail, TrialEndingMail)
"""What somebody may do without. The rest is about what they pay."""


def billing_letter(
    job: BillingMail,
    organization: Organization,
    user: User,
    *,
    subscription: Subscription | None,
    links: Links,
    unsubscribe: str | None,
) -> Letter:
    """The letter of a job to one member. `subscription` is the organisation's main one."""
    values = _values(job, subscription)
    return Letter(
        kind=job.mail,
        language=language_of(organization.languages),
        audience="team",
        values={"name": user.name, "organization": organization.name, **values},
        link=_link(job, subscription) or links.billing,
        guide=links.site if isinstance(job, SubscribedMail) else None,
        unsubscribe=unsubscribe,
    )


def _values(job: BillingMail, subscription: Subscription | None) -> Mapping[str, Any]:
    """What the placeholders of the texts stand for."""
    free = PLANS["free"]
    values: dict[str, Any] = {}
    match job:
        case QuotaMail():
            values = {
                "level": job.level,
                "answers": job.answers,
                "most": PLANS[job.plan].answers or job.answers,
                "month": job.month,
                "renewed": first_of_next(job.month),
            }
        case SubscribedMail():
            plan = PLANS[job.plan]
            values = {
                "price": plan.monthly_price,
                "answers": plan.answers,
                "documents": plan.documents,
                "seats": plan.seats,
                "days": plan.retention_days,
                "receipt": job.receipt_url is not None,
            }
        case TrialEndingMail():
            values = {"price": PLANS[job.plan].monthly_price, "ends_at": job.ends_at}
        case PaymentFailedMail():
            values = {"next_attempt": job.next_attempt, "until": _goes_on_until(subscription)}
        case PaymentActionMail():
            pass
        case CancelledMail() | EndedMail():
            values = {
                "ends_at": job.ends_at if isinstance(job, CancelledMail) else None,
                "answers": free.answers,
                "documents": free.documents,
                "seats": free.seats,
                "days": free.retention_days,
            }
    if not isinstance(job, PaymentFailedMail | PaymentActionMail):
        values["plan"] = PLANS[job.plan].title
    return values


def _link(job: BillingMail, subscription: Subscription | None) -> str | None:
    """Where the button leads, if not to the billing page."""
    match job:
        case SubscribedMail():
            return job.receipt_url
        case PaymentFailedMail() | PaymentActionMail():
            return job.pay_url or (subscription.pay_url if subscription else None)
    return None


def _goes_on_until(subscription: Subscription | None) -> datetime | None:
    """Until when a plan goes on that is not paid for, if that is known yet."""
    since = subscription.past_due_since if subscription else None
    return since + GRACE if since else None
