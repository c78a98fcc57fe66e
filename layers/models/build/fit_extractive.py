"""Fit the sentence score of frontdesk.answers.relevance, and measure what quotes then hold.

    python fit_extractive.py squad-kb.json ../minilm

Prints the weights fitted on either half of the SQuAD articles with the share of gold sentences they
put first on the other half, the weights fitted on everything, and what `extract` quotes with the
weights that stand in relevance.py: the share of answerable questions with a gold answer in one of
the quotes, and the mean number of words, from what retrieval brings up and from the gold passage.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "python"))
from frontdesk.answers.extractive import MAX_PASSAGES, extract
from frontdesk.answers.relevance import WEIGHTS, Features, featured
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.retrieval import retrieve
from frontdesk.knowledge.sqlite_index import SqliteIndex

Vector = NDArray[np.float64]
RIDGE = 3e-4


class Case(NamedTuple):
    """A question with the passages retrieved for it, and its candidates: features and gold."""

    question: dict[str, Any]
    gold: Passage
    passages: list[Passage]
    x: Vector
    y: NDArray[np.bool_]
    second: bool


def holds(question: dict[str, Any], text: str) -> bool:
    """Whether one of the question's gold answers is in `text`."""
    plain = " ".join(text.lower().split())
    return any(" ".join(answer.lower().split()) in plain for answer in question["answers"])


def cases(data: dict[str, Any], models: Path) -> list[Case]:
    """Every answerable question that brings something up."""
    embedder = MiniLmEmbedder(models)
    passages = {row["id"]: _passage(row) for row in data["passages"]}
    articles = sorted({passage.document_id for passage in passages.values()})
    found = []
    with tempfile.TemporaryDirectory() as folder:
        index = SqliteIndex(Path(folder) / "index.db")
        stored = list(passages.values())
        vectors = embedder.embed([passage.searchable_text for passage in stored])
        index.upsert("squad", stored, vectors)
        for question in data["questions"]:
            if not question["passage"]:
                continue
            text, gold = question["question"], passages[question["passage"]]
            [vector] = embedder.embed([text])
            best = [
                each.passage
                for each in retrieve(index, "squad", text=text, vector=vector, limit=MAX_PASSAGES)
            ]
            candidates = featured(text, best)
            y = [best[rank] == gold and holds(question, unit.text) for rank, unit, _ in candidates]
            x = np.array([features for _, _, features in candidates])
            second = articles.index(gold.document_id) % 2 == 1
            found.append(Case(question, gold, best, x, np.array(y), second))
        index.close()
    return found


def _passage(row: dict[str, Any]) -> Passage:
    article, _, ordinal = row["id"].rpartition("#")
    return Passage(article, article, int(ordinal), row["text"], row["title"].replace("_", " "))


def fit(some: list[Case]) -> Vector:
    """Weights that make a softmax over the candidates believe most in the gold ones (Adam)."""
    usable = [case for case in some if case.y.any()]
    x = np.vstack([case.x for case in usable])
    y = np.concatenate([case.y for case in usable])
    owner = np.repeat(np.arange(len(usable)), [len(case.y) for case in usable])
    w, mean, square = (np.zeros(x.shape[1]) for _ in range(3))
    for step in range(1, 501):
        z = x @ w
        e = np.exp(z - z.max())
        believed = e / np.bincount(owner, e)[owner]
        right = e * y / np.bincount(owner, e * y)[owner]
        gradient = (believed - right) @ x / len(usable) + RIDGE * w
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        w -= 0.05 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return w


def gold_first(some: list[Case], w: Vector) -> float:
    """The share of `some` in which the best candidate is a gold one."""
    return float(np.mean([bool(case.y[np.argmax(case.x @ w)]) for case in some]))


def quoted(some: list[Case], *, gold: bool) -> dict[str, float]:
    """What `extract` quotes for `some`, given what was retrieved, or the gold passage first."""
    held, words, shown, seconds = [], [], [], []
    for case in some:
        passages = case.passages
        if gold:
            passages = [case.gold, *(p for p in passages if p != case.gold)]
        start = time.perf_counter()
        made = extract(case.question["question"], passages)
        seconds.append(time.perf_counter() - start)
        held.append(any(holds(case.question, quote.text) for quote in made.quotes))
        words.append(sum(len(quote.text.split()) for quote in made.quotes))
        shown.append(len(made.text.split()))
    return {
        "gold_answer_quoted": round(float(np.mean(held)), 4),
        "words_quoted": round(float(np.mean(words)), 1),
        "words_shown": round(float(np.mean(shown)), 1),
        "milliseconds_p50": round(float(np.median(seconds)) * 1e3, 2),
    }


def main() -> None:
    """Fit, measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("squad", type=Path)
    parser.add_argument("models", type=Path)
    options = parser.parse_args()
    asked = cases(json.loads(options.squad.read_text()), options.models)
    halves = [[case for case in asked if case.second == second] for second in (False, True)]
    weights = [fit(half) for half in halves]

    def named(w: Vector) -> dict[str, float]:
        return {name: round(float(x), 2) for name, x in zip(Features._fields, w, strict=True)}

    report = {
        "questions": len(asked),
        "fitted on one half": [named(w) for w in weights],
        "gold sentence first on the other": [
            round(gold_first(halves[1], weights[0]), 4),
            round(gold_first(halves[0], weights[1]), 4),
        ],
        "fitted on everything": named(fit(asked)),
        "in relevance.py": WEIGHTS._asdict(),
        "extract, from what was retrieved": quoted(asked, gold=False),
        "extract, gold passage first": quoted(asked, gold=True),
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
