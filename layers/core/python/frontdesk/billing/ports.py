"""The payments port: the pages people pay on. What they have paid for is read by the webhooks."""

from dataclasses import dataclass
from typing import Protocol

from frontdesk.billing.stripe_objects import StripeSubscription
from frontdesk.errors import Conflict, NotFound


class CustomerGone(NotFound):
    """The customer was deleted at Stripe."""


class CheckoutDone(Conflict):
    """The checkout is over: somebody has paid. `subscription_id` is what came of it."""

    def __init__(self, detail: str, subscription_id: str | None) -> None:
        super().__init__(detail)
        self.subscription_id = subscription_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutOrder:
    """A subscription somebody wants to begin. `attempt` tells one checkout from the next."""

    organization_id: str
    customer_id: str
    price_id: str
    success_url: str
    cancel_url: str
    attempt: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout page that is open."""

    session_id: str
    url: str


@dataclass(frozen=True, slots=True)
class PlanFlow:
    """The portal's page that confirms another price for the item of a subscription."""

    subscription_id: str
    item_id: str
    price_id: str


@dataclass(frozen=True, slots=True)
class CancelFlow:
    """The portal's page that confirms the end of a subscription."""

    subscription_id: str


class PaymentPages(Protocol):
    """Opens pages. Every call raises PaymentsUnavailable when nobody answers."""

    def create_customer(
        self, organization_id: str, *, name: str, email: str, after: str | None
    ) -> str:
        """The id of a customer that stands for an organisation; the same one when asked the same.

        `after` is the customer that was deleted before, if there was one.
        """
        ...

    def create_checkout(self, order: CheckoutOrder) -> Checkout:
        """A page to subscribe on. The same order again gives the same page.

        Raises CustomerGone, and Conflict when the customer pays in another currency.
        """
        ...

    def close_checkout(self, session_id: str) -> None:
        """Have a checkout page lead nowhere any more. Raises CheckoutDone when it was completed."""
        ...

    def create_portal(
        self, customer_id: str, *, return_url: str, flow: PlanFlow | CancelFlow | None = None
    ) -> str:
        """The address of a page to manage payment on. Raises CustomerGone."""
        ...

    def subscription(self, subscription_id: str) -> StripeSubscription | None:
        """A subscription as it is now, if it is known."""
        ...
