"""How well a sentence answers a question, from words alone.

A log-linear score. The weights are those that layers/models/build/fit_extractive.py finds on SQuAD
2.0: fitted on half of the articles, they put a gold sentence first for 84 to 86 % of the questions
about the other half.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from frontdesk.answers.blocks import Unit, units
from frontdesk.answers.text import asked, terms, topics
from frontdesk.knowledge.ports import Passage


class Features(NamedTuple):
    """What the score of a unit is made of; each in [0, 1].

    `overlap`: share of the question's terms in the unit, weighted by their rarity among the
    candidates. `context`: the same for terms that only its heading or the sentence before has.
    `share`: plain share of the question's terms. `phrase`: share of the question's neighbouring
    terms that are neighbours here too. `first`: the passage ranked first. `who` to `reason`: the
    question asks for one and the unit has one that the question has not. `how`: a step or an
    instruction, and the question asks how to do something; as large as the share of its terms that
    stand here or around. `section`: how alike the question and a heading above are. `opening`: the
    same for the nearest heading, if the unit is the first under it and the question asks how.
    """

    overlap: float
    context: float
    share: float
    phrase: float
    first: float
    who: float
    when: float
    where: float
    amount: float
    reason: float
    how: float
    section: float
    opening: float


WEIGHTS = Features(
    overlap=4.9,
    context=3.4,
    share=3.9,
    phrase=2.7,
    first=1.2,
    who=1.2,
    when=2.5,
    where=0.9,
    amount=2.2,
    reason=1.8,
    # SQuAD has neither instructions nor headings; these are a choice: an instruction under the
    # right heading is to come before a sentence that merely repeats the question.
    how=5.0,
    section=4.0,
    opening=3.0,
)


class Scored(NamedTuple):
    """A unit of the passage at `rank` (from 0), with its score."""

    rank: int
    unit: Unit
    score: float


def scored(question: str, passages: Sequence[Passage]) -> list[Scored]:
    """Every quotable unit of `passages` with its score, in reading order.

    Scores compare within one call only: their softmax is the share of belief in each unit.
    """
    return [
        Scored(rank, unit, sum(w * x for w, x in zip(WEIGHTS, features, strict=True)))
        for rank, unit, features in featured(question, passages)
    ]


def best_scores(question: str, passages: Sequence[Passage]) -> list[float]:
    """The score of each passage's best unit, its place among the others left out.

    A passage with nothing to quote scores 0.
    """
    weights = WEIGHTS._replace(first=0.0)
    best: dict[int, float] = {}
    for rank, _, features in featured(question, passages):
        score = sum(w * x for w, x in zip(weights, features, strict=True))
        best[rank] = max(score, best.get(rank, score))
    return [best.get(rank, 0.0) for rank in range(len(passages))]


def subjects_of(question: str) -> tuple[str, ...]:
    """The distinct topics of `question`, in order; vague ones only if there are no others."""
    topical = dict.fromkeys(topics(asked(_MONEY_BACK.sub("refund", question))))
    return tuple(topic for topic in topical if topic not in _VAGUE) or tuple(topical)


def featured(question: str, passages: Sequence[Passage]) -> list[tuple[int, Unit, Features]]:
    """Every quotable unit of `passages` with its rank and features, in reading order."""
    subjects = subjects_of(question)
    wanted = frozenset(subjects)
    pairs = frozenset(pairwise(subjects))
    kinds = [hint for hint, pattern in _ASKS.items() if pattern.search(question)]
    candidates = [
        candidate for rank, passage in enumerate(passages) for candidate in _read(rank, passage)
    ]
    rarity = _rarity(subjects, candidates)
    total = sum(rarity.values()) or 1.0
    found = []
    for rank, unit, own, around, headings in candidates:
        distinct = frozenset(own)
        here = wanted & distinct
        overlap = sum(rarity.get(term, 0.0) for term in here) / total
        context = sum(rarity.get(term, 0.0) for term in (wanted & around) - distinct) / total
        hints = dict.fromkeys((h for h in kinds if _has(h, unit, question)), 1.0)
        alike = [_likeness(wanted, heading) for heading in headings] or [0.0]
        features = Features(
            overlap=overlap,
            context=context,
            share=len(here) / max(1, len(wanted)),
            phrase=len(pairs.intersection(pairwise(own))) / max(1, len(pairs)),
            first=float(rank == 0),
            who=hints.get("who", 0.0),
            when=hints.get("when", 0.0),
            where=hints.get("where", 0.0),
            amount=hints.get("amount", 0.0),
            reason=hints.get("reason", 0.0),
            how=hints.get("how", 0.0) * (overlap + context),
            section=max(alike),
            opening=alike[-1] if unit.opens and "how" in kinds else 0.0,
        )
        found.append((rank, unit, features))
    return found


class _Candidate(NamedTuple):
    """A unit with its topics, those around it, and those of each heading above, outermost first."""

    rank: int
    unit: Unit
    own: tuple[str, ...]
    around: frozenset[str]
    headings: list[frozenset[str]]


def _read(rank: int, passage: Passage) -> Iterator[_Candidate]:
    path = [frozenset(topics(terms(heading))) for heading in passage.headings]
    above = frozenset().union(*path)
    top = above.union(topics(terms(passage.title)))
    for unit in units(passage.text):
        inner = frozenset(topics(unit.heading))
        yield _Candidate(
            rank,
            unit,
            topics(unit.terms),
            above.union(topics(unit.context)) if unit.context else top,
            [*path, inner] if inner else path,
        )


def _likeness(some: frozenset[str], others: frozenset[str]) -> float:
    """Dice's coefficient of two sets: the share of their members that both have."""
    return 2 * len(some & others) / max(1, len(some) + len(others))


