"""Which questions are one and the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.answers.question_forms import is_personal, tidy


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("how much  is it", "How much is it?"),
        ("How much is it ?!?", "How much is it?"),
        ("I can't log in", "I can't log in"),
        ("I can’t log in.", "I can't log in."),
        ("Cafe\u0301", "Caf\u00e9"),
        ("Hello.\n\n How much is it ?", "Hello.\nHow much is it?"),
        ("what a mess. Help me", "What a mess. Help me"),
        ("how is this: a, b", "How is this: a, b"),
    ],
)
def test_one_way_of_spacing_encoding_and_asking(written: str, expected: str) -> None:
    assert tidy(written) == expected


@given(st.text(max_size=60))
def test_what_is_tidy_stays_as_it_is(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


def test_a_message_of_nothing_but_marks_takes_no_time() -> None:
    assert tidy("?!" * 20_000 + "a") == "?!" * 20_000 + "a"
    assert tidy("how" + "?!" * 20_000) == "How?"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How much is Team?", "How much is Pro?"),
        ("Can I cancel?", "Can I not cancel?"),
        ("Is it 5 days?", "Is it 6 days?"),
        ("How do I switch from A to B?", "How do I switch from B to A?"),
        ("Can I pay?", "I can pay."),
        ("Do you ship to us?", "Do you ship to US?"),
    ],
)
def test_other_words_numbers_orders_and_capitals_are_other_questions(one: str, other: str) -> None:
    assert tidy(one) != tidy(other)


@pytest.mark.parametrize(
    ("question", "personal"),
    [
        ("Where is my order 2024-118-339?", True),
        ("Call me at +49 (0)30 123 45", True),
        ("Why does ada@home.example not work?", True),
        ("Is the limit 1,000 or 50,000 a day?", False),
        ("What changed on 2026-11-01?", True),
        ("Can I import 5000 rows and 10 MB?", False),
    ],
)
def test_addresses_and_long_numbers_are_personal(question: str, personal: bool) -> None:
    assert is_personal(question) is personal
