"""Cleaning of extracted text."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import (
    clean_characters,
    clean_line,
    clean_text,
    join_lines,
    running_lines,
    words_of,
)


@dataclass(frozen=True)
class Placed:
    text: str
    y: float
    size: float = 10.0


def page(*texts: str, top: float = 800, step: float = 20) -> list[Placed]:
    return [Placed(text, top - index * step) for index, text in enumerate(texts)]


def kept(pages: list[list[Placed]]) -> list[list[str]]:
    running = running_lines(pages, body_size=10)
    return [
        [line.text for index, line in enumerate(lines) if index not in skip]
        for lines, skip in zip(pages, running, strict=True)
    ]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("o\ufb03ce \ufb01le \ufb02ow", "office file flow"),
        ("cafe\u0301", "café"),
        ("co\u00adoper\u00adate", "cooperate"),
        ("nul\x00l and \x07bell", "null and bell"),
        ("zero\u200bwidth and \ufeffmark", "zerowidth and mark"),
        ("e\u2011mail", "e-mail"),
        ("windows\r\nline and \u2028separator", "windows\nline and \nseparator"),
    ],
)
def test_characters_that_only_printing_needs_are_replaced(raw: str, clean: str) -> None:
    assert clean_characters(raw) == clean


def test_joiners_that_persian_spells_with_stay() -> None:
    assert clean_characters("می\u200cخواهم") == "می\u200cخواهم"


def test_white_space_is_single_and_paragraphs_stay_apart() -> None:
    assert clean_text("  a \t b\u00a0c \n\n\n\n d  ") == "a b c\n\nd"
    assert clean_line(" a\n\n b\tc ") == "a b c"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert clean_line(clean_line(text)) == clean_line(text)


def test_words_broken_at_line_ends_are_put_together() -> None:
    assert join_lines(["The cus-", "tomer pays", "the in-", "voice."]) == (
        "The customer pays the invoice."
    )


def test_a_hyphen_that_the_document_writes_elsewhere_stays() -> None:
    words = words_of(["A well-known brand"])
    assert join_lines(["It is well-", "known."], words) == "It is well-known."


def test_a_joined_form_in_the_document_wins_over_a_hyphenated_one() -> None:
    words = words_of(["an e-mail, or email"])
    assert join_lines(["Send an e-", "mail."], words) == "Send an email."


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("from 10-", "20 people", "from 10- 20 people"),
        ("the Anglo-", "Saxon", "the Anglo-Saxon"),
        ("this –", "that", "this – that"),
        ("soft\u00ad", "Ware", "softWare"),
    ],
)
def test_hyphens_before_other_than_lower_case_are_no_broken_words(
    first: str, second: str, joined: str
) -> None:
    assert join_lines([first, second]) == joined


def test_joining_a_very_long_paragraph_takes_linear_time() -> None:
    assert len(join_lines(["some words on a line"] * 200_000)) == 21 * 200_000 - 1


def test_headers_and_footers_that_repeat_are_found() -> None:
    pages = [
        page("Harbor  Billing guide", f"Body {word} of this page.", f"More {word}.", "Page 1 of 3")
        for word in ("one", "two", "three")
    ]
    assert kept(pages) == [
        [f"Body {word} of this page.", f"More {word}."] for word in ("one", "two", "three")
    ]


def test_page_numbers_that_count_the_pages_are_found_whatever_stands_beside_them() -> None:
    chapters = ["Plans", "Plans", "Paying", "Refunds", "Terms"]
    pages = [
        page(f"Text {number}x", f"more {number}x", f"{chapter} {number + 10}")
        for number, chapter in enumerate(chapters)
    ]
    assert all(len(texts) == 2 for texts in kept(pages))


def test_what_shares_a_line_with_a_page_number_is_found_too() -> None:
    pages = [
        [
            *page(f"Text {word}", f"of page {number}x"),
            Placed(f"Chapter {word}", 40),
            Placed(str(number), 40),
        ]
        for number, word in enumerate(["One", "Two", "Three", "Four"], start=1)
    ]
    assert kept(pages)[2] == ["Text Three", "of page 3x"]


def test_sentences_are_no_headers_even_when_they_count_the_pages() -> None:
    pages = [page(f"Page {number} says that refunds take days.") for number in range(1, 6)]
    assert kept(pages)[1] == ["Page 2 says that refunds take days."]


def test_alternating_headers_are_found() -> None:
    pages = [page("Guide" if number % 2 else "Harbor", f"Body {number}x") for number in range(6)]
    assert kept(pages) == [[f"Body {number}x"] for number in range(6)]


def test_a_title_repeated_in_large_type_stays() -> None:
    pages = [[Placed("Agenda", 800, size=24), Placed(f"Point {n}x", 700)] for n in range(4)]
    assert kept(pages)[0] == ["Agenda", "Point 0x"]


def test_equal_lines_in_different_places_stay() -> None:
    pages = [page("Note", f"Body {n}x", top=800 - 37 * n) for n in range(4)]
    assert kept(pages)[3] == ["Note", "Body 3x"]


def test_lines_in_the_middle_of_a_page_never_run() -> None:
    body = [f"line {index} says the same on every page" for index in range(12)]
    pages = [page(*body) for _ in range(3)]
    assert kept(pages)[0] == body[3:9]


def test_a_single_page_has_nothing_that_repeats() -> None:
    assert kept([page("Harbor", "Body", "Page 1")]) == [["Harbor", "Body", "Page 1"]]


def test_a_letter_keeps_its_accents_but_not_thousands() -> None:
    assert clean_characters("e\u0301a\u0327\u0301") == "éa\u0327\u0301".replace(
        "a\u0327\u0301", "á\u0327"
    )
    assert len(clean_characters("a" + "\u0301\u0327" * 200_000 + "b")) < 50
