"""What extraction makes of a file: blocks of clean text, in reading order."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list", "table", "code"]

BLOCK_SEPARATOR = "\n\n"
CELL_SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list, table or piece of code.

    `text` of a list has one item per line ("- item" or "1. item", nested ones indented), that of
    a table one row per line with cells apart by " | ", the header row first. `level` is 1 to 6 for
    headings and 0 otherwise. `page` counts from 1, None for formats without pages; `page_breaks`
    are the offsets in `text` at which the following pages begin, in order.
    """

    text: str
    kind: BlockKind = "paragraph"
    level: int = 0
    page: int | None = None
    page_breaks: tuple[int, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """The page on which the character at `offset` of the text stands."""
        if self.page is None:
            return None
        return self.page + bisect_right(self.page_breaks, offset)


@dataclass(frozen=True)
class ExtractedDocument:
    """The readable content of a file.

    `title` is what the document calls itself, when it does. `warnings` are for the team: parts
    that could not be read although the rest could.
    """

    blocks: tuple[Block, ...]
    page_count: int | None = None
    title: str | None = None
    warnings: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """The whole extracted text. Offsets of passages count its characters."""
        return BLOCK_SEPARATOR.join(block.text for block in self.blocks)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each block begins in `text`."""
        starts = []
        position = 0
        for block in self.blocks:
            starts.append(position)
            position += len(block.text) + len(BLOCK_SEPARATOR)
        return tuple(starts)


def table_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as the text of a table block. Empty rows are left out."""
    lines = []
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        if any(cells):
            lines.append(CELL_SEPARATOR.join(cells).strip())
    return "\n".join(lines)
