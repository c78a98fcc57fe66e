import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from frontdesk.entities import Sentiment
from frontdesk.errors import EmbedderUnavailable, ModelUnavailable
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Vector
from sentiment import handler as entry
from sentiment.classifier import SentimentClassifier, load_head

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "layers" / "models"
HEAD = MODELS / "sentiment" / "head.json"


@pytest.fixture(scope="module")
def classifier() -> SentimentClassifier:
    return SentimentClassifier(MiniLmEmbedder(MODELS / "minilm"), load_head(HEAD))


def read(classifier: SentimentClassifier, text: str) -> Sentiment:
    return classifier.classify([text])[0]


# None of these sentences is in the training data.
@pytest.mark.parametrize(
    "text",
    [
        "How do I reset my password?",
        "Where can I see my past orders?",
        "Can I pay by bank transfer?",
        "Which countries do you deliver to?",
        "My customer number is 90210.",
        "What does the Team plan cost per month?",
    ],
)
def test_a_plain_question_is_neutral(classifier: SentimentClassifier, text: str) -> None:
    assert read(classifier, text).label == "NEUTRAL"


@pytest.mark.parametrize(
    "text",
    [
        "I am furious, this is the worst support I have ever seen.",
        "This is awful. I hate this app, it never works!",
        "I'm really upset that you ignored my complaint again.",
    ],
)
def test_anger_is_negative(classifier: SentimentClassifier, text: str) -> None:
    reading = read(classifier, text)
    assert reading.label == "NEGATIVE"
    assert reading.score < -0.3


@pytest.mark.parametrize(
    "text",
    [
        "Thank you, that was wonderful help!",
        "I love it, great work.",
        "Fantastic, everything is running again, many thanks!",
    ],
)
def test_praise_is_positive(classifier: SentimentClassifier, text: str) -> None:
    reading = read(classifier, text)
    assert reading.label == "POSITIVE"
    assert reading.score > 0.3


@pytest.mark.parametrize("text", ["", " \n\t", "😡😡😡", "👍", "?!?!", "\x00\x1b", "\u200b"])
def test_a_text_without_words_is_neutral_and_unsure(
    classifier: SentimentClassifier, text: str
) -> None:
    reading = read(classifier, text)
    assert (reading.label, reading.score) == ("NEUTRAL", 0.0)
    assert reading.confidence < 0.34


@pytest.mark.parametrize(
    "text", ["terrible " * 11_111, "x" * 100_000, "漢字", "a\x00b", "\ud83d?a"]
)
def test_any_text_gets_a_reading_in_range(classifier: SentimentClassifier, text: str) -> None:
    reading = read(classifier, text)
    assert -1 <= reading.score <= 1
    assert 1 / 3 <= reading.confidence <= 1


def test_confidence_is_the_share_that_the_score_is_made_of(classifier: SentimentClassifier) -> None:
    reading = read(classifier, "Thank you, that was wonderful help!")
    assert reading.score <= reading.confidence
    assert reading.score >= 2 * reading.confidence - 1 - 1e-4


def test_a_text_reads_the_same_whatever_stands_beside_it(classifier: SentimentClassifier) -> None:
    texts = ["I love it.", "", "This is awful.", "Where is my invoice?"]
    assert classifier.classify(texts) == [read(classifier, text) for text in texts]


def test_a_higher_temperature_is_less_sure_of_the_same_label() -> None:
    embedder, head = MiniLmEmbedder(MODELS / "minilm"), load_head(HEAD)
    hotter = head.model_copy(update={"temperature": head.temperature * 3})
    text = "I love it, great work."
    usual = read(SentimentClassifier(embedder, head), text)
    cautious = read(SentimentClassifier(embedder, hotter), text)
    assert cautious.label == usual.label
    assert cautious.confidence < usual.confidence


