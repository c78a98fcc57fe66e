"""Stripe's events, as far as we read them.

An event says that something has happened and to what. What it looks like now is asked of Stripe:
events come late, twice and in any order. Those of an endpoint with a version of Stripe's API from
before 2025-03-31 are read too: there an invoice names its subscription directly.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

SOURCE = "stripe"
"""Under which they are stored."""

SUBSCRIPTION = "customer.subscription."
"""How the types of events of a subscription begin."""


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Data(_Read):
    """What an event is about."""

    object: dict[str, Any]


class Event(_Read):
    """An event of Stripe's."""

    id: str
    type: str
    data: Data

    @property
    def object_id(self) -> str | None:
        """The id of what it is about."""
        return _text(self.data.object.get("id"))

    @property
    def customer_id(self) -> str | None:
        """The customer it is about."""
        if self.type in {"customer.updated", "customer.deleted", "customer.created"}:
            return self.object_id
        return _id_of(self.data.object.get("customer"))

    @property
    def subscription_id(self) -> str | None:
        """The subscription it is about."""
        if self.type.startswith(SUBSCRIPTION):
            return self.object_id
        parent = self.data.object.get("parent")
        details = parent.get("subscription_details") if isinstance(parent, dict) else None
        if isinstance(details, dict) and self.type.startswith("invoice."):
            return _id_of(details.get("subscription"))
        return _id_of(self.data.object.get("subscription"))

    @property
    def reference(self) -> str | None:
        """The organisation that a checkout was begun for."""
        return _text(self.data.object.get("client_reference_id"))


def _id_of(found: object) -> str | None:
    """The id of what is named by its id, or stands there itself."""
    return _text(found.get("id")) if isinstance(found, dict) else _text(found)


def _text(found: object) -> str | None:
    return found if isinstance(found, str) and found else None
