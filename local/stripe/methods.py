"""The API's methods: those Frontdesk calls, and those with which a test or a person looks on."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from local.stripe.desk import Desk
from local.stripe.errors import missing
from local.stripe.forms import Form
from local.stripe.objects import listed, new_customer
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
    """A method of the API. `path` is below /v1, with a group for the id if there is one."""

    verb: str
    path: re.Pattern[str]
    takes: type[Form]
    call: Callable[..., Object]


METHODS: list[Method] = []


def _on(verb: str, path: str, takes: type[Form] = Form) -> Callable[[_Handler], _Handler]:
    def register(handler: _Handler) -> _Handler:
        pattern = re.compile(path.replace("{id}", "([^/]+)"))
        METHODS.append(Method(verb, pattern, takes, handler))
        return handler

    return register


@_on("POST", "customers", CustomerForm)
def _create_customer(desk: Desk, form: CustomerForm) -> Object:
    about = {"email": form.email, "name": form.name, "metadata": form.metadata}
    customer = {**new_customer(desk.state.clock.now()), **about}
    return desk.state.create(customer, "customer.created")


@_on("DELETE", "customers/{id}")
def _delete_customer(desk: Desk, form: Form, identifier: str) -> Object:
    customer = desk.state.require("customer", identifier)
    for subscription in desk.state.store.all("subscription", customer=identifier):
        if subscription["ended_at"] is None:
            desk.subscriptions.end(subscription, "cancellation_requested")
    desk.state.store.put({**customer, "deleted": True})
    desk.state.tell("customer.deleted", customer)
    return _retrieve("customer", desk, form, identifier)


@_on("POST", "checkout/sessions", CheckoutForm)
def _open_checkout(desk: Desk, form: CheckoutForm) -> Object:
    return desk.checkout.open(form)


@_on("POST", "checkout/sessions/{id}/expire")
def _expire_checkout(desk: Desk, _form: Form, identifier: str) -> Object:
    return desk.checkout.expire(desk.state.require("checkout.session", identifier))


@_on("POST", "billing_portal/sessions", PortalForm)
def _open_portal(desk: Desk, form: PortalForm) -> Object:
    return open_session(desk.state, form)


def _retrieve(kind: str, desk: Desk, _form: Form, identifier: str) -> Object:
    found = desk.state.store.find(identifier)
    if found is not None and found.get("deleted"):
        return {"id": identifier, "object": kind, "deleted": True}
    return desk.state.require(kind, identifier)


def _list(kind: str, desk: Desk, form: Listing) -> Object:
    """A page of a list, the newest first. Raises StripeError for a start that is not there."""
    found = [each for each in desk.state.store.all(kind) if form.wants(each)]
    if form.starting_after is not None:
        ids = [each["id"] for each in found]
        if form.starting_after not in ids:
            raise missing("object", form.starting_after, "starting_after")
        found = found[ids.index(form.starting_after) + 1 :]
    return listed(f"/v1/{kind}s", found[: form.limit], more=len(found) > form.limit)


_on("GET", "checkout/sessions/{id}")(partial(_retrieve, "checkout.session"))
for _kind, _takes in (
    ("customer", CustomerListing),
    ("subscription", SubscriptionListing),
    ("invoice", InvoiceListing),
    ("event", EventListing),
):
    _on("GET", f"{_kind}s/{{id}}")(partial(_retrieve, _kind))
    _on("GET", f"{_kind}s", _takes)(partial(_list, _kind))
