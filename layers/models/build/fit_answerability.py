"""Fit and measure the answerability of frontdesk.answers.confidence; writes answerability.json.

    python ../reranker/train.py cross-validate squad-kb.json WHEEL weights
    python fit_answerability.py squad-kb.json ../minilm weights/held.json

Two kinds of knowledge base are indexed and asked as in production (MiniLM, SQLite, ranked): eight
SQuAD 2.0 articles (CC BY-SA 4.0), whose questions were written with the passage in view, and help
centres of our own, whose questions were not and whose unanswered ones are about the same things.
Positives are answerable questions, negatives those that the documents do not answer; the two
classes weigh the same, and help centres half as much as articles. held.json has the cross-encoder's
logits for companies and articles that it was not trained on: of others it knows too much.

What is reported is measured across: fitted on three quarters of the articles and help centres,
tested on the rest, four times. The parameters written are fitted on everything. SQuAD's near misses
(about a passage that does not say it) are reported only: no signal tells them apart well.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[3]))
sys.path.insert(0, str(Path(__file__).parents[3] / "functions"))
sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "python"))
from evaluation.knowledge import passages_of
from evaluation.questions import GoldPassage
from frontdesk.answers.confidence import ANY, PARAMETERS, Signals, signals
from frontdesk.answers.reranking import CONSIDERED, rerank
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.retrieval import retrieve
from frontdesk.knowledge.sqlite_index import SqliteIndex

Vector = NDArray[np.float64]
REFUSED = 0.05  # of the answerable questions, at the default threshold
RIDGE = 1e-3
FOLDS = 4
WEIGHTS = {"squad": 1.0, "support": 0.5}
CENTRES = ("support_centres.json", "support_questions.json")


class Held:
    """A cross-encoder that looks up what one that knew nothing of the passages has said."""

    def __init__(self, file: Path) -> None:
        self._logits: dict[str, dict[str, float]] = json.loads(file.read_text())

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """The logits of `passages`. Raises KeyError for what was not read."""
        known = self._logits[question]
        return [known[key_of(passage)] for passage in passages]


def key_of(passage: str) -> str:
    """How held.json names a passage."""
    return hashlib.sha256(passage.encode()).hexdigest()[:16]


class Asked(NamedTuple):
    """Questions of one kind to knowledge bases of one kind: their signals, and their folds."""

    x: Vector
    fold: NDArray[np.int64]


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

    def __init__(
        self, embedder: MiniLmEmbedder, index: SqliteIndex, name: str, held: Held | None
    ) -> None:
        self.embedder, self._index, self._name, self._held = embedder, index, name, held

    def load(self, passages: list[Passage]) -> None:
        """Index `passages`."""
        vectors = self.embedder.embed([passage.searchable_text for passage in passages])
        self._index.upsert(self._name, passages, vectors)

    def signals(self, question: str) -> Signals:
        """What the ranked passages say about `question`; all zero if nothing is brought up."""
        [vector] = self.embedder.embed([question])
        found = retrieve(self._index, self._name, text=question, vector=vector, limit=CONSIDERED)
        ranked = rerank(question, found, self._held)
        return signals(ranked, question) if ranked else Signals(*[0.0] * len(Signals._fields))


def ask_squad(asker: Asker, data: dict[str, Any]) -> dict[str, Asked]:
    """SQuAD's answerable, outside and nearly answerable questions, folded by article."""
    gold = [GoldPassage.model_validate(row) for row in data["passages"]]
    asker.load(passages_of(gold, asker.embedder))
    articles = sorted({_article(row["id"]) for row in data["passages"]})
    rows: dict[str, list[tuple[Signals, int]]] = {"answerable": [], "near": [], "outside": []}
    for question in data["questions"]:
        kind = "answerable" if question["passage"] else "near"
        fold = articles.index(_article(question["passage"] or question["near"])) % FOLDS
        rows[kind].append((asker.signals(question["question"]), fold))
    for place, question in enumerate(data["outside"]):
        rows["outside"].append((asker.signals(question["question"]), place % FOLDS))
    return {kind: _asked(found) for kind, found in rows.items()}


def ask_support(
    asker_of: Callable[[str], Asker], centres: list[dict[str, Any]]
) -> dict[str, Asked]:
    """The questions to the help centres, folded by centre."""
    rows: dict[str, list[tuple[Signals, int]]] = {"answerable": [], "outside": []}
    for place, centre in enumerate(centres):
        asker = asker_of(centre["name"])
        asker.load(
            [
                Passage(f"{n}", f"{n}", 0, text, title, (heading,) if heading else ())
                for n, (title, heading, text) in enumerate(centre["passages"])
            ]
        )
        for kind, found in rows.items():
            for each in centre[kind]:
                text = each if isinstance(each, str) else each[0]
                found.append((asker.signals(text), place % FOLDS))
    return {kind: _asked(found) for kind, found in rows.items()}


