"""Cleaning of extracted text: characters, line ends, and what repeats on every page."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from frontdesk.normalizing import normalized

_REPLACED = str.maketrans(
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
        # Hyphens that only say where lines may break.
        "\u2010": "-",
        "\u2011": "-",
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
_ROMAN = re.compile(r"[\W_]*[ivxlc]{1,7}[\W_]*", re.IGNORECASE)
_FIRST_NUMBER = re.compile(r"[\W_]*(?:[^\W\d_]{1,7}\.?\s+)?(\d{1,4})\b")
_LAST_NUMBER = re.compile(
    r"\b(\d{1,4})(?:\s*(?:/|of|von|de|di|sur|van)\s*\d{1,4})?[\W_]*$", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[^\W\d][.!?]")
_BROKEN_WORD = re.compile(r"(\w*[^\W\d_])[-\u2010\u00ad]$")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")

_LONGEST_WORD = 80

# How many lines from the top and the bottom of a page may belong to a running header or footer.
EDGE_LINES = 3


def clean_characters(text: str) -> str:
    """Unicode NFC without ligatures, soft hyphens, control and invisible characters.

    Line breaks of every kind become newlines; other characters keep their order.
    """
    text = _LINE_BREAKS.sub("\n", text)
    text = _CONTROL.sub("", text)
    text = _INVISIBLE.sub("", text)
    text = text.replace(SOFT_HYPHEN, "").translate(_REPLACED)
    return normalized("NFC", text)


def clean_text(text: str) -> str:
    """`clean_characters`, with runs of spaces as one and line ends trimmed.

    At most one blank line in a row is kept. Idempotent.
    """
    lines = (_SPACES.sub(" ", line).strip(" ") for line in clean_characters(text).split("\n"))
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

    A line at the edge of a page runs when several pages hold the same text at the same height; or
    when it begins or ends with a number that counts the pages and is no sentence; or when it stands
    on the baseline of a line of these that is nothing but a number. A line much larger than
    `body_size` never runs: that is a title that several pages have.
    """
    edges = [_edge_indices(page) for page in pages]
    seen: Counter[tuple[str, int]] = Counter()
    counting: Counter[tuple[int, int]] = Counter()
    for number, (page, indices) in enumerate(zip(pages, edges, strict=True)):
        seen.update({key for index in indices for key in _places(page[index])})
        counting.update({key for index in indices for key in _offsets(page[index], number)})

    # Two pages repeat by chance what three do not; headers may alternate or change by chapter.
    enough = 2 if len(pages) == 2 else 3
    enough_counting = max(2, round(0.3 * len(pages)))
    running = []
    for number, (page, indices) in enumerate(zip(pages, edges, strict=True)):
        found = set()
        baselines = set()
        for index in indices:
            line = page[index]
            counts = any(counting[key] >= enough_counting for key in _offsets(line, number))
            if counts or max(seen[key] for key in _places(line)) >= enough:
                found.add(index)
                if not any(map(str.isalpha, line.text)):
                    baselines.add(_height(line))
        found.update(index for index in indices if _height(page[index]) in baselines)
        running.append(frozenset(index for index in found if page[index].size <= 1.15 * body_size))
    return running


def _edge_indices(page: Sequence[PlacedLine]) -> list[int]:
    """Indices of the lines at the outermost heights, at most EDGE_LINES from either side."""
    heights = sorted({_height(line) for line in page})
    outer = {*heights[:EDGE_LINES], *heights[-EDGE_LINES:]}
    return [index for index, line in enumerate(page) if _height(line) in outer]


def _height(line: PlacedLine) -> int:
    return round(line.y / 3)


def _places(line: PlacedLine) -> tuple[tuple[str, int], ...]:
    """The text at its height and the two next to it (rounding). Roman numbers are all alike."""
    text = " ".join(line.text.lower().split())
    if _ROMAN.fullmatch(text):
        text = "i"
    height = _height(line)
    return tuple((text, height + step) for step in (-1, 0, 1))


def _offsets(line: PlacedLine, page: int) -> set[tuple[int, int]]:
    """How far the numbers at the ends of the line are from the page's own, each with its height."""
    if _is_sentence(line.text):
        return set()
    matches = (_FIRST_NUMBER.match(line.text), _LAST_NUMBER.search(line.text))
    return {
        (int(match.group(1)) - page, _height(line) + step)
        for match in matches
        if match is not None
        for step in (-1, 0, 1)
    }


def _is_sentence(text: str) -> bool:
    """Whether a line of at least four words ends like a sentence."""
    return len(text.split(maxsplit=3)) > 3 and _SENTENCE_END.fullmatch(text[-2:]) is not None
