"""Tables and columns in the lines of a PDF page, found by where the lines stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingest.clean import clean_line, join_lines
from ingest.document import table_text
from ingest.extract.pdf_lines import Line

_ALIGNED = 4.0
"""Points by which edges in one column may differ."""

# What is larger is no table that could be read as text, and must not take forever.
_MOST_COLUMNS = 50
_MOST_CELL_LINES = 200

# Two columns of prose whose lines a producer draws alternately: enough of them, and long ones.
_PROSE_ROWS = 6
_PROSE_CHARACTERS = 25


@dataclass(frozen=True, slots=True)
class Table:
    """A table on one page: rows of cells, a cell being the lines in it."""

    rows: tuple[tuple[tuple[Line, ...], ...], ...]

    @property
    def page(self) -> int:
        """The page it stands on."""
        return self.rows[0][0][0].page

    def text(self) -> str:
        """As the text of a table block. A cell that a row does not have is empty."""
        columns = max(self.rows, key=len)
        rows = []
        for row in self.rows:
            texts = [""] * len(columns)
            column = 0
            for index, cell in enumerate(row):
                # The last column in which the rest of the row still fits.
                latest = len(columns) - (len(row) - index)
                while column < latest and not _overlap(cell, columns[column]):
                    column += 1
                texts[column] = clean_line(join_lines(line.text for line in cell))
                column += 1
            rows.append(texts)
        return table_text(rows)


def _overlap(one: Sequence[Line], other: Sequence[Line]) -> bool:
    """Whether two cells stand above each other, at least in part."""
    left = max(min(line.x for line in one), min(line.x for line in other))
    right = min(max(line.right for line in one), max(line.right for line in other))
    return right > left - 1.0


_Cell = list[Line]
_Row = list[_Cell]


def with_tables(lines: Sequence[Line]) -> list[Line | Table]:
    """The lines of one page in order, those of tables gathered into tables.

    A table is two or more rows, one after another in drawing order, each of two or more cells side
    by side, with aligned columns. Rows that turn out to be two columns of prose are taken apart:
    the whole left column comes first. Lines of single rows are put back together.
    """
    found: list[Line | Table] = []
    group: list[_Row] = []
    for row in _rows(_cells(lines)):
        if len(row) > 1 and (not group or _same_columns(group[-1], row)):
            group.append(row)
            continue
        found.extend(_resolved(group))
        if len(row) > 1:
            group = [row]
        else:
            group = []
            found.extend(row[0])
    found.extend(_resolved(group))
    return found


def _cells(lines: Sequence[Line]) -> list[_Cell]:
    """Lines that stand closely under each other, as the lines of one table cell do."""
    cells: list[_Cell] = []
    for line in lines:
        last = cells[-1][-1] if cells else None
        if (
            last is not None
            and 0.5 * line.size < last.y - line.y <= 1.45 * line.size
            and last.size == line.size
            and len(cells[-1]) < _MOST_CELL_LINES
            and _aligned(last, line)
        ):
            cells[-1].append(line)
        else:
            cells.append([line])
    return cells


def _rows(cells: Sequence[_Cell]) -> list[_Row]:
    """Cells that follow each other from left to right at a common height."""
    rows: list[_Row] = []
    for cell in cells:
        if rows and _beside(rows[-1], cell):
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return rows


def _beside(row: _Row, cell: _Cell) -> bool:
    left = row[-1]
    if len(row) == _MOST_COLUMNS or cell[0].x < max(line.right for line in left) - 1.0:
        return False
    top, bottom = cell[0].y + cell[0].size * 0.8, cell[-1].y
    row_top = max(each[0].y + each[0].size * 0.8 for each in row)
    row_bottom = min(each[-1].y for each in row)
    return min(top, row_top) - max(bottom, row_bottom) > 0


def _aligned(one: Line, other: Line) -> bool:
    return (
        abs(one.x - other.x) <= _ALIGNED
        or abs(one.right - other.right) <= _ALIGNED
        or abs(one.x + one.right - other.x - other.right) <= 2 * _ALIGNED
    )


def _same_columns(upper: _Row, lower: _Row) -> bool:
    """Whether most cells of the row with fewer cells stand under (or over) a cell of the other."""
    if min(line.y for cell in upper for line in cell) < max(
        line.y for cell in lower for line in cell
    ):
        return False
    few, many = sorted((upper, lower), key=len)
    matching = sum(1 for cell in few if any(_aligned(cell[0], other[0]) for other in many))
    return matching * 2 > len(few)


def _resolved(group: list[_Row]) -> list[Line | Table]:
    """What consecutive rows of several cells are: a table, prose in columns, or a spaced line."""
    if len(group) < 2:
        return [line for row in group for line in _unsplit(row)]
    if _is_prose(group):
        return [line for column in (0, 1) for row in group for line in row[column]]
    return [Table(tuple(tuple(tuple(cell) for cell in row) for row in group))]


def _is_prose(group: list[_Row]) -> bool:
    if len(group) < _PROSE_ROWS or any(len(row) != 2 for row in group):
        return False
    lines = [cell[0] for row in group for cell in row]
    going_on = sum(1 for line in lines if line.text[:1].islower())
    return (
        all(len(cell) == 1 for row in group for cell in row)
        and median(len(line.text) for line in lines) >= _PROSE_CHARACTERS
        and going_on * 3 >= len(lines)
    )


def _unsplit(row: _Row) -> list[Line]:
    """A lone row. Pieces of one baseline were a line with a wide gap; others stay apart."""
    lines = [line for cell in row for line in cell]
    if len({round(line.y) for line in lines}) > 1:
        return lines
    first = max(lines, key=lambda line: len(line.text))
    return [
        replace(
            first,
            text=" ".join(line.text for line in lines),
            x=lines[0].x,
            right=lines[-1].right,
            bold=all(line.bold for line in lines),
            monospaced=all(line.monospaced for line in lines),
        )
    ]
