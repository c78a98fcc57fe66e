"""Invoices: made, charged, paid, tried again and refunded."""

from collections.abc import Sequence

from local.stripe.cards import CARDS, TestCard
from local.stripe.clock import DAY
from local.stripe.errors import CardDeclined, StripeError
from local.stripe.objects import Line, new, new_id, new_invoice
from local.stripe.state import State
from local.stripe.store import Object

RETRY_DAYS = (3, 5, 7)
"""How many days after each failed attempt a payment is tried again; then the subscription ends."""

_NO_CARD = "This customer has no attached payment source or default payment method."
_AUTHENTICATE = "Your card was declined. This transaction requires authentication."


class Payments:
    """What customers owe and pay."""

    def __init__(self, state: State) -> None:
        self._state = state

    def attach(self, customer: Object, card: TestCard, expiry: str) -> Object:
        """Keep a card for a customer's payments to come. Only its last four digits leave."""
        month, year = map(int, expiry.split("/"))
        shown = {"brand": "visa", "last4": card.number[-4:], "exp_month": month}
        about = {"type": "card", "card": {**shown, "exp_year": 2000 + year}}
        method = new("payment_method", new_id("pm"), self._state.clock.now(), **about)
        method |= {"customer": customer["id"], "_number": card.number}
        self._state.create(method, "payment_method.attached")
        customer["invoice_settings"]["default_payment_method"] = method["id"]
        self._state.save(customer, "customer.updated")
        for subscription in self._state.store.all("subscription", customer=customer["id"]):
            if subscription["ended_at"] is None:
                subscription["default_payment_method"] = method["id"]
                self._state.save(subscription, "customer.subscription.updated")
        return method

    def method_of(self, subscription: Object) -> Object | None:
        """The card a subscription is paid with."""
        return self._state.store.find(subscription["default_payment_method"] or "")

    def make(self, subscription: Object, lines: Sequence[Line], reason: str) -> Object:
        """A finalized invoice. Not paid yet."""
        state, now = self._state, self._state.clock.now()
        customer = state.store.get(subscription["customer"])
        invoice = new_invoice(subscription, lines, reason, now)
        state.create(invoice, "invoice.created")
        subscription["latest_invoice"] = invoice["id"]
        number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}"
        invoice.update(status="open", number=number, hosted_invoice_url=f"/i/{invoice['id']}")
        state.save(invoice)
        state.tell("invoice.finalized", invoice)
        customer["next_invoice_sequence"] += 1
        told = "customer.updated" if customer["currency"] is None else None
        state.save({**customer, "currency": invoice["currency"]}, told)
        return invoice

    def pay(self, invoice: Object, method: Object | None, *, present: bool) -> CardDeclined | None:
        """Try to pay an open invoice. Returns what went wrong, if anything did.

        `present` is when the card's holder is there, and has authenticated if asked to.
        """
        state, now = self._state, self._state.clock.now()
        refused = refusal(method, present=present) if invoice["amount_due"] else None
        invoice["attempt_count"] += 1 if invoice["amount_due"] else 0
        if refused:
            days = RETRY_DAYS[invoice["attempt_count"] - 1 :][:1]
            again = now + days[0] * DAY if days and invoice["auto_advance"] else None
            invoice["next_payment_attempt"] = invoice["_due"] = again
            state.save(invoice)
            if refused.code == "authentication_required":
                state.tell("invoice.payment_action_required", invoice)
            state.tell("invoice.payment_failed", invoice)
            return refused
        if method and invoice["amount_due"]:
            self._charge(invoice, method)
        invoice.update(status="paid", amount_paid=invoice["amount_due"])
        invoice["next_payment_attempt"] = invoice["_due"] = None
        state.save(invoice)
        state.tell("invoice.paid", invoice)
        state.tell("invoice.payment_succeeded", invoice)
        return None

    def give_up(self, subscription: Object) -> None:
        """Stop trying to collect what is open of a subscription that is over."""
        for invoice in self.open_invoices(subscription):
            invoice.update(auto_advance=False, next_payment_attempt=None, _due=None)
            self._state.save(invoice, "invoice.updated")

    def open_invoices(self, subscription: Object) -> list[Object]:
        """What is not paid of a subscription, the newest first."""
        return [
            invoice
            for invoice in self._state.store.all("invoice", customer=subscription["customer"])
            if invoice["status"] == "open" and subscription_of(invoice) == subscription["id"]
        ]

    def refund(self, charge: Object) -> None:
        """Give back a charge. Raises StripeError when it was."""
        if charge["refunded"]:
            message = f"Charge {charge['id']} has already been refunded."
            raise StripeError(message, code="charge_already_refunded")
        charge.update(amount_refunded=charge["amount"], refunded=True)
        self._state.save(charge, "charge.refunded")

    def _charge(self, invoice: Object, method: Object) -> None:
        charge = new(
            "charge",
            new_id("ch"),
            self._state.clock.now(),
            amount=invoice["amount_due"],
            amount_refunded=0,
            currency=invoice["currency"],
            customer=invoice["customer"],
            payment_method=method["id"],
            receipt_url=invoice["hosted_invoice_url"],
            refunded=False,
            status="succeeded",
        )
        self._state.create(charge, "charge.succeeded")


def refusal(method: Object | None, *, present: bool) -> CardDeclined | None:
    """Why a card would not be charged, if so."""
    if method is None:
        return CardDeclined(_NO_CARD, "missing")
    card = CARDS[method["_number"]]
    outcome = card.present if present else card.absent
    if outcome == "authentication" and not present:
        return CardDeclined(_AUTHENTICATE, "authentication_required")
    return CardDeclined(card.message, card.reason) if outcome == "declined" else None


def subscription_of(invoice: Object) -> str:
    """The id of the subscription an invoice is for."""
    return str(invoice["parent"]["subscription_details"]["subscription"])
