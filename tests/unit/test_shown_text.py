"""Text as people see it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.text_fields import Line, Text
from frontdesk.realtime.frames import CustomerText
from frontdesk.shown_text import comparable, cut, is_blank, shortened

LETTERS = {
    "family": "👩‍👩‍👧‍👦",
    "skin tone": "👍🏽",
    "profession": "👩🏿‍🚀",
    "rainbow": "🏳️‍🌈",
    "heart": "❤️",
    "flag": "🇩🇪",
    "flag of tags": "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "keycap": "1️⃣",
    "accent": "e\u0301",
    "two accents": "o\u0302\u0323",
    "syllable of jamo": "\u1112\u1161\u11ab",
    "syllable and final": "\uac00\u11a8",
    "vowel sign": "\u0e01\u0e33",
    "conjunct": "\u0915\u094d\u0937",
    "conjunct with vowel": "\u0928\u093f",
    "halfwidth voiced": "\uff76\uff9e",
    "line end": "\r\n",
}


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS.keys())
def test_a_letter_is_kept_whole_or_left_out(letter: str) -> None:
    for before in ("", "x", "xx", "🇫🇷"):
        text = f"{before}{letter}{letter}y"
        ends = {len(before), len(before) + len(letter), len(before) + 2 * len(letter), len(text)}
        for limit in range(len(before) + 1, len(text) + 1):
            at_least = max(end for end in ends if end <= limit)
            expected = text[:at_least] or text[:limit]
            assert cut(text, limit) == expected


@given(st.text(), st.integers(1, 40))
def test_what_is_cut_is_the_beginning_and_no_longer_than_asked(text: str, limit: int) -> None:
    assert text.startswith(cut(text, limit))
    assert len(shortened(text, limit)) <= limit
    assert bool(cut(text, limit)) == bool(text)


def test_marks_without_end_are_cut_all_the_same() -> None:
    assert len(cut("e" + "\u0301" * 9_000, 120)) == 120


@pytest.mark.parametrize(
    "text",
    ["", " ", "\u200b\u200b", "\u2060 \ufeff", "\u3164", "\u2800", "\u00ad", "\ufe0f", "\t\n"],
)
def test_what_shows_nothing_is_refused_wherever_people_write(text: str) -> None:
    assert is_blank(text)
    for field in (Text, Line, CustomerText):
        with pytest.raises(ValidationError):
            TypeAdapter(field).validate_python(text)


@pytest.mark.parametrize("text", ["a", "👍", "\u200bx", "\u0301", "۝", "\U0001fae9", "."])
def test_what_shows_something_is_not_blank(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_break_is_one(mark: str) -> None:
    text = f"Line one{mark}Line two"
    assert TypeAdapter(Text).validate_python(text) == "Line one\nLine two"
    assert TypeAdapter(CustomerText).validate_python(text) == "Line one\nLine two"
    assert TypeAdapter(Line).validate_python(text) == "Line one Line two"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zo\u00eb", "Zoe\u0308"),
        ("STRASSE", "straße"),
        ("ﬁne", "fine"),
        ("Ｚｏｅ", "zoe"),
        ("\u212b", "a\u030a"),
        ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
    ],
)
def test_text_is_found_however_it_was_typed(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)
