"""How the Pinecone stand-in scores and filters documents."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from operator import mul
from typing import Any

from pinecone.models.indexes.schema import FullTextSearchConfig

Document = Mapping[str, Any]

_STOP_WORDS = frozenset(("a", "an", "and", "are", "for", "in", "is", "it", "of", "the", "to"))
_K1, _B = 1.2, 0.75


class BadRequest(Exception):
    """The server would answer 400 with this text."""


def analysed(text: str, config: FullTextSearchConfig) -> list[str]:
    """Tokens as Pinecone's guide describes them, with a crude stemmer."""
    tokens = [token[:40] for token in re.findall(r"[^\W_]+", text.lower())]
    if config.stop_words:
        tokens = [token for token in tokens if token not in _STOP_WORDS]
    if config.stemming:
        tokens = [re.sub(r"(ing|ed|es|s|e)$", "", t) if len(t) > 4 else t for t in tokens]
    return tokens


def bm25(
    documents: Mapping[str, Document], field: str, query: str, config: FullTextSearchConfig
) -> dict[str, float]:
    """The score of every document whose `field` has a word of the query."""
    texts = {
        id_: analysed(document[field], config)
        for id_, document in documents.items()
        if field in document
    }
    average = sum(map(len, texts.values())) / max(len(texts), 1)
    scores: dict[str, float] = {}
    for term in set(analysed(query, config)):
        matching = {id_: tokens.count(term) for id_, tokens in texts.items() if term in tokens}
        rarity = math.log(1 + (len(texts) - len(matching) + 0.5) / (len(matching) + 0.5))
        for id_, count in matching.items():
            length = _K1 * (1 - _B + _B * len(texts[id_]) / average)
            scores[id_] = scores.get(id_, 0.0) + rarity * count * (_K1 + 1) / (count + length)
    return scores


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """The similarity of a cosine index; 0 where a vector has no length."""
    lengths = math.hypot(*a) * math.hypot(*b)
    return sum(map(mul, a, b)) / lengths if lengths else 0.0


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, wanted: value == wanted,
    "$ne": lambda value, wanted: value != wanted,
    "$in": lambda value, wanted: value in wanted,
    "$nin": lambda value, wanted: value not in wanted,
    "$exists": lambda value, wanted: (value is not None) == wanted,
    "$gte": lambda value, wanted: value is not None and value >= wanted,
    "$lte": lambda value, wanted: value is not None and value <= wanted,
}


def passes(document: Document, filter_: Mapping[str, Any], searched: frozenset[str]) -> bool:
    """Whether a document meets a metadata filter. Fields that are `searched` take none."""
    for name, condition in filter_.items():
        if name in ("$and", "$or"):
            met = [passes(document, part, searched) for part in condition]
            if not (all(met) if name == "$and" else any(met)):
                return False
            continue
        if name in searched:
            raise BadRequest(f"{name} is searched and takes no comparison")
        for operator, wanted in condition.items():
            if operator not in _COMPARISONS:
                raise BadRequest(f"unknown operator {operator}")
            if not _COMPARISONS[operator](document.get(name), wanted):
                return False
    return True
