"""The API's methods, each with the parameters it takes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from local.stripe.catalog import new_price, new_product
from local.stripe.checkout import Checkout
from local.stripe.errors import StripeError, missing
from local.stripe.forms import Params
from local.stripe.objects import listed, new_customer, new_phase
from local.stripe.payments import Payments, subscription_of
from local.stripe.portal import Portal
from local.stripe.state import State, new_id
from local.stripe.store import Object
from local.stripe.subscriptions import Subscriptions, period_end

Handler = Callable[..., Object]

_LIST = ("limit", "starting_after", "created.gt", "created.gte", "created.lt", "created.lte")
_CUSTOMER = (
    *("email", "name", "description", "phone", "metadata.*", "preferred_locales", "tax_exempt"),
    *(f"address.{part}" for part in ("line1", "line2", "city", "state", "postal_code", "country")),
    "invoice_settings.default_payment_method",
)


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the API. `path` has a group for each id in it."""

    verb: str
    path: re.Pattern[str]
    takes: tuple[str, ...]
    call: Handler


METHODS: list[Method] = []


def _on(verb: str, path: str, *takes: str) -> Callable[[Handler], Handler]:
    pattern = re.compile(re.sub(r"\{\w+\}", "([^/]+)", path))

    def register(handler: Handler) -> Handler:
        METHODS.append(Method(verb, pattern, takes, handler))
        return handler

    return register


@dataclass(frozen=True, slots=True)
class Desk:
    """What the methods work with."""

    state: State
    payments: Payments
    subscriptions: Subscriptions
    checkout: Checkout
    portal: Portal

    def page(self, url: str, things: Sequence[Object], params: Params) -> Object:
        """A page of a list, the newest first. Raises StripeError for a start that is not there."""
        created = params.inner("created")
        compare = {
            "gt": lambda at, bound: at > bound,
            "gte": lambda at, bound: at >= bound,
            "lt": lambda at, bound: at < bound,
            "lte": lambda at, bound: at <= bound,
        }
        for name in created.values:
            bound = created.number(name, 0, 2**40) or 0
            things = [each for each in things if compare[name](each["created"], bound)]
        limit = params.number("limit", 1, 100) or 10
        after = params.text("starting_after")
        if after is not None:
            ids = [each["id"] for each in things]
            if after not in ids:
                raise missing("object", after, "starting_after")
            things = things[ids.index(after) + 1 :]
        return {**listed(url, things[:limit]), "has_more": len(things) > limit}

    def customer(self, identifier: str, param: str = "id") -> Object:
        """A customer who is still there."""
        found = self.state.require("customer", identifier, param)
        if found.get("deleted"):
            raise missing("customer", identifier, param)
        return found

    def owned(self, kind: str, params: Params) -> list[Object]:
        """The objects of a kind, of the customer who is asked for if one is."""
        customer = params.text("customer")
        if customer is not None:
            self.state.require("customer", customer, "customer")
        return self.state.store.all(kind, customer=customer)


@_on("POST", "/v1/customers", *_CUSTOMER)
def _create_customer(desk: Desk, params: Params) -> Object:
    customer = new_customer(desk.state.clock.now())
    _describe(desk, customer, params)
    return desk.state.create(customer, "customer.created")


@_on("GET", "/v1/customers", *_LIST, "email")
def _list_customers(desk: Desk, params: Params) -> Object:
    found = [each for each in desk.state.store.all("customer") if not each.get("deleted")]
    email = params.text("email")
    if email is not None:
        found = [each for each in found if each["email"] == email]
    return desk.page("/v1/customers", found, params)


@_on("GET", "/v1/customers/{id}")
def _get_customer(desk: Desk, _params: Params, identifier: str) -> Object:
    found = desk.state.require("customer", identifier)
    if found.get("deleted"):
        return {"id": identifier, "object": "customer", "deleted": True}
    return found


@_on("POST", "/v1/customers/{id}", *_CUSTOMER)
def _update_customer(desk: Desk, params: Params, identifier: str) -> Object:
    customer = desk.customer(identifier)
    _describe(desk, customer, params)
    return desk.state.save(customer, "customer.updated")