def _asked(rows: list[tuple[Signals, int]]) -> Asked:
    return Asked(np.array([found for found, _ in rows]), np.array([fold for _, fold in rows]))


def _article(passage_id: str) -> str:
    return passage_id.rpartition("#")[0]


def fit(tables: Tables, names: list[str], *, without: int | None = None) -> Model:
    """Ridge logistic regression by Newton's method, on everything or on all folds but one."""
    columns = [Signals._fields.index(name) for name in names]
    parts, targets, shares = [], [], []
    for base, table in tables.items():
        for kind, target in (("answerable", 1.0), ("outside", 0.0)):
            x, fold = table[kind]
            kept = x if without is None else x[fold != without]
            parts.append(kept[:, columns])
            targets.append(np.full(len(kept), target))
            shares.append(np.full(len(kept), WEIGHTS[base] / len(kept) / 2 / sum(WEIGHTS.values())))
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


def threshold_of(answerable: dict[str, Vector]) -> float:
    """Where `REFUSED` of the answerable questions lie below, each kind weighing as in the fit."""
    p = np.concatenate(list(answerable.values()))
    share = np.concatenate(
        [np.full(len(a), WEIGHTS[base] / len(a)) for base, a in answerable.items()]
    ) / sum(WEIGHTS.values())
    order = np.argsort(p)
    return float(p[order][np.searchsorted(np.cumsum(share[order]), REFUSED)])


def measure(tables: Tables, names: list[str]) -> dict[str, Any]:
    """Figures of models tested on the fold that they were not fitted on, pooled over all."""
    scores: dict[str, dict[str, Vector]] = {}
    fitted = [fit(tables, names, without=fold) for fold in range(FOLDS)]
    for base, table in tables.items():
        scores[base] = {}
        for kind, (x, fold) in table.items():
            scores[base][kind] = np.array(
                [fitted[f].probabilities(row[None])[0] for row, f in zip(x, fold, strict=True)]
            )
    threshold = threshold_of({base: kinds["answerable"] for base, kinds in scores.items()})
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


def ask(models: Path, squad: dict[str, Any], held: Held | None) -> Tables:
    """The signals of every question, with or without a cross-encoder."""
    embedder = MiniLmEmbedder(models)
    folder = Path(__file__).parent
    centres = [
        centre
        for file in CENTRES
        for centre in json.loads((folder / file).read_text())["help_centres"]
    ]
    with tempfile.TemporaryDirectory() as place:
        index = SqliteIndex(Path(place) / "index.db")
        tables = {
            "squad": ask_squad(Asker(embedder, index, "squad", held), squad),
            "support": ask_support(lambda name: Asker(embedder, index, name, held), centres),
        }
        index.close()
    return tables


def main() -> None:
    """Fit, measure, write and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for argument in ("squad", "models", "held"):
        parser.add_argument(argument, type=Path)
    parser.add_argument("--out", type=Path, default=PARAMETERS)
    options = parser.parse_args()
    squad = json.loads(options.squad.read_text())
    result: dict[str, Any] = {
        "about": "Written by layers/models/build/fit_answerability.py; see there. Probabilities "
        "assume that half of the questions are answerable.",
        "questions": {},
        "fitted": {},
        "measured": {},
    }
    for reranker, held in (("words", None), ("minilm", Held(options.held))):
        tables = ask(options.models, squad, held)
        result["questions"] = {
            base: {kind: len(asked.x) for kind, asked in table.items()}
            for base, table in tables.items()
        }
        for embedder in ("minilm", ANY):
            unknown = {"cosine"} if embedder == ANY else set()
            unknown |= {"relevance"} if held is None else set()
            names = [field for field in Signals._fields if field not in unknown]
            model = fit(tables, names)
            answerable = {
                base: model.probabilities(table["answerable"].x) for base, table in tables.items()
            }
            result["fitted"][f"{embedder}, {reranker}"] = {
                **{n: round(float(w), 4) for n, w in zip(names, model.weights, strict=True)},
                "bias": round(model.bias, 4),
                "threshold": round(threshold_of(answerable), 4),
            }
            result["measured"][f"{embedder}, {reranker}"] = measure(tables, names)
    text = json.dumps(result, indent=2) + "\n"
    options.out.write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
