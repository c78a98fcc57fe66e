"""How likely it is that the documents answer a question, before anything is written.

A logistic model over a few signals, fitted by layers/models/build/fit_answerability.py, which
writes answerability.json with the figures it measured. Cosines of one embedder say nothing about
those of another, so each has its own parameters, with and without a cross-encoder. The embedders
that could not be measured share sets that leave the cosine out; they are weaker, and provisional
until somebody fits theirs.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from frontdesk.answers.blocks import units
from frontdesk.answers.text import asked, stem, terms, words
from frontdesk.knowledge.retrieval import Retrieved

CONSIDERED = 3
"""Passages whose signals count. More would make every question look answerable."""

PARAMETERS = Path(__file__).with_name("answerability.json")
ANY = "any"
"""The sets for embedders without measured parameters."""

# A capital that does not begin the sentence, or a year or the like. Longer numbers are a
# customer's own: an order, an account.
_NAMED = re.compile(r"(?<=[\w,;:(\"“] )[A-Z][\w’'-]+|\b\d{1,4}\b(?!\d)")


class Signals(NamedTuple):
    """What the best passages say about a question.

    `cosine`: the best one. `shared` and `missing`: of the question's terms, the most that one
    sentence has, with its heading and the sentence before, and the least that it lacks; `absent`:
    those that no passage has; each as log(1 + n). `named`: share of the question's names and
    numbers that occur anywhere, 1 if it has none. `relevance`: the cross-encoder's best logit, 0
    without one.
    """

    cosine: float
    shared: float
    missing: float
    absent: float
    named: float
    relevance: float

    @property
    def together(self) -> float:
        """Share of the question's terms that one sentence has, with what is around it."""
        shared, missing = math.expm1(self.shared), math.expm1(self.missing)
        return shared / max(1.0, shared + missing)


@dataclass(frozen=True, slots=True)
class Confidence:
    """Judges questions. Below `threshold` the documents do not know."""

    weights: Signals
    bias: float
    threshold: float

    @classmethod
    def fitted(
        cls, embedder: str, reranker: str = "words", parameters: Path = PARAMETERS
    ) -> "Confidence":
        """The parameters for an embedder and a reranker, as in the settings. Reads a small file."""
        sets: Mapping[str, Mapping[str, float]] = json.loads(parameters.read_text())["fitted"]
        chosen = sets.get(f"{embedder}, {reranker}") or sets[f"{ANY}, {reranker}"]
        weights = Signals(**{signal: chosen.get(signal, 0.0) for signal in Signals._fields})
        return cls(weights, chosen["bias"], chosen["threshold"])

    def answerability(self, ranked: Sequence[Retrieved], question: str) -> float:
        """The probability that `ranked` passages, best first, answer `question`.

        Calibrated on questions of which half were answerable. 0 when nothing was retrieved.
        """
        if not ranked:
            return 0.0
        found = signals(ranked, question)
        logit = self.bias + sum(w * x for w, x in zip(self.weights, found, strict=True))
        return 1 / (1 + math.exp(-logit))


def signals(ranked: Sequence[Retrieved], question: str) -> Signals:
    """The signals of `ranked`, which is not empty; most of them of the first `CONSIDERED`."""
    best = ranked[:CONSIDERED]
    subjects = frozenset(asked(question))
    known = [frozenset(terms(found.passage.searchable_text)) for found in ranked]
    shared = 0
    for found in best:
        title = frozenset(terms(" ".join((found.passage.title, *found.passage.headings))))
        for unit in units(found.passage.text):
            around = title.union(unit.terms, unit.context)
            shared = max(shared, len(subjects & around))
    return Signals(
        cosine=max((found.cosine for found in best if found.cosine is not None), default=0.0),
        shared=math.log1p(shared),
        missing=math.log1p(len(subjects) - shared),
        absent=math.log1p(len(subjects.difference(*known))),
        named=_share_named(question, frozenset().union(*known[:CONSIDERED])),
        relevance=max(
            (found.relevance for found in ranked if found.relevance is not None), default=0.0
        ),
    )


def _share_named(question: str, known: frozenset[str]) -> float:
    # Who writes in capitals throughout names nothing by them.
    if question.isupper():
        return 1.0
    named = {stem(word) for match in _NAMED.findall(question) for word in words(match)}
    return len(named & known) / len(named) if named else 1.0
