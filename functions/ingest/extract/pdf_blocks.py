"""From the lines of all pages of a PDF to headings, paragraphs, lists and tables."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from statistics import median

from ingest.clean import clean_code, clean_line, join_lines, running_lines, words_of
from ingest.document import Block, BlockKind
from ingest.extract.pdf_lines import Line
from ingest.extract.pdf_tables import Table, with_tables

_BULLET = re.compile(r"[•◦▪‣●○■□*·]\s*(?=\S)|[–-]\s+(?=\S)")
_NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-zA-Z])[.)]\s+(?=\S)")
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’)\]]*$")
_PAGE_NUMBER = re.compile(r"(?:\d{1,4}|[ivxlc]{1,7})$")
_LEADERS = re.compile(r"(?:\s?[.·…]){4}$")
_LEADER_CHARACTERS = 8
_CONTENTS_LINE = re.compile(r"(?:.*\s)?\d{1,4}|(?:table of )?contents", re.IGNORECASE)
_CONTENTS_ENTRIES = 5

_COVER_WORDS = 60
_COLUMN_STEP = 20
"""Points. Lines of one column begin within one step of each other, indents included."""

_HEADING_RATIO = 1.12
_HEADING_CHARACTERS = 160
_BOLD_HEADING_CHARACTERS = 90
_DEEPEST = 6
_DEEPEST_INDENT = 200


@dataclass(slots=True)
class _Group:
    """Lines that belong together, before their text is joined."""

    lines: list[Line]
    kind: BlockKind
    item: bool = False
    """Starts with a bullet or a number."""
    left: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.lines[0].x

    def add(self, line: Line) -> None:
        """Put a line at the end."""
        self.lines.append(line)
        self.left = min(self.left, line.x)

    @property
    def size(self) -> float:
        return self.lines[0].size


def blocks_of(pages: Sequence[Sequence[Line]], *, keep_running: bool = False) -> list[Block]:
    """Blocks in reading order. Printed contents are left out.

    So are running headers and footers, unless they are to be kept.
    """
    body = _body_size(line for page in pages for line in page)
    running = [frozenset[int]()] * len(pages)
    if not keep_running:
        running = running_lines(pages, body_size=body)
    kept = [
        _without_contents([line for index, line in enumerate(page) if index not in skip])
        for page, skip in zip(pages, running, strict=True)
    ]
    words = words_of(line.text for page in kept for line in page)
    groups: list[_Group | Table] = []
    for page in kept:
        layout = _Layout.of(page, body)
        for entry in with_tables(page):
            if isinstance(entry, Table):
                groups.append(entry)
            else:
                _place(groups, entry, layout)
    return [block for block in _finished(groups, body, words) if block.text]


def _body_size(lines: Iterable[Line]) -> float:
    """The size in which most characters are set."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 1.0


def _without_contents(lines: list[Line]) -> list[Line]:
    """Drops a printed table of contents: its entries answer nothing and match everything."""
    entries = [line for line in lines if _is_contents_entry(line.text)]
    if len(entries) < _CONTENTS_ENTRIES:
        return lines
    # Producers often draw title, dots and page number apart.
    baselines = {round(entry.y + step) for entry in entries for step in (-1, 0, 1)}
    return [
        line
        for line in lines
        if round(line.y) not in baselines and not _CONTENTS_LINE.fullmatch(line.text)
    ]


def _is_contents_entry(text: str) -> bool:
    """Whether a line ends in a row of dots, with or without a page number behind it."""
    number = _PAGE_NUMBER.search(text[-_LEADER_CHARACTERS:])
    head = text[: len(text) - len(number.group())] if number is not None else text
    return _LEADERS.search(head.rstrip()[-_LEADER_CHARACTERS:]) is not None


