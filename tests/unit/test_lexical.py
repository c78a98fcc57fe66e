"""What becomes of a customer's words before they are looked up."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.knowledge.lexical import MAX_TERMS, terms


def test_stop_words_go_and_telling_words_stay_in_order() -> None:
    assert terms("How do I reset my Password on the phone?") == ["reset", "password", "phone"]


def test_stop_words_alone_are_kept() -> None:
    assert terms("What is it?") == ["what", "is", "it"]


def test_a_word_counts_once() -> None:
    assert terms("Refund refund REFUND, now") == ["refund"]


def test_there_are_never_too_many() -> None:
    assert terms(" ".join(f"word{n}" for n in range(100))) == [f"word{n}" for n in range(MAX_TERMS)]


def test_numbers_codes_and_accents_survive() -> None:
    assert terms("error E-4711: café, naïve") == ["error", "e", "4711", "café", "naïve"]
    assert terms("cafe\u0301") == ["café"]


@pytest.mark.parametrize("text", ["", " \n", "?!…", "\x00", "🙂🚲", "\ud800", "___", "x" * 500])
def test_a_text_without_words_has_no_terms(text: str) -> None:
    assert terms(text) == []


@given(st.text())
def test_a_term_is_letters_and_digits_only(text: str) -> None:
    found = terms(text)
    assert len(found) <= MAX_TERMS
    assert all(re.fullmatch(r"[^\W_]{1,64}", term) for term in found)
