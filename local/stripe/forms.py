"""What the methods of the API take, form-encoded with brackets: `items[0][price]=…`.

Anything else is refused, as Stripe does.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator

from local.stripe.errors import StripeError
from local.stripe.store import Object

_PART = re.compile(r"\[([^\]]*)\]")

_REFUSALS = {
    "extra_forbidden": ("parameter_unknown", "Received unknown parameter: {}"),
    "missing": ("parameter_missing", "Missing required param: {}."),
    "int_parsing": ("parameter_invalid_integer", "Invalid integer: {}"),
}

_Address = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]
_Metadata = dict[str, str]
_Switch = dict[Literal["enabled"], bool]
_CustomerUpdate = dict[Literal["name", "address"], Literal["auto", "never"]]


class Part(BaseModel):
    """Parameters within a parameter. An empty one counts as none; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, given: Any) -> Any:  # noqa: ANN401 - anything, until it is validated
        if not isinstance(given, dict):
            return given
        return {name: None if value == "" else value for name, value in given.items()}


class Form(Part):
    """The parameters of a method of the API."""

    expand: tuple[str, ...] = ()

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """The parameters. Raises StripeError, which names the first one that is wrong."""
        try:
            return cls.model_validate(_decoded(pairs))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            head, *rest = (str(part) for part in first["loc"])
            param = head + "".join(f"[{part}]" for part in rest)
            code, message = _REFUSALS.get(first["type"], (None, f"Invalid {{}}: {first['msg']}"))
            raise StripeError(message.format(param), code=code, param=param) from error


class Listing(Form):
    """A page of a list, of what has the values that are given."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10
    starting_after: str | None = None

    def wants(self, thing: Object) -> bool:
        """Whether an object belongs to the list."""
        paging = set(Listing.model_fields)
        given = self.model_dump(exclude_none=True, exclude=paging)
        return "deleted" not in thing and all(thing[name] == given[name] for name in given)


class SubscriptionListing(Listing):
    """Subscriptions: those that go on, or all of them."""

    customer: str | None = None
    status: Literal["all"] | None = None

    def wants(self, thing: Object) -> bool:
        """Whether an object belongs to the list."""
        mine = self.customer in {None, thing["customer"]}
        return mine and (self.status == "all" or thing["ended_at"] is None)


def listing(field: str) -> type[Listing]:
    """A list of what has a value in `field`, if one is given."""
    fields: dict[str, Any] = {field: (str | None, None)}
    return create_model("Listing", __base__=Listing, **fields)


class CustomerForm(Form):
    """A new customer."""

    email: str | None = None
    name: str | None = None
    metadata: _Metadata = Field(default={})


class _LineItem(Part):
    price: str
    quantity: Annotated[int, Field(ge=1, le=1)]


class _SubscriptionData(Part):
    metadata: _Metadata = Field(default={})
    trial_period_days: Annotated[int, Field(ge=1, le=730)] | None = None


class CheckoutForm(Form):
    """A Checkout Session for one subscription."""

    mode: Literal["subscription"]
    customer: str
    line_items: tuple[_LineItem]
    success_url: _Address
    cancel_url: _Address | None = None
    client_reference_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")] | None = None
    allow_promotion_codes: bool = False
    automatic_tax: _Switch = Field(default={})
    tax_id_collection: _Switch = Field(default={})
    billing_address_collection: Literal["auto", "required"] = "auto"
    customer_update: _CustomerUpdate = Field(default={})
    metadata: _Metadata = Field(default={})
    subscription_data: _SubscriptionData = _SubscriptionData()


class _Redirect(Part):
    return_url: _Address


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
    return_url: _Address
    flow_data: _Flow | None = None


def _decoded(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for name, value in pairs:
        head, bracket, rest = name.partition("[")
        *parts, last = [head, *_PART.findall(bracket + rest)]
        node = root
        for part in parts:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise StripeError(f"Invalid parameter: {name}", param=name)
        node[last or str(len(node))] = value
    return {name: _lists(value) for name, value in root.items()}


def _lists(value: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(part) for name, part in value.items()}
    if all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
