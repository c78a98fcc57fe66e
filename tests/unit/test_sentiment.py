import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from frontdesk.entities import Sentiment
from frontdesk.errors import ModelUnavailable
from sentiment import handler as entry
from sentiment.classifier import MAX_EMOTIONS, SentimentClassifier, load_calibration

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "layers" / "models"
MODEL = MODELS / "sentiment"
CALIBRATION = MODEL / "calibration.json"


@pytest.fixture(scope="module")
def classifier() -> SentimentClassifier:
    return SentimentClassifier(MODEL)


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


@pytest.mark.parametrize(
    "text", ["", " \n\t", "😡😡😡", "👍", "?!?!", "\x00\x1b", "\u200b", "12 34", "漢字"]
)
def test_a_text_without_words_is_neutral_and_unsure(
    classifier: SentimentClassifier, text: str
) -> None:
    reading = read(classifier, text)
    assert (reading.label, reading.score) == ("NEUTRAL", 0.0)
    assert reading.confidence < 0.34


@pytest.mark.parametrize(
    "text",
    ["terrible " * 11_111, "x" * 100_000, "x😡" * 50_000, "漢字", "漢字 x", "a\x00b", "\ud83d?a"],
)
def test_any_text_gets_a_reading_in_range(classifier: SentimentClassifier, text: str) -> None:
    reading = read(classifier, text)
    assert -1 <= reading.score <= 1
    assert 0.333 <= reading.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "I was charged twice!!! I want this fixed NOW",
        "I was charged twice! I want it fixed now!!!",
        "I need this fixed NOW!!!",
        "I want an answer NOW!!!",
        "I need help now",
        "This has to be solved today!!!",
        "Two boxes are missing, the order must be completed now",
    ],
)
def test_a_demand_is_no_praise(classifier: SentimentClassifier, text: str) -> None:
    reading = read(classifier, text)
    assert reading.score <= 0
    assert "approval" not in reading.emotions


@pytest.mark.parametrize(
    "text",
    ["It is fixed now!!!", "I want to thank you, it works NOW!!!", "You gave me the help I need!"],
)
def test_relief_stays_positive(classifier: SentimentClassifier, text: str) -> None:
    assert read(classifier, text).score > 0.3


def test_confidence_is_the_share_that_the_score_is_made_of(classifier: SentimentClassifier) -> None:
    reading = read(classifier, "Thank you, that was wonderful help!")
    assert reading.score <= reading.confidence
    assert reading.score >= 2 * reading.confidence - 1 - 1e-4


def test_a_text_reads_the_same_whatever_stands_beside_it(classifier: SentimentClassifier) -> None:
    texts = ["I love it.", "", "This is awful.", "Where is my invoice?"]
    assert classifier.classify(texts) == [read(classifier, text) for text in texts]


def test_a_higher_temperature_is_less_sure_of_the_same_label() -> None:
    calibration = load_calibration(CALIBRATION)
    hotter = calibration.model_copy(update={"temperature": calibration.temperature * 3})
    text = "I love it, great work."
    usual = read(SentimentClassifier(MODEL), text)
    cautious = read(SentimentClassifier(MODEL, calibration=hotter), text)
    assert cautious.label == usual.label
    assert cautious.confidence < usual.confidence


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("Thank you so much for your help!", "gratitude"),
        ("I am absolutely furious with you people.", "anger"),
        ("I'm very disappointed, I expected better.", "disappointment"),
        ("I don't understand, which of the two buttons do you mean?", "confusion"),
        ("I'm scared that somebody has stolen my savings.", "worry"),
    ],
)
def test_the_emotion_behind_a_message_is_named(
    classifier: SentimentClassifier, text: str, emotion: str
) -> None:
    assert emotion in read(classifier, text).emotions


def test_at_most_three_emotions_are_named_the_likeliest_first() -> None:
    calibration = load_calibration(CALIBRATION)
    everything = calibration.model_copy(update={"emotions": dict.fromkeys(calibration.emotions, 0)})
    found = read(SentimentClassifier(MODEL, calibration=everything), "I love it.").emotions
    assert len(found) == MAX_EMOTIONS
    assert list(found.values()) == sorted(found.values(), reverse=True)
    nothing = calibration.model_copy(update={"emotions": dict.fromkeys(calibration.emotions, 1.1)})
    assert read(SentimentClassifier(MODEL, calibration=nothing), "I love it.").emotions == {}


