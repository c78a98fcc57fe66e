"""The customer portal: docs.stripe.com/api/customer_portal/sessions."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from local.stripe.cards import entered_card
from local.stripe.desk import Desk
from local.stripe.errors import StripeError, missing
from local.stripe.forms import PortalForm
from local.stripe.objects import new, new_id
from local.stripe.rendering import Form, elsewhere, page
from local.stripe.state import State
from local.stripe.store import Object
from local.stripe.subscriptions import item_of


def open_session(desk: Desk, form: PortalForm) -> Object:
    """A session, for one flow or for everything. Raises StripeError."""
    state = desk.state
    customer = state.require("customer", form.customer, "customer")
    flow = form.flow_data.model_dump() if form.flow_data else None
    if flow:
        _check_flow(state, customer, flow)
    name = f"{new_id('bps')}-{new_id('test')}"
    session = new(
        "billing_portal.session",
        name.partition("-")[0],
        state.clock.now(),
        configuration="bpc_stand_in",
        customer=customer["id"],
        flow=flow,
        return_url=form.return_url,
        url=f"/p/session/{name}",
    )
    return state.create(session)


def _check_flow(state: State, customer: Object, flow: Object) -> None:
    param = f"flow_data[{flow['type']}]"
    about = flow[flow["type"]]
    if about is None:
        message = f"Missing required param: {param}."
        raise StripeError(message, code="parameter_missing", param=param)
    subscription = state.require("subscription", about["subscription"], param)
    if subscription["customer"] != customer["id"] or subscription["ended_at"] is not None:
        raise missing("subscription", subscription["id"], param)
    if flow["type"] == "subscription_cancel":
        return
    (asked,), item = about["items"], item_of(subscription)
    price = state.require("price", asked["price"], f"{param}[items][0][price]")
    if asked["id"] != item["id"]:
        raise StripeError(f"No such subscription item: '{asked['id']}'", param=param)
    if price["id"] == item["price"]["id"]:
        message = "The subscription already has this price: there is nothing to confirm."
        raise StripeError(message, param=param)


class Portal:
    """Its page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.state.store

    def show(self, name: str, form: Form | None) -> Response:
        """What a customer pays for, with buttons to change it, or the one flow of the session."""
        state = self._desk.state
        session = state.require("billing_portal.session", name.partition("-")[0])
        if session["url"] != f"/p/session/{name}":
            raise StripeError("This session has expired.")
        customer = state.require("customer", session["customer"])
        problem = ""
        if form is not None:
            try:
                self._change(customer, form)
                return elsewhere(self._after(session, form))
            except StripeError as error:
                problem = str(error)
        method = state.store.find(customer["invoice_settings"]["default_payment_method"] or "")
        subscriptions = state.store.all("subscription", customer=customer["id"])
        values = {
            "session": session,
            "subscriptions": [self._subscription(each) for each in subscriptions],
            "invoices": state.store.all("invoice", customer=customer["id"]),
            "method": method,
            "flow": session["flow"] or {"type": None},
            "problem": problem,
            "form": form or {},
        }
        return page(self._desk.state, "portal.html", values)

    def _subscription(self, subscription: Object) -> Mapping[str, Any]:
        """What is shown of a subscription, with what each other plan would cost today."""
        store, price = self._store, item_of(subscription)["price"]
        schedule = store.find(subscription["schedule"] or "")
        coming = None
        if schedule and schedule["phases"][-1]["start_date"] > self._desk.state.clock.now():
            coming = store.get(schedule["phases"][-1]["items"][0]["price"])
        others = [
            {
                "price": each,
                "product": store.get(each["product"]),
                "upgrade": each["unit_amount"] > price["unit_amount"],
                "due": self._desk.subscriptions.due_for(subscription, each),
            }
            for each in reversed(store.all("price"))
            if each["currency"] == subscription["currency"] and each["id"] != price["id"]
        ]
        return {
            **subscription,
            "product": store.get(price["product"]),
            "price": price,
            "coming": store.get(coming["product"]) if coming else None,
            "others": others,
        }

    def _change(self, customer: Object, form: Form) -> None:
        """Do what the form asks for. Raises StripeError."""
        desk = self._desk
        if form.get("do") == "card":
            desk.payments.attach(customer, *entered_card(form))
            return
        subscription = desk.state.require("subscription", form.get("subscription", ""))
        if subscription["customer"] != customer["id"]:
            raise StripeError("This subscription is not yours.")
        match form.get("do"):
            case "cancel":
                desk.subscriptions.cancel_at_period_end(subscription, on=True)
            case "resume":
                desk.subscriptions.cancel_at_period_end(subscription, on=False)
            case "keep":
                desk.subscriptions.keep_price(subscription)
            case "change":
                price = desk.state.require("price", form.get("price", ""))
                desk.subscriptions.change_price(subscription, price)
            case _:
                raise StripeError("There is nothing to do.")

    def _after(self, session: Object, form: Form) -> str:
        flow = session["flow"]
        if form.get("view") and flow and flow["after_completion"]:
            return str(flow["after_completion"]["redirect"]["return_url"])
        # The flow is done: what is left is the portal as a whole.
        session["flow"] = None
        self._store.put(session)
        return f"{self._desk.state.public_url}{session['url']}"
