"""Text as people see it: where a letter ends, what is blank, what breaks a line, what is the same.

Letters are the extended grapheme clusters of UAX #29, as far as the standard library tells: Hangul,
combining marks, emoji in sequence and with skin tones, flags, keycaps, and Indic conjuncts.
"""

import re
import unicodedata

from frontdesk.normalizing import normalized

_ZWJ = "\u200d"
_EXTENDING = re.compile("[\u200c\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_JOINS_BEHIND = re.compile("[\u0e33\u0eb3]")
_JOINS_AHEAD = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_PICTURE = re.compile("[\xa9\xae\u203c-\u3299\U0001f000-\U0001faff]")
_VIRAMA = 9  # the combining class

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
# Letters and marks without a shape.
_SHAPELESS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0000-\U000e0fff]"
)
_LINE_BREAK = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")


def cut(text: str, limit: int) -> str:
    """The beginning of `text`, at most `limit` characters, that ends with a whole letter."""
    if len(text) <= limit:
        return text
    end = next((at for at in range(limit, 0, -1) if _may_cut(text, at)), limit)
    return text[:end]


def shortened(text: str, limit: int) -> str:
    """`text`, or its beginning and an ellipsis, together at most `limit` characters."""
    return text if len(text) <= limit else f"{cut(text, limit - 1).rstrip()}…"


def is_blank(text: str) -> bool:
    """Whether `text` shows nothing: spaces of any kind, and what is invisible."""
    return all(map(_is_invisible, text))


def with_plain_breaks(text: str) -> str:
    """`text` with a newline for every kind of line break, such as a word processor's."""
    return _LINE_BREAK.sub("\n", text)


def on_one_line(text: str) -> str:
    """`text` with a space for every line break and tab."""
    return with_plain_breaks(text).replace("\n", " ").replace("\t", " ")


def comparable(text: str) -> str:
    """`text` in the form in which it is looked for, however it was typed."""
    return normalized("NFKC", normalized("NFKC", text).casefold())


def _is_invisible(character: str) -> bool:
    if _SHAPELESS.match(character):
        return True
    return unicodedata.category(character) in _INVISIBLE and not _JOINS_AHEAD.match(character)


def _may_cut(text: str, at: int) -> bool:
    """Whether a letter ends before the character at `at`."""
    before, after = text[at - 1], text[at]
    if before.isascii() and after.isascii():
        return (before, after) != ("\r", "\n")
    if _FLAG.match(before) and _FLAG.match(after):
        return _flags_until(text, at) % 2 == 0
    return not (
        _EXTENDING.match(after)
        or _JOINS_BEHIND.match(after)
        or _JOINS_AHEAD.match(before)
        or unicodedata.category(after) in {"Mn", "Me", "Mc"}
        or (before == _ZWJ and _PICTURE.match(after))
        or _is_one_syllable(before, after)
        or _is_conjunct(text, at)
    )


def _flags_until(text: str, at: int) -> int:
    """How many halves of flags stand in a row before `at`."""
    start = at
    while start and _FLAG.match(text[start - 1]):
        start -= 1
    return at - start


def _is_one_syllable(before: str, after: str) -> bool:
    """Whether two parts of Hangul are of one block."""
    first, second = _hangul(before), _hangul(after)
    if first == "L":
        return second in {"L", "V", "LV", "LVT"}
    if first in {"V", "LV"}:
        return second in {"V", "T"}
    return first in {"T", "LVT"} and second == "T"


def _hangul(character: str) -> str:
    code = ord(character)
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    return "T" if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB else ""


def _is_conjunct(text: str, at: int) -> bool:
    """Whether a consonant is joined to the one before it by a virama."""
    if unicodedata.category(text[at]) != "Lo":
        return False
    start = at
    while start and (_EXTENDING.match(text[start - 1]) or unicodedata.combining(text[start - 1])):
        start -= 1
        if unicodedata.combining(text[start]) == _VIRAMA:
            return True
    return False