@_on("DELETE", "/v1/customers/{id}")
def _delete_customer(desk: Desk, _params: Params, identifier: str) -> Object:
    customer = desk.customer(identifier)
    for subscription in desk.state.store.all("subscription", customer=identifier):
        if subscription["ended_at"] is None:
            desk.subscriptions.end(subscription, "cancellation_requested")
    desk.state.store.put({**customer, "deleted": True})
    desk.state.tell("customer.deleted", customer)
    return {"id": identifier, "object": "customer", "deleted": True}


def _describe(desk: Desk, customer: Object, params: Params) -> None:
    for name in ("email", "name", "description", "phone", "tax_exempt"):
        if name in params:
            customer[name] = params.text(name)
    if "metadata" in params:
        customer["metadata"] = params.metadata(customer["metadata"])
    if "address" in params:
        fields = ("line1", "line2", "city", "state", "postal_code", "country")
        given = params.inner("address")
        customer["address"] = {name: given.text(name) for name in fields}
    if "preferred_locales" in params:
        customer["preferred_locales"] = params.texts("preferred_locales")
    method = params.inner("invoice_settings").text("default_payment_method")
    if method is not None:
        found = desk.state.require("payment_method", method, "invoice_settings")
        customer["invoice_settings"]["default_payment_method"] = found["id"]


@_on("GET", "/v1/products", *_LIST)
def _list_products(desk: Desk, params: Params) -> Object:
    return desk.page("/v1/products", desk.state.store.all("product"), params)


@_on("GET", "/v1/products/{id}")
def _get_product(desk: Desk, _params: Params, identifier: str) -> Object:
    return desk.state.require("product", identifier)


@_on("GET", "/v1/prices", *_LIST, "active", "product")
def _list_prices(desk: Desk, params: Params) -> Object:
    product = params.text("product")
    found = desk.state.store.all("price")
    if product is not None:
        found = [each for each in found if each["product"] == product]
    return desk.page("/v1/prices", found, params)


@_on("GET", "/v1/prices/{id}")
def _get_price(desk: Desk, _params: Params, identifier: str) -> Object:
    return desk.state.require("price", identifier)


@_on("POST", "/v1/prices", "currency", "unit_amount", "recurring.interval", "product_data.name")
def _create_price(desk: Desk, params: Params) -> Object:
    now = desk.state.clock.now()
    params.inner("recurring").choice("interval", "month")
    amount = params.number("unit_amount", 0, 99_999_999) or 0
    name = params.inner("product_data").required("name")
    product = desk.state.create(new_product(new_id("prod"), name, now))
    currency = params.required("currency").lower()
    return desk.state.create(new_price(new_id("price"), product["id"], currency, amount, now))


@_on(
    "POST",
    "/v1/checkout/sessions",
    *("mode", "ui_mode", "customer", "customer_email", "client_reference_id", "locale"),
    *("line_items.price", "line_items.quantity", "success_url", "cancel_url", "expires_at"),
    *("allow_promotion_codes", "automatic_tax.enabled", "billing_address_collection"),
    *("tax_id_collection.enabled", "customer_update.address", "customer_update.name"),
    *("customer_update.shipping", "metadata.*", "payment_method_collection"),
    *("subscription_data.metadata.*", "subscription_data.trial_period_days"),
    *("subscription_data.description", "payment_method_types"),
)
def _open_session(desk: Desk, params: Params) -> Object:
    if params.choice("mode", "subscription") is None:
        raise StripeError("Missing required param: mode.", code="parameter_missing", param="mode")
    params.required("success_url")
    customer = (
        desk.customer(params.required("customer"), "customer") if "customer" in params else None
    )
    prices = [
        desk.state.require("price", line.required("price"), f"line_items[{at}][price]")
        for at, line in enumerate(params.each("line_items"))
        if line.number("quantity", 1, 1)
    ]
    if not prices:
        raise StripeError("line_items need a price each, and a quantity of 1.", param="line_items")
    _same_currency(customer, prices)
    asked = _asked(params, desk.state.clock.now())
    if customer is not None:
        _allow_taxes(params, customer)
        asked["customer_email"] = None
    elif "customer_update" in params:
        message = "`customer_update` can only be used with `customer`."
        raise StripeError(message, param="customer_update")
    return desk.checkout.open(asked, customer, prices)


