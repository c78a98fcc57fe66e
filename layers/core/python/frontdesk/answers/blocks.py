"""A passage cut into what can be quoted from it: sentences, list items, table rows.

Passages come from PDF, Markdown and HTML, so their text may still carry Markdown's marks. They are
taken off here, and what only introduces (headings, questions of an FAQ) is kept as context.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from frontdesk.answers.text import sentences, terms

Kind = Literal["sentence", "step", "item", "row", "code"]
Cell = tuple[str, str]
"""The name of a column, or "", and what stands in it."""

_HEADING = re.compile(r"#{1,6}\s+(.*)$")
_RULE = re.compile(r"\s*+([-*_=])(?:\s*+\1){2,}+\s*+$")
_STEP = re.compile(r"\s*(\d{1,2})[.)]\s+(?=\S)")
_ITEM = re.compile(r"\s*[-*+•‣▪◦●·–]\s+(?=\S)")
_ROW = re.compile(r"\s*\|(.+)\|\s*$")
_ROW_RULE = re.compile(r"\s*\|[\s:|-]+\|\s*$")
# A row as ingestion writes tables: cells apart by " | ", the header row first, no rule below it.
_PLAIN_ROW = re.compile(r"[^|]*+(?:\|(?=\s|$)[^|]*+)++$")
_CELL = " · "
_HEADING_WORDS = 12
_LABEL_WORDS = 2
_CONTEXT = 100
"""Terms of a heading or an introduction that everything below it has as context."""

_COLUMN = 200
"""Characters of a column's name, which every row of the table repeats."""

_FENCE = re.compile(r"\s*(?:```|~~~)")
_ENDS = re.compile(r"[.!?:;,…。！？][\"'”’»)\]]*$")
_QUESTION = re.compile(r"[?？][\"'”’»)\]]*$")
_FAQ_LABEL = re.compile(r"(?:Q|A|Question|Answer)\s*[:.]\s+", re.IGNORECASE)

# A mark has a longest length, so that one which is never closed costs no more than that.
_IMAGE = re.compile(r"!\[([^\]]{0,400}+)\]\([^)]{0,2000}+\)")
_LINK = re.compile(r"\[([^\]]{1,400}+)\]\([^)\s]{0,2000}+(?:\s{1,20}+\"[^\"]{0,400}+\")?\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.{1,1000}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=\S)\*(?![\w*])")
# Encyclopaedias and papers have their own [12]; next to ours they would mislead.
_REFERENCE = re.compile(r"\s?\[(?:\d{1,3}(?:\s*[,–-]\s*\d{1,3})*|citation needed|note \d+)\]")


@dataclass(frozen=True, slots=True)
class Unit:
    """Something that can be quoted by itself.

    `order` is its place in the passage, `group` the paragraph, list or table it belongs to, and
    `intro` the order of the sentence that introduces its list. `number` is that of a step.
    `terms` are its own subject words; `context` those of the heading and the sentence before it.
    `heading` are those of the heading or question inside the passage under which it stands, and
    `opens` says that it is the first thing there, or in the passage. `cells` are those of a row,
    each with the name of its column or "".
    """

    text: str
    kind: Kind
    order: int
    group: int
    terms: tuple[str, ...] = ()
    context: frozenset[str] = frozenset()
    intro: int | None = None
    number: int = 0
    heading: frozenset[str] = frozenset()
    opens: bool = False
    cells: tuple[Cell, ...] = ()


@lru_cache(maxsize=512)
def units(text: str) -> tuple[Unit, ...]:
    """What can be quoted from a passage's `text`, in reading order.

    Empty only if the text has nothing but headings and questions; then the caller has the text.
    """
    return tuple(_with_context(_blocks(text)))


@dataclass(slots=True)
class _Block:
    """Lines that belong together. `kind` "heading" is context and never quoted."""

    kind: Kind | Literal["heading"]
    lines: list[str]
    number: int = 0
    cells: tuple[Cell, ...] = ()

    def reads_like_heading(self) -> bool:
        """Whether it is one short line that is no sentence."""
        return (
            self.kind == "sentence"
            and len(self.lines) == 1
            and len(self.lines[0].split()) <= _HEADING_WORDS
            and not _ENDS.search(self.lines[0])
        )

    def text(self) -> str:
        return plain(" ".join(self.lines))


def plain(text: str) -> str:
    """One line of `text` without Markdown's marks, reference numbers or doubled spaces."""
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    text = _STRONG.sub(r"\2", text)
    text = _EMPHASIS.sub(r"\1", text)
    text = _REFERENCE.sub("", text)
    return " ".join(text.split())


def _blocks(text: str) -> list[_Block]:
    """The blocks of `text`. A paragraph that is one short unfinished line counts as a heading."""
    reader = _Reader()
    for line in text.splitlines():
        reader.read(line)
    for block, following in pairwise(reader.blocks):
        if block.kind == "sentence" and len(block.lines) == 1 and following.kind != "heading":
            line = block.lines[0]
            if len(line.split()) <= 8 and not _ENDS.search(line):
                block.kind = "heading"
    reader.end_table()
    return reader.blocks


