"""Test cards: docs.stripe.com/testing. No other number is taken, so no real one is ever typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from local.stripe.errors import CardDeclined, StripeError

Outcome = Literal["paid", "declined", "authentication"]


@dataclass(frozen=True, slots=True)
class TestCard:
    """A card, and what comes of charging it.

    `present` is when its holder sits at the page, `absent` when a subscription renews.
    """

    number: str
    note: str
    present: Outcome = "paid"
    absent: Outcome = "paid"
    reason: str = "generic_decline"
    message: str = "Your card was declined."


CARDS = {
    card.number: card
    for card in (
        TestCard("4242424242424242", "succeeds"),
        TestCard(
            "4000000000009995",
            "is declined: insufficient funds",
            "declined",
            "declined",
            "insufficient_funds",
            "Your card has insufficient funds.",
        ),
        TestCard("4000002500003155", "asks for authentication once", "authentication"),
        TestCard(
            "4000002760003184",
            "asks for authentication every time",
            "authentication",
            "authentication",
        ),
        TestCard(
            "4000000000000341", "succeeds now and fails at the next renewal", absent="declined"
        ),
    )
}


@dataclass(frozen=True, slots=True)
class EnteredCard:
    """A test card with the month and the year that were typed."""

    card: TestCard
    month: int
    year: int


def entered_card(form: Mapping[str, str], today: datetime) -> EnteredCard:
    """The card of what was typed. Raises StripeError like a form would, and CardDeclined."""
    card = CARDS.get("".join(form.get("number", "").split()))
    if card is None:
        raise StripeError(
            "Only Stripe's test cards are taken here, for example 4242 4242 4242 4242.",
            code="incorrect_number",
            kind="card_error",
        )
    month, _, year = (part.strip() for part in form.get("expiry", "").partition("/"))
    if not (month.isdecimal() and year.isdecimal() and 1 <= int(month) <= 12):
        raise StripeError("Your card's expiration date is incomplete.", kind="card_error")
    full_year = int(year) + (2000 if len(year) <= 2 else 0)
    if (full_year, int(month)) < (today.year, today.month):
        raise StripeError("Your card's expiration date is in the past.", kind="card_error")
    cvc = form.get("cvc", "")
    if not (cvc.isdecimal() and len(cvc) in {3, 4}):
        raise StripeError("Your card's security code is incomplete.", kind="card_error")
    if card.present == "declined":
        raise CardDeclined(card.message, card.reason)
    return EnteredCard(card, int(month), full_year)


def spaced(number: str) -> str:
    """A number as it stands on a card."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
