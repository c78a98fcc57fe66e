"""New objects with all the fields that Stripe's have, as far as anybody here reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

from local.stripe.cards import TestCard
from local.stripe.state import new_id
from local.stripe.store import Object


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of an invoice: an amount in hundredths for a period, in seconds since 1970."""

    description: str
    amount: int
    price: Object
    start: int
    end: int
    proration: bool = False


def listed(url: str, data: Sequence[Object]) -> Object:
    """A list object that is complete."""
    return {"object": "list", "data": list(data), "has_more": False, "url": url}


def new_customer(created: int) -> Object:
    """docs.stripe.com/api/customers/object."""
    return {
        "id": new_id("cus"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": created,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("x")[2:10].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def new_payment_method(card: TestCard, expiry: tuple[int, int], customer: Object) -> Object:
    """docs.stripe.com/api/payment_methods/object; only the last four digits leave."""
    month, year = expiry
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "billing_details": {
            "address": customer["address"],
            "email": customer["email"],
            "name": customer["name"],
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": card.brand,
            "country": "US",
            "exp_month": month,
            "exp_year": year,
            "funding": "credit",
            "last4": card.number[-4:],
        },
        "customer": customer["id"],
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_number": card.number,
    }


def new_item(subscription: str, price: Object, created: int, start: int, end: int) -> Object:
    """docs.stripe.com/api/subscription_items/object."""
    return {
        "id": new_id("si"),
        "object": "subscription_item",
        "created": created,
        "current_period_end": end,
        "current_period_start": start,
        "discounts": [],
        "metadata": {},
        "price": price,
        "quantity": 1,
        "subscription": subscription,
        "tax_rates": [],
    }


def new_subscription(customer: str, currency: str, created: int) -> Object:
    """docs.stripe.com/api/subscriptions/object. It has no items yet."""
    identifier = new_id("sub")
    return {
        "id": identifier,
        "object": "subscription",
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": created,
        "billing_mode": {"type": "flexible"},
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": created,
        "currency": currency,
        "customer": customer,
        "days_until_due": None,
        "default_payment_method": None,
        "description": None,
        "discounts": [],
        "ended_at": None,
        "items": listed(f"/v1/subscription_items?subscription={identifier}", []),
        "latest_invoice": None,
        "livemode": False,
        "metadata": {},
        "pause_collection": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": created,
        "status": "incomplete",
        "test_clock": None,
        "trial_end": None,
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": None,
        "_lines": [],
    }


def new_invoice(
    subscription: Object, customer: Object, lines: Sequence[Line], *, reason: str, created: int
) -> Object:
    """docs.stripe.com/api/invoices/object, a draft."""
    identifier = new_id("in")
    subtotal = sum(line.amount for line in lines)
    return {
        "id": identifier,
        "object": "invoice",
        "amount_due": subtotal,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": subtotal,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": created,
        "currency": subscription["currency"],
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "default_payment_method": None,
        "description": None,
        "discounts": [],
        "due_date": None,
        "ending_balance": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "lines": listed(
            f"/v1/invoices/{identifier}/lines",
            [_invoice_line(identifier, subscription, line) for line in lines],
        ),
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": created,
        "number": None,
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": subscription["metadata"],
                "subscription": subscription["id"],
            },
            "type": "subscription_details",
        },
        "period_end": max(line.end for line in lines),
        "period_start": min(line.start for line in lines),
        "receipt_number": None,
        "starting_balance": customer["balance"],
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": subtotal,
        "total": subtotal,
        "total_discount_amounts": [],
        "total_taxes": [],
        "_payments": listed(f"/v1/invoice_payments?invoice={identifier}", []),
    }


def _invoice_line(invoice: str, subscription: Object, line: Line) -> Object:
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": line.amount,
        "currency": subscription["currency"],
        "description": line.description,
        "invoice": invoice,
        "livemode": False,
        "metadata": subscription["metadata"],
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "proration": line.proration,
                "subscription": subscription["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": line.end, "start": line.start},
        "pricing": {
            "price_details": {"price": line.price["id"], "product": line.price["product"]},
            "type": "price_details",
            "unit_amount_decimal": line.price["unit_amount_decimal"],
        },
        "quantity": 1,
        "subscription": subscription["id"],
    }


def new_charge(invoice: Object, method: Object, created: int) -> Object:
    """docs.stripe.com/api/charges/object, one that went through."""
    identifier = new_id("ch")
    return {
        "id": identifier,
        "object": "charge",
        "amount": invoice["amount_due"],
        "amount_captured": invoice["amount_due"],
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "captured": True,
        "created": created,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "description": "Subscription",
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_intent": new_id("pi"),
        "payment_method": method["id"],
        "payment_method_details": {"card": method["card"], "type": "card"},
        "receipt_email": None,
        "receipt_url": f"/i/{invoice['id']}",
        "refunded": False,
        "status": "succeeded",
        "_invoice": invoice["id"],
    }


def new_schedule(subscription: Object, phases: Sequence[Object], created: int) -> Object:
    """docs.stripe.com/api/subscription_schedules/object."""
    first = phases[0]
    return {
        "id": new_id("sub_sched"),
        "object": "subscription_schedule",
        "billing_mode": {"type": "flexible"},
        "canceled_at": None,
        "completed_at": None,
        "created": created,
        "current_phase": {"end_date": first["end_date"], "start_date": first["start_date"]},
        "customer": subscription["customer"],
        "end_behavior": "release",
        "livemode": False,
        "metadata": {},
        "phases": list(phases),
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": None,
    }


def new_phase(price: str, start: int, end: int) -> Object:
    """A phase of a schedule."""
    return {
        "currency": "usd",
        "end_date": end,
        "items": [{"metadata": {}, "price": price, "quantity": 1, "tax_rates": []}],
        "metadata": {},
        "proration_behavior": "none",
        "start_date": start,
        "trial_end": None,
    }