@pytest.mark.parametrize(
    "text",
    [
        "Dónde está el paquete que pedí la semana pasada",
        "Ich warte immer noch auf die Rechnung",
        "Je voudrais parler à quelqu'un",
        "Мой заказ не пришёл",
        "注文が届きません",
        "qwpoei zmxnb alskdj",
    ],
)
def test_another_language_gets_a_low_confidence(classifier: SentimentClassifier, text: str) -> None:
    assert read(classifier, text).confidence < 0.6


def test_the_end_of_a_long_message_counts(classifier: SentimentClassifier) -> None:
    story = "The parcel was sent on Monday from the warehouse in Leeds. " * 60
    assert read(classifier, story).score > read(classifier, f"{story} I am furious!").score


def test_an_event_is_answered_in_order_and_as_json(classifier: SentimentClassifier) -> None:
    reply = entry.respond({"texts": ["This is awful.", "I love it, thanks!"]}, classifier)
    results = json.loads(json.dumps(reply))["results"]
    assert [result["label"] for result in results] == ["NEGATIVE", "POSITIVE"]
    assert results[0].keys() == {
        *("label", "score", "confidence", "emotions"),
        *("priority", "escalate", "reason"),
    }


@pytest.mark.parametrize(
    ("text", "priority", "reason"),
    [
        ("How do I reset my password?", "medium", None),
        ("Thank you, that was wonderful help!", "low", None),
        ("I want to talk to a person.", "medium", "asked"),
        ("I am furious with you, you thieves! Worst company ever!", "high", "mood"),
        ("My account was hacked and my savings are gone!", "urgent", "stake"),
        ("", "medium", None),
    ],
)
def test_a_message_by_itself_is_assessed(
    classifier: SentimentClassifier, text: str, priority: str, reason: str | None
) -> None:
    [result] = entry.respond({"texts": [text]}, classifier)["results"]
    assert (result["priority"], result["reason"]) == (priority, reason)
    assert result["escalate"] is (reason is not None)


def test_an_organisations_own_rules_decide(classifier: SentimentClassifier) -> None:
    words = {"kind": "safety", "words": ["gluten*"], "priority": "urgent", "hand_off": True}
    event = {
        "texts": ["Is it gluten-free?", "My account was hacked"],
        "rules": {"at_stake": [words]},
    }
    results = entry.respond(event, classifier)["results"]
    assert [result["escalate"] for result in results] == [True, False]


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
def test_a_missing_or_broken_calibration_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "calibration.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"calibration\.json"):
        load_calibration(file)


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0},
        {"labels": ["POSITIVE", "NEUTRAL", "NEGATIVE"]},
        {"emotions": {}},
        {"emotions": {"anger": float("nan")}},
    ],
    ids=["temperature", "labels", "none", "nan"],
)
def test_a_calibration_that_makes_no_sense_is_refused(
    tmp_path: Path, change: dict[str, object]
) -> None:
    file = tmp_path / "calibration.json"
    file.write_text(json.dumps(json.loads(CALIBRATION.read_text()) | change))
    with pytest.raises(ModelUnavailable):
        load_calibration(file)


def test_a_calibration_for_other_emotions_is_refused() -> None:
    calibration = load_calibration(CALIBRATION).model_copy(update={"emotions": {"anger": 0.5}})
    with pytest.raises(ModelUnavailable, match="fit"):
        SentimentClassifier(MODEL, calibration=calibration)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"broken", None])
def test_a_missing_or_broken_model_is_refused(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    for file in ("model.onnx", "tokenizer.json", "calibration.json"):
        (tmp_path / file).symlink_to(MODEL / file)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelUnavailable):
        SentimentClassifier(tmp_path)


def test_the_model_is_small_enough_to_ship() -> None:
    assert sum((MODEL / name).stat().st_size for name in ("model.onnx", "tokenizer.json")) < 25e6


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
    assert "ModelUnavailable" in done.stderr


def test_a_model_that_fails_is_not_an_invalid_event() -> None:
    class Broken:
        def run(self, *_arguments: object) -> list[Any]:
            raise RuntimeError("out of memory")

    classifier = SentimentClassifier(MODEL)
    classifier._session = Broken()
    with pytest.raises(ModelUnavailable):
        entry.respond({"texts": ["hello"]}, classifier)
