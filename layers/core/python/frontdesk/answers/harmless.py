"""Text of documents that is shown as it is: titles, headings, quotes, whole passages."""

import re
import unicodedata

REMOVED = "…"
"""Stands where something was that may not be shown."""

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs"})
# Letters without a shape, and characters of which a run can spell out bytes that nobody sees.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0e\U000e0000-\U000e0fff]"
)
_MARKUP = re.compile(r"<(?=[^\W\d_]|[/!?])")
_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,400})\]\([^()\n]{0,2400}+(?:\([^()\n]{0,400}+\)[^()\n]{0,400}+)?\)"
)
_ACTIVE = re.compile(
    r"(?:java|vb|live)script\s*:\S+|data:[\w.+-]+/[^\s,]{0,400},\S*", re.IGNORECASE
)


def harmless(text: str) -> str:
    """`text` without what cannot be seen, links, or anything that could become markup.

    Applied to a text and to a quote from it, it leaves the quote a part of the text.
    """
    visible = "".join(c for c in text if c in "\u200c\u200d" or not is_hidden(c))
    return _MARKUP.sub("‹", _LINK.sub(r"\1", _ACTIVE.sub(REMOVED, visible)))


def is_hidden(character: str) -> bool:
    """Whether nobody would see `character`. Line breaks and tabs are seen."""
    if character in "\n\t":
        return False
    return unicodedata.category(character) in _HIDDEN or bool(_BLANK.match(character))
