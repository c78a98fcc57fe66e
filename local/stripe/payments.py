"""Invoices: made, charged, paid, tried again and refunded."""

from collections.abc import Sequence
from http import HTTPStatus

from local.stripe.cards import CARDS, TestCard
from local.stripe.clock import DAY
from local.stripe.errors import CardDeclined, StripeError
from local.stripe.objects import Line, new_charge, new_invoice, new_payment_method
from local.stripe.state import State, new_id
from local.stripe.store import Object

RETRY_DAYS = (3, 5, 7)
"""How many days after each failed attempt a payment is tried again; then the subscription ends."""

_NO_CARD = "This customer has no attached payment source or default payment method."
_AUTHENTICATE = "Your card was declined. This transaction requires authentication."


class Payments:
    """What customers owe and pay."""

    def __init__(self, state: State) -> None:
        self._state = state

    def attach(self, customer: Object, card: TestCard, expiry: tuple[int, int]) -> Object:
        """Keep a card for a customer's payments to come."""
        method = new_payment_method(card, expiry, customer)
        method["created"] = self._state.clock.now()
        self._state.create(method, "payment_method.attached")
        customer["invoice_settings"]["default_payment_method"] = method["id"]
        self._state.save(customer, "customer.updated")
        for subscription in self._state.store.all("subscription", customer=customer["id"]):
            if subscription["ended_at"] is None and subscription["default_payment_method"]:
                subscription["default_payment_method"] = method["id"]
                self._state.save(subscription, "customer.subscription.updated")
        return method

    def method_of(self, subscription: Object) -> Object | None:
        """The card a subscription is paid with."""
        customer = self._state.store.get(subscription["customer"])
        identifier = (
            subscription["default_payment_method"]
            or customer["invoice_settings"]["default_payment_method"]
        )
        return self._state.store.get(identifier) if identifier else None

    def make(
        self, subscription: Object, lines: Sequence[Line], reason: str, *, percent_off: int = 0
    ) -> Object:
        """A finalized invoice that takes the customer's balance into account. Not paid yet."""
        state, now = self._state, self._state.clock.now()
        customer = state.store.get(subscription["customer"])
        invoice = new_invoice(subscription, customer, lines, reason=reason, created=now)
        if percent_off:
            off = invoice["subtotal"] * percent_off // 100
            invoice["total"] -= off
            invoice["total_discount_amounts"] = [{"amount": off, "discount": new_id("di")}]
        owed = invoice["total"] + customer["balance"]
        invoice["amount_due"] = invoice["amount_remaining"] = max(0, owed)
        state.create(invoice, "invoice.created")
        subscription["latest_invoice"] = invoice["id"]
        number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}"
        invoice.update(
            status="open",
            number=number,
            ending_balance=min(0, owed),
            hosted_invoice_url=f"/i/{invoice['id']}",
            invoice_pdf=f"/i/{invoice['id']}",
        )
        invoice["status_transitions"]["finalized_at"] = now
        state.save(invoice)
        state.tell("invoice.finalized", invoice)
        customer["next_invoice_sequence"] += 1
        told = None
        if customer["balance"] != min(0, owed) or customer["currency"] is None:
            customer.update(balance=min(0, owed), currency=invoice["currency"])
            told = "customer.updated"
        state.save(customer, told)
        return invoice

    def pay(self, invoice: Object, method: Object | None, *, present: bool) -> CardDeclined | None:
        """Try to pay an open invoice. Returns what went wrong, if anything did.

        `present` is when the card's holder is there, and has authenticated if asked to.
        """
        state, now = self._state, self._state.clock.now()
        refused = self.refusal(method, present=present) if invoice["amount_due"] else None
        invoice["attempted"] = True
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
            self._charge(invoice, method, now)
        invoice.update(
            status="paid",
            amount_paid=invoice["amount_due"],
            amount_remaining=0,
            next_payment_attempt=None,
            _due=None,
        )
        invoice["status_transitions"]["paid_at"] = now
        state.save(invoice)
        state.tell("invoice.paid", invoice)
        state.tell("invoice.payment_succeeded", invoice)
        return None

    def give_up(self, subscription: str) -> None:
        """Stop trying to collect what is open of a subscription that is over."""
        for invoice in self.open_invoices(subscription):
            invoice.update(auto_advance=False, next_payment_attempt=None, _due=None)
            self._state.save(invoice, "invoice.updated")

    def open_invoices(self, subscription: str) -> list[Object]:
        """What is not paid of a subscription, the newest first."""
        customer = self._state.store.get(subscription)["customer"]
        return [
            invoice
            for invoice in self._state.store.all("invoice", customer=customer)
            if invoice["status"] == "open" and subscription_of(invoice) == subscription
        ]

    def refund(self, charge: Object, amount: int | None, reason: str | None) -> Object:
        """Give back a charge, or `amount` of it. Raises StripeError for more than is left."""
        left = charge["amount"] - charge["amount_refunded"]
        if left == 0:
            raise StripeError(
                f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
            )
        amount = left if amount is None else amount
        if not 0 < amount <= left:
            raise StripeError(
                f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
                param="amount",
            )
        refund = self._state.create(
            {
                "id": new_id("re"),
                "object": "refund",
                "amount": amount,
                "charge": charge["id"],
                "created": self._state.clock.now(),
                "currency": charge["currency"],
                "metadata": {},
                "payment_intent": charge["payment_intent"],
                "reason": reason,
                "receipt_number": None,
                "status": "succeeded",
            },
            "refund.created",
        )
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self._state.save(charge, "charge.refunded")
        return refund

    def _charge(self, invoice: Object, method: Object, now: int) -> None:
        charge = self._state.create(new_charge(invoice, method, now), "charge.succeeded")
        invoice["_payments"]["data"].append(
            {
                "id": new_id("inpay"),
                "object": "invoice_payment",
                "amount_paid": charge["amount"],
                "amount_requested": charge["amount"],
                "created": now,
                "currency": charge["currency"],
                "invoice": invoice["id"],
                "is_default": True,
                "livemode": False,
                "payment": {"payment_intent": charge["payment_intent"], "type": "payment_intent"},
                "status": "paid",
                "status_transitions": {"canceled_at": None, "paid_at": now},
            }
        )

    def refusal(self, method: Object | None, *, present: bool) -> CardDeclined | None:
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


def card_named(
    number: str, expiry: str, cvc: str, now: tuple[int, int]
) -> tuple[TestCard, tuple[int, int]]:
    """The test card of what was typed, with month and year. Raises StripeError like a form would.

    `now` is the present year and month.
    """
    card = CARDS.get("".join(number.split()))
    if card is None:
        raise StripeError(
            "Only Stripe's test cards are taken here, for example 4242 4242 4242 4242.",
            code="incorrect_number",
            kind="card_error",
            status=HTTPStatus.PAYMENT_REQUIRED,
        )
    month, _, year = (part.strip() for part in expiry.partition("/"))
    if not (month.isdecimal() and year.isdecimal() and 1 <= int(month) <= 12):
        raise StripeError("Your card's expiration date is incomplete.", kind="card_error")
    full_year = int(year) + (2000 if len(year) <= 2 else 0)
    if (full_year, int(month)) < now:
        raise StripeError("Your card's expiration date is in the past.", kind="card_error")
    if not (cvc.isdecimal() and len(cvc) in {3, 4}):
        raise StripeError("Your card's security code is incomplete.", kind="card_error")
    return card, (int(month), full_year)
