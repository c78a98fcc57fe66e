"""The figures of an evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """What was said with about the same confidence: how often, how sure, and how often rightly."""

    count: int
    confidence: float
    right: float


def recall(ranks: Sequence[int | None], k: int) -> float:
    """Share of `ranks` (from 0, None for not found) that are among the first `k`."""
    return sum(rank is not None and rank < k for rank in ranks) / len(ranks)


def mean_reciprocal_rank(ranks: Sequence[int | None], k: int) -> float:
    """Mean of 1 / place, counting 0 for what is not among the first `k`."""
    return sum(1 / (rank + 1) for rank in ranks if rank is not None and rank < k) / len(ranks)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The chance that a positive scores above a negative, ties counting half (Mann-Whitney)."""
    scored = sorted([(score, True) for score in positive] + [(score, False) for score in negative])
    below, won = 0, 0.0
    for _, group in groupby(scored, key=lambda pair: pair[0]):
        outcomes = [is_positive for _, is_positive in group]
        positives = sum(outcomes)
        negatives = len(outcomes) - positives
        won += positives * (below + negatives / 2)
        below += negatives
    return won / (len(positive) * len(negative))


def reliability(said: Sequence[tuple[float, bool]]) -> list[Bin]:
    """`said`, a confidence and whether it was right, in ten bins of equal width, none empty."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in said:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    return [
        Bin(
            count=len(members),
            confidence=sum(confidence for confidence, _ in members) / len(members),
            right=sum(right for _, right in members) / len(members),
        )
        for _, members in sorted(bins.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: the mean gap of confidence and share of right, by count."""
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.confidence - each.right) for each in bins) / total
