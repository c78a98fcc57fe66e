"""How often a question has been asked before."""

from collections.abc import Sequence

from frontdesk.answers.text import stem
from frontdesk.knowledge.lexical import terms

_SAME = 0.75
"""Share of words in common (Jaccard) from which two messages ask the same. Wording that differs
more is caught by the mood, or by two answers in a row that are not known."""


def times_asked(question: str, earlier: Sequence[str]) -> int:
    """How often `question` has been asked, this time included."""
    wanted = _words(question)
    return 1 + sum(_alike(wanted, _words(text)) for text in earlier)


def _words(text: str) -> frozenset[str]:
    return frozenset(stem(term) for term in terms(text))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    together = one | other
    return bool(together) and len(one & other) / len(together) >= _SAME
