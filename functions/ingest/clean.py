"""Cleaning of extracted text: characters, line ends, and what repeats on every page."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

LIGATURES = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
        "ĳ": "ij",
        "Ĳ": "IJ",
    }
)

SOFT_HYPHEN = "\u00ad"
# Zero-width space, word joiner, byte order mark and directional isolates carry no text.
# Zero-width (non-)joiners stay: Persian and Indic scripts spell with them.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_LINE_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")
_DIGITS = re.compile(r"\d+")
_ROMAN = re.compile(r"\b[ivxlc]+\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:page|p\.|seite|side|página|pagina)?\s*(?:\d{1,4}|[ivxlc]{1,7})"
    r"(?:\s*(?:of|/|von|de|di|sur)\s*\d{1,4})?[\W_]*",
    re.IGNORECASE,
)
_BROKEN_WORD = re.compile(r"(\w*[^\W\d_])[-\u2010\u00ad]$")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")

_LONGEST_WORD = 80

# How many lines from the top and the bottom of a page may belong to a running header or footer.
EDGE_LINES = 3


def clean_characters(text: str) -> str:
    """Unicode NFC without ligatures, soft hyphens, control and invisible characters.

    Line breaks become "\\n"; other characters keep their places relative to each other.
    """
    text = _LINE_BREAKS.sub("\n", text)
    text = _CONTROL.sub("", text)
    text = _INVISIBLE.sub("", text)
    text = text.replace(SOFT_HYPHEN, "").translate(LIGATURES)
    return unicodedata.normalize("NFC", text)


def clean_text(text: str) -> str:
    """`clean_characters`, with runs of spaces as one and line ends trimmed.

    At most one blank line in a row is kept. Idempotent.
    """
    lines = (
        _SPACES.sub(" ", line).strip(" ") for line in clean_characters(text).split("\n")
    )
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def clean_line(text: str) -> str:
    """`clean_text` for what has to be on one line."""
    return " ".join(clean_characters(text).split())


def clean_code(text: str) -> str:
    """Like `clean_characters`, keeping indentation; blank lines around are dropped."""
    lines = [line.rstrip() for line in clean_characters(text).expandtabs(4).split("\n")]
    return "\n".join(lines).strip("\n")


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of a document in lower case, hyphenated ones whole, for `join_lines`."""
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))


def join_lines(lines: Iterable[str], words: frozenset[str] = frozenset()) -> str:
    """One paragraph from its printed lines; words broken at line ends are put together.

    A hyphen at a line end is dropped when the next line goes on in lower case, unless `words`,
    the vocabulary of the document, knows the hyphenated form and not the joined one. A soft
    hyphen is always dropped.
    """
    parts: list[str] = []
    for line in (raw.strip() for raw in lines):
        if not line:
            continue
        if parts:
            broken = _BROKEN_WORD.search(parts[-1][-_LONGEST_WORD:])
            if broken is None:
                parts.append(" ")
            elif parts[-1].endswith(SOFT_HYPHEN) or _drops_hyphen(broken.group(1), line, words):
                parts[-1] = parts[-1][:-1]
        parts.append(line)
    return "".join(parts)


def _drops_hyphen(head: str, line: str, words: frozenset[str]) -> bool:
    """Whether the hyphen between `head` and `line` only marks the line end."""
    tail = _WORD.match(line)
    if tail is None or not line[0].islower():
        return False
    joined = f"{head}{tail.group()}".lower()
    hyphenated = f"{head}-{tail.group()}".lower()
    return joined in words or hyphenated not in words


class PlacedLine(Protocol):
    """A line of a page with the height of its baseline in points, and its font size."""

    @property
    def text(self) -> str: ...  # noqa: D102 - described by the class
    @property
    def y(self) -> float: ...  # noqa: D102
    @property
    def size(self) -> float: ...  # noqa: D102


def running_lines(
    pages: Sequence[Sequence[PlacedLine]], *, body_size: float
) -> list[frozenset[int]]:
    """For each page, the indices of lines that are running headers, footers or page numbers.

    A line runs when the outermost lines of several pages hold the same text at the same height,
    numbers aside, in a size no larger than a little above `body_size` (a title that stands on
    several pages is no header). Page numbers alone run when half of the pages have one.
    """
    edges = [_edge_indices(page) for page in pages]
    seen: Counter[tuple[str, int]] = Counter()
    numbered: Counter[int] = Counter()
    for page, indices in zip(pages, edges, strict=True):
        keys = {key for index in indices for key in _places(page[index])}
        seen.update(keys)
        numbered.update({_height(page[i]) for i in indices if _is_page_number(page[i].text)})

    # Two pages repeat by chance what three do not; headers may alternate or change by chapter.
    enough = 2 if len(pages) == 2 else 3
    running = []
    for page, indices in zip(pages, edges, strict=True):
        found = set()
        for index in indices:
            line = page[index]
            if line.size > body_size * 1.15:
                continue
            repeats = max(seen[key] for key in _places(line)) >= enough
            is_number = _is_page_number(line.text) and any(
                numbered[_height(line) + step] >= max(2, len(pages) / 2) for step in (-1, 0, 1)
            )
            if repeats or is_number:
                found.add(index)
        running.append(frozenset(found))
    return running


def _edge_indices(page: Sequence[PlacedLine]) -> list[int]:
    """Indices of the lines at the outermost heights, at most EDGE_LINES from either side."""
    heights = sorted({_height(line) for line in page})
    outer = {*heights[:EDGE_LINES], *heights[-EDGE_LINES:]}
    return [index for index, line in enumerate(page) if _height(line) in outer]


def _height(line: PlacedLine) -> int:
    return round(line.y / 3)


def _places(line: PlacedLine) -> tuple[tuple[str, int], ...]:
    """The text without its numbers, at its height and the two next to it (rounding)."""
    text = _DIGITS.sub("#", " ".join(line.text.split()))
    text = _ROMAN.sub("#", text) if _is_page_number(line.text) else text
    height = _height(line)
    return tuple((text.lower(), height + step) for step in (-1, 0, 1))


def _is_page_number(text: str) -> bool:
    return _PAGE_NUMBER.fullmatch(text.strip()) is not None
