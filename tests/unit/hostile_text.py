"""Texts that are small for people and endless for code that does not read them in one go.

`hostile_texts` are for everybody. `attacks` are made from one regular expression: for each of its
repetitions, a beginning that leads there, what it repeats, and an end at which it has to give up.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class HostileText:
    """`pump` as often as it takes, between a beginning and an end."""

    pump: str
    head: str = ""
    tail: str = ""

    def of(self, length: int) -> str:
        """The text of about `length` characters."""
        return self.head + self.pump * max(1, length // len(self.pump)) + self.tail

    def __str__(self) -> str:
        """Short enough for the report of a failure."""
        return f"{self.head[-40:]!r} + {self.pump[:40]!r} * n + {self.tail[:40]!r}"


_CHARACTERS = (
    "aA0 \t\n.,;:!?'\"`’“”«»()[]{}<>【】（）「」*_~#-–=+/\\|@&%$^"
    "\u0301\u200b\u00ad\u4e00。！。\u0627ß🙂"
)

_TOKENS = (
    *("a ", "a.", "a. ", "A. ", "1.", "1. ", "e.g. ", " .", "..\n", "?!", "[1]", "[1", "[1] "),
    *("] [", "\n\n", " \n", "\n ", "a\n", "a\n\n", "# a\n", "# a\n\n", "- a\n", "1. a\n", "> "),
    *("> a\n", "* ", "  - a\n", "| a ", "|-", "a | b\n", "a\tb\n", "---\n", "===\n", "a\n=\n"),
    *("```", "```\n", "```a\n", "<!---->", "<!--", "-->", "<a", "<a ", "</a>", "<b>", "</"),
    *("<?xml",),
    *('="', "='", "='a' ", "a=", "![", "[a](", "[a](b", "](", "[[", "**a", "*a ", "_a_", "~~"),
    *("a*", "(a", "\\(", "a)(", '\\', "http://", "https://a.", "www.", "a@", "a@b.", "@a.b"),
    *("a-", "a-\n", "a'", "a/", "&amp", "&#", "%2", "not ", "and ", "to ", "the ", "I "),
    *("you ", "please ", "ignore ", "reveal ", "is ", "a, ", "no. ", "\u0301\u0327"),
    *("\uff9e\u0301", "e\u0301", "\u0301a"),
    *("a\u200d", "1,", "1,000", "0x", "x = ", "'a' ", '"a" ', "“a", "a”", "a: "),
)  # fmt: skip


def hostile_texts() -> tuple[HostileText, ...]:
    """Repetitions of every character and token that text is taken apart by."""
    return tuple(HostileText(pump, tail="é") for pump in (*_CHARACTERS, *_TOKENS))


def attacks(pattern: "re.Pattern[str] | re.Pattern[bytes]") -> Iterator[HostileText]:
    """Texts that lead into each repetition of a regular expression and never out of it."""
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    # The parser is the standard library's own, so it understands what `re` does.
    parser: Any = vars(re)["_parser"]
    parsed = parser.parse(text, pattern.flags & ~re.UNICODE)
    for head, pump in dict.fromkeys(_repetitions(list(parsed), "")):
        for tail in ("", "\x00x"):
            yield HostileText(pump, head, tail)


def _repetitions(items: Sequence[Any], head: str) -> Iterator[tuple[str, str]]:
    """The beginning that leads to each repetition, with what is repeated there."""
    for operation, value in items:
        name = str(operation)
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            _, most, inner = value
            if most > 8:
                for pump in _examples(list(inner)):
                    yield head, pump
            yield from _repetitions(list(inner), head)
        elif name == "SUBPATTERN":
            yield from _repetitions(list(value[3]), head)
        elif name == "ATOMIC_GROUP":
            yield from _repetitions(list(value), head)
        elif name == "BRANCH":
            for branch in value[1]:
                yield from _repetitions(list(branch), head)
        elif name in {"ASSERT", "ASSERT_NOT"}:
            yield from _repetitions(list(value[1]), head)
        head += next(iter(_examples([(operation, value)])), "")


def _examples(items: Sequence[Any], most: int = 6) -> list[str]:
    """A few texts that the parts of an expression match, as various as that allows."""
    found = [""]
    for operation, value in items:
        options = _options(str(operation), value)
        # Not the whole product: each option once, beside the first of the others.
        found = [
            *(each + options[0] for each in found),
            *(found[0] + option for option in options[1:]),
        ]
    return [text for text in dict.fromkeys(found) if text][:most]


def _options(name: str, value: Any) -> list[str]:  # noqa: PLR0911 - one for each operation
    match name:
        case "LITERAL":
            return [chr(value)]
        case "NOT_LITERAL":
            return ["a" if value != ord("a") else "b", " "]
        case "ANY":
            return ["a", " "]
        case "IN":
            return _members(value)
        case "BRANCH":
            return [text for branch in value[1] for text in _examples(list(branch), 1)] or [""]
        case "SUBPATTERN":
            return _examples(list(value[3])) or [""]
        case "ATOMIC_GROUP":
            return _examples(list(value)) or [""]
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            once = _examples(list(value[2])) or [""]
            return [text * max(1, min(value[0], 8)) for text in once]
        case _:
            return [""]


_SAMPLES = "a A0_.-'\"\n!é\u4e00("


def _members(members: Sequence[Any]) -> list[str]:
    """Some characters of a set."""
    if str(members[0][0]) == "NEGATE":
        inside = set(_members(members[1:]))
        return [each for each in _SAMPLES if each not in inside][:4] or ["a"]
    found: list[str] = []
    for operation, value in members:
        match str(operation):
            case "LITERAL":
                found.append(chr(value))
            case "RANGE":
                found.append(chr(value[0]))
            case "CATEGORY":
                found.extend(_OF_CATEGORY.get(str(value), ["a"]))
    return found[:12]


_OF_CATEGORY = {
    "CATEGORY_SPACE": [" ", "\n"],
    "CATEGORY_NOT_SPACE": ["a", "."],
    "CATEGORY_DIGIT": ["0"],
    "CATEGORY_NOT_DIGIT": ["a", " "],
    "CATEGORY_WORD": ["a", "0", "_"],
    "CATEGORY_NOT_WORD": [" ", ".", "'"],
}
