"""The markers of an answer and what they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.answers.citations import (
    QUOTE_LENGTH,
    Statement,
    numbers_cited,
    resolve,
    statements,
)
from frontdesk.knowledge.neighbours import join
from frontdesk.knowledge.ports import Passage

REFUNDS = Passage(
    "doc-1",
    "v1",
    4,
    "Refunds take five working days. They go to your card. Gift cards are not refunded.",
    "Billing guide",
    ("Refunds",),
    page=3,
    last_page=4,
)
PLANS = Passage("doc-2", "v2", 0, "Pro costs €20 a month. Starter is free.", "Prices")
SOURCES = [REFUNDS, PLANS]


def test_a_citation_carries_the_place_and_the_sentence_behind_it() -> None:
    [citation] = resolve("You get the money within five working days [1].", SOURCES).citations
    assert (citation.number, citation.passage_id, citation.document_id) == (1, REFUNDS.id, "doc-1")
    assert (citation.title, citation.headings) == ("Billing guide", ("Refunds",))
    assert (citation.page, citation.last_page) == (3, 4)
    assert citation.quote == "Refunds take five working days."


def test_the_quote_is_the_sentence_closest_to_what_cites_it() -> None:
    [citation] = resolve("It is free. Gift cards can't be refunded. [1]", SOURCES).citations
    assert citation.quote == "Gift cards are not refunded."


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("a [1]", [1]),
        ("a [2][1]", [2, 1]),
        ("a [1, 2]", [1, 2]),
        ("a [1-3]", [1, 2, 3]),
        ("a [Source 2].", [2]),
        ("a 【1†guide】", [1]),
        ("a [1](https://example.com)", [1]),
        ("`row[1]` and ```\nx[2]\n```", []),
        ("error [404], [x], [ ], []", []),
    ],
)
def test_markers_are_found_in_all_the_ways_models_write_them(text: str, numbers: list[int]) -> None:
    assert numbers_cited(text) == numbers


def test_a_marker_for_nothing_is_dropped_from_the_text() -> None:
    cited = resolve("Five days [1]. Twenty euros [7]. Both [1, 9].", SOURCES)
    assert cited.text == "Five days [1]. Twenty euros. Both [1]."
    assert [citation.number for citation in cited.citations] == [1]


def test_numbers_are_kept_and_listed_in_order() -> None:
    cited = resolve("Pro costs €20 [2]. Refunds take five days [1].", SOURCES)
    assert cited.text == "Pro costs €20 [2]. Refunds take five days [1]."
    assert [citation.number for citation in cited.citations] == [1, 2]


def test_code_is_not_touched() -> None:
    text = "Use `items[9]` [2]:\n```\nitems[8] = x[7]\n```"
    assert resolve(text, SOURCES).text == text


def test_a_long_quote_is_cut_around_what_was_said() -> None:
    wall = Passage("d", "v", 0, "filler word " * 60 + "the zebra sleeps " + "other word " * 60, "T")
    [citation] = resolve("The zebra sleeps [1].", [wall]).citations
    assert "zebra sleeps" in citation.quote
    assert len(citation.quote) <= QUOTE_LENGTH


def test_a_sentence_is_backed_by_its_own_marker_or_the_next_or_the_last() -> None:
    assert statements("A is. B is [1]. C is [2]. D is.\n\n- E is\n- F is [3]\n\nBye!") == [
        Statement("A is.", (1,)),
        Statement("B is", (1,)),
        Statement("C is", (2,)),
        Statement("D is.", (2,)),
        Statement("E is", (3,)),
        Statement("F is", (3,)),
        Statement("Bye!", ()),
    ]


def test_a_marker_after_the_full_stop_belongs_to_the_sentence_before() -> None:
    assert statements("A is. [1] B is. [2]") == [Statement("A is.", (1,)), Statement("B is.", (2,))]


@given(st.text(alphabet="ab [],-12.\n`", max_size=120), st.integers(0, 3))
def test_what_is_resolved_cites_only_what_is_there_and_stays_so(text: str, count: int) -> None:
    sources = [REFUNDS] * count
    cited = resolve(text, sources)
    assert all(1 <= number <= count for number in numbers_cited(cited.text))
    assert [c.number for c in cited.citations] == sorted(numbers_cited(cited.text))
    assert resolve(cited.text, sources).citations == cited.citations
    assert all(len(citation.quote) <= QUOTE_LENGTH for citation in cited.citations)


BEFORE = Passage("doc", "v", 1, "Cards take a week.", "Guide", ("Refunds", "Times"), 3, 3, 0, 18)
AFTER = Passage("doc", "v", 2, "Nothing is charged.", "Guide", ("Refunds", "Fees"), 4, 4, 26, 45)


def test_of_joined_passages_the_one_that_is_meant_is_cited() -> None:
    [citation] = resolve("Nothing is charged for it. [1]", [join((BEFORE, AFTER))]).citations
    assert (citation.passage_id, citation.last_passage_id) == (AFTER.id, None)
    assert (citation.page, citation.headings) == (4, ("Refunds", "Fees"))
    assert citation.quote == "Nothing is charged."


def test_an_answer_spread_over_two_passages_cites_both_as_one() -> None:
    said = "It takes a week with cards. Nothing is charged for it. [1]"
    [citation] = resolve(said, [join((BEFORE, AFTER))]).citations
    assert (citation.passage_id, citation.last_passage_id) == (BEFORE.id, AFTER.id)
    assert (citation.page, citation.last_page, citation.headings) == (3, 4, ("Refunds",))