def _asked(params: Params, now: int) -> Object:
    about = params.inner("subscription_data")
    reference = params.text("client_reference_id")
    if reference is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", reference):
        message = "client_reference_id has up to 200 letters, digits, dashes and underscores."
        raise StripeError(message, param="client_reference_id")
    collection = params.choice("payment_method_collection", "always", "if_required")
    return {
        "allow_promotion_codes": params.flag("allow_promotion_codes"),
        "automatic_tax": {
            "enabled": params.inner("automatic_tax").flag("enabled") or False,
            "liability": None,
            "status": None,
        },
        "billing_address_collection": params.choice(
            "billing_address_collection", "auto", "required"
        ),
        "cancel_url": params.address("cancel_url"),
        "client_reference_id": reference,
        "customer_email": params.text("customer_email"),
        "expires_at": params.number("expires_at", now + 1_800, now + 86_400) or now + 86_400,
        "locale": params.text("locale"),
        "metadata": params.metadata({}),
        "payment_method_collection": collection or "always",
        "success_url": params.address("success_url"),
        "tax_id_collection": {
            "enabled": params.inner("tax_id_collection").flag("enabled") or False,
            "required": "never",
        },
        "_customer_update": params.inner("customer_update").values,
        "_subscription": {
            "metadata": about.metadata({}),
            "trial_period_days": about.number("trial_period_days", 1, 730),
        },
    }


def _same_currency(customer: Object | None, prices: Sequence[Object]) -> None:
    currencies = {price["currency"] for price in prices}
    if customer is not None and customer["currency"]:
        currencies.add(customer["currency"])
    if len(currencies) > 1:
        raise StripeError(
            "You cannot combine currencies on a single customer. This customer has an active "
            f"subscription, subscription schedule, discount, quote, or invoice item with currency "
            f"{customer['currency'] if customer else prices[0]['currency']}.",
            param="line_items",
        )


def _allow_taxes(params: Params, customer: Object) -> None:
    update = params.inner("customer_update")
    taxed = params.inner("automatic_tax").flag("enabled")
    if taxed and not customer["address"] and update.text("address") != "auto":
        raise StripeError(
            "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a "
            "valid address to the Customer or set either `customer_update[address]` to 'auto' or "
            "`customer_update[shipping]` to 'auto' to save the address entered in Checkout to the "
            "Customer.",
            code="customer_tax_location_invalid",
        )
    if params.inner("tax_id_collection").flag("enabled") and update.text("name") != "auto":
        raise StripeError(
            "Tax ID collection requires updating business name on the customer. To enable tax ID "
            "collection for an existing customer, please set `customer_update[name]` to `auto`."
        )


@_on("GET", "/v1/checkout/sessions", *_LIST, "customer", "subscription", "status")
def _list_sessions(desk: Desk, params: Params) -> Object:
    found = desk.owned("checkout.session", params)
    for name in ("subscription", "status"):
        wanted = params.text(name)
        if wanted is not None:
            found = [each for each in found if each[name] == wanted]
    return desk.page("/v1/checkout/sessions", found, params)


@_on("GET", "/v1/checkout/sessions/{id}")
def _get_session(desk: Desk, _params: Params, identifier: str) -> Object:
    return desk.state.require("checkout.session", identifier)


@_on("POST", "/v1/checkout/sessions/{id}/expire")
def _expire_session(desk: Desk, _params: Params, identifier: str) -> Object:
    return desk.checkout.expire(desk.state.require("checkout.session", identifier))


@_on("GET", "/v1/subscriptions", *_LIST, "customer", "price", "status")
def _list_subscriptions(desk: Desk, params: Params) -> Object:
    status, price = params.text("status"), params.text("price")
    over = {"canceled", "incomplete_expired"}
    found = [
        each
        for each in desk.owned("subscription", params)
        if status == "all"
        or (status is None and each["status"] not in over)
        or (status == "ended" and each["status"] in over)
        or each["status"] == status
    ]
    if price is not None:
        found = [each for each in found if price in _prices_of(each)]
    return desk.page("/v1/subscriptions", found, params)


