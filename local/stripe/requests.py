"""What the methods of the API take. Anything else is refused, as Stripe does."""

from typing import Annotated, Literal

from pydantic import Field

from local.stripe.forms import Address, Form, Part
from local.stripe.store import Object

_Metadata = dict[str, str]


class Listing(Form):
    """A page of a list, of what has the values that a subclass may be given."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10
    starting_after: str | None = None

    def wants(self, thing: Object) -> bool:
        """Whether an object belongs to the list."""
        paging = set(Listing.model_fields)
        given = self.model_dump(exclude_none=True, exclude=paging)
        return "deleted" not in thing and all(thing[name] == given[name] for name in given)


class CustomerListing(Listing):
    """Customers."""

    email: str | None = None


class SubscriptionListing(Listing):
    """Subscriptions: those that go on, or all of them."""

    customer: str | None = None
    status: Literal["all"] | None = None

    def wants(self, thing: Object) -> bool:
        """Whether an object belongs to the list."""
        mine = self.customer in {None, thing["customer"]}
        return mine and (self.status == "all" or thing["ended_at"] is None)


class InvoiceListing(Listing):
    """Invoices."""

    customer: str | None = None


class EventListing(Listing):
    """Events."""

    type: str | None = None


class CustomerForm(Form):
    """A new customer."""

    email: str | None = None
    name: str | None = None
    metadata: _Metadata = Field(default={})


class _Switch(Part):
    enabled: bool = False


class _LineItem(Part):
    price: str
    quantity: Annotated[int, Field(ge=1, le=1)]


class _CustomerUpdate(Part):
    name: Literal["auto", "never"] = "never"
    address: Literal["auto", "never"] = "never"


class _SubscriptionData(Part):
    metadata: _Metadata = Field(default={})
    trial_period_days: Annotated[int, Field(ge=1, le=730)] | None = None


class CheckoutForm(Form):
    """A Checkout Session for one subscription."""

    mode: Literal["subscription"]
    customer: str
    line_items: tuple[_LineItem]
    success_url: Address
    cancel_url: Address | None = None
    client_reference_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")] | None = None
    allow_promotion_codes: bool = False
    automatic_tax: _Switch = _Switch()
    tax_id_collection: _Switch = _Switch()
    billing_address_collection: Literal["auto", "required"] = "auto"
    customer_update: _CustomerUpdate = _CustomerUpdate()
    metadata: _Metadata = Field(default={})
    subscription_data: _SubscriptionData = _SubscriptionData()


class _Redirect(Part):
    return_url: Address


class _AfterCompletion(Part):
    type: Literal["redirect"]
    redirect: _Redirect


class _Cancel(Part):
    subscription: str


class _Item(Part):
    id: str
    price: str
    quantity: Annotated[int, Field(ge=1, le=1)] = 1


class _Confirm(_Cancel):
    items: tuple[_Item]


class _Flow(Part):
    type: Literal["subscription_cancel", "subscription_update_confirm"]
    subscription_cancel: _Cancel | None = None
    subscription_update_confirm: _Confirm | None = None
    after_completion: _AfterCompletion | None = None


class PortalForm(Form):
    """A session of the customer portal, for one flow or for everything."""

    customer: str
    return_url: Address
    flow_data: _Flow | None = None