class _Reader:
    """Sorts lines into blocks."""

    def __init__(self) -> None:
        self.blocks: list[_Block] = []
        self._open: _Block | None = None
        self._fenced = False
        self._columns: list[str] = []
        self._header: str | None = None

    def read(self, line: str) -> None:
        """Take the next line of the text."""
        if _FENCE.match(line):
            self._fenced = not self._fenced
            self._open = None
            if self._fenced:
                self._open = self._add("code", [])
        elif self._fenced and self._open:
            self._open.lines.append(line.rstrip())
        elif _ROW.match(line):
            self._read_row(line)
        elif _PLAIN_ROW.match(line):
            self._read_plain_row(line)
        else:
            self.end_table()
            self._read_text(line)

    def end_table(self) -> None:
        """Whatever was read as a header row without rows below it was text."""
        if self._header is not None:
            self._add("sentence", [self._header])
        self._header = None
        self._columns = []

    def _add(self, kind: Kind | Literal["heading"], lines: list[str], number: int = 0) -> _Block:
        self.blocks.append(_Block(kind, lines, number))
        return self.blocks[-1]

    def _read_row(self, line: str) -> None:
        self._open = None
        if not _ROW_RULE.match(line):
            self._add_row(_cells(line.strip().removeprefix("|").removesuffix("|")))
        elif self.blocks and self.blocks[-1].kind == "row":
            # What stands above the rule names the columns.
            self._columns = [value[:_COLUMN] for _, value in self.blocks.pop().cells]

    def _read_plain_row(self, line: str) -> None:
        self._open = None
        cells = _cells(line)
        if not self._columns:
            self._columns, self._header = [cell[:_COLUMN] for cell in cells], line.strip()
            return
        self._header = None
        self._add_row(cells)

    def _add_row(self, values: list[str]) -> None:
        columns = self._columns if len(self._columns) == len(values) else [""] * len(values)
        cells = tuple(zip(columns, values, strict=True))
        self._add("row", [row_text(cells)]).cells = cells

    def _read_text(self, line: str) -> None:
        if not line.strip() or _RULE.match(line):
            # A line under-ruled is a heading, and so is a short one by itself that ends in nothing:
            # ingestion leaves the headings inside a passage like this.
            if self._open and (line.strip() or self._open.reads_like_heading()):
                self._open.kind = "heading" if self._open.kind == "sentence" else self._open.kind
            self._open = None
        elif heading := _HEADING.match(line):
            self._add("heading", [heading[1].rstrip().rstrip("#").rstrip()])
            self._open = None
        elif step := _STEP.match(line):
            self._open = self._add("step", [line[step.end() :].rstrip()], int(step[1]))
        elif item := _ITEM.match(line):
            self._open = self._add("item", [line[item.end() :].rstrip()])
        elif self._open and not _starts_anew(self._open, line):
            self._open.lines.append(line.strip("> \t"))
        else:
            self._open = self._add("sentence", [line.strip("> \t")])


def _starts_anew(block: _Block, line: str) -> bool:
    """Whether an unmarked `line` after a list item is a new paragraph, not the item going on."""
    if block.kind == "sentence":
        return False
    return not line[:1].isspace() and bool(_ENDS.search(block.lines[-1]))


def _cells(line: str) -> list[str]:
    return [plain(cell) for cell in line.split("|")]


def row_text(cells: Sequence[Cell]) -> str:
    """A row that can be read alone: "Pro – Price: €20; Places: 5"; without names "Pro · €20"."""
    first, rest = cells[0][1], [(name, value) for name, value in cells[1:] if value]
    if not any(name for name, _ in rest):
        return _CELL.join(value for _, value in cells if value)
    named = "; ".join(f"{name}: {value}" if name else value for name, value in rest)
    return f"{first} – {named}" if first else named


def _with_context(blocks: list[_Block]) -> list[Unit]:
    """Quotable units of `blocks`, each knowing its heading, what goes before and its list."""
    found: list[Unit] = []
    heading: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    opens = True
    group = 0
    last_kind: str = ""
    intro: int | None = None
    for block in blocks:
        if block.kind == "heading":
            heading, before, opens = _context(block.text()), frozenset(), True
            last_kind = "heading"
            continue
        is_list = block.kind in ("step", "item", "row")
        if block.kind != last_kind or not is_list:
            group += 1
            # What stands right before a list and ends in a colon introduces it.
            leads = is_list and found and last_kind == "sentence" and found[-1].text.endswith(":")
            intro = found[-1].order if leads else None
            introduced = frozenset(found[-1].terms[:_CONTEXT]) if leads else frozenset()
        last_kind = block.kind
        for unit in _units_of(block):
            if unit.kind == "sentence" and _QUESTION.search(unit.text):
                # A question in a document is not an answer, but says what the next sentence is.
                heading, before, opens = _context(unit.text), frozenset(), True
                continue
            own = tuple(terms(unit.text))
            found.append(
                replace(
                    unit,
                    order=len(found),
                    group=group,
                    terms=own,
                    context=heading | (introduced if is_list else before),
                    intro=intro if is_list else None,
                    heading=heading,
                    opens=opens,
                )
            )
            before, opens = frozenset(own), False
    return found


def _context(text: str) -> frozenset[str]:
    return frozenset(terms(text)[:_CONTEXT])


def _units_of(block: _Block) -> Iterator[Unit]:
    if block.kind == "heading":
        return
    if block.kind == "sentence":
        for sentence in _with_labels(sentences(block.text())):
            text = _FAQ_LABEL.sub("", sentence, count=1) if _FAQ_LABEL.match(sentence) else sentence
            if text:
                yield Unit(text, "sentence", 0, 0)
    elif block.kind == "code":
        if any(line.strip() for line in block.lines):
            yield Unit("\n".join(block.lines), "code", 0, 0)
    elif text := block.text().strip(_CELL):
        yield Unit(text, block.kind, 0, 0, number=block.number, cells=block.cells)


def _with_labels(parts: list[str]) -> list[str]:
    """`parts` with a label at the start put before its sentence: "Buffer. Time kept free."."""
    if len(parts) > 1 and parts[0].endswith(".") and len(parts[0].split()) <= _LABEL_WORDS:
        return [f"{parts[0]} {parts[1]}", *parts[2:]]
    return parts
