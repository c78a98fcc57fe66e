"""Test cards: docs.stripe.com/testing. No other number is taken, so no real one is ever typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
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


_SUCCEEDS = TestCard("4242424242424242", "succeeds")
_NO_MONEY = TestCard(
    "4000000000009995",
    "is declined: insufficient funds",
    *("declined", "declined", "insufficient_funds", "Your card has insufficient funds."),
)
_ASKS_ONCE = TestCard("4000002500003155", "asks for authentication once", "authentication")
_ASKS_ALWAYS = TestCard(
    "4000002760003184", "asks for authentication every time", "authentication", "authentication"
)
_FAILS_LATER = TestCard(
    "4000000000000341", "succeeds now and fails at the next renewal", absent="declined"
)
CARDS = {
    card.number: card for card in (_SUCCEEDS, _NO_MONEY, _ASKS_ONCE, _ASKS_ALWAYS, _FAILS_LATER)
}


def entered_card(form: Mapping[str, str]) -> tuple[TestCard, str]:
    """The card that was typed, with its expiry. Raises StripeError, and CardDeclined."""
    card = CARDS.get("".join(form.get("number", "").split()))
    if card is None:
        message = "Only Stripe's test cards are taken here, for example 4242 4242 4242 4242."
        raise StripeError(message, code="incorrect_number", kind="card_error")
    expiry = re.fullmatch(r"\s*(0?[1-9]|1[0-2])\s*/\s*(?:20)?(\d\d)\s*", form.get("expiry", ""))
    if expiry is None or not re.fullmatch(r"\d{3,4}", form.get("cvc", "")):
        message = "Your card's expiration date or security code is incomplete."
        raise StripeError(message, kind="card_error")
    if card.present == "declined":
        raise CardDeclined(card.message, card.reason)
    return card, "/".join(expiry.groups())


def spaced(number: str) -> str:
    """A number as it stands on a card."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
