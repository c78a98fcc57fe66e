"""Can the documents answer, and does the answer rest on them?"""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.answers.confidence import PARAMETERS, Confidence, signals
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.retrieval import Retrieved

REFUNDS = Passage(
    "d", "v", 0, "They are paid to your card within five working days.", "Billing", ("Refunds",)
)
MINILM = Confidence.fitted("minilm")
OPENAI = Confidence.fitted("openai:text-embedding-3-small")


def found(cosine: float | None, passage: Passage = REFUNDS) -> list[Retrieved]:
    return [Retrieved(passage, 1.0, cosine, 5.0)]


def test_nothing_retrieved_answers_nothing() -> None:
    assert MINILM.answerability([], "How long do refunds take?") == 0.0


@pytest.mark.parametrize("confidence", [MINILM, OPENAI])
def test_a_question_that_the_passage_answers_passes_and_another_does_not(
    confidence: Confidence,
) -> None:
    right = confidence.answerability(found(0.6), "Are refunds paid to my card?")
    wrong = confidence.answerability(found(0.1), "Do you have an office in Tokyo?")
    assert wrong < confidence.threshold < right


def test_a_passage_without_a_cosine_is_judged_by_its_words() -> None:
    judged = MINILM.answerability(found(None), "Are refunds paid to my card?")
    assert 0 < judged < MINILM.answerability(found(0.5), "Are refunds paid to my card?")


def test_cosines_of_an_embedder_nobody_measured_are_left_out() -> None:
    low, high = (OPENAI.answerability(found(c), "Refunds to a card?") for c in (0.1, 0.9))
    assert low == high


def test_a_heading_counts_as_context_of_its_sentences() -> None:
    assert signals(found(0.5), "refunds paid to card").together == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("Are refunds paid in Japan?", 0.0),
        ("Do you have an API?", 0.0),
        ("Is it like the one in Billing?", 1.0),
        ("ARE REFUNDS PAID IN JAPAN", 1.0),
        ("refunds?", 1.0),
        ("Where is my order 4815162342?", 1.0),
    ],
)
def test_names_that_no_passage_has_speak_against_an_answer(question: str, share: float) -> None:
    assert signals(found(0.5), question).named == share


@given(st.text(max_size=80), st.floats(-1, 1))
def test_it_is_a_probability_and_grows_with_the_cosine(question: str, cosine: float) -> None:
    lower = MINILM.answerability(found(cosine), question)
    assert 0 <= lower <= MINILM.answerability(found(1.0), question) <= 1


def test_of_what_comes_after_the_best_passages_only_new_words_count() -> None:
    far = Passage("e", "w", 0, "Tokyo office hours.", "Offices")
    best, more = (
        signals(each, "Tokyo office") for each in (found(0.1) * 3, found(0.1) * 3 + found(0.9, far))
    )
    assert best._replace(absent=0.0) == more


def test_a_cross_encoder_that_read_the_passages_is_heard() -> None:
    reading = Confidence.fitted("minilm", "minilm")
    yes, no = (
        reading.answerability([replace(each, relevance=logit) for each in found(0.3)], "Paid when?")
        for logit in (4.0, -6.0)
    )
    assert no < reading.threshold < yes


def test_the_parameters_keep_to_what_was_promised_when_they_were_measured() -> None:
    measured = json.loads(PARAMETERS.read_text())["measured"]["minilm, minilm"]["squad"]
    assert measured["auroc"] >= 0.985
    assert measured["answerable_refused"] <= 0.05
    assert measured["outside_answered"] <= 0.10
    assert measured["calibration_error"] <= 0.08
