"""The model that reads a question and a passage together."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copy

import pytest

from frontdesk.answers.cross_encoder import MAX_TOKENS, QUESTION_TOKENS, MiniLmCrossEncoder
from frontdesk.errors import RerankerUnavailable

MODELS = Path(__file__).parents[2] / "layers" / "models"
MODEL, TOKENIZER = MODELS / "reranker", MODELS / "minilm" / "tokenizer.json"
REFUNDS = (
    "Billing guide > Refunds\nYou can ask for a refund within 30 days of purchase. Refunds are paid"
    " to the card you used and arrive within five working days."
)
TEAM = (
    "Team guide > Invitations\nAn owner can invite up to 25 people. Invitations expire in a week."
)
PASSWORD = (
    "Account > Signing in\nChoose 'Forgot password' on the sign-in page. The link we send you works"
    " for one hour."
)
ODD = {
    "empty": "",
    "blank": "   \n\t ",
    "control": "\x00\x01\x1b[31m\u200b\ufeff",
    "surrogate": "\ud83d",
    "emoji": "😡😡😡",
    "cjk": "漢字かな交じり文",
    "markers": "[CLS] [SEP] [PAD] [MASK]",
    "long": "word " * 20_000,
    "one word": "a" * 100_000,
    "long blank": " " * 100_000,
}


@pytest.fixture(scope="module")
def encoder() -> MiniLmCrossEncoder:
    return MiniLmCrossEncoder(MODEL, TOKENIZER)


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("When do I get my money back?", REFUNDS),
        ("How many colleagues may join us?", TEAM),
        ("I can't log in any more, what now?", PASSWORD),
    ],
)
def test_the_passage_that_answers_stands_out(
    encoder: MiniLmCrossEncoder, question: str, right: str
) -> None:
    passages = [REFUNDS, TEAM, PASSWORD]
    scores = dict(zip(passages, encoder.scores(question, passages), strict=True))
    wrong = max(score for passage, score in scores.items() if passage != right)
    assert scores[right] > wrong + 2


def test_a_question_about_something_else_is_answered_by_none(encoder: MiniLmCrossEncoder) -> None:
    scores = encoder.scores("Who wrote the opera Aida?", [REFUNDS, TEAM, PASSWORD])
    assert max(scores) < 0


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_any_question_and_any_passage_have_a_finite_score(
    encoder: MiniLmCrossEncoder, text: str
) -> None:
    scores = [
        *encoder.scores(text, [REFUNDS, text]),
        *encoder.scores("How long does a refund take?", [text]),
    ]
    assert len(scores) == 3
    assert all(-50 < score < 50 for score in scores)


def test_no_passages_have_no_scores(encoder: MiniLmCrossEncoder) -> None:
    assert encoder.scores("How long does a refund take?", []) == []


def test_a_score_does_not_depend_on_the_passages_beside_it(encoder: MiniLmCrossEncoder) -> None:
    question, texts = "How long does a refund take?", [REFUNDS, "", TEAM * 5, PASSWORD]
    alone = [encoder.scores(question, [text])[0] for text in texts]
    assert encoder.scores(question, texts) == alone


def test_what_lies_past_the_limits_is_not_read(encoder: MiniLmCrossEncoder) -> None:
    question, passage = "word " * QUESTION_TOKENS, "text " * MAX_TOKENS
    fits = encoder.scores(question, [passage])
    assert encoder.scores(question + "refund", [passage + "refund"]) == fits
    assert encoder.scores("refund" + question[4:], [passage]) != fits


def test_threads_can_share_an_encoder(encoder: MiniLmCrossEncoder) -> None:
    questions = [f"Question {n} about refunds" for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda question: encoder.scores(question, [REFUNDS]), questions))
    assert together == [encoder.scores(question, [REFUNDS]) for question in questions]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RerankerUnavailable, match=r"model\.onnx"):
        MiniLmCrossEncoder(tmp_path, TOKENIZER)
    with pytest.raises(RerankerUnavailable, match=r"tokenizer\.json"):
        MiniLmCrossEncoder(MODEL, tmp_path / "tokenizer.json")


def test_a_broken_file_makes_the_encoder_unavailable(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes((MODEL / "model.onnx").read_bytes()[:1000])
    with pytest.raises(RerankerUnavailable):
        MiniLmCrossEncoder(tmp_path, TOKENIZER)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(RerankerUnavailable):
        MiniLmCrossEncoder(MODEL, tmp_path / "tokenizer.json")


def test_a_model_that_fails_makes_the_encoder_unavailable(tmp_path: Path) -> None:
    """A tokenizer of another model gives ids that this one has no rows for."""
    tokenizer = json.loads(TOKENIZER.read_text("utf-8"))
    tokenizer["model"]["vocab"]["refund"] = 40_000
    copy(MODEL / "model.onnx", tmp_path)
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    foreign = MiniLmCrossEncoder(tmp_path, tmp_path / "tokenizer.json")
    with pytest.raises(RerankerUnavailable):
        foreign.scores("refund", [REFUNDS])
