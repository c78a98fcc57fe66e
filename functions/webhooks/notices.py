"""What the team is told of a subscription."""

from collections.abc import Iterator

from frontdesk.billing.stripe_objects import Invoice
from frontdesk.entities import Subscription
from frontdesk.mail.jobs import (
    BillingMail,
    CancelledMail,
    EndedMail,
    PaymentActionMail,
    PaymentFailedMail,
    SubscribedMail,
)

_PAID = frozenset({"active", "trialing"})


def notices(
    organization_id: str, before: Subscription | None, after: Subscription
) -> Iterator[BillingMail]:
    """The mails for what has changed between two readings of a subscription.

    A first reading of one that is over says nothing: it is old.
    """
    started = before is None or before.status not in {*_PAID, "past_due"}
    if after.status in _PAID and (before is None or started or before.plan != after.plan):
        yield SubscribedMail(
            organization_id=organization_id,
            subscription_id=after.id,
            plan=after.plan,
            receipt_url=after.receipt_url,
        )
    if (
        after.cancel_at is not None
        and after.ended_at is None
        and (before is None or before.cancel_at != after.cancel_at)
    ):
        yield CancelledMail(
            organization_id=organization_id,
            subscription_id=after.id,
            plan=after.plan,
            ends_at=after.cancel_at,
        )
    if after.status == "canceled" and before is not None and before.status != "canceled":
        yield EndedMail(organization_id=organization_id, subscription_id=after.id, plan=after.plan)


def payment_failed(organization_id: str, invoice: Invoice) -> Iterator[BillingMail]:
    """The mail for an invoice that is still to be paid after a failure; none if it was since."""
    if invoice.status == "open" and invoice.attempt_count:
        yield PaymentFailedMail(
            organization_id=organization_id,
            invoice_id=invoice.id,
            attempt=invoice.attempt_count,
            pay_url=invoice.hosted_invoice_url,
            next_attempt=invoice.next_attempt_at,
        )


def payment_action(organization_id: str, invoice: Invoice) -> Iterator[BillingMail]:
    """The mail for an invoice that waits for the customer's bank; none if it is paid."""
    if invoice.status == "open":
        yield PaymentActionMail(
            organization_id=organization_id,
            invoice_id=invoice.id,
            pay_url=invoice.hosted_invoice_url,
        )
