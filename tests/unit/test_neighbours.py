"""Passages that follow one another become one source, which reads like the document."""

from dataclasses import replace
from pathlib import Path

import pytest

from frontdesk.knowledge.neighbours import LONGEST, are_neighbours, join, parts_of
from frontdesk.knowledge.ports import Passage
from ingest.document import ExtractedDocument
from ingest.extract import extract
from ingest.passages import split
from ingest.tokens import estimate_tokens
from tests.unit.help_centre import DOCUMENTS

FIRST = Passage("doc", "v", 0, "One two.", "Guide", ("A", "B"), 1, 1, 0, 8)
SECOND = Passage("doc", "v", 1, "Three four.", "Guide", ("A", "C"), 2, 3, 13, 24)


def test_they_are_in_reading_order_whatever_the_order_they_were_found_in() -> None:
    assert join((SECOND, FIRST)) == join((FIRST, SECOND))
    assert join((FIRST,)) is FIRST


def test_headings_of_one_part_stand_in_the_text_and_shared_ones_above() -> None:
    whole = join((FIRST, SECOND))
    assert whole.headings == ("A",)
    assert whole.text == "B\n\nOne two.\n\nC\n\nThree four."


def test_the_place_is_that_of_all_parts_and_the_id_leads_to_the_first() -> None:
    whole = join((FIRST, SECOND))
    assert (whole.page, whole.last_page, whole.start, whole.end) == (1, 3, 0, 24)
    assert whole.id == FIRST.id
    assert parts_of(whole) == (FIRST, SECOND)
    assert parts_of(FIRST) == (FIRST,)


def test_what_overlaps_is_there_once() -> None:
    text = "One two. Three four. Five six."
    before = Passage("doc", "v", 0, text[:20], "Guide", start=0, end=20)
    after = Passage("doc", "v", 1, text[9:], "Guide", start=9, end=30)
    assert join((before, after)).text == text


def test_the_header_of_a_table_is_there_once() -> None:
    before = Passage("doc", "v", 0, "Plan | Price\nSolo | 12", "Guide", start=0, end=22)
    after = Passage("doc", "v", 1, "Plan | Price\nTeam | 29", "Guide", start=23, end=32)
    assert join((before, after)).text == "Plan | Price\nSolo | 12\nTeam | 29"


def test_a_third_joins_two_that_are_joined() -> None:
    third = replace(SECOND, ordinal=2, start=30, end=41)
    whole = join((third, join((FIRST, SECOND))))
    assert parts_of(whole) == (FIRST, SECOND, third)


@pytest.mark.parametrize(
    "other",
    [
        replace(SECOND, ordinal=2),
        replace(SECOND, version="w"),
        replace(SECOND, document_id="other"),
        replace(SECOND, text="x" * LONGEST),
        FIRST,
    ],
)
def test_only_what_follows_in_the_same_version_and_fits_is_a_neighbour(other: Passage) -> None:
    assert are_neighbours(FIRST, SECOND)
    assert are_neighbours(SECOND, FIRST)
    assert not are_neighbours(FIRST, other)


def read(path: Path) -> tuple[ExtractedDocument, list[Passage]]:
    document = extract(path.read_bytes(), filename=path.name)
    passages = split(
        document, document_id="d", version="v", title=path.stem, count_tokens=estimate_tokens
    )
    return document, passages


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_of_passages_joined_again_says_what_it_said(path: Path) -> None:
    document, passages = read(path)
    whole = join(passages)
    lines = {line.strip() for line in whole.text.splitlines()}.union(
        whole.headings, {passages[0].title}
    )
    missing = [line for line in document.text.splitlines() if line.strip() not in {"", *lines}]
    # A document's own title is not repeated in its passages.
    assert missing[1:] == []
