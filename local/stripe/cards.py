"""Test cards: docs.stripe.com/testing. No other number is taken, so no real one is ever typed."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["paid", "declined", "authentication"]

_DECLINED = "Your card was declined."


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCard:
    """A card, and what comes of charging it.

    `present` is when its holder sits at the page, `absent` when a subscription renews.
    """

    number: str
    brand: str
    note: str
    present: Outcome = "paid"
    absent: Outcome = "paid"
    reason: str = "generic_decline"
    message: str = _DECLINED


CARDS = {
    card.number: card
    for card in (
        TestCard(number="4242424242424242", brand="visa", note="succeeds"),
        TestCard(
            number="4000000000009995",
            brand="visa",
            note="is declined: insufficient funds",
            present="declined",
            absent="declined",
            reason="insufficient_funds",
            message="Your card has insufficient funds.",
        ),
        TestCard(
            number="4000002500003155",
            brand="visa",
            note="asks for authentication once",
            present="authentication",
        ),
        TestCard(
            number="4000002760003184",
            brand="visa",
            note="asks for authentication every time",
            present="authentication",
            absent="authentication",
        ),
        TestCard(
            number="4000000000000341",
            brand="visa",
            note="succeeds now and fails at the next renewal",
            absent="declined",
        ),
    )
}


def spaced(number: str) -> str:
    """A number as it stands on a card."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
