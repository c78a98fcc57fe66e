"""What passes for the expected answer, and what for the same one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.judging import compare_answers, compare_verdicts, judge
from frontdesk.entities import (
    AnswerKind,
    AnswerSnapshot,
    CheckResult,
    Citation,
    Expectations,
    ExpectedSource,
    Verdict,
)


def answer(text: str = "Yes [1].", kind: AnswerKind = "answer", **cited: int) -> AnswerSnapshot:
    """An answer that cites pages of documents, by their names."""
    citations = tuple(
        Citation(number=n, passage_id="p", document_id=name, title="", page=page, quote="")
        for n, (name, page) in enumerate(cited.items(), 1)
    )
    return AnswerSnapshot(text=text, kind=kind, citations=citations)


def phrase(*phrases: str) -> Expectations:
    return Expectations(phrases=phrases)


def source(document_id: str, page: int | None = None) -> Expectations:
    return Expectations(sources=(ExpectedSource(document_id=document_id, page=page),))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("It holds **3 litres** [1].", "3 litres"),
        ("It holds 3\nLITRES.", "3 litres"),
        ("It holds 3 [1] litres.", "3 litres"),
        ("Costs €12.50 a month", "€12.50"),
        ("Go to Settings > Billing.", "settings > billing"),
    ],
)
def test_a_phrase_is_found_however_it_is_dressed(said: str, expected: str) -> None:
    assert judge(phrase(expected), answer(said)) == ()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("It holds 13 litres.", "3 litres"),
        ("It holds 1.3 litres.", "3 litres"),
        ("It takes 5 days.", "5.5 days"),
        ("It costs 12.50.", "12"),
        ("Reimbursed", "reimburse"),
    ],
)
def test_a_part_of_a_word_or_number_is_another_one(said: str, expected: str) -> None:
    [miss] = judge(phrase(expected), answer(said))
    assert (miss.what, miss.expected) == ("phrase", expected)


def test_all_that_is_expected_has_to_be_there() -> None:
    expected = Expectations(
        sources=(ExpectedSource(document_id="a"), ExpectedSource(document_id="b", page=2)),
        phrases=("yes", "no"),
    )
    misses = judge(expected, answer(a=7, b=3))
    assert [(miss.what, miss.expected, miss.page) for miss in misses] == [
        ("source", "b", 2),
        ("phrase", "no", None),
    ]


def test_a_page_is_cited_by_a_passage_that_runs_over_it() -> None:
    cited = Citation(
        number=1, passage_id="p", document_id="a", title="", page=2, last_page=4, quote=""
    )
    over = AnswerSnapshot(text="Yes [1].", kind="answer", citations=(cited,))
    assert judge(source("a", 3), over) == ()
    assert judge(source("a", 5), over) != ()
    assert judge(source("a"), over) == ()


@pytest.mark.parametrize("kind", ["unknown", "apology", "small_talk"])
def test_what_is_no_answer_passes_only_where_none_is_wanted(kind: AnswerKind) -> None:
    [miss] = judge(source("a"), answer("I don't know.", kind))
    assert miss.what == "answered"
    assert judge(Expectations(unanswered=True), answer("I don't know.", kind)) == ()
    [miss] = judge(Expectations(unanswered=True), answer())
    assert miss.what == "unanswered"


def result(verdict: Verdict, revision: str = "1") -> CheckResult:
    return CheckResult(check_id="c", question="?", revision=revision, verdict=verdict)


def test_news_is_what_passed_and_fails_or_the_reverse() -> None:
    assert compare_verdicts("passed", "1", result("failed")) == "better"
    assert compare_verdicts("failed", "1", result("passed")) == "worse"
    assert compare_verdicts("failed", "1", result("failed")) == "same"
    assert compare_verdicts("failed", "1", None) == "new"


@pytest.mark.parametrize("verdict", ["passed", "failed", "error"])
def test_neither_an_outage_nor_a_changed_check_is_news(verdict: Verdict) -> None:
    assert compare_verdicts("error", "1", result(verdict)) == "new"
    assert compare_verdicts(verdict, "1", result("error")) == "new"
    assert compare_verdicts("failed", "2", result("passed")) == "new"


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ("It takes 5 days [1].", "It takes 5 days [2].", "same"),
        ("It takes 5 days.", "**It takes 5 days.**", "same"),
        ("It takes 5 days.", "It takes 7 days.", "changed"),
        ("Refunds take 5 days to arrive.", "To arrive, refunds take 5 days.", "same"),
        ("Refunds go to your card.", "Invitations are sent by mail.", "changed"),
    ],
)
def test_answers_are_the_same_if_a_customer_would_say_so(
    before: str, now: str, change: str
) -> None:
    assert compare_answers(answer(before), answer(now)) == change


def test_an_answer_that_came_or_went_is_told_apart() -> None:
    unknown = answer("I don't know.", "unknown")
    assert compare_answers(unknown, answer()) == "now_answered"
    assert compare_answers(answer(), unknown) == "no_longer_answered"
    assert compare_answers(unknown, answer("Sorry.", "apology")) == "same"


@given(st.text(max_size=80))
def test_any_answer_is_the_same_as_itself_and_contains_itself(text: str) -> None:
    said = answer(text)
    assert compare_answers(said, said) == "same"
    judge(phrase(text), said)
