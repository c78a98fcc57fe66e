"""Products and prices, made from the table of plans."""

from frontdesk.billing.plans import CURRENCY, PLANS
from local.stripe.store import Object, Store

_SINCE = 1_767_225_600


def stock(store: Store) -> None:
    """Have a product and a monthly price for every plan that is paid for, as they are now."""
    for plan in PLANS.values():
        if plan.monthly_price:
            product = new_product(f"prod_{plan.name}", plan.title, _SINCE)
            store.put({**product, "description": plan.summary})
            identifier = f"price_{plan.name}_monthly"
            amount = plan.monthly_price
            store.put(new_price(identifier, product["id"], CURRENCY, amount, _SINCE))


def new_product(identifier: str, name: str, created: int) -> Object:
    """A product: docs.stripe.com/api/products/object."""
    return {
        "id": identifier,
        "object": "product",
        "active": True,
        "created": created,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "tax_code": None,
        "type": "service",
        "updated": created,
        "url": None,
    }


def new_price(identifier: str, product: str, currency: str, amount: int, created: int) -> Object:
    """A monthly price, in hundredths: docs.stripe.com/api/prices/object."""
    return {
        "id": identifier,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": currency,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product,
        "recurring": {
            "interval": "month",
            "interval_count": 1,
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        "tax_behavior": "exclusive",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
