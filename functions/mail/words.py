"""Words that people wrote, made fit for a place in a mail."""

import re
import unicodedata

_JOINERS = "\u200c\u200d"
"""Part of how Persian and emoji are written."""

_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
_SEAM = re.compile(r"(?<=\S)(?:[.@\u3002\uff0e\uff61](?=\S)|:(?=//))")


def one_line(text: str) -> str:
    """Without line breaks, control characters and marks that turn the direction of writing."""
    printable = "".join(
        each if each in _JOINERS or unicodedata.category(each) not in _INVISIBLE else " "
        for each in text
    )
    return " ".join(printable.split())


def unlinked(text: str) -> str:
    """Looks the same, and no mail program makes a link of a web address in it.

    Anybody can have us write to anybody, by signing up or asking for a transcript with an address
    that is not theirs: what they are called or have said must not be an advertisement with a link.
    """
    return _SEAM.sub("\\g<0>\u2060", text)
