"""Word (.docx): paragraphs and tables, with headings and lists from their styles."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.oxml.table import CT_Row, CT_Tbl, CT_Tc
from docx.oxml.text.paragraph import CT_P
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree

from frontdesk.errors import UnreadableDocument
from ingest.clean import clean_code, clean_line, clean_text
from ingest.document import Block, ExtractedDocument, table_text
from ingest.extract.budget import Budget

MAX_UNPACKED = 200_000_000
MAX_XML = 25_000_000
"""Bytes of the text part: about 6 million characters, or 2,500 pages."""

MAX_PARTS = 5_000

_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_LIST = re.compile(r"list (bullet|number)(?: ([2-9]))?", re.IGNORECASE)
_LONGEST_HEADING = 200
_DEEPEST_LEVEL = 8
"""The ninth level, counted from 0: Word has no more."""

_CODE = re.compile(r"code|preformatted|macro text", re.IGNORECASE)
_DAMAGED = "The Word document is damaged and cannot be read. Save it again and upload that."
_TOO_LARGE = "The Word document is too large when unpacked. Split it into smaller files."


def extract_word(data: bytes, budget: Budget) -> ExtractedDocument:
    """The body of a Word document in order. Headers, footers, notes and comments are left out."""
    _check_archive(data)
    budget.check_time()
    try:
        document = Document(io.BytesIO(data))
        blocks = tuple(_Reader(document, budget).blocks())
        title = clean_line(document.core_properties.title or "") or None
    except (UnreadableDocument, MemoryError):
        raise
    except Exception as error:
        # python-docx raises whatever a missing or malformed part leads to.
        raise UnreadableDocument(_DAMAGED) from error
    return ExtractedDocument(blocks, title=title)


def _check_archive(data: bytes) -> None:
    """Refuse archives that unpack to far more than a document, before anything is unpacked.

    The sizes come from the archive's own directory; zipfile never unpacks more than it states. What
    a part is called says nothing: the parser reads it as XML if the archive's directory says so.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise UnreadableDocument(_TOO_LARGE)
        for part in parts:
            if part.flag_bits & 1:
                raise UnreadableDocument("The Word document is protected with a password.")
            # Others unpack thousands of times their size at once, and Word writes none.
            if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise UnreadableDocument(_DAMAGED)
            try:
                with archive.open(part) as stream:
                    declares = _declares_a_type(stream)
            except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
                raise UnreadableDocument(_DAMAGED) from error
            if declares is None:
                continue
            if part.file_size > MAX_XML:
                raise UnreadableDocument(_TOO_LARGE)
            # Word writes no document type; only an attack on the parser's entities would.
            if declares:
                raise UnreadableDocument(_DAMAGED)


def _declares_a_type(stream: IO[bytes]) -> bool | None:
    """Whether XML has a document type, None for what is no XML. Reads up to the first element.

    The parser itself is asked, which knows every encoding and every way to begin.
    """
    try:
        _, root = next(
            etree.iterparse(
                stream, events=("start",), resolve_entities=False, load_dtd=False, no_network=True
            )
        )
    except (etree.XMLSyntaxError, StopIteration):
        return None
    return root.getroottree().docinfo.internalDTD is not None


@dataclass(frozen=True, slots=True)
class _Look:
    """What the style of a paragraph makes of it."""

    level: int = 0
    code: bool = False
    listed: tuple[int | None, int] | None = None
    """Number id and level of the list that the style puts it in."""
    numbered: bool = False
    """Whether that list counts, where the number id does not tell."""


@dataclass(slots=True)
class _List:
    """A list being gathered. `counters` are the numbers reached, by level."""

    lines: list[str] = field(default_factory=list)
    counters: dict[int, int] = field(default_factory=dict)


class _Reader:
    def __init__(self, document: WordDocument, budget: Budget) -> None:
        self._document = document
        self._budget = budget
        self._bullets = _Bullets(document)
        self._looks = _looks(document)
        default = document.styles.default(WD_STYLE_TYPE.PARAGRAPH)
        self._default_look = _look_of(default) if default is not None else _Look()
        self._list = _List()
        self._code: list[str] = []

    def blocks(self) -> Iterator[Block]:
        """The blocks of the body, in order."""
        for part in self._document.iter_inner_content():
            if isinstance(part, Table):
                yield from self._gathered()
                yield from self._table(part)
                continue
            text = part.text
            self._budget.spend(len(text))
            look = self._look(part)
            level = look.level or min(_outline_level(part._p), 6)  # noqa: SLF001 - no public way to it
            listed = _numbering(part._p) or look.listed  # noqa: SLF001
            if look.code:
                yield from self._gathered(keep_code=True)
                self._code.append(text)
            elif not text.strip():
                continue
            elif level and len(text) <= _LONGEST_HEADING:
                yield from self._gathered()
                yield Block(clean_line(text), "heading", level=level)
            elif listed is not None and listed[0] != 0:
                yield from self._gathered(keep_list=True)
                self._item(clean_line(text), *listed, numbered=look.numbered)
            else:
                yield from self._gathered()
                yield Block(clean_text(text))
        yield from self._gathered()

    def _look(self, paragraph: Paragraph) -> _Look:
        """What its style says; python-docx would search all styles for it each time."""
        return self._looks.get(paragraph._p.style or "", self._default_look)  # noqa: SLF001

    def _gathered(self, *, keep_list: bool = False, keep_code: bool = False) -> Iterator[Block]:
        """The list or the code gathered so far, unless it goes on."""
        if self._list.lines and not keep_list:
            yield Block("\n".join(self._list.lines), "list")
            self._list = _List()
        if self._code and not keep_code:
            code = clean_code("\n".join(self._code))
            self._code = []
            if code:
                yield Block(code, "code")

    def _item(self, text: str, number_id: int | None, level: int, *, numbered: bool) -> None:
        counters = self._list.counters
        level = max(0, min(level, _DEEPEST_LEVEL))
        counters[level] = counters.get(level, 0) + 1
        for deeper in [each for each in counters if each > level]:
            del counters[deeper]
        bulleted = not numbered
        if number_id is not None:
            bulleted = self._bullets.at(number_id, level, bulleted)
        marker = "-" if bulleted else f"{counters[level]}."
        self._list.lines.append(f"{'  ' * level}{marker} {text}")

    def _table(self, table: Table) -> Iterator[Block]:
        rows: list[list[str]] = []
        above: dict[int, str] = {}
        for row in table._tbl.tr_lst:  # noqa: SLF001 - python-docx repeats merged cells without bound
            cells, above = _cells(row, above)
            self._budget.spend(sum(map(len, cells)))
            rows.append(cells)
        if all(len(row) == 1 for row in rows):
            # A table of one column is a frame around text.
            text = clean_text("\n".join(cell for row in rows for cell in row))
            if text:
                yield Block(text)
        elif text := table_text(rows):
            yield Block(text, "table")


