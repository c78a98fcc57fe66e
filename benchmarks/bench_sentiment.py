"""How long the sentiment function takes for one message, beside transformers on torch.

Alone: `PYTHONPATH=functions:layers/core/python .venv/bin/python -m benchmarks.bench_sentiment`.
The comparison needs three packages that are in no lock; `.venv/bin/uv pip install onnx torch
transformers` brings them. It computes in fp32 with the weights of model.onnx, taken out of their
INT8, so that both answer alike, which is measured too.
"""

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.summary import milliseconds
from sentiment.classifier import SentimentClassifier

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "layers" / "models" / "sentiment"
MESSAGES = {
    "a short question": "How do I reset my password?",
    "a message of 64 tokens": (
        "I ordered two lamps on the third of May and only one of them has arrived so far. Your"
        " colleague told me on the phone that the second lamp would follow within the week, which"
        " was twelve days ago. Could you please tell me where it is, and whether I should go on"
        " waiting for it at all?"
    ),
    "a message of 128 tokens and more": "The second lamp has still not arrived at my place. " * 20,
}
PEER = ("onnx", "torch", "transformers")
_LOAD = """
import sys, time
begin = time.perf_counter()
from pathlib import Path
from sentiment.classifier import SentimentClassifier
SentimentClassifier(Path(sys.argv[1])).classify(["Where is my order?"])
print(time.perf_counter() - begin)
"""


def measure(*, runs: int = 300) -> dict[str, object]:
    """Milliseconds a message, warm, one thread; and from import to the first answer."""
    classifier = SentimentClassifier(MODEL)
    ours = {
        name: _time(partial(classifier.classify, [text]), runs) for name, text in MESSAGES.items()
    }
    report: dict[str, object] = {"onnx int8": ours, "load": _load()}
    if missing := [name for name in PEER if importlib.util.find_spec(name) is None]:
        report["transformers fp32"] = f"not measured: uv pip install {' '.join(missing)}"
        return report
    # Neither is installed as a rule.
    from benchmarks import fp32_mood  # noqa: PLC0415

    infer = fp32_mood.load(MODEL)
    theirs = {name: _time(partial(infer, text), runs // 3) for name, text in MESSAGES.items()}
    report["transformers fp32"] = theirs
    report["times faster"] = {
        name: round(theirs[name]["p50"] / ours[name]["p50"], 1) for name in ours
    }
    report["largest difference of a score"] = round(
        max(abs(infer(text) - classifier.classify([text])[0].score) for text in MESSAGES.values()),
        3,
    )
    return report


def _time(call: Callable[[], object], runs: int) -> dict[str, float]:
    for _ in range(10):
        call()
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return milliseconds(seconds)


def _load(runs: int = 7) -> dict[str, float]:
    paths = [str(ROOT / "functions"), str(ROOT / "layers" / "core" / "python")]
    seconds = [
        float(
            subprocess.run(
                [sys.executable, "-c", _LOAD, str(MODEL)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for _ in range(runs)
    ]
    return milliseconds(seconds)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=2) + "\n")
