"""What repeats a better passage is dropped, and what differs where it matters is not."""

import pytest

from frontdesk.knowledge.duplicates import repeats

REFUND = (
    "You can ask for a refund of a yearly plan within 30 days of the first payment. Write to the "
    "billing team with the number of your invoice, and we decide within two working days. The "
    "money goes back to the card that you paid with, which takes another week."
)


@pytest.mark.parametrize(
    "copy",
    [
        REFUND,
        REFUND.upper(),
        REFUND.replace(". ", ".\n\n- "),
        REFUND.replace("ask for", "request"),
        REFUND.replace("which takes another week", "and that takes another week"),
        REFUND.split(". Write", maxsplit=1)[0],
    ],
)
def test_the_same_in_other_words_here_and_there_is_dropped(copy: str) -> None:
    assert repeats(copy, REFUND)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("30 days", "14 days"),
        ("two working days", "three working days"),
        ("yearly plan", "monthly plan"),
        ("You can ask", "You cannot ask"),
        ("we decide", "we never decide"),
        ("yearly plan", "Pro plan"),
        ("the billing team", "Northlight"),
    ],
)
def test_another_number_name_or_a_denial_is_kept(old: str, new: str) -> None:
    assert old in REFUND
    changed = REFUND.replace(old, new)
    assert not repeats(changed, REFUND)
    assert not repeats(REFUND, changed)


def test_two_prices_are_two_things_to_say() -> None:
    assert not repeats("Pro costs 12 a month.", "Business costs 24 a month.")
    swapped = "The price of Business is 12 euros, and the price of Pro is 24 euros, without tax."
    assert not repeats(swapped, swapped.replace("Business", "X").replace("Pro", "Business"))


def test_a_boilerplate_inside_a_longer_passage_is_dropped_but_not_the_longer_one() -> None:
    longer = (
        f"{REFUND} A monthly plan is not refunded. Gift cards are paid out in vouchers, at our "
        "counters in Leipzig or Graz, against the receipt that came with them by post."
    )
    assert repeats(REFUND, longer)
    assert not repeats(longer, REFUND)


def test_an_addition_that_may_change_the_meaning_makes_it_another_version() -> None:
    assert not repeats(REFUND, f"{REFUND} This is not so in 2027.")
    assert repeats(REFUND, f"{REFUND} We are glad to help.")


def test_what_has_no_words_repeats_only_itself() -> None:
    assert repeats("…", "…")
    assert not repeats("…", "!")
    assert not repeats("", REFUND)
