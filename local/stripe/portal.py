"""Sessions of the customer portal: docs.stripe.com/api/customer_portal/sessions."""

from local.stripe.errors import StripeError
from local.stripe.forms import Params
from local.stripe.state import State, new_id
from local.stripe.store import Object

_FLOWS = (
    "payment_method_update",
    "subscription_cancel",
    "subscription_update",
    "subscription_update_confirm",
)


class Portal:
    """Opens sessions. Their pages are in `local.stripe.pages`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def open(self, customer: Object, params: Params) -> Object:
        """A session, for one flow or for everything. Raises StripeError."""
        identifier, secret = new_id("bps"), new_id("test")
        session: Object = {
            "id": identifier,
            "object": "billing_portal.session",
            "configuration": params.text("configuration") or "bpc_stand_in",
            "created": self._state.clock.now(),
            "customer": customer["id"],
            "flow": self._flow(customer, params) if "flow_data" in params else None,
            "livemode": False,
            "locale": params.text("locale"),
            "on_behalf_of": None,
            "return_url": params.address("return_url"),
            "url": f"/p/session/{identifier}-{secret}",
            "_secret": secret,
        }
        return self._state.create(session)

    def find(self, name: str) -> Object:
        """The session whose page has this name. Raises StripeError."""
        identifier, _, secret = name.partition("-")
        session = self._state.require("billing_portal.session", identifier)
        if session["_secret"] != secret:
            raise StripeError("This session has expired.")
        return session

    def _flow(self, customer: Object, params: Params) -> Object:
        data = params.inner("flow_data")
        kind = data.choice("type", *_FLOWS)
        if kind is None:
            code = "parameter_missing"
            raise StripeError("Missing required param: flow_data[type].", code=code)
        after = data.inner("after_completion")
        flow: Object = {
            "type": kind,
            "after_completion": {
                "hosted_confirmation": None,
                "redirect": None,
                "type": after.choice("type", "hosted_confirmation", "portal_homepage", "redirect")
                or "portal_homepage",
            },
            **dict.fromkeys(_FLOWS[1:]),
        }
        if flow["after_completion"]["type"] == "redirect":
            url = after.inner("redirect").address("return_url")
            flow["after_completion"]["redirect"] = {"return_url": url}
        if kind == "payment_method_update":
            return flow
        param = f"flow_data[{kind}][subscription]"
        about = data.inner(kind)
        subscription = self._state.require("subscription", about.required("subscription"), param)
        if subscription["customer"] != customer["id"] or subscription["ended_at"] is not None:
            raise StripeError(
                f"No such subscription: '{subscription['id']}'",
                code="resource_missing",
                param=param,
            )
        if kind == "subscription_cancel" and subscription["cancel_at_period_end"]:
            message = f"The subscription {subscription['id']} is already set to be canceled."
            raise StripeError(message, param=param)
        flow[kind] = {"subscription": subscription["id"]}
        if kind == "subscription_update_confirm":
            flow[kind] |= {"discounts": None, "items": self._items(subscription, about)}
        return flow

    def _items(self, subscription: Object, about: Params) -> list[Object]:
        param = "flow_data[subscription_update_confirm][items]"
        (item,) = about.each("items")[:1] or [Params({})]
        (current,) = subscription["items"]["data"][:1]
        price = self._state.require("price", item.required("price"), param)
        if item.required("id") != current["id"]:
            raise StripeError(f"No such subscription item: '{item.text('id')}'", param=param)
        if price["id"] == current["price"]["id"]:
            message = "The subscription already has this price: there is nothing to confirm."
            raise StripeError(message, param=param)
        return [{"id": current["id"], "price": price["id"], "quantity": 1}]
