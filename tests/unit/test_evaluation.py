"""`make eval`: the product's own code on a file of questions, and figures that can be trusted."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from evaluation import metrics
from evaluation.questions import Question, holds, read_questions
from evaluation.report import evaluate, model_settings

QUESTIONS = Path(__file__).parents[1] / "data" / "questions.json"


def test_the_figures_of_a_small_file_are_those_of_the_product() -> None:
    report = evaluate(read_questions(QUESTIONS), {"FRONTDESK_MODEL": "extractive"})
    assert report["questions"] == {"passages": 4, "answerable": 10, "near": 3, "outside": 4}
    assert report["recall@3"] == 1.0
    assert report["answer_contains"] >= 0.8
    assert report["answered_outside"] == 0.0
    assert report["auroc_outside"] == 1.0
    assert 0 < report["words_mean"] <= 60
    assert set(report["answered_by"]) == {"extractive", "nobody"}
    assert sum(each["count"] for each in report["reliability"]) == 14
    assert {"embed", "search", "rank", "judge", "write", "check"} < set(report["milliseconds"])


def test_a_file_whose_questions_name_no_passage_of_it_is_refused(tmp_path: Path) -> None:
    data = json.loads(QUESTIONS.read_text())
    data["questions"][0]["passage"] = "elsewhere#3"
    file = tmp_path / "questions.json"
    file.write_text(json.dumps(data))
    with pytest.raises(ValidationError, match="elsewhere#3"):
        read_questions(file)


@pytest.mark.parametrize(
    ("environ", "model"),
    [
        ({}, None),
        ({"FRONTDESK_MODEL": "openai:mine"}, None),
        ({"OPENAI_API_KEY": "sk-1", "FRONTDESK_MODEL": "openai:mine"}, "openai:mine"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9", "FRONTDESK_MODEL": "openai:x"}, "openai:x"),
    ],
)
def test_a_language_model_is_evaluated_where_there_is_a_key_or_an_address(
    environ: dict[str, str], model: str | None
) -> None:
    assert model_settings(environ).get("FRONTDESK_MODEL") == model


def test_with_a_key_alone_it_is_the_model_that_is_deployed() -> None:
    assert model_settings({"OPENAI_API_KEY": "sk-1"})["FRONTDESK_MODEL"].startswith("openai:")


def test_ranks_count_from_the_first_and_what_is_not_found_counts_nothing() -> None:
    ranks = [0, 2, None, 9]
    assert metrics.recall(ranks, 1) == 0.25
    assert metrics.recall(ranks, 3) == 0.5
    assert metrics.mean_reciprocal_rank(ranks, 3) == pytest.approx((1 + 1 / 3) / 4)


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
)
def test_auroc_is_the_share_of_pairs_in_the_right_order(
    positive: list[float], negative: list[float]
) -> None:
    pairs = [(p > n) + (p == n) / 2 for p in positive for n in negative]
    assert metrics.auroc(positive, negative) == pytest.approx(sum(pairs) / len(pairs))


def test_calibration_is_the_gap_between_what_was_said_and_what_was_so() -> None:
    sure_and_right = [(0.95, True)] * 19 + [(0.95, False)]
    assert metrics.calibration_error(metrics.reliability(sure_and_right)) == pytest.approx(0.0)
    always_wrong = [(0.85, False)] * 10
    bins = metrics.reliability(sure_and_right + always_wrong)
    assert metrics.calibration_error(bins) == pytest.approx(10 / 30 * 0.85)


def test_an_answer_holds_a_gold_answer_whatever_its_case_and_spacing() -> None:
    question = Question(question="?", passage="p", answers=("Saturday at ten", "ten o'clock"))
    assert holds(question, "every saturday\n at ten in the morning")
    assert not holds(question, "on Sunday")
