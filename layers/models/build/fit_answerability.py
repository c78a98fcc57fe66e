"""Fit and measure the answerability of frontdesk.answers.confidence; writes answerability.json.

    python fit_answerability.py squad-kb.json ../minilm

Two kinds of knowledge base are indexed and asked as in production (MiniLM, SQLite, fused
retrieval): eight SQuAD 2.0 articles (CC BY-SA 4.0), whose questions were written with the passage
in view, and the two help centres of support_questions.json, whose questions were not. Positives
are answerable questions, negatives those that the documents do not answer; the two classes weigh
the same, and so do the two kinds.

What is reported is measured across: fitted on half of the articles and one help centre, tested on
the rest, both ways. The parameters written are fitted on everything. SQuAD's near misses (about a
passage that does not say it) are reported only: no signal of retrieval tells them apart.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "python"))
from frontdesk.answers.confidence import CONSIDERED, PARAMETERS, WORDS_ALONE, Signals, signals
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.retrieval import retrieve
from frontdesk.knowledge.sqlite_index import SqliteIndex

Vector = NDArray[np.float64]
REFUSED = 0.05  # of the answerable questions, at the default threshold
RIDGE = 1e-3
SUPPORT = Path(__file__).with_name("support_questions.json")


class Asked(NamedTuple):
    """Questions of one kind to knowledge bases of one kind: their signals, and their fold."""

    x: Vector
    second: NDArray[np.bool_]


class Model(NamedTuple):
    """A logistic model of the signals in `columns`."""

    columns: list[int]
    weights: Vector
    bias: float

    def probabilities(self, x: Vector) -> Vector:
        """Of being answerable, for each row of signals."""
        return 1 / (1 + np.exp(-(x[:, self.columns] @ self.weights + self.bias)))


Tables = dict[str, dict[str, Asked]]  # by kind of knowledge base, then by kind of question


class Asker:
    """Indexes one knowledge base and asks it."""

    def __init__(self, embedder: MiniLmEmbedder, index: SqliteIndex, name: str) -> None:
        self._embedder, self._index, self._name = embedder, index, name

    def load(self, passages: list[Passage]) -> None:
        """Index `passages`."""
        vectors = self._embedder.embed([passage.searchable_text for passage in passages])
        self._index.upsert(self._name, passages, vectors)

    def signals(self, question: str) -> Signals:
        """What retrieval says about `question`; all zero if it brings nothing up."""
        [vector] = self._embedder.embed([question])
        found = retrieve(self._index, self._name, text=question, vector=vector, limit=CONSIDERED)
        return signals(found, question) if found else Signals(0, 0, 0)


def ask_squad(asker: Asker, data: dict[str, Any]) -> dict[str, Asked]:
    """SQuAD's answerable, outside and nearly answerable questions, folded by article."""
    asker.load([_passage(row) for row in data["passages"]])
    articles = sorted({_article(row["id"]) for row in data["passages"]})
    second = {article: place % 2 == 1 for place, article in enumerate(articles)}
    rows: dict[str, list[tuple[Signals, bool]]] = {"answerable": [], "near": [], "outside": []}
    for question in data["questions"]:
        kind = "answerable" if question["passage"] else "near"
        fold = second[_article(question["passage"] or question["near"])]
        rows[kind].append((asker.signals(question["question"]), fold))
    for place, question in enumerate(data["outside"]):
        rows["outside"].append((asker.signals(question["question"]), place % 2 == 1))
    return {kind: _asked(found) for kind, found in rows.items()}


def ask_support(askers: list[Asker], data: dict[str, Any]) -> dict[str, Asked]:
    """The questions to the help centres, each of which is a fold."""
    rows: dict[str, list[tuple[Signals, bool]]] = {"answerable": [], "outside": []}
    for place, (asker, centre) in enumerate(zip(askers, data["help_centres"], strict=True)):
        asker.load(
            [
                Passage(f"{n}", f"{n}", 0, text, title, (heading,) if heading else ())
                for n, (title, heading, text) in enumerate(centre["passages"])
            ]
        )
        for kind, found in rows.items():
            found.extend((asker.signals(text), place == 1) for text in centre[kind])
    return {kind: _asked(found) for kind, found in rows.items()}


def _asked(rows: list[tuple[Signals, bool]]) -> Asked:
    return Asked(np.array([found for found, _ in rows]), np.array([fold for _, fold in rows]))


def _article(passage_id: str) -> str:
    return passage_id.rpartition("#")[0]


def _passage(row: dict[str, Any]) -> Passage:
    article, _, ordinal = row["id"].rpartition("#")
    return Passage(article, article, int(ordinal), row["text"], row["title"].replace("_", " "))


