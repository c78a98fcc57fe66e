"""Stripe, through its SDK. Stripe's errors become ours here and nowhere else."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import stripe
from pydantic import BaseModel, SecretStr, ValidationError

from frontdesk.billing.ports import (
    CancelFlow,
    Checkout,
    CheckoutDone,
    CheckoutOrder,
    CustomerGone,
    PlanFlow,
)
from frontdesk.billing.stripe_objects import Customer, Invoice, StripeSubscription
from frontdesk.errors import Conflict, PaymentsUnavailable
from frontdesk.observability import logger

API_VERSION = "2026-10-28.endive"
"""Pinned: what Stripe answers does not change under us when the account's default does."""

_Kind = TypeVar("_Kind", bound=BaseModel)

_SECONDS = 8.0
_RETRIES = 2

_EXPANDED = ["latest_invoice", "schedule"]


class StripeGateway:
    """Stripe, through its SDK. Every call raises PaymentsUnavailable when Stripe does not answer.

    Calls are tried again by the SDK; what writes carries an idempotency key, so that it is done
    once.
    """

    def __init__(self, key: SecretStr, *, api_base: str | None = None, tax: bool = False) -> None:
        """`api_base` is another address than Stripe's. With `tax` Stripe adds taxes."""
        self._tax = tax
        self._stripe = stripe.StripeClient(
            key.get_secret_value(),
            stripe_version=API_VERSION,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=_RETRIES,
            http_client=stripe.RequestsClient(timeout=_SECONDS),
        ).v1

    def create_customer(
        self, organization_id: str, *, name: str, email: str, after: str | None
    ) -> str:
        """The id of a customer that stands for an organisation; the same one when asked the same.

        `after` is the customer that was deleted before, if there was one.
        """
        # Stripe refuses a key that comes again with other fields: who asks is part of it.
        key = _key("customer", organization_id, after or "", name, email)
        with _translated():
            customer = self._stripe.customers.create(
                {"name": name, "email": email, "metadata": {"organization_id": organization_id}},
                {"idempotency_key": key},
            )
        return customer.id

    def customer(self, customer_id: str) -> Customer | None:
        """A customer, if Stripe knows it."""
        return _read(Customer, lambda: self._stripe.customers.retrieve(customer_id))

    def create_checkout(self, order: CheckoutOrder) -> Checkout:
        """A page to subscribe on. The same order again gives the same page.

        Raises CustomerGone, and Conflict when the customer pays in another currency.
        """
        labels = {"organization_id": order.organization_id}
        parameters: Any = {
            "mode": "subscription",
            "customer": order.customer_id,
            "client_reference_id": order.organization_id,
            "line_items": [{"price": order.price_id, "quantity": 1}],
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
            "allow_promotion_codes": True,
            "automatic_tax": {"enabled": self._tax},
            "billing_address_collection": "required" if self._tax else "auto",
            "tax_id_collection": {"enabled": True},
            "customer_update": {"name": "auto", "address": "auto"},
            "metadata": labels,
            "subscription_data": {"metadata": labels},
        }
        key = _key("checkout", order.customer_id, order.price_id, order.attempt, order.success_url)
        with _translated():
            session = self._stripe.checkout.sessions.create(parameters, {"idempotency_key": key})
        if session.url is None:
            raise PaymentsUnavailable("Stripe gave a checkout without an address")
        return Checkout(session.id, session.url)

    def close_checkout(self, session_id: str) -> None:
        """Have a checkout page lead nowhere any more. Raises CheckoutDone when it was completed."""
        with _translated():
            try:
                self._stripe.checkout.sessions.expire(
                    session_id, {}, {"idempotency_key": _key("expire", session_id)}
                )
                return
            except stripe.InvalidRequestError:
                # It is not open any more, or gone. Which of them, it says itself.
                pass
            try:
                session = self._stripe.checkout.sessions.retrieve(session_id)
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing":
                    return
                raise
        if session.status == "complete":
            made = session.subscription
            raise CheckoutDone(
                "This was paid for just now. It will show in a moment.",
                made.id if isinstance(made, stripe.Subscription) else made,
            )

    def create_portal(
        self,
        customer_id: str,
        *,
        return_url: str,
        flow: PlanFlow | CancelFlow | None = None,
    ) -> str:
        """The address of a page to manage payment on. Raises CustomerGone."""
        parameters: Any = {"customer": customer_id, "return_url": return_url}
        after: Any = {"type": "redirect", "redirect": {"return_url": return_url}}
        match flow:
            case PlanFlow():
                item = {"id": flow.item_id, "price": flow.price_id, "quantity": 1}
                confirmed = {"subscription": flow.subscription_id, "items": [item]}
                parameters["flow_data"] = {
                    "type": "subscription_update_confirm",
                    "subscription_update_confirm": confirmed,
                    "after_completion": after,
                }
            case CancelFlow():
                parameters["flow_data"] = {
                    "type": "subscription_cancel",
                    "subscription_cancel": {"subscription": flow.subscription_id},
                    "after_completion": after,
                }
        with _translated():
            return self._stripe.billing_portal.sessions.create(parameters).url

    def subscription(self, subscription_id: str) -> StripeSubscription | None:
        """A subscription as it is now, if Stripe knows it."""
        return _read(
            StripeSubscription,
            lambda: self._stripe.subscriptions.retrieve(subscription_id, {"expand": _EXPANDED}),
        )

    def invoice(self, invoice_id: str) -> Invoice | None:
        """An invoice as it is now, if Stripe knows it."""
        return _read(Invoice, lambda: self._stripe.invoices.retrieve(invoice_id))


def _read(kind: type[_Kind], fetch: Callable[[], stripe.StripeObject]) -> _Kind | None:
    """What `fetch` finds, as far as we read it; None when Stripe does not know it."""
    with _translated():
        try:
            found = fetch()
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return None
            raise
    try:
        return kind.model_validate(found.to_dict())
    except ValidationError as error:
        raise PaymentsUnavailable(f"Stripe's {kind.__name__} is not as expected") from error


@contextmanager
def _translated() -> Iterator[None]:
    """Stripe's errors as ours, and not as their cause.

    Their messages may quote what was sent, and a cause is logged with what it has caused.
    """
    try:
        yield
    except stripe.InvalidRequestError as error:
        logger.warning("refused by Stripe", extra={"code": error.code, "param": error.param})
        if error.code == "resource_missing" and error.param == "customer":
            raise CustomerGone("The customer is gone at Stripe.") from None
        if "combine currencies" in (error.user_message or ""):
            raise Conflict(
                "You have paid in another currency before, and Stripe allows one only. Write to us."
            ) from None
        raise PaymentsUnavailable(f"Stripe: {error.code or 'invalid request'}") from None
    except stripe.StripeError as error:
        raise PaymentsUnavailable(f"Stripe: {type(error).__name__}") from None


def _key(*parts: str) -> str:
    """An idempotency key: the same for the same request, and saying nothing of it."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
