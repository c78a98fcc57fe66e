"""How likely it is that the documents answer a question, before anything is written.

A logistic model over three signals, fitted by layers/models/build/fit_answerability.py, which
writes answerability.json with the figures it measured. Cosines of one embedder say nothing about
those of another, so each has its own parameters. The embedders that could not be measured share a
set that leaves the cosine out and goes by words alone; it is weaker, and provisional until
somebody fits theirs.
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
WORDS_ALONE = "words alone"
"""The set for embedders without measured parameters."""

# A capital that does not begin the sentence, or a year or the like. Longer numbers are a
# customer's own: an order, an account.
_NAMED = re.compile(r"(?<=[\w,;:(\"“] )[A-Z][\w’'-]+|\b\d{1,4}\b(?!\d)")


class Signals(NamedTuple):
    """What retrieval says about a question, from its best passages; shares in [0, 1].

    `cosine`: the best one. `together`: the largest share of the question's terms that one sentence
    has, with its heading and the sentence before. `named`: share of the question's names and
    numbers that occur anywhere, 1 if it has none.
    """

    cosine: float
    together: float
    named: float


@dataclass(frozen=True, slots=True)
class Confidence:
    """Judges questions and answers. `threshold`: below it, say that the documents do not know.

    The default threshold is the one at which 5 % of the answerable questions were refused.
    """

    weights: Signals
    bias: float
    threshold: float

    @classmethod
    def for_embedder(cls, name: str, parameters: Path = PARAMETERS) -> "Confidence":
        """The parameters for the embedder `name`, as in FRONTDESK_EMBEDDER. Reads a small file."""
        fitted: Mapping[str, Mapping[str, float]] = json.loads(parameters.read_text())["fitted"]
        chosen = fitted.get(name, fitted[WORDS_ALONE])
        weights = Signals(**{signal: chosen.get(signal, 0.0) for signal in Signals._fields})
        return cls(weights, chosen["bias"], chosen["threshold"])

    def answerability(self, retrieved: Sequence[Retrieved], question: str) -> float:
        """The probability that `retrieved`, best first, answers `question`.

        Calibrated on questions of which half were answerable. 0 when nothing was retrieved.
        """
        if not retrieved:
            return 0.0
        found = signals(retrieved, question)
        logit = self.bias + sum(w * x for w, x in zip(self.weights, found, strict=True))
        return 1 / (1 + math.exp(-logit))


def signals(retrieved: Sequence[Retrieved], question: str) -> Signals:
    """The signals of the first `CONSIDERED` of `retrieved`, which is not empty."""
    best = retrieved[:CONSIDERED]
    subjects = frozenset(asked(question))
    known = frozenset().union(*(terms(found.passage.searchable_text) for found in best))
    together = 0
    for found in best:
        title = frozenset(terms(" ".join((found.passage.title, *found.passage.headings))))
        for unit in units(found.passage.text):
            around = title.union(unit.terms, unit.context)
            together = max(together, len(subjects & around))
    return Signals(
        cosine=max((found.cosine for found in best if found.cosine is not None), default=0.0),
        together=together / max(1, len(subjects)),
        named=_share_named(question, known),
    )


def _share_named(question: str, known: frozenset[str]) -> float:
    # Who writes in capitals throughout names nothing by them.
    if question.isupper():
        return 1.0
    named = {stem(word) for match in _NAMED.findall(question) for word in words(match)}
    return len(named & known) / len(named) if named else 1.0
