"""Checkout Sessions: docs.stripe.com/api/checkout/sessions."""

from local.stripe.cards import TestCard
from local.stripe.clock import DAY
from local.stripe.errors import StripeError
from local.stripe.forms import CheckoutForm
from local.stripe.objects import new, new_id
from local.stripe.payments import Payments
from local.stripe.state import State
from local.stripe.store import Object
from local.stripe.subscriptions import Subscriptions

_INSIDE = {"expand", "line_items", "subscription_data"}


class Checkout:
    """Sessions, from being made to being paid or expired."""

    def __init__(self, state: State, payments: Payments, subscriptions: Subscriptions) -> None:
        self._state = state
        self._payments = payments
        self._subscriptions = subscriptions

    def open(self, form: CheckoutForm) -> Object:
        """A session. Raises StripeError."""
        customer = self._state.require("customer", form.customer, "customer")
        (line,) = form.line_items
        price = self._state.require("price", line.price, "line_items[0][price]")
        if customer["currency"] not in {None, price["currency"]}:
            raise StripeError(
                "You cannot combine currencies on a single customer. This customer has had a "
                f"subscription with currency {customer['currency']}."
            )
        now, identifier = self._state.clock.now(), new_id("cs_test")
        trial_days = form.subscription_data.trial_period_days or 0
        session = new(
            "checkout.session",
            identifier,
            now,
            amount_subtotal=price["unit_amount"],
            amount_total=0 if trial_days else price["unit_amount"],
            currency=price["currency"],
            expires_at=now + DAY,
            payment_status="unpaid",
            status="open",
            subscription=None,
            url=f"/c/pay/{identifier}",
            _due=now + DAY,
            _price=price,
            _subscription_metadata=form.subscription_data.metadata,
            _trial_days=trial_days,
        )
        return self._state.create({**session, **form.model_dump(exclude=_INSIDE)})

    def complete(self, session: Object, card: TestCard, expiry: str) -> Object:
        """Subscribe. Raises StripeError when the session is over."""
        if session["status"] != "open":
            raise StripeError("This Checkout Session is no longer open.")
        customer = self._state.require("customer", session["customer"])
        subscription = self._subscriptions.start(
            customer,
            session["_price"],
            self._payments.attach(customer, card, expiry),
            trial_days=session["_trial_days"],
            metadata=session["_subscription_metadata"],
        )
        paid = "paid" if session["amount_total"] else "no_payment_required"
        session.update(status="complete", payment_status=paid, url=None, _due=None)
        session["subscription"] = subscription["id"]
        self._state.save(session)
        self._state.tell("checkout.session.completed", session)
        return session

    def expire(self, session: Object) -> Object:
        """Close a session that nobody paid. Raises StripeError when it is over already."""
        if session["status"] != "open":
            raise StripeError("Only a Checkout Session that is open can be expired.")
        session.update(status="expired", url=None, _due=None)
        self._state.save(session)
        self._state.tell("checkout.session.expired", session)
        return session
