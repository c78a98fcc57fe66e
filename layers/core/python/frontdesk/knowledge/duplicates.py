"""Whether a passage says anything that a better one has not said already.

Two documents often hold the same paragraph: an older edition, a boilerplate, a page that was also
uploaded as PDF. One of them is enough to answer from, unless they differ where it matters.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from frontdesk.normalizing import normalized

REPEATED = 0.75
"""Share of a passage's runs of three words that a better passage has, from which it says the same.
docs/decisions/0011-conversational-retrieval.md tells how it was measured."""

_RUN = 3
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?|[^\W_]+")
_TELLING_WORDS = """
    not no none never nor neither without except unless only cannot n't nicht kein keine keinen nie
    ohne nur ausser pas jamais sans sauf nunca sin salvo non mai senza nao sem niet geen zonder
    zero one two three four five six seven eight nine ten eleven twelve half once twice first second
    ein eine zwei drei vier funf sechs sieben acht neun zehn einmal zweimal
    hour hours hourly day days daily week weeks weekly month months monthly year years yearly annual
    annually stunde stunden tag tage taglich woche wochen monat monate monatlich jahr jahre jahrlich
    before after minimum maximum least most"""
_TELLING = frozenset(_TELLING_WORDS.split())
"""Words in which two passages must not differ, besides numbers and names."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a text says: its `words`, their `runs`, and which are written with a capital or not."""

    words: tuple[str, ...]
    runs: frozenset[tuple[str, ...]]
    capital: frozenset[str]
    small: frozenset[str]

    def telling(self, other: "Content") -> list[str]:
        """Numbers, names and the like, in order. What either has with a small letter is no name."""
        names = self.capital - self.small - other.small
        return [
            word for word in self.words if word[0].isdigit() or word in _TELLING or word in names
        ]


@lru_cache(maxsize=256)
def content(text: str) -> Content:
    """The content of `text`. Case, accents, punctuation and spacing make no difference."""
    spelled = _WORD.findall(normalized("NFKC", text))
    words = tuple(_folded(word) for word in spelled)
    length = min(_RUN, len(words))
    runs = frozenset(words[i : i + length] for i in range(len(words) - length + 1))
    pairs = list(zip(words, spelled, strict=True))
    return Content(
        words,
        runs,
        capital=frozenset(word for word, raw in pairs if raw[0].isupper()),
        small=frozenset(word for word, raw in pairs if raw[0].islower()),
    )


def repeats(text: str, better: str) -> bool:
    """Whether `text` says no more than `better` does.

    It does not if it is the same but for punctuation; or if `REPEATED` of its runs of words are
    there too, and its numbers, names and negations are too, in the same order. "Pro costs 12" and
    "Business costs 24" say two things however alike they are. What the better one has in addition
    makes no difference, unless both are about as long: then they are two versions of one text, and
    what either has and the other has not is a difference.
    """
    this, that = content(text), content(better)
    if this.words == that.words:
        return bool(this.words) or text == better
    if not this.runs or len(this.runs & that.runs) < REPEATED * len(this.runs):
        return False
    mine, theirs = this.telling(that), that.telling(this)
    if not _in_order(mine, theirs):
        return False
    two_versions = len(that.runs) * REPEATED < len(this.runs)
    return not two_versions or _in_order(theirs, mine)


def _in_order(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether `some` are all among `others`, in the same order."""
    rest = iter(others)
    return all(word in rest for word in some)


def _folded(word: str) -> str:
    decomposed = normalized("NFKD", word.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
