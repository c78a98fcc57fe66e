"""From a question to the passages worth answering from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from frontdesk.knowledge.duplicates import repeats
from frontdesk.knowledge.neighbours import are_neighbours, join
from frontdesk.knowledge.ports import Candidate, Passage, PassageIndex, Vector

CANDIDATES = 30
"""How many of each side's best are weighed against each other."""

_PREFERENCE = 0.5
"""Standard deviations. A customer reads an answer in another language rather than none, but not
rather than one that is nearly as good."""

# Below this share of the largest value, a deviation is rounding and not a difference.
_NO_DIFFERENCE = 1e-9


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage with its fused score, and what either side said of it.

    `score` is in standard deviations above this query's average candidate: it ranks, and means
    nothing outside its query. `cosine` and `bm25` are as in Candidate. `relevance` is the logit of
    a cross-encoder that read the passage: it compares across queries.
    """

    passage: Passage
    score: float
    cosine: float | None
    bm25: float | None
    relevance: float | None = None


def retrieve(
    index: PassageIndex,
    organization_id: str,
    *,
    text: str,
    vector: Vector,
    limit: int,
    hidden_versions: frozenset[str] = frozenset(),
    categories: frozenset[str] | None = None,
) -> list[Retrieved]:
    """The `limit` best passages for a question, best first, nothing twice.

    `vector` is the embedding of `text`. Raises IndexUnavailable.
    """
    candidates = index.search(
        organization_id,
        text=text,
        vector=vector,
        limit=max(limit, CANDIDATES),
        hidden_versions=hidden_versions,
        categories=categories,
    )
    return distinct(fuse(candidates), limit)


def fuse(candidates: Sequence[Candidate], *, dense_weight: float = 0.5) -> list[Retrieved]:
    """Every candidate, best first, by the weighted sum of its two scores as z-scores.

    Z-scores (distance from the mean in standard deviations) put a cosine and a BM25 score on one
    scale, query by query. A passage without a cosine counts as the least similar one; a passage
    without BM25 did not match, which is a score of 0. Ties go by passage id, and the order of
    `candidates` does not matter.
    """
    known = [candidate.cosine for candidate in candidates if candidate.cosine is not None]
    least = min(known, default=0.0)
    dense = _z_scores([least if c.cosine is None else c.cosine for c in candidates])
    words = _z_scores([c.bm25 or 0.0 for c in candidates])
    fused = [
        Retrieved(
            candidate.passage,
            dense_weight * similar + (1 - dense_weight) * matching,
            candidate.cosine,
            candidate.bm25,
        )
        for candidate, similar, matching in zip(candidates, dense, words, strict=True)
    ]
    return sorted(fused, key=lambda found: (-found.score, found.passage.id))


def prefer(ranked: Sequence[Retrieved], language: str | None) -> list[Retrieved]:
    """`ranked` with what is written in `language` moved up by `_PREFERENCE`."""
    if language is None:
        return list(ranked)
    weighed = [
        replace(found, score=found.score + _PREFERENCE * (found.passage.language == language))
        for found in ranked
    ]
    return sorted(weighed, key=lambda found: (-found.score, found.passage.id))


def distinct(ranked: Sequence[Retrieved], limit: int | None = None) -> list[Retrieved]:
    """The first `limit` passages that say something which no better one says already."""
    kept: list[Retrieved] = []
    for found in ranked:
        if len(kept) == limit:
            break
        if not any(repeats(found.passage.text, better.passage.text) for better in kept):
            kept.append(found)
    return kept


def joined(ranked: Sequence[Retrieved], limit: int) -> list[Retrieved]:
    """The first `limit` sources of `ranked`, in which neighbours among the best are one.

    A source has the place and the scores of its best passage. The place that becomes free goes to
    the passage next in rank.
    """
    sources: list[Retrieved] = []
    for found in ranked:
        beside = next(
            (n for n, s in enumerate(sources) if are_neighbours(s.passage, found.passage)), None
        )
        if beside is not None:
            source = sources[beside]
            sources[beside] = replace(source, passage=join((source.passage, found.passage)))
        elif len(sources) < limit:
            sources.append(found)
        else:
            break
    return sources


def _z_scores(values: Sequence[float]) -> list[float]:
    """Each value's distance from the mean, in standard deviations; 0 where all are alike."""
    if not values:
        return []
    # fsum is exact, so the order of the values cannot change a score.
    mean = math.fsum(values) / len(values)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))
    if deviation <= _NO_DIFFERENCE * max(map(abs, values)):
        return [0.0] * len(values)
    return [(value - mean) / deviation for value in values]
