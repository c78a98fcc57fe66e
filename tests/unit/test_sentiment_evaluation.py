"""A worse model fails here. The texts are hand-written and no part of the training data."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EVALUATE = ROOT / "layers" / "models" / "sentiment" / "evaluate.py"
TRAINED_ON = ROOT / "layers" / "models" / "sentiment" / "support-train.tsv"
MEASURED_ON = ROOT / "tests" / "data" / "support-sentiment.tsv"


def evaluate(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EVALUATE), str(file)], capture_output=True, text=True, check=False
    )


def rows(file: Path) -> list[list[str]]:
    return [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]


def words(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def test_the_model_is_as_good_as_it_was_measured_to_be() -> None:
    done = evaluate(MEASURED_ON)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["macro_f1"] >= 0.86
    assert min(report["f1"].values()) >= 0.81
    assert report["ece"] <= 0.06


def test_the_measured_texts_are_many_and_balanced() -> None:
    counts = Counter(label for label, _ in rows(MEASURED_ON))
    assert counts.keys() == {"NEGATIVE", "NEUTRAL", "POSITIVE"}
    assert counts.total() >= 300
    assert max(counts.values()) <= 1.2 * min(counts.values())


def test_no_measured_text_or_one_much_like_it_was_trained_on() -> None:
    trained = [set(words(text).split()) - {"user"} for _, _, text in rows(TRAINED_ON)]
    for _, text in rows(MEASURED_ON):
        own = set(words(text).split()) - {"user"}
        shared = max(len(own & other) / len(own | other) for other in trained if own | other)
        assert shared <= 0.6, text


def test_no_text_stands_in_a_file_twice() -> None:
    for texts in (
        [words(text) for _, text in rows(MEASURED_ON)],
        [words(text) for _, _, text in rows(TRAINED_ON)],
    ):
        assert len(set(texts)) == len(texts)


def test_the_report_counts_right_and_wrong(tmp_path: Path) -> None:
    file = tmp_path / "labelled.tsv"
    lines = [
        "positive\tThank you so much, that was wonderful help!",
        "2\tI love it, great work.",
        "NEGATIVE\tThank you so much, that was wonderful help!",
        "0\tI am furious, this is the worst support I have ever seen.",
        "",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    report = json.loads(evaluate(file).stdout)
    assert (report["texts"], report["accuracy"]) == (4, 0.75)
    # Two of three found to be positive are, and all that are were found: 2 * 2 / (2 + 3).
    assert report["f1"] == {"NEGATIVE": 0.6667, "NEUTRAL": 0.0, "POSITIVE": 0.8}
    assert report["macro_f1"] == pytest.approx((2 / 3 + 0.8) / 2, abs=1e-4)
    assert 0 <= report["ece"] <= 1
    assert 0 < report["p50_ms"] <= report["p95_ms"]


@pytest.mark.parametrize("content", ["POSITIVE\tfine\nfine", "GREAT\tfine", "POSITIVE fine"])
def test_a_line_that_is_not_labelled_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_text(content, encoding="utf-8")
    done = evaluate(file)
    assert done.returncode == 1
    assert f"labelled.tsv, line {content.count(chr(10)) + 1}" in done.stderr


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_text("\n", encoding="utf-8")
    assert "empty" in evaluate(file).stderr
