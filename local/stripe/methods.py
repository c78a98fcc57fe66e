"""The API's methods: those Frontdesk calls, and those with which a test or a person looks on."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from local.stripe.desk import Desk
from local.stripe.errors import missing
from local.stripe.forms import Form
from local.stripe.objects import listed, new_customer
from local.stripe.payments import subscription_of
from local.stripe.portal import open_session
from local.stripe.requests import (
    CheckoutForm,
    CustomerForm,
    CustomerListing,
    EventListing,
    InvoiceListing,
    Listing,
    PortalForm,
    SubscriptionListing,
)
from local.stripe.store import Object

_Handler = TypeVar("_Handler", bound=Callable[..., Object])


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the API. `path` has a group for the id in it, if there is one."""

    verb: str
    path: re.Pattern[str]
    takes: type[Form]
    call: Callable[..., Object]


METHODS: list[Method] = []


def _on(verb: str, path: str, takes: type[Form] = Form) -> Callable[[_Handler], _Handler]:
    pattern = re.compile(f"/v1/{path.replace('{id}', '([^/]+)')}")

    def register(handler: _Handler) -> _Handler:
        METHODS.append(Method(verb, pattern, takes, handler))
        return handler

    return register


@_on("POST", "customers", CustomerForm)
def _create_customer(desk: Desk, form: CustomerForm) -> Object:
    customer = new_customer(desk.state.clock.now())
    return desk.state.create(_described(customer, form), "customer.created")


@_on("POST", "customers/{id}", CustomerForm)
def _update_customer(desk: Desk, form: CustomerForm, identifier: str) -> Object:
    customer = desk.state.require("customer", identifier)
    return desk.state.save(_described(customer, form), "customer.updated")


def _described(customer: Object, form: CustomerForm) -> Object:
    given: dict[str, Any] = form.model_dump(exclude_unset=True, exclude={"expand", "metadata"})
    metadata = {**customer["metadata"], **form.metadata}
    kept = {name: value for name, value in metadata.items() if value}
    return {**customer, **given, "metadata": kept}


@_on("GET", "customers", CustomerListing)
def _list_customers(desk: Desk, form: CustomerListing) -> Object:
    customers = [each for each in desk.state.store.all("customer") if not each.get("deleted")]
    found = [each for each in customers if form.email in {None, each["email"]}]
    return _page("customers", found, form)


@_on("GET", "customers/{id}")
def _get_customer(desk: Desk, _form: Form, identifier: str) -> Object:
    found = desk.state.store.find(identifier)
    if found is not None and found.get("deleted"):
        return {"id": identifier, "object": "customer", "deleted": True}
    return desk.state.require("customer", identifier)


@_on("DELETE", "customers/{id}")
def _delete_customer(desk: Desk, _form: Form, identifier: str) -> Object:
    customer = desk.state.require("customer", identifier)
    for subscription in desk.state.store.all("subscription", customer=identifier):
        if subscription["ended_at"] is None:
            desk.subscriptions.end(subscription, "cancellation_requested")
    desk.state.store.put({**customer, "deleted": True})
    desk.state.tell("customer.deleted", customer)
    return {"id": identifier, "object": "customer", "deleted": True}


@_on("POST", "checkout/sessions", CheckoutForm)
def _open_checkout(desk: Desk, form: CheckoutForm) -> Object:
    return desk.checkout.open(form)


@_on("POST", "checkout/sessions/{id}/expire")
def _expire_checkout(desk: Desk, _form: Form, identifier: str) -> Object:
    return desk.checkout.expire(desk.state.require("checkout.session", identifier))


@_on("POST", "billing_portal/sessions", PortalForm)
def _open_portal(desk: Desk, form: PortalForm) -> Object:
    return open_session(desk.state, form)


@_on("GET", "subscriptions", SubscriptionListing)
def _list_subscriptions(desk: Desk, form: SubscriptionListing) -> Object:
    found = [
        each
        for each in desk.state.store.all("subscription", customer=form.customer)
        if form.status in {"all", each["status"]}
        or (form.status is None and each["ended_at"] is None)
    ]
    return _page("subscriptions", found, form)


@_on("DELETE", "subscriptions/{id}")
def _cancel_subscription(desk: Desk, _form: Form, identifier: str) -> Object:
    subscription = desk.state.require("subscription", identifier)
    return desk.subscriptions.end(subscription, "cancellation_requested")


@_on("GET", "invoices", InvoiceListing)
def _list_invoices(desk: Desk, form: InvoiceListing) -> Object:
    invoices = desk.state.store.all("invoice", customer=form.customer)
    found = [each for each in invoices if form.subscription in {None, subscription_of(each)}]
    return _page("invoices", found, form)


@_on("GET", "events", EventListing)
def _list_events(desk: Desk, form: EventListing) -> Object:
    wanted = {*form.types, form.type} - {None}
    events = desk.state.store.all("event")
    found = [each for each in events if not wanted or each["type"] in wanted]
    return _page("events", found, form)


def _retrieve(kind: str, desk: Desk, _form: Form, identifier: str) -> Object:
    return desk.state.require(kind, identifier)


for _path, _kind in (
    ("checkout/sessions", "checkout.session"),
    ("subscriptions", "subscription"),
    ("invoices", "invoice"),
    ("events", "event"),
):
    _on("GET", f"{_path}/{{id}}")(partial(_retrieve, _kind))


def _page(path: str, things: Sequence[Object], form: Listing) -> Object:
    """A page of a list, the newest first. Raises StripeError for a start that is not there."""
    if form.starting_after is not None:
        ids = [each["id"] for each in things]
        if form.starting_after not in ids:
            raise missing("object", form.starting_after, "starting_after")
        things = things[ids.index(form.starting_after) + 1 :]
    return listed(f"/v1/{path}", things[: form.limit], more=len(things) > form.limit)
