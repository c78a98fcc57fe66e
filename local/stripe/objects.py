"""New objects, with the fields that the SDK, Frontdesk or a page reads: docs.stripe.com/api."""

import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.stripe.store import Object

_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an invoice: an amount in hundredths for a period, in seconds since 1970."""

    description: str
    amount: int
    start: int
    end: int


def new_id(prefix: str) -> str:
    """An id as Stripe makes them."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(24))}"


def new(kind: str, identifier: str, created: int, **fields: Any) -> Object:  # noqa: ANN401 - parts of a JSON document
    """An object of any kind, with what all of them have."""
    common = {"id": identifier, "object": kind, "created": created, "livemode": False}
    return {**common, "metadata": {}, **fields}


def listed(url: str, data: Sequence[Object], *, more: bool = False) -> Object:
    """A list, or a page of one."""
    return {"object": "list", "data": list(data), "has_more": more, "url": url}


def new_price(identifier: str, product: str, currency: str, amount: int, created: int) -> Object:
    """A monthly price, in hundredths."""
    month = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
    about = {"currency": currency, "product": product, "unit_amount": amount}
    return new(
        "price", identifier, created, active=True, type="recurring", recurring=month, **about
    )


def new_customer(created: int) -> Object:
    """Somebody who has paid nothing yet."""
    invoices = {"invoice_prefix": new_id("x")[2:10].upper(), "next_invoice_sequence": 1}
    unknown = dict.fromkeys(("currency", "email", "name"))
    card = {"default_payment_method": None}
    return new("customer", new_id("cus"), created, invoice_settings=card, **invoices, **unknown)


def new_subscription(
    customer: str, price: Object, created: int, end: int, *, trial: bool
) -> Object:
    """A subscription to one price, with a first period until `end`. Not paid yet."""
    identifier = new_id("sub")
    period = {"current_period_start": created, "current_period_end": end}
    about = {"price": price, "quantity": 1, "subscription": identifier}
    item = new("subscription_item", new_id("si"), created, **about, **period)
    not_yet = ("cancel_at", "canceled_at", "ended_at", "latest_invoice", "schedule")
    return new(
        "subscription",
        identifier,
        created,
        billing_cycle_anchor=end if trial else created,
        cancel_at_period_end=False,
        cancellation_details={"comment": None, "feedback": None, "reason": None},
        currency=price["currency"],
        customer=customer,
        items=listed(f"/v1/subscription_items?subscription={identifier}", [item]),
        status="trialing" if trial else "incomplete",
        trial_end=end if trial else None,
        trial_start=created if trial else None,
        **dict.fromkeys(not_yet),
    )


def new_invoice(subscription: Object, lines: Sequence[Line], reason: str, created: int) -> Object:
    """A draft."""
    identifier, currency = new_id("in"), subscription["currency"]
    total = sum(line.amount for line in lines)
    parts = [
        {
            "id": new_id("il"),
            "object": "line_item",
            "amount": line.amount,
            "currency": currency,
            "description": line.description,
            "period": {"end": line.end, "start": line.start},
        }
        for line in lines
    ]
    whose = {"subscription": subscription["id"], "metadata": subscription["metadata"]}
    return new(
        "invoice",
        identifier,
        created,
        amount_due=total,
        amount_paid=0,
        attempt_count=0,
        auto_advance=True,
        billing_reason=reason,
        currency=currency,
        customer=subscription["customer"],
        lines=listed(f"/v1/invoices/{identifier}/lines", parts),
        next_payment_attempt=None,
        parent={"subscription_details": whose, "type": "subscription_details"},
        status="draft",
        total=total,
    )


def new_schedule(subscription: Object, price: Object, created: int, until: int) -> Object:
    """Another price after the present period, which then lasts `until`."""
    (item,) = subscription["items"]["data"]
    now = _phase(item["price"]["id"], item["current_period_start"], item["current_period_end"])
    return new(
        "subscription_schedule",
        new_id("sub_sched"),
        created,
        current_phase={"end_date": now["end_date"], "start_date": now["start_date"]},
        customer=subscription["customer"],
        phases=[now, _phase(price["id"], now["end_date"], until)],
        status="active",
        subscription=subscription["id"],
    )


def _phase(price: str, start: int, end: int) -> Object:
    return {"end_date": end, "items": [{"price": price, "quantity": 1}], "start_date": start}
