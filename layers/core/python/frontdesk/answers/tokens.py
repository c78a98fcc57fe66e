"""How many tokens a text has for a language model: guessed on the safe side, then learnt.

Models count differently, and their vocabularies are megabytes that a cold function would have to
load or fetch. So this counts by kinds of characters. The costs were set against two published
vocabularies; docs/decisions/0010-language-models.md has the figures.
"""

import math
import re

_KINDS = re.compile(
    r"(?P<word>[A-Za-z]++(?![\u00c0-\u024f\u1e00-\u1eff]))"
    r"|(?P<accented>[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+)"
    r"|(?P<number>[0-9]+)"
    r"|(?P<gap>[ \t]*\n\s*|[ \t]{2,})"
    r"|(?P<space>\s)"
    r"|(?P<han>[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+)"
    r"|(?P<hangul>[\uac00-\ud7af]+)"
    r"|(?P<cyrillic>[\u0400-\u052f]+)"
    r"|(?P<alphabet>[\u0370-\u03ff\u0530-\u06ff]+)"
    r"|(?P<mark>[!-\u00bf\u2010-\u2027\u3000-\u303f\uff00-\uff65])"
    r"|(?P<rest>.)",
    re.DOTALL,
)
_PER_CHARACTER = {
    "space": 0.0,
    "mark": 1.0,
    "han": 1.15,
    "hangul": 1.3,
    "cyrillic": 0.6,
    "alphabet": 0.9,
    "rest": 2.0,
}


def estimate_tokens(text: str) -> int:
    """About how many tokens `text` has; rather too many than too few."""
    tokens = 0.0
    for found in _KINDS.finditer(text):
        length = found.end() - found.start()
        match found.lastgroup:
            case "word":
                tokens += max(1.0, length / 4)
            case "accented":
                tokens += max(1.6, length / 2)
            case "number":
                tokens += math.ceil(length / 3)
            case "gap":
                tokens += 1.0
            case kind:
                tokens += _PER_CHARACTER[kind or "rest"] * length
    return math.ceil(tokens)


class TokenCounter:
    """Counts tokens as the models in use do, as far as their servers have told.

    What servers report can only make it more careful: a ratio that was learnt on English would be
    too low for what comes next. Safe to share between threads; of two reports at once one may be
    lost.
    """

    def __init__(self) -> None:
        """Nothing has been reported yet."""
        self._ratio = 1.0

    def count(self, text: str) -> int:
        """About how many tokens `text` has; rather too many than too few."""
        return math.ceil(estimate_tokens(text) * max(1.0, self._ratio))

    def learn(self, estimated: int, reported: int) -> None:
        """A server counted `reported` tokens where `estimate_tokens` came to `estimated`.

        One report moves the ratio by a fifth of the way, and never beyond 2: a server may err.
        """
        if estimated > 0 and reported > 0:
            seen = min(reported / estimated, 2.0)
            self._ratio += (seen - self._ratio) / 5
