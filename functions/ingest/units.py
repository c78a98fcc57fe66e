"""The smallest parts that a passage is put together from: sentences, items, rows, lines."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ingest.document import Block, ExtractedDocument
from ingest.sentences import sentence_spans

Path = tuple[tuple[int, str], ...]
"""Headings from the outermost inwards, each with the number of its block: texts may repeat."""

UnitKind = Literal["heading", "sentence", "item", "row", "line", "piece"]

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a block that stays in one passage. `piece` is part of a sentence too long for one.

    `start` and `end` are offsets in the document's text. `path` are the headings above, and for a
    heading itself, too. `header` is what goes before a table row that begins a passage.
    """

    kind: UnitKind
    start: int
    end: int
    tokens: int
    block: int
    path: Path
    page: int | None
    last_page: int | None
    level: int = 0
    header: str = ""
    header_tokens: int = 0
    introduces: bool = False
    """Ends with a colon: what follows belongs to it."""


def units_of(
    document: ExtractedDocument,
    count_tokens: Callable[[str], int],
    room: Callable[[Path], int],
) -> Iterator[Unit]:
    """All units of a document in order.

    None has more tokens, with its table header, than `room` leaves under the headings above it.
    """
    above: dict[int, tuple[int, str]] = {}
    for index, (block, offset) in enumerate(zip(document.blocks, document.starts, strict=True)):
        if block.kind == "heading":
            above = {level: entry for level, entry in above.items() if level < block.level}
            above[block.level] = (index, block.text)
        path: Path = tuple(above.values())
        limit = room(path)
        header = _header(block)
        header_tokens = count_tokens(header) if header else 0
        if header_tokens * 2 > limit:
            # A header that takes more room than the rows it explains explains nothing.
            header, header_tokens = "", 0
        for number, (kind, start, end) in enumerate(_spans(block)):
            text = block.text[start:end]
            repeats = kind == "row" and number > 0 and bool(header)
            most = limit - header_tokens if repeats else limit
            pieces = [(kind, start, end, count_tokens(text))]
            if pieces[0][3] > most:
                pieces = [
                    ("piece", start + begin, start + stop, tokens)
                    for begin, stop, tokens in _pieces(text, count_tokens, most)
                ]
            for piece_kind, begin, stop, tokens in pieces:
                yield Unit(
                    kind=piece_kind,
                    start=offset + begin,
                    end=offset + stop,
                    tokens=tokens,
                    block=index,
                    path=path,
                    page=block.page_at(begin),
                    last_page=block.page_at(stop - 1),
                    level=block.level,
                    header=header if repeats else "",
                    header_tokens=header_tokens if repeats else 0,
                    introduces=block.text[begin:stop].endswith(":"),
                )


def _header(block: Block) -> str:
    """The header row of a table, repeated in a passage that begins inside the table."""
    if block.kind != "table" or "\n" not in block.text:
        return ""
    return block.text.split("\n", 1)[0]


def _spans(block: Block) -> Iterator[tuple[UnitKind, int, int]]:
    if block.kind == "heading":
        yield "heading", 0, len(block.text)
    elif block.kind == "paragraph":
        for start, end in sentence_spans(block.text):
            yield "sentence", start, end
    else:
        kind: UnitKind = "line"
        if block.kind in {"list", "table"}:
            kind = "item" if block.kind == "list" else "row"
        start = 0
        for line in block.text.split("\n"):
            if line.strip():
                yield kind, start, start + len(line.rstrip())
            start += len(line) + 1


def _pieces(
    text: str, count_tokens: Callable[[str], int], limit: int
) -> Iterator[tuple[int, int, int]]:
    """`text` cut between words into spans of at most `limit` tokens, each with its tokens."""
    start, end, tokens = 0, 0, 0
    for word in _WORD.finditer(text):
        for begin, stop, size in _parts(text, word.start(), word.end(), count_tokens, limit):
            if end > start and tokens + size > limit:
                yield start, end, tokens
                start, tokens = begin, 0
            elif end == start:
                start = begin
            tokens += size
            end = stop
    if end > start:
        yield start, end, tokens


def _parts(
    text: str, start: int, end: int, count_tokens: Callable[[str], int], limit: int
) -> Iterator[tuple[int, int, int]]:
    """A word, halved until no part of it has more than `limit` tokens."""
    size = count_tokens(text[start:end])
    if size <= limit or end - start == 1:
        yield start, end, size
        return
    middle = (start + end) // 2
    yield from _parts(text, start, middle, count_tokens, limit)
    yield from _parts(text, middle, end, count_tokens, limit)
