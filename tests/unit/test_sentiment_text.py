import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.text import is_readable, normalize


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("@SomeAir where is my bag?", "@user where is my bag?"),
        ("ask someone@example.com", "ask someone@example.com"),
        ("see https://example.com/a?b=c now", "see http now"),
        ("see www.example.com", "see http"),
        ("Tom &amp; Ana", "Tom & Ana"),
        ("it works 👍🏽!", "it works thumbs up sign !"),
        ("❤️", "heavy black heart"),
        ("sooooooo late!!!!!!!", "sooo late!!!"),
        ("order 10000000", "order 10000000"),
        ("a\x00b\x1b\tc\r\n d\u200be", "a b c de"),
        ("e\u0301te\u0301", "été"),
        ("\ud83d?", "??"),
    ],
)
def test_a_text_is_put_into_words_that_the_model_knows(text: str, read: str) -> None:
    assert normalize(text) == read


def test_both_ends_of_a_long_text_are_read() -> None:
    read = normalize("begin " + "ab " * 50_000 + "end")
    assert read.startswith("begin ")
    assert read.endswith(" end")
    assert len(read) <= 8_001


@given(st.text(max_size=200))
def test_any_text_becomes_one_clean_line(text: str) -> None:
    once = normalize(text)
    assert "\x00" not in once
    assert once == once.strip()
    once.encode()  # would refuse lone surrogates


@given(st.text(st.sampled_from(string.ascii_letters + " .,'?"), max_size=200))
def test_plain_words_stay_as_they_are(text: str) -> None:
    shortened = normalize(text)
    assert set(shortened) <= set(text)
    assert len(shortened) <= len(text)


@pytest.mark.parametrize("text", ["a", "Été", "ß 漢字", "x1"])
def test_a_latin_letter_makes_a_text_readable(text: str) -> None:
    assert is_readable(text)


@pytest.mark.parametrize("text", ["", " ", "123", "?!", "😡", "漢字", "Где мой заказ", "أين طلبي"])
def test_a_text_without_one_is_not(text: str) -> None:
    assert not is_readable(text)