def test_an_event_is_answered_in_order_and_as_json(classifier: SentimentClassifier) -> None:
    reply = entry.respond({"texts": ["This is awful.", "I love it, thanks!"]}, classifier)
    results = json.loads(json.dumps(reply))["results"]
    assert [result["label"] for result in results] == ["NEGATIVE", "POSITIVE"]
    assert results[0].keys() == {"label", "score", "confidence"}


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "secret words",
        {},
        {"texts": "secret words"},
        {"texts": []},
        {"texts": ["fine"] * 65},
        {"texts": ["secret words " * 8_000]},
        {"texts": ["fine", 7]},
        {"texts": [{"secret words": 1}]},
        {"secret words": ["a"]},
        {"texts": ["secret words \ud83d"]},
    ],
)
def test_a_malformed_event_is_refused_without_repeating_it(
    classifier: SentimentClassifier, event: object
) -> None:
    reply = entry.respond(event, classifier)
    assert reply["error"]["code"] == "invalid"
    assert reply["error"]["message"]
    assert "secret words" not in json.dumps(reply)
    assert "results" not in reply


def test_the_largest_event_is_accepted(classifier: SentimentClassifier) -> None:
    reply = entry.respond({"texts": ["fine"] * 63 + ["a" * 100_000]}, classifier)
    assert len(reply["results"]) == 64


def test_logs_hold_no_text(
    classifier: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[Any] = []

    class Recorder:
        def info(self, *args: object, **kwargs: object) -> None:
            lines.append((args, kwargs))

        warning = info

    monkeypatch.setattr(entry, "logger", Recorder())
    entry.respond({"texts": ["secret words"]}, classifier)
    entry.respond({"texts": "secret words"}, classifier)
    assert len(lines) == 2
    assert "secret" not in repr(lines)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", None])
def test_a_missing_or_broken_head_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "head.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"head\.json"):
        load_head(file)


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0},
        {"labels": ["POSITIVE", "NEUTRAL", "NEGATIVE"]},
        {"weights": [[0.0] * 384, [0.0] * 384, [0.0] * 383]},
        {"intercepts": [0.0, float("nan"), 0.0]},
    ],
    ids=["temperature", "labels", "ragged", "nan"],
)
def test_a_head_that_makes_no_sense_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    file = tmp_path / "head.json"
    file.write_text(json.dumps(json.loads(HEAD.read_text()) | change))
    with pytest.raises(ModelUnavailable):
        load_head(file)


def test_a_head_for_vectors_of_another_length_is_refused() -> None:
    head = load_head(HEAD)
    short = head.model_copy(update={"weights": tuple(row[:100] for row in head.weights)})
    with pytest.raises(ModelUnavailable):
        SentimentClassifier(MiniLmEmbedder(MODELS / "minilm"), short)


def run_handler(models: Path, event: str) -> subprocess.CompletedProcess[str]:
    """Import and call the handler as Lambda does: a fresh interpreter, settings from variables."""
    script = f"""
import json
from sentiment.handler import handler
print("imported")
print(json.dumps(handler(json.loads({event!r}), None)))
"""
    paths = [str(ROOT / "functions"), str(ROOT / "layers" / "core" / "python")]
    return subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": ":".join(paths), "FRONTDESK_MODELS": str(models)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_handler_finds_its_models_through_the_environment() -> None:
    done = run_handler(MODELS, '{"texts": ["I love it, thanks!"]}')
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["results"][0]["label"] == "POSITIVE"


def test_the_handler_fails_by_name_without_its_models(tmp_path: Path) -> None:
    done = run_handler(tmp_path, '{"texts": ["hello"]}')
    assert done.returncode != 0
    assert "imported" in done.stdout  # importing loads nothing
    assert "EmbedderUnavailable" in done.stderr


def test_a_model_that_fails_is_not_an_invalid_event(classifier: SentimentClassifier) -> None:
    class Broken:
        dimensions = 384

        def embed(self, texts: Sequence[str]) -> list[Vector]:
            raise EmbedderUnavailable(f"gone, {len(texts)} texts unread")

    with pytest.raises(EmbedderUnavailable):
        entry.respond({"texts": ["hello"]}, SentimentClassifier(Broken(), load_head(HEAD)))
