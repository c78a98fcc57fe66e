"""Where sentences begin and end."""

import re
from collections.abc import Iterator

_END = re.compile(
    # A run of marks is tried at its first one only, and what follows it is read once.
    r"(?:(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?:\[\d++\])?+\s++(?=[\"'“‘«(\[]?[^\W_a-z]|[¿¡])"
    r"|[。！？]++\s*+|\n++)"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|etc|approx|incl|excl|no|nos|fig|eq|ch|sec|vol|pp?|ca|al|est|dept|ext|"
    r"tel|min|max|mr|mrs|ms|dr|prof|st|jr|sr|inc|ltd|co|corp|jan|feb|mar|apr|jun|jul|aug|sept?|oct|"
    r"nov|dec|a\.m|p\.m|u\.s|u\.k)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION = 8
_ALWAYS_FINAL = frozenset({"etc.", "a.m.", "p.m.", "inc.", "ltd."})


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence of `text`, in order; only white space lies between them.

    A line break ends a sentence too. Full stops of common English abbreviations and of initials
    do not.
    """
    start = 0
    for match in _END.finditer(text):
        stop = match.start() + len(match.group().rstrip())
        before = text[max(start, match.start() + 1 - _LONGEST_ABBREVIATION) : match.start() + 1]
        if match.group()[0] == "." and _is_abbreviation(before):
            continue
        yield from _trimmed(text, start, stop)
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if part.strip():
        yield end - len(part.lstrip()), start + len(part.rstrip())


def _is_abbreviation(before: str) -> bool:
    found = _ABBREVIATION.search(before)
    if found is None:
        return False
    # "etc." and the like end a sentence when a capital follows, which is when we are asked.
    return found.group().lower() not in _ALWAYS_FINAL
