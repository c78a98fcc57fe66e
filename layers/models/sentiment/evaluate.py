"""Measure the exported model on labelled texts, and print JSON.

    python evaluate.py file.tsv                      label TAB text, one per line
    python evaluate.py ../../../../shared/data       the parts of the data kept for measuring

Needs what the function needs and nothing more. Times are of one text at a time, one thread, warm.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[3] / "functions"))
sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "python"))
import data

from sentiment.classifier import SentimentClassifier

Labelled = Sequence[tuple[int, str]]
_CODES = {"0": "NEGATIVE", "1": "NEUTRAL", "2": "POSITIVE"}


def main() -> None:
    """Read, classify, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, default=Path(__file__).parent)
    given = parser.parse_args()
    sets = kept_apart(given.data) if given.data.is_dir() else {"": read(given.data)}
    classifier = SentimentClassifier(given.model)
    reports = {name: measure(classifier, rows) for name, rows in sets.items()}
    print(json.dumps(reports.get("", reports), indent=2))


def read(file: Path) -> Labelled:
    """The lines of `file`. Labels are names in any case, or 0, 1, 2 from negative to positive.

    Raises SystemExit with the line's number where a line is something else.
    """
    rows = []
    lines = file.read_text(encoding="utf-8-sig").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        label, tab, text = line.rstrip("\r").partition("\t")
        name = _CODES.get(label.strip(), label.strip().upper())
        if not tab or name not in data.LABELS:
            raise SystemExit(f"{file.name}, line {number}: not label TAB text")
        rows.append((data.LABELS.index(name), text))
    if not rows:
        raise SystemExit(f"{file.name} is empty")
    return rows


def kept_apart(folder: Path) -> dict[str, Labelled]:
    """What neither trained nor calibrated the model.

    The first half of GoEmotions' dev part did calibrate it, which moves no label: F1 is therefore
    given for all of dev, and ECE has to be read from the second half.
    """
    clear = data.goemotions(folder, "dev", clear=True)
    everything = data.goemotions(folder, "dev")
    return {
        "goemotions dev": [(each.label, each.text) for each in clear],
        "goemotions dev, second half": [(e.label, e.text) for e in clear[len(clear) // 2 :]],
        "goemotions dev, ambiguous as neutral": [(e.label, e.text) for e in everything],
        "tweets": [(e.label, e.text) for e in data.tweets(folder)["measure"]],
    }


def measure(classifier: SentimentClassifier, rows: Labelled) -> dict[str, object]:
    """Accuracy, F1, calibration and milliseconds."""
    for _, text in rows[:20]:
        classifier.classify([text])
    predicted, confidence, times = [], [], []
    for _, text in rows:
        started = time.perf_counter()
        (reading,) = classifier.classify([text])
        times.append((time.perf_counter() - started) * 1000)
        predicted.append(data.LABELS.index(reading.label))
        confidence.append(reading.confidence)
    truth, best = np.array([label for label, _ in rows]), np.array(predicted)
    each = {name: f1(truth == place, best == place) for place, name in enumerate(data.LABELS)}
    # A class that the file does not hold has no F1.
    present = [each[name] for place, name in enumerate(data.LABELS) if (truth == place).any()]
    return {
        "texts": len(rows),
        "accuracy": round(float((truth == best).mean()), 4),
        "macro_f1": round(statistics.fmean(present), 4),
        "f1": {name: round(value, 4) for name, value in each.items()},
        "ece": round(calibration_error(np.array(confidence), truth == best), 4),
        "p50_ms": round(float(np.percentile(times, 50)), 2),
        "p95_ms": round(float(np.percentile(times, 95)), 2),
    }


def f1(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    """The harmonic mean of precision and recall, 0 where nothing is right."""
    return float(2 * (truth & found).sum() / max(truth.sum() + found.sum(), 1))


def calibration_error(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 15
) -> float:
    """Expected calibration error: |confidence - accuracy| over equal bins of confidence."""
    bucket = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(confidence[bucket == b].mean() - right[bucket == b].mean()) * (bucket == b).mean()
            for b in range(bins)
            if (bucket == b).any()
        )
    )


if __name__ == "__main__":
    main()
