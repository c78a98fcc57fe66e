"""What is at stake in a message: money, security, the customer, the law, somebody's safety."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from frontdesk.answers.text import fold
from frontdesk.entities import Stake


def at_stake(texts: Iterable[str], stakes: Sequence[Stake]) -> tuple[Stake, ...]:
    """Those of `stakes` of which a word or phrase stands in one of `texts`.

    Case and accents do not matter. A word ending in `*` stands for all words that begin so.
    """
    folded = [" ".join(fold(text).split()) for text in texts]
    return tuple(
        stake
        for stake in stakes
        if stake.words and any(_pattern(stake.words).search(text) for text in folded)
    )


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = (_alternative(" ".join(fold(word).split())) for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")


def _alternative(word: str) -> str:
    return re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "")