def _prices_of(subscription: Object) -> set[str]:
    return {item["price"]["id"] for item in subscription["items"]["data"]}


@_on("GET", "/v1/subscriptions/{id}")
def _get_subscription(desk: Desk, _params: Params, identifier: str) -> Object:
    return desk.state.require("subscription", identifier)


@_on(
    "POST",
    "/v1/subscriptions/{id}",
    *("cancel_at_period_end", "items.id", "items.price", "metadata.*", "proration_behavior"),
    "default_payment_method",
)
def _update_subscription(desk: Desk, params: Params, identifier: str) -> Object:
    subscription = desk.state.require("subscription", identifier)
    proration = params.choice("proration_behavior", "always_invoice", "create_prorations", "none")
    for at, item in enumerate(params.each("items")):
        price = desk.state.require("price", item.required("price"), f"items[{at}][price]")
        subscription = desk.subscriptions.change_price(
            subscription, item.text("id"), price, proration or "create_prorations"
        )
    on = params.flag("cancel_at_period_end")
    if on is not None:
        subscription = desk.subscriptions.cancel_at_period_end(subscription, on=on)
    if "metadata" in params:
        subscription["metadata"] = params.metadata(subscription["metadata"])
    method = params.text("default_payment_method")
    if method is not None:
        found = desk.state.require("payment_method", method, "default_payment_method")
        subscription["default_payment_method"] = found["id"]
    return desk.state.save(subscription, "customer.subscription.updated")


@_on("DELETE", "/v1/subscriptions/{id}")
def _cancel_subscription(desk: Desk, _params: Params, identifier: str) -> Object:
    subscription = desk.state.require("subscription", identifier)
    return desk.subscriptions.end(subscription, "cancellation_requested")


@_on("GET", "/v1/subscription_schedules", *_LIST, "customer")
def _list_schedules(desk: Desk, params: Params) -> Object:
    found = desk.owned("subscription_schedule", params)
    return desk.page("/v1/subscription_schedules", found, params)


@_on("GET", "/v1/subscription_schedules/{id}")
def _get_schedule(desk: Desk, _params: Params, identifier: str) -> Object:
    return desk.state.require("subscription_schedule", identifier)


@_on("POST", "/v1/subscription_schedules", "from_subscription")
def _create_schedule(desk: Desk, params: Params) -> Object:
    name = params.required("from_subscription")
    subscription = desk.state.require("subscription", name, "from_subscription")
    if subscription["schedule"] or subscription["ended_at"]:
        raise StripeError(
            "This subscription cannot be put on a schedule.", param="from_subscription"
        )
    item = subscription["items"]["data"][0]
    start, end = item["current_period_start"], period_end(subscription)
    return desk.subscriptions.put_on_schedule(
        subscription, [new_phase(item["price"]["id"], start, end)]
    )


@_on(
    "POST",
    "/v1/subscription_schedules/{id}",
    *("end_behavior", "phases.items.price", "phases.items.quantity", "phases.start_date"),
    *("phases.end_date", "proration_behavior"),
)
def _update_schedule(desk: Desk, params: Params, identifier: str) -> Object:
    schedule = desk.state.require("subscription_schedule", identifier)
    if schedule["status"] != "active":
        raise StripeError(f"The schedule is {schedule['status']} and cannot be updated.")
    params.choice("end_behavior", "release")
    phases: list[Object] = []
    for phase in params.each("phases"):
        (item,) = phase.each("items") or [Params({})]
        price = desk.state.require("price", item.required("price"), "phases")
        start = phases[-1]["end_date"] if phases else schedule["phases"][0]["start_date"]
        end = phase.number("end_date", start + 1, 2**40)
        if end is None:
            raise StripeError("Each phase needs an end_date here.", param="phases")
        phases.append(new_phase(price["id"], start, end))
    schedule["phases"] = phases or schedule["phases"]
    return desk.state.save(schedule, "subscription_schedule.updated")


