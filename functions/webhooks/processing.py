"""What an event of Stripe's comes to. Safe to do again, at the same time too, in any order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from frontdesk.billing.prices import Prices
from frontdesk.billing.stripe_objects import (
    Customer,
    Invoice,
    StripeSubscription,
    UnknownPlan,
    read_subscription,
)
from frontdesk.entities import Actor, Subscription
from frontdesk.errors import StoreUnavailable
from frontdesk.mail.jobs import BillingMail, MailQueue, TrialEndingMail
from frontdesk.observability import logger
from frontdesk.tables.accounts import AccountChanged, Accounts
from frontdesk.tables.audit import audit_put
from frontdesk.tables.client import Operation
from frontdesk.tables.events import Events
from webhooks.events import SOURCE, SUBSCRIPTION, Event
from webhooks.notices import notices, payment_action, payment_failed

_HANDLED = frozenset(
    {
        "charge.refunded",
        "checkout.session.async_payment_succeeded",
        "checkout.session.completed",
        "customer.deleted",
        "invoice.paid",
        "invoice.payment_action_required",
        "invoice.payment_failed",
    }
)
"""Beside all that happens to a subscription."""

_ATTEMPTS = 20
_STRIPE = Actor(type="system", id="stripe", name="Stripe")


class Reader(Protocol):
    """Says how things stand at Stripe now. None for what Stripe does not know."""

    def customer(self, customer_id: str) -> Customer | None:
        """A customer. Raises PaymentsUnavailable."""
        ...

    def subscription(self, subscription_id: str) -> StripeSubscription | None:
        """A subscription. Raises PaymentsUnavailable."""
        ...

    def invoice(self, invoice_id: str) -> Invoice | None:
        """An invoice. Raises PaymentsUnavailable."""
        ...


class _Refused(Exception):
    """The event changes nothing. The text says why, without personal data."""


@dataclass(frozen=True, slots=True)
class Processor:
    """What processing events needs."""

    accounts: Accounts
    events: Events
    mail: MailQueue
    prices: Prices
    stripe: Reader

    def process(self, event_id: str) -> str:
        """Do what a stored event asks for, and note it. Returns what it came to.

        Raises NotFound, Unavailable; then it has to be done again, and nothing is half done.
        """
        received = self.events.get(SOURCE, event_id)
        if received.outcome is not None:
            return received.outcome
        event = Event.model_validate_json(received.body)
        also: list[Operation] = []
        try:
            outcome = self._apply(event, also)
        except (_Refused, UnknownPlan) as refusal:
            outcome = f"refused: {refusal}"
            logger.error("event refused", extra={"event": event_id, "cause": str(refusal)})
        self.events.finish(SOURCE, event_id, outcome, *also)
        return outcome

    def read_again(self, organization_id: str, subscription_id: str) -> str:
        """Write a subscription as it is at Stripe, although no event asks for it.

        Returns what it came to. Raises Unavailable.
        """
        try:
            return self._synchronise(organization_id, subscription_id)
        except (_Refused, UnknownPlan) as refusal:
            logger.error("not read", extra={"subscription": subscription_id, "cause": str(refusal)})
            return f"refused: {refusal}"

    def _apply(self, event: Event, also: list[Operation]) -> str:
        if event.type not in _HANDLED and not event.type.startswith(SUBSCRIPTION):
            # customer.updated among them: names and addresses are kept at Stripe alone.
            return "nothing to do"
        organization_id = self._organization(event)
        match event.type:
            case "customer.deleted":
                return self._forget_customer(organization_id, event)
            case "charge.refunded":
                also.append(_refund(organization_id, event))
                return "noted"
        if event.reference not in {None, organization_id}:
            raise _Refused("the checkout is another organisation's")
        subscription_id = event.subscription_id
        if subscription_id is None:
            return "not about a subscription"
        outcome = self._synchronise(organization_id, subscription_id)
        match event.type:
            case "invoice.payment_failed":
                self._tell_of_invoice(organization_id, event, payment_failed)
            case "invoice.payment_action_required":
                self._tell_of_invoice(organization_id, event, payment_action)
            case "customer.subscription.trial_will_end":
                self._tell_of_trial(organization_id, event)
        return outcome

    def _organization(self, event: Event) -> str:
        """Whose event it is: that of the customer, which was made for one organisation.

        What a checkout's link says of whose it is is not believed: anybody can change a link.
        """
        if event.customer_id is None:
            raise _Refused("it names no customer")
        found = self.accounts.organization_of(event.customer_id)
        if found is not None:
            return found
        # Made by us, and the function ended before it was written down.
        customer = self.stripe.customer(event.customer_id)
        if customer is None or customer.organization_id is None:
            raise _Refused("the customer is not one of ours")
        try:
            self.accounts.link_customer(customer.organization_id, customer.id)
        except AccountChanged as failure:
            raise _Refused("the organisation has another customer") from failure
        return customer.organization_id

    def _synchronise(self, organization_id: str, subscription_id: str) -> str:
        """Write a subscription as it is at Stripe now.

        What is stored is read before Stripe is asked, and written only if it is still the same: so
        what was read at Stripe is never older than what it replaces.
        """
        for _ in range(_ATTEMPTS):
            before = self.accounts.subscription(organization_id, subscription_id)
            found = self.stripe.subscription(subscription_id)
            if found is None:
                raise _Refused("Stripe does not know the subscription")
            if self.accounts.organization_of(found.customer) != organization_id:
                raise _Refused("the subscription is another customer's")
            after = read_subscription(found, self.prices, before)
            if self.prices.plan_of(after.price_id) is None:
                # It keeps the plan it had; somebody should look.
                logger.error("a price of no plan", extra={"subscription": subscription_id})
            if before is not None and after == before.model_copy(update={"version": after.version}):
                return "unchanged"
            self._send(notices(organization_id, before, after))
            try:
                self.accounts.put_subscription(
                    organization_id, after, *_record(organization_id, before, after)
                )
            except AccountChanged:
                continue
            return f"{after.plan} is {after.status}"
        raise StoreUnavailable("the subscription keeps being written")

    def _tell_of_invoice(
        self,
        organization_id: str,
        event: Event,
        letter: Callable[[str, Invoice], Iterator[BillingMail]],
    ) -> None:
        found = self.accounts.subscription(organization_id, event.subscription_id or "-")
        if found is not None and found.ended_at is not None:
            # That it has ended says enough.
            return
        invoice = self.stripe.invoice(event.object_id) if event.object_id else None
        if invoice is not None and invoice.customer == event.customer_id:
            self._send(letter(organization_id, invoice))

    def _tell_of_trial(self, organization_id: str, event: Event) -> None:
        found = self.accounts.subscription(organization_id, event.subscription_id or "-")
        if found is not None and found.status == "trialing" and found.trial_end is not None:
            self.mail.put(
                TrialEndingMail(
                    organization_id=organization_id,
                    subscription_id=found.id,
                    plan=found.plan,
                    ends_at=found.trial_end,
                )
            )

    def _forget_customer(self, organization_id: str, event: Event) -> str:
        customer = self.stripe.customer(event.customer_id or "-")
        if customer is not None and not customer.deleted:
            raise _Refused("the customer is still there")
        self.accounts.unlink_customer(organization_id, event.customer_id or "-")
        return "customer forgotten"

    def _send(self, mails: Iterator[BillingMail]) -> None:
        """Queue mails. It comes before what they tell of is written, so that none is lost."""
        for mail in mails:
            self.mail.put(mail)


def _record(
    organization_id: str, before: Subscription | None, after: Subscription
) -> list[Operation]:
    """The audit entry for what the team will want to know the time of."""
    if before is not None and (before.plan, before.status) == (after.plan, after.status):
        return []
    return [
        audit_put(
            organization_id,
            _STRIPE,
            "billing.subscription",
            target=after.id,
            detail={"plan": after.plan, "status": after.status},
        )
    ]


def _refund(organization_id: str, event: Event) -> Operation:
    amount, currency = event.data.object.get("amount_refunded"), event.data.object.get("currency")
    return audit_put(
        organization_id,
        _STRIPE,
        "billing.refund",
        target=event.object_id,
        detail={
            "amount": str(amount) if isinstance(amount, int) else "unknown",
            "currency": currency[:3] if isinstance(currency, str) else "unknown",
        },
    )