def _cells(row: CT_Row, above: dict[int, str]) -> tuple[list[str], dict[int, str]]:
    """The texts of a row's cells, and the same by the column they begin in.

    A cell that goes on from the row above has the text that is `above` it; one that spans columns
    comes once.
    """
    cells: list[str] = []
    columns: dict[int, str] = {}
    column = row.grid_before
    for cell in row.tc_lst:
        text = above.get(column, "") if cell.vMerge == "continue" else _cell_text(cell)
        cells.append(text)
        columns[column] = text
        column += cell.grid_span
    return cells, columns


def _cell_text(cell: CT_Tc) -> str:
    """The text of a cell with that of the tables in it, every paragraph once."""
    parts: list[str] = []
    waiting: list[CT_P | CT_Tbl | CT_Row | CT_Tc] = [cell]
    while waiting:
        element = waiting.pop()
        if isinstance(element, CT_P):
            parts.append(element.text)
        elif isinstance(element, CT_Tbl):
            waiting.extend(reversed(element.tr_lst))
        elif isinstance(element, CT_Row):
            waiting.extend(reversed(element.tc_lst))
        else:
            waiting.extend(reversed(element.inner_content_elements))
    return clean_line(" ".join(parts))


def _looks(document: WordDocument) -> dict[str, _Look]:
    """What each paragraph style makes of a paragraph, by its id."""
    looks: dict[str, _Look] = {}
    for style in document.styles:
        if style.type == WD_STYLE_TYPE.PARAGRAPH:
            looks.setdefault(style.style_id, _look_of(style))
    return looks


def _look_of(style: ParagraphStyle) -> _Look:
    """Word names its own styles in English inside the file, whatever language it is in."""
    name = str(style.name or "")
    heading = _HEADING.fullmatch(name)
    level = int(heading.group(1)) if heading is not None else _outline_level(style.element)
    if name.lower() == "title":
        level = 1
    listed = _numbering(style.element)
    named = _LIST.match(name)
    if listed is None and named is not None:
        listed = (None, int(named.group(2) or 1) - 1)
    return _Look(
        level=min(level, 6),
        code=_CODE.search(name) is not None,
        listed=listed,
        numbered=named is not None and named.group(1).lower() == "number",
    )


def _outline_level(element: BaseOxmlElement) -> int:
    """1 to 9 for what stands in the outline, else 0 (body text)."""
    value = _value(element, "w:pPr", "w:outlineLvl")
    return int(value) + 1 if value is not None and int(value) < 9 else 0


def _numbering(element: BaseOxmlElement) -> tuple[int | None, int] | None:
    """Number id and level of the list that a paragraph or a style belongs to. Id 0 is no list."""
    number = _value(element, "w:pPr", "w:numPr", "w:numId")
    if number is None:
        return None
    return int(number), int(_value(element, "w:pPr", "w:numPr", "w:ilvl") or 0)


def _value(element: BaseOxmlElement, *path: str) -> str | None:
    found = element.find("/".join(qn(name) for name in path))
    return found.get(qn("w:val")) if found is not None else None


class _Bullets:
    """Which lists have bullets rather than numbers."""

    def __init__(self, document: WordDocument) -> None:
        self._formats: dict[str, dict[int, bool]] = {}
        self._lists: dict[int, str] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        for abstract in root.iterchildren(qn("w:abstractNum")):
            self._formats[abstract.get(qn("w:abstractNumId"), "")] = {
                int(level.get(qn("w:ilvl"), "0")): _value(level, "w:numFmt") == "bullet"
                for level in abstract.iterchildren(qn("w:lvl"))
            }
        for number in root.iterchildren(qn("w:num")):
            number_id = int(number.get(qn("w:numId"), "0"))
            self._lists[number_id] = _value(number, "w:abstractNumId") or ""

    def at(self, number_id: int, level: int, otherwise: bool) -> bool:  # noqa: FBT001 - what it answers
        """Whether items at a level of a list have bullets; `otherwise` where the file is silent."""
        return self._formats.get(self._lists.get(number_id, ""), {}).get(level, otherwise)