def fit(tables: Tables, names: list[str], *, fold: bool | None = None) -> Model:
    """Ridge logistic regression by Newton's method, on one fold or on everything."""
    columns = [Signals._fields.index(name) for name in names]
    parts, targets, shares = [], [], []
    for table in tables.values():
        for kind, target in (("answerable", 1.0), ("outside", 0.0)):
            x, second = table[kind]
            kept = x if fold is None else x[second == fold]
            parts.append(kept[:, columns])
            targets.append(np.full(len(kept), target))
            shares.append(np.full(len(kept), 1 / len(kept) / (2 * len(tables))))
    x, y, share = np.vstack(parts), np.concatenate(targets), np.concatenate(shares)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    design = np.c_[(x - mean) / deviation, np.ones(len(x))]
    penalty = np.diag([*[RIDGE] * len(columns), 0.0])
    w = np.zeros(len(columns) + 1)
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ w))
        gradient = design.T @ (share * (p - y)) + penalty @ w
        hessian = (design.T * (share * p * (1 - p))) @ design + penalty
        w -= np.linalg.solve(hessian, gradient)
    weights = w[:-1] / deviation
    return Model(columns, weights, float(w[-1] - weights @ mean))


def auroc(positive: Vector, negative: Vector) -> float:
    """The chance that a positive scores above a negative, ties counting half."""
    above = (positive[:, None] > negative[None, :]).mean()
    return float(above + 0.5 * (positive[:, None] == negative[None, :]).mean())


def calibration_error(positive: Vector, negative: Vector, bins: int = 10) -> float:
    """Expected calibration error over equal bins, both classes weighing half."""
    p = np.r_[positive, negative]
    y = np.r_[np.ones(len(positive)), np.zeros(len(negative))]
    share = np.where(y == 1, 0.5 / len(positive), 0.5 / len(negative))
    place = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs((share * (p - y))[place == b].sum()) for b in range(bins) if (place == b).any()]
    return float(sum(gaps))


def threshold_of(answerable: list[Vector]) -> float:
    """Where `REFUSED` of the answerable questions lie below, each kind weighing the same."""
    p = np.concatenate(answerable)
    share = np.concatenate([np.full(len(a), 1 / len(a) / len(answerable)) for a in answerable])
    order = np.argsort(p)
    return float(p[order][np.searchsorted(np.cumsum(share[order]), REFUSED)])


def measure(tables: Tables, names: list[str]) -> dict[str, Any]:
    """Figures of models fitted on one fold and tested on the other, pooled over both ways."""
    scores: dict[str, dict[str, Vector]] = {}
    fitted = {fold: fit(tables, names, fold=fold) for fold in (False, True)}
    for base, table in tables.items():
        scores[base] = {
            kind: np.concatenate(
                [fitted[not fold].probabilities(x[second == fold]) for fold in (False, True)]
            )
            for kind, (x, second) in table.items()
        }
    threshold = threshold_of([kinds["answerable"] for kinds in scores.values()])
    result: dict[str, Any] = {"threshold": round(threshold, 4)}
    for base, kinds in scores.items():
        answerable, outside = kinds["answerable"], kinds["outside"]
        figures = {
            "auroc": auroc(answerable, outside),
            "calibration_error": calibration_error(answerable, outside),
            "answerable_refused": float((answerable < threshold).mean()),
            "outside_answered": float((outside >= threshold).mean()),
        }
        if "near" in kinds:
            figures["near_misses_answered"] = float((kinds["near"] >= threshold).mean())
            figures["near_misses_auroc"] = auroc(answerable, kinds["near"])
        result[base] = {name: round(value, 4) for name, value in figures.items()}
    return result


def main() -> None:
    """Fit, measure, write and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("squad", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--out", type=Path, default=PARAMETERS)
    options = parser.parse_args()
    embedder = MiniLmEmbedder(options.models)
    support = json.loads(SUPPORT.read_text())
    with tempfile.TemporaryDirectory() as folder:
        index = SqliteIndex(Path(folder) / "index.db")
        centres = [Asker(embedder, index, centre["name"]) for centre in support["help_centres"]]
        tables = {
            "squad": ask_squad(
                Asker(embedder, index, "squad"), json.loads(options.squad.read_text())
            ),
            "support": ask_support(centres, support),
        }
        index.close()
    result: dict[str, Any] = {
        "about": "Written by layers/models/build/fit_answerability.py; see there. Probabilities "
        "assume that half of the questions are answerable.",
        "questions": {
            base: {kind: len(asked.x) for kind, asked in table.items()}
            for base, table in tables.items()
        },
        "fitted": {},
        "measured": {},
    }
    for name, columns in {
        "minilm": list(Signals._fields),
        WORDS_ALONE: [field for field in Signals._fields if field != "cosine"],
    }.items():
        model = fit(tables, columns)
        answerable = [model.probabilities(table["answerable"].x) for table in tables.values()]
        result["fitted"][name] = {
            **{c: round(float(w), 4) for c, w in zip(columns, model.weights, strict=True)},
            "bias": round(model.bias, 4),
            "threshold": round(threshold_of(answerable), 4),
        }
        result["measured"][name] = measure(tables, columns)
    text = json.dumps(result, indent=2) + "\n"
    options.out.write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
