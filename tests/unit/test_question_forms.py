"""Which questions are one and the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.answers.question_forms import is_personal, normal_form, tidy


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("how much  is it", "how much is it?"),
        ("How much is it ?!?", "How much is it?"),
        ("I can't log in", "I can't log in"),
        ("I can’t log in.", "I can't log in."),
        ("Cafe\u0301", "Caf\u00e9"),
        ("Hello.\n\n How much is it ?", "Hello.\nHow much is it?"),
        ("What a mess. Help me", "What a mess. Help me"),
        ("how is this: a, b", "how is this: a, b"),
    ],
)
def test_one_way_of_spacing_encoding_and_asking(written: str, expected: str) -> None:
    assert tidy(written) == expected


@given(st.text(max_size=60))
def test_what_is_tidy_stays_as_it_is(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


def test_capitals_count_where_a_model_reads_them() -> None:
    one, other = "Do you ship to US?", "do you ship to us?"
    assert normal_form(one, capitals_matter=False) == normal_form(other, capitals_matter=False)
    assert normal_form(one, capitals_matter=True) != normal_form(other, capitals_matter=True)
    assert normal_form("How?", capitals_matter=True) == normal_form("how?", capitals_matter=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How much is Team?", "How much is Pro?"),
        ("Can I cancel?", "Can I not cancel?"),
        ("Is it 5 days?", "Is it 6 days?"),
        ("How do I switch from A to B?", "How do I switch from B to A?"),
        ("Can I pay?", "I can pay."),
    ],
)
def test_other_words_numbers_and_orders_are_other_questions(one: str, other: str) -> None:
    assert normal_form(one, capitals_matter=False) != normal_form(other, capitals_matter=False)


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
