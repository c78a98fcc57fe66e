"""Checkout Sessions: docs.stripe.com/api/checkout/sessions."""

from collections.abc import Sequence

from local.stripe.cards import TestCard
from local.stripe.clock import DAY
from local.stripe.errors import CardDeclined, StripeError
from local.stripe.objects import listed, new_customer
from local.stripe.payments import Payments
from local.stripe.state import State, new_id
from local.stripe.store import Object
from local.stripe.subscriptions import Subscriptions

PROMOTIONS = {"WELCOME20": 20}
"""Promotion codes, and how many per cent they take off the first invoice."""


class Checkout:
    """Sessions, from being made to being paid or expired."""

    def __init__(self, state: State, payments: Payments, subscriptions: Subscriptions) -> None:
        self._state = state
        self._payments = payments
        self._subscriptions = subscriptions

    def open(self, asked: Object, customer: Object | None, prices: Sequence[Object]) -> Object:
        """A session with what was `asked` for, which is checked already."""
        now = self._state.clock.now()
        identifier = new_id("cs_test")
        subtotal = sum(price["unit_amount"] for price in prices)
        session: Object = {
            "id": identifier,
            "object": "checkout.session",
            "allow_promotion_codes": None,
            "automatic_tax": {"enabled": False, "liability": None, "status": None},
            "billing_address_collection": None,
            "cancel_url": None,
            "client_reference_id": None,
            "created": now,
            "currency": prices[0]["currency"],
            "customer": customer["id"] if customer else None,
            "customer_details": None,
            "customer_email": None,
            "expires_at": now + DAY,
            "invoice": None,
            "livemode": False,
            "locale": None,
            "metadata": {},
            "mode": "subscription",
            "payment_intent": None,
            "payment_method_collection": "always",
            "payment_method_types": ["card"],
            "payment_status": "unpaid",
            "setup_intent": None,
            "status": "open",
            "subscription": None,
            "tax_id_collection": {"enabled": False, "required": "never"},
            "ui_mode": "hosted_page",
            "url": f"/c/pay/{identifier}",
            **asked,
            "_line_items": listed(
                f"/v1/checkout/sessions/{identifier}/line_items",
                [_line_item(price) for price in prices],
            ),
        }
        session["_due"] = session["expires_at"]
        self.price(session)
        session["amount_subtotal"] = subtotal
        return self._state.create(session)

    def price(self, session: Object, code: str | None = None) -> None:
        """Work out what is paid today. Raises StripeError for a promotion that there is not."""
        if code is not None:
            if code.strip().upper() not in PROMOTIONS or not session["allow_promotion_codes"]:
                raise StripeError("This code is invalid.", code="promotion_code_invalid")
            session["_percent_off"] = PROMOTIONS[code.strip().upper()]
        lines = session["_line_items"]["data"]
        today = 0 if trial_days(session) else sum(line["amount_total"] for line in lines)
        off = today * session.get("_percent_off", 0) // 100
        session["amount_total"] = today - off
        session["total_details"] = {"amount_discount": off, "amount_shipping": 0, "amount_tax": 0}

    def promote(self, session: Object, code: str) -> None:
        """Take a promotion code."""
        self.price(session, code)
        self._state.save(session)

    def complete(
        self,
        session: Object,
        *,
        email: str,
        name: str,
        card: tuple[TestCard, tuple[int, int]] | None,
    ) -> Object:
        """Subscribe. Raises CardDeclined, and StripeError when the session is over."""
        if session["status"] != "open":
            raise StripeError("This Checkout Session is no longer open.")
        if card is None and (
            session["amount_total"] or session["payment_method_collection"] == "always"
        ):
            raise StripeError("Enter a card.", kind="card_error")
        if card and card[0].present == "declined":
            raise CardDeclined(card[0].message, card[0].reason)
        customer = self._customer(session, email, name)
        method = self._payments.attach(customer, *card) if card else None
        subscription = self._subscriptions.start(
            self._state.store.get(customer["id"]),
            session["_line_items"]["data"][0]["price"],
            method,
            trial_days=trial_days(session),
            percent_off=session.get("_percent_off", 0),
            metadata=session.get("_subscription", {}).get("metadata", {}),
        )
        for line in session["_line_items"]["data"][1:]:
            self._subscriptions.change_price(subscription, None, line["price"], "always_invoice")
        session.update(
            status="complete",
            payment_status="paid" if session["amount_total"] else "no_payment_required",
            customer=customer["id"],
            customer_details={
                "address": customer["address"],
                "email": customer["email"],
                "name": customer["name"],
                "phone": None,
                "tax_exempt": "none",
                "tax_ids": [],
            },
            subscription=subscription["id"],
            invoice=subscription["latest_invoice"],
            url=None,
            _due=None,
        )
        self._state.save(session)
        self._state.tell("checkout.session.completed", session)
        return session

    def expire(self, session: Object) -> Object:
        """Close a session that nobody paid. Raises StripeError when it is over already."""
        if session["status"] != "open":
            raise StripeError(
                'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
                f"Session has a status of {session['status']}."
            )
        session.update(status="expired", url=None, _due=None)
        self._state.save(session)
        self._state.tell("checkout.session.expired", session)
        return session

    def _customer(self, session: Object, email: str, name: str) -> Object:
        if session["customer"]:
            customer = self._state.require("customer", session["customer"])
            if name and session.get("_customer_update", {}).get("name") == "auto":
                customer["name"] = name
                self._state.save(customer, "customer.updated")
            return customer
        customer = new_customer(self._state.clock.now())
        customer.update(email=email, name=name or None)
        return self._state.create(customer, "customer.created")


def trial_days(session: Object) -> int:
    """How long nothing is paid."""
    return int(session.get("_subscription", {}).get("trial_period_days") or 0)


def _line_item(price: Object) -> Object:
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": price["unit_amount"],
        "amount_tax": 0,
        "amount_total": price["unit_amount"],
        "currency": price["currency"],
        "price": price,
        "quantity": 1,
    }
