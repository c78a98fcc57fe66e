"""Unicode normalization of text that somebody sent."""

import re
import unicodedata
from typing import Literal

MOST_MARKS = 30
"""Accents and the like on one letter. UAX #15 allows as many in its Stream-Safe Text Format, where
no language comes near. Putting a row of them in order takes time with the square of its length."""

# All combining marks are in here, and what becomes one in the compatibility forms (U+FF9E, U+FF9F).
_MARKS = re.compile(rf"(?:[\uff9e\uff9f]|[^\w\s\x00-\u02ff]){{{MOST_MARKS + 1},}}+")
_BECOME_MARKS = "\uff9e\uff9f"


def normalized(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """`text` in a normalization form; of more than MOST_MARKS marks in a row the rest is left out.

    Like `unicodedata.normalize`, but takes time in step with the length of any text.
    """
    if text.isascii():
        return text
    return unicodedata.normalize(form, _MARKS.sub(_bounded, text))


def _bounded(run: re.Match[str]) -> str:
    kept: list[str] = []
    row = 0
    for character in run.group():
        is_mark = unicodedata.combining(character) or character in _BECOME_MARKS
        row = row + 1 if is_mark else 0
        if row <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
