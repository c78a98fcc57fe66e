"""The pages to pay on, and one for developers."""

from starlette.responses import Response

from local.stripe.cards import TestCard, entered_card
from local.stripe.clock import DAY
from local.stripe.desk import Desk
from local.stripe.errors import StripeError
from local.stripe.payments import subscription_of
from local.stripe.rendering import Form, elsewhere, page
from local.stripe.store import Object
from local.stripe.subscriptions import item_of

_FAILED = "We are unable to authenticate your payment method. Choose another one and try again."


class Pages:
    """Each method shows a page, and takes its form."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.state.store

    def checkout(self, name: str, form: Form | None) -> Response:
        """Where one subscribes."""
        session = self._desk.state.require("checkout.session", name)
        if session["status"] != "open":
            raise StripeError("This page is no longer open: it was paid, or it has expired.")
        problem = ""
        if form is not None:
            try:
                return self._subscribe(session, form)
            except StripeError as error:
                problem = str(error)
        values = {
            "session": session,
            "price": session["_price"],
            "product": self._store.get(session["_price"]["product"]),
            "trial_days": session["_trial_days"],
            "email": self._store.get(session["customer"])["email"],
            "form": form or {},
            "problem": problem,
        }
        return page(self._desk.state, "checkout.html", values)

    def _subscribe(self, session: Object, form: Form) -> Response:
        """Take the checkout form. Raises StripeError."""
        card = self._card(form)
        if card is None:
            return page(self._desk.state, "authenticate.html", {"form": form})
        session = self._desk.checkout.complete(session, *card)
        return elsewhere(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))

    def invoice(self, name: str, form: Form | None) -> Response:
        """What was bought, and where it is paid if it is not yet."""
        invoice = self._desk.state.require("invoice", name)
        problem = ""
        if form is not None and invoice["status"] == "open":
            try:
                return self._settle(invoice, form)
            except StripeError as error:
                problem = str(error)
        subscription = self._store.get(subscription_of(invoice))
        values = {
            "invoice": self._store.get(name),
            "customer": self._store.get(invoice["customer"]),
            "method": self._desk.payments.method_of(subscription),
            "form": form or {},
            "problem": problem,
        }
        return page(self._desk.state, "invoice.html", values)

    def _settle(self, invoice: Object, form: Form) -> Response:
        """Pay an open invoice: with the card on file, or with another that is then kept."""
        desk = self._desk
        if form.get("number"):
            card = self._card(form)
            if card is None:
                return page(self._desk.state, "authenticate.html", {"form": form})
            desk.payments.attach(desk.state.require("customer", invoice["customer"]), *card)
        refused = desk.subscriptions.collect(invoice, present=True)
        if refused:
            raise refused
        return elsewhere(f"{desk.state.public_url}/i/{invoice['id']}")

    def _card(self, form: Form) -> tuple[TestCard, str] | None:
        """The card that was typed, None when its holder has yet to authenticate."""
        card, expiry = entered_card(form)
        if card.present != "authentication" or form.get("do") == "complete":
            return card, expiry
        if form.get("do") == "fail":
            raise StripeError(_FAILED)
        return None

    def event(self, name: str, form: Form | None) -> Response:
        """An event, and a way to have it delivered again."""
        state = self._desk.state
        event = state.require("event", name)
        if form is None:
            return page(self._desk.state, "event.html", {"event": state.rendered(event)})
        if not state.webhook_url:
            raise StripeError("There is no address that events are delivered to.")
        state.deliver(event)
        return elsewhere(f"{state.public_url}/")

    def developer(self, _name: str, form: Form | None) -> Response:
        """All there is, and the clock."""
        store = self._store
        if form is not None:
            self._operate(form)
            return elsewhere(f"{self._desk.state.public_url}/")
        subscriptions = [
            (each, store.get(each["customer"]), store.get(item_of(each)["price"]["product"]))
            for each in store.all("subscription")
        ]
        values = {
            "state": self._desk.state,
            "customers": [each for each in store.all("customer") if not each.get("deleted")],
            "subscriptions": subscriptions,
            "charges": store.all("charge")[:20],
            "events": store.all("event")[:100],
        }
        return page(self._desk.state, "developer.html", values)

    def _operate(self, form: Form) -> None:
        desk = self._desk
        match form.get("do"):
            case "renewal":
                desk.to_next_renewal()
            case "days":
                days = form.get("days", "")
                desk.advance(int(days) * DAY if days.isdecimal() else 0)
            case "refund":
                desk.payments.refund(desk.state.require("charge", form.get("charge", "")))
