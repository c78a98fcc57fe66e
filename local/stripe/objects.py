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
    return new(
        "price",
        identifier,
        created,
        active=True,
        currency=currency,
        product=product,
        recurring={"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        type="recurring",
        unit_amount=amount,
    )


def new_customer(created: int) -> Object:
    """Somebody who has paid nothing yet."""
    return new(
        "customer",
        new_id("cus"),
        created,
        currency=None,
        email=None,
        invoice_prefix=new_id("x")[2:10].upper(),
        invoice_settings={"default_payment_method": None},
        name=None,
        next_invoice_sequence=1,
    )


def new_subscription(
    customer: str, price: Object, created: int, end: int, *, trial: bool
) -> Object:
    """A subscription to one price, with a first period until `end`. Not paid yet."""
    identifier = new_id("sub")
    item = new(
        "subscription_item",
        new_id("si"),
        created,
        current_period_end=end,
        current_period_start=created,
        price=price,
        quantity=1,
        subscription=identifier,
    )
    return new(
        "subscription",
        identifier,
        created,
        billing_cycle_anchor=end if trial else created,
        cancel_at=None,
        cancel_at_period_end=False,
        canceled_at=None,
        cancellation_details={"comment": None, "feedback": None, "reason": None},
        collection_method="charge_automatically",
        currency=price["currency"],
        customer=customer,
        default_payment_method=None,
        ended_at=None,
        items=listed(f"/v1/subscription_items?subscription={identifier}", [item]),
        latest_invoice=None,
        schedule=None,
        start_date=created,
        status="trialing" if trial else "incomplete",
        trial_end=end if trial else None,
        trial_start=created if trial else None,
    )


def new_invoice(
    subscription: Object,
    customer: Object,
    lines: Sequence[Line],
    created: int,
    *,
    reason: str,
    percent_off: int,
) -> Object:
    """A draft."""
    identifier = new_id("in")
    subtotal = sum(line.amount for line in lines)
    discount = subtotal * percent_off // 100
    return new(
        "invoice",
        identifier,
        created,
        amount_due=subtotal - discount,
        amount_paid=0,
        amount_remaining=subtotal - discount,
        attempt_count=0,
        attempted=False,
        auto_advance=True,
        billing_reason=reason,
        collection_method="charge_automatically",
        currency=subscription["currency"],
        customer=customer["id"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        hosted_invoice_url=None,
        invoice_pdf=None,
        lines=listed(
            f"/v1/invoices/{identifier}/lines",
            [
                {
                    "id": new_id("il"),
                    "object": "line_item",
                    "amount": line.amount,
                    "currency": subscription["currency"],
                    "description": line.description,
                    "period": {"end": line.end, "start": line.start},
                }
                for line in lines
            ],
        ),
        next_payment_attempt=None,
        number=None,
        parent={
            "subscription_details": {
                "metadata": subscription["metadata"],
                "subscription": subscription["id"],
            },
            "type": "subscription_details",
        },
        status="draft",
        status_transitions={"finalized_at": None, "paid_at": None},
        subtotal=subtotal,
        total=subtotal - discount,
        total_discount_amounts=[{"amount": discount}] if discount else [],
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
        end_behavior="release",
        phases=[now, _phase(price["id"], now["end_date"], until)],
        status="active",
        subscription=subscription["id"],
    )


def _phase(price: str, start: int, end: int) -> Object:
    return {"end_date": end, "items": [{"price": price, "quantity": 1}], "start_date": start}
