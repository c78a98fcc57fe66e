"""The API's methods: those Frontdesk calls, and those with which a test or a person looks on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from local.stripe.desk import Desk
from local.stripe.errors import missing
from local.stripe.forms import (
    CheckoutForm,
    CustomerForm,
    Form,
    Listing,
    PortalForm,
    SubscriptionListing,
    listing,
)
from local.stripe.objects import listed, new_customer
from local.stripe.portal import open_session
from local.stripe.store import Object


def _create_customer(desk: Desk, form: CustomerForm) -> Object:
    about = {"email": form.email, "name": form.name, "metadata": form.metadata}
    customer = {**new_customer(desk.state.clock.now()), **about}
    return desk.state.create(customer, "customer.created")


def _delete_customer(desk: Desk, form: Form, identifier: str) -> Object:
    customer = desk.state.require("customer", identifier)
    for subscription in desk.state.store.all("subscription", customer=identifier):
        if subscription["ended_at"] is None:
            desk.subscriptions.end(subscription, "cancellation_requested")
    desk.state.store.put({**customer, "deleted": True})
    desk.state.tell("customer.deleted", customer)
    return _retrieve("customer", desk, form, identifier)


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


def _open_checkout(desk: Desk, form: CheckoutForm) -> Object:
    return desk.checkout.open(form)


def _expire_checkout(desk: Desk, _form: Form, identifier: str) -> Object:
    return desk.checkout.expire(desk.state.require("checkout.session", identifier))


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the API. `path` is below /v1, with a group for the id if there is one."""

    verb: str
    path: str
    takes: type[Form]
    call: Callable[..., Object]


_ID = "([^/]+)"
METHODS = (
    Method("POST", "customers", CustomerForm, _create_customer),
    Method("DELETE", f"customers/{_ID}", Form, _delete_customer),
    Method("GET", f"customers/{_ID}", Form, partial(_retrieve, "customer")),
    Method("GET", "customers", listing("email"), partial(_list, "customer")),
    Method("POST", "checkout/sessions", CheckoutForm, _open_checkout),
    Method("GET", f"checkout/sessions/{_ID}", Form, partial(_retrieve, "checkout.session")),
    Method("POST", f"checkout/sessions/{_ID}/expire", Form, _expire_checkout),
    Method("POST", "billing_portal/sessions", PortalForm, open_session),
    Method("GET", f"subscriptions/{_ID}", Form, partial(_retrieve, "subscription")),
    Method("GET", "subscriptions", SubscriptionListing, partial(_list, "subscription")),
    Method("GET", f"invoices/{_ID}", Form, partial(_retrieve, "invoice")),
    Method("GET", "invoices", listing("customer"), partial(_list, "invoice")),
    Method("GET", f"events/{_ID}", Form, partial(_retrieve, "event")),
    Method("GET", "events", listing("type"), partial(_list, "event")),
)