@_on("POST", "/v1/subscription_schedules/{id}/release")
def _release_schedule(desk: Desk, _params: Params, identifier: str) -> Object:
    schedule = desk.state.require("subscription_schedule", identifier)
    if schedule["status"] != "active":
        raise StripeError(f"The schedule is {schedule['status']} and cannot be released.")
    return desk.subscriptions.release(schedule)


@_on("GET", "/v1/invoices", *_LIST, "customer", "subscription", "status")
def _list_invoices(desk: Desk, params: Params) -> Object:
    subscription, status = params.text("subscription"), params.text("status")
    found = [
        each
        for each in desk.owned("invoice", params)
        if subscription in {None, subscription_of(each)} and status in {None, each["status"]}
    ]
    return desk.page("/v1/invoices", found, params)


@_on("GET", "/v1/invoices/{id}")
def _get_invoice(desk: Desk, _params: Params, identifier: str) -> Object:
    return desk.state.require("invoice", identifier)


@_on("POST", "/v1/invoices/{id}/pay", "off_session")
def _pay_invoice(desk: Desk, _params: Params, identifier: str) -> Object:
    invoice = desk.state.require("invoice", identifier)
    if invoice["status"] != "open":
        message = (
            "Invoice is already paid" if invoice["status"] == "paid" else "Invoice is not open"
        )
        raise StripeError(message, code="invoice_not_payable")
    refused = desk.subscriptions.collect(invoice, present=False)
    if refused:
        raise refused
    return desk.state.store.get(identifier)


@_on("GET", "/v1/charges", *_LIST, "customer", "payment_intent")
def _list_charges(desk: Desk, params: Params) -> Object:
    intent = params.text("payment_intent")
    found = [
        each for each in desk.owned("charge", params) if intent in {None, each["payment_intent"]}
    ]
    return desk.page("/v1/charges", found, params)


@_on("GET", "/v1/charges/{id}")
def _get_charge(desk: Desk, _params: Params, identifier: str) -> Object:
    return desk.state.require("charge", identifier)


@_on("POST", "/v1/refunds", "charge", "payment_intent", "amount", "reason", "metadata.*")
def _refund(desk: Desk, params: Params) -> Object:
    intent = params.text("payment_intent")
    for each in desk.state.store.all("charge") if intent else ():
        if each["payment_intent"] == intent:
            charge = each
            break
    else:
        charge = desk.state.require("charge", params.required("charge"), "charge")
    reason = params.choice("reason", "duplicate", "fraudulent", "requested_by_customer")
    return desk.payments.refund(charge, params.number("amount", 1, 99_999_999), reason)


@_on("GET", "/v1/payment_methods/{id}")
def _get_method(desk: Desk, _params: Params, identifier: str) -> Object:
    return desk.state.require("payment_method", identifier)


@_on(
    "POST",
    "/v1/billing_portal/sessions",
    *("customer", "return_url", "configuration", "locale", "flow_data.type"),
    *("flow_data.subscription_cancel.subscription", "flow_data.subscription_update.subscription"),
    "flow_data.subscription_update_confirm.subscription",
    *(
        f"flow_data.subscription_update_confirm.items.{name}"
        for name in ("id", "price", "quantity")
    ),
    *("flow_data.after_completion.type", "flow_data.after_completion.redirect.return_url"),
    "flow_data.after_completion.hosted_confirmation.custom_message",
)
def _open_portal(desk: Desk, params: Params) -> Object:
    customer = desk.customer(params.required("customer"), "customer")
    return desk.portal.open(customer, params)


@_on("GET", "/v1/events", *_LIST, "type", "types")
def _list_events(desk: Desk, params: Params) -> Object:
    wanted = params.texts("types") or [each for each in (params.text("type"),) if each]
    found = [each for each in desk.state.store.all("event") if not wanted or each["type"] in wanted]
    return desk.page("/v1/events", found, params)


@_on("GET", "/v1/events/{id}")
def _get_event(desk: Desk, _params: Params, identifier: str) -> Object:
    return desk.state.require("event", identifier)