def _rarity(subjects: Sequence[str], candidates: Sequence[_Candidate]) -> dict[str, float]:
    """BM25's inverse document frequency of the question's terms, a unit being a document.

    Terms that no candidate knows are left out: they would only lower every score alike.
    """
    frequency: Counter[str] = Counter()
    nearby: set[str] = set()
    for candidate in candidates:
        frequency.update(frozenset(candidate.own).intersection(subjects))
        nearby.update(candidate.around.intersection(subjects))
    count = len(candidates)
    return {
        term: math.log(1 + (count - frequency[term] + 0.5) / (frequency[term] + 0.5))
        for term in subjects
        if frequency[term] or term in nearby
    }


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_MONEY_BACK = _pattern(r"\bmoney back\b")
_VAGUE = frozenset(terms("get give happen include many much one put work"))
_ASKS = {
    "who": _pattern(
        r"\bwho(?:m|se)?\b|\b(?:what|which) (?:\w+ )?(?:person|people|name|company|team)\b"
    ),
    "when": _pattern(
        r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|century|decade|time)s?\b"
    ),
    "where": _pattern(
        r"\bwhere\b|\b(?:what|which) (?:\w+ )?"
        r"(?:country|countries|city|cities|place|region|area|location|state|town|river)\b"
    ),
    "amount": _pattern(
        r"\bhow (?:many|much|long|often|old|far|large|big|tall|high|fast|soon|late|early)\b"
        r"|\bwhat (?:percent\w*|number|amount)\b"
        r"|\b(?:price|cost|fee|limit|population|deadline)s?\b"
    ),
    "reason": _pattern(r"\bwhy\b|\bwhat (?:was |is )?(?:the )?(?:reason|cause)"),
    # "I forgot …" and "… does not work" ask for a way out.
    "how": _pattern(
        r"\bhow (?:do|does|can|could|should|would|to)\b|\bsteps?\b|\bset ?up\b"
        r"|\b(?:forgot|lost)\b|\b(?:is|are|do|does|can)(?:n['’]t| ?not) \w"
    ),
}
_NAME = re.compile(r"(?<=[\w,;] )[A-Z][\w’'-]+")
_NUMBER = _pattern(
    r"\d[\d.,:]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|"
    r"forty|fifty|hundred|thousand|million|billion|half|third|quarter|twice|once|dozen|percent)\b"
)
_DATE = _pattern(
    r"\b(?:1\d{3}|20\d\d)s?\b|\b\d{1,2}(?:st|nd|rd|th)\b|\b(?:BC|AD)\b|\b\d{1,2}:\d\d\b"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|century|centuries|decade)\b"
    r"|\b[\w-]{1,40} (?:business |working )?(?:day|week|month|year|hour|minute)s?\b"
)
# A name after a preposition, or a way through menus: Settings > Billing.
_PLACE = re.compile(r"\b(?:in|at|near|from|to|of|under) (?:the )?([A-Z]\w+)|\w > [A-Z]\w+")
_REASON = _pattern(
    r"\b(?:because|due to|in order to|since|as a result|so that|cause[sd]?|reasons?|therefore|thus"
    r"|led to|to avoid|owing to)\b"
)
_INSTRUCTS = _pattern(
    r"(?:^|[,:;] |\b(?:then|and|or) )(?:please )?"
    r"(?:add|call|choose|click|connect|download|drag|enter|fill in|follow|go|install|open|paste"
    r"|pick|press|scan|select|send|set|sign|switch|tap|turn|type|upload|use|write)\b"
)
_PROOF = {
    "who": _NAME,
    "when": _DATE,
    "where": _PLACE,
    "amount": _NUMBER,
    "reason": _REASON,
}


def asks_how(question: str) -> bool:
    """Whether `question` asks how to do something."""
    return bool(_ASKS["how"].search(question))


def instructs(unit: Unit) -> bool:
    """Whether `unit` tells someone what to do."""
    return unit.kind == "step" or bool(_INSTRUCTS.search(unit.text))


def _has(hint: str, unit: Unit, question: str) -> bool:
    """Whether `unit` has what `hint` asks for and `question` does not already say."""
    if hint == "how":
        return instructs(unit)
    known = question.lower()
    return any(match.group().lower() not in known for match in _PROOF[hint].finditer(unit.text))