@dataclass(frozen=True, slots=True)
class _Layout:
    """What is usual on a page: the distance of baselines by size, and how far lines reach."""

    body: float
    leading: dict[float, float]
    edges: dict[int, float]
    """The right edge of the lines that begin around a place, in steps of _COLUMN_STEP."""

    @classmethod
    def of(cls, lines: Sequence[Line], body: float) -> "_Layout":
        steps: dict[float, list[float]] = {}
        for upper, lower in pairwise(lines):
            step = upper.y - lower.y
            if upper.size == lower.size and 0.8 * lower.size < step < 2.2 * lower.size:
                steps.setdefault(lower.size, []).append(step)
        rights: dict[int, list[float]] = {}
        for line in lines:
            for place in range(-1, 2):
                rights.setdefault(_column(line) + place, []).append(line.right)
        return cls(
            body=body,
            leading={size: min(median(found), 1.7 * size) for size, found in steps.items()},
            # Not the farthest: a table or a figure may stick out.
            edges={place: sorted(found)[len(found) * 9 // 10] for place, found in rights.items()},
        )

    def leading_of(self, size: float) -> float:
        return self.leading.get(size, 1.25 * size)

    def ends_early(self, line: Line) -> bool:
        """Whether the line stops well before the right edge that lines near it reach."""
        edge = self.edges[_column(line)]
        return edge - line.right > max(0.18 * (edge - line.x), 2 * line.size)


def _column(line: Line) -> int:
    return round(line.x / _COLUMN_STEP)


def _place(groups: list[_Group | Table], line: Line, layout: _Layout) -> None:
    """Add a line to the last group, or start a new one with it."""
    last = groups[-1] if groups else None
    kind: BlockKind = "code" if line.monospaced else "paragraph"
    item = kind == "paragraph" and _marker(line.text) is not None
    if isinstance(last, _Group) and last.kind == kind:
        if item and not _only_looks_like_an_item(last, line, layout):
            pass
        elif (line.page == last.lines[-1].page and _goes_on(last, line, layout)) or (
            kind == "paragraph" and not item and _resumes(last, line, layout)
        ):
            last.add(line)
            return
    groups.append(_Group([line], kind, item))


def _only_looks_like_an_item(group: _Group, line: Line, layout: _Layout) -> bool:
    """A wrapped line that happens to begin with a dash or a number and a full stop."""
    last = group.lines[-1]
    return (
        _BULLET.match(line.text[:1] + "x") is None
        and abs(line.x - last.x) < 1.0
        and not (group.item and len(group.lines) == 1)
        and _SENTENCE_END.search(last.text) is None
        and not layout.ends_early(last)
    )


def _goes_on(group: _Group, line: Line, layout: _Layout) -> bool:
    """Whether `line` is the next line of the group, under the last one."""
    last = group.lines[-1]
    step = last.y - line.y
    if abs(line.size - last.size) > 0.08 * last.size or line.bold != last.bold:
        return False
    if not 0 < step <= 1.3 * layout.leading_of(line.size):
        return False
    if group.kind == "code":
        return True
    finished = _SENTENCE_END.search(last.text) is not None
    if group.item:
        return line.x >= group.left - 1.0 and not (finished and layout.ends_early(last))
    if line.size > _HEADING_RATIO * layout.body or last.bold:
        return True
    indented = line.x - group.left > 0.8 * line.size and abs(line.x - last.x) > 0.8 * line.size
    return not (finished and (indented or layout.ends_early(last)))


def _resumes(group: _Group, line: Line, layout: _Layout) -> bool:
    """Whether `line`, in another column or on another page, goes on in the middle of a sentence."""
    last = group.lines[-1]
    moved = line.page != last.page or line.y > last.y + last.size
    same = abs(line.size - last.size) <= 0.08 * last.size and line.bold == last.bold
    if not moved or not same or line.size > _HEADING_RATIO * layout.body:
        return False
    return _SENTENCE_END.search(last.text) is None and line.text[:1].islower()


def _marker(text: str) -> re.Match[str] | None:
    return _BULLET.match(text) or _NUMBERED.match(text)


def _is_heading(group: _Group, body: float) -> bool:
    if group.kind != "paragraph" or len(group.lines) > 4:
        return False
    text = " ".join(line.text for line in group.lines)
    if sum(map(str.isalpha, text)) < 2 or len(text) > _HEADING_CHARACTERS:
        return False
    if group.size >= _HEADING_RATIO * body:
        return not text.endswith((",", ";"))
    return (
        all(line.bold for line in group.lines)
        and group.size >= 0.95 * body
        and len(text) <= _BOLD_HEADING_CHARACTERS
        and not (group.item and _BULLET.match(text))
        and not text.endswith((".", ",", ";", ":"))
    )


def _look(group: _Group) -> tuple[float, bool]:
    return round(group.size * 2) / 2, all(line.bold for line in group.lines)


def _heading_levels(headings: Iterable[_Group]) -> dict[tuple[float, bool], int]:
    """Levels of headings by their look: larger before smaller, bold before plain.

    Sizes within 5 % of each other are one: producers squeeze long headings a little.
    """
    levels: dict[tuple[float, bool], int] = {}
    tallest: dict[bool, tuple[float, int]] = {}
    level = 0
    for size, bold in sorted({_look(group) for group in headings}, reverse=True):
        reference = tallest.get(bold)
        if reference is None or size < 0.95 * reference[0]:
            level = min(level + 1, _DEEPEST)
            reference = tallest[bold] = (size, level)
        levels[size, bold] = reference[1]
    return levels


def _finished(
    groups: Sequence[_Group | Table], body: float, words: frozenset[str]
) -> Iterable[Block]:
    """The blocks; consecutive items become one list."""
    headings = [isinstance(group, _Group) and _is_heading(group, body) for group in groups]
    if _has_cover(groups):
        _leave_title(groups, headings)
    levels = _heading_levels(
        group
        for group, is_heading in zip(groups, headings, strict=True)
        if is_heading and isinstance(group, _Group)
    )
    items: list[_Group] = []
    for group, is_heading in zip(groups, headings, strict=True):
        if isinstance(group, _Group) and group.item and not is_heading:
            items.append(group)
            continue
        if items:
            yield _list(items, words)
            items = []
        if isinstance(group, Table):
            yield Block(group.text(), "table", page=group.page)
        elif is_heading:
            yield _heading(group, levels[_look(group)], words)
        elif group.kind == "code":
            yield _code(group)
        else:
            text, breaks = _joined(group.lines, words)
            yield Block(text, page=group.lines[0].page, page_breaks=breaks)
    if items:
        yield _list(items, words)


def _page(group: _Group | Table) -> int:
    return group.page if isinstance(group, Table) else group.lines[0].page


def _has_cover(groups: Sequence[_Group | Table]) -> bool:
    """Whether the first page holds only a few words and others follow."""
    words = 0
    for group in groups:
        if _page(group) > 1:
            return words < _COVER_WORDS
        if isinstance(group, Table):
            return False
        words += sum(len(line.text.split()) for line in group.lines)
    return False


def _leave_title(groups: Sequence[_Group | Table], headings: list[bool]) -> None:
    """Of what a cover shows in large type, only the largest heads the rest of the document."""
    shown = [
        (group.size, -index)
        for index, group in enumerate(groups)
        if headings[index] and isinstance(group, _Group) and _page(group) == 1
    ]
    for _, index in sorted(shown)[:-1]:
        headings[-index] = False


def _heading(group: _Group, level: int, words: frozenset[str]) -> Block:
    text, breaks = _joined(group.lines, words)
    return Block(text, "heading", level=level, page=group.lines[0].page, page_breaks=breaks)


def _code(group: _Group) -> Block:
    """Lines as they are, indented as they stand (a monospaced character is .6 of its size wide)."""
    left = min(line.x for line in group.lines)
    lines = [
        " " * min(round((line.x - left) / (0.6 * line.size)), _DEEPEST_INDENT) + line.text
        for line in group.lines
    ]
    return Block(clean_code("\n".join(lines)), "code", page=group.lines[0].page)


def _list(items: Sequence[_Group], words: frozenset[str]) -> Block:
    """One list of all items, nested ones indented by two spaces."""
    left = min(item.lines[0].x for item in items)
    page = items[0].lines[0].page
    breaks: list[int] = []
    parts: list[str] = []
    length = 0
    for item in items:
        text, inner = _joined(item.lines, words)
        indent = "  " if item.lines[0].x - left > item.size else ""
        text = indent + _BULLET.sub("- ", text, count=1) if _BULLET.match(text) else indent + text
        breaks.extend([length] * (item.lines[0].page - page - len(breaks)))
        breaks.extend(length + offset for offset in inner)
        parts.append(text)
        length += len(text) + 1
    return Block("\n".join(parts), "list", page=page, page_breaks=tuple(breaks))


def _joined(lines: Sequence[Line], words: frozenset[str]) -> tuple[str, tuple[int, ...]]:
    """The text of the lines as one, and the offsets in it at which further pages begin."""

    def size(part: Iterable[Line]) -> int:
        return len(clean_line(join_lines((line.text for line in part), words)))

    text = clean_line(join_lines((line.text for line in lines), words))
    breaks: list[int] = []
    length = 0
    last: Line | None = None
    for page, on_page in groupby(lines, key=lambda line: line.page):
        here = list(on_page)
        if last is not None:
            breaks.extend([min(length + 1, len(text) - 1)] * (page - last.page))
            # What the seam adds or, where a hyphen goes, takes away.
            length += size((last, here[0])) - size((last,)) - size((here[0],))
        length += size(here)
        last = here[-1]
    return text, tuple(breaks)
