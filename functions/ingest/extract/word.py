"""Word (.docx): paragraphs and tables, with headings and lists from their styles."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

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
    except UnreadableDocument:
        raise
    except Exception as error:
        # python-docx raises whatever a missing or malformed part leads to.
        raise UnreadableDocument(_DAMAGED) from error
    return ExtractedDocument(blocks, title=title)


def _check_archive(data: bytes) -> None:
    """Refuse archives that unpack to far more than a document, before anything is unpacked.

    The sizes come from the archive's own directory; zipfile never unpacks more than it states.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise UnreadableDocument(_TOO_LARGE)
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")):
                continue
            if part.file_size > MAX_XML:
                raise UnreadableDocument(_TOO_LARGE)
            if part.flag_bits & 1:
                raise UnreadableDocument("The Word document is protected with a password.")
            try:
                with archive.open(part) as stream:
                    start = stream.read(4_096)
            except (
                zipfile.BadZipFile,
                zipfile.LargeZipFile,
                NotImplementedError,
                EOFError,
                OSError,
            ) as error:
                raise UnreadableDocument(_DAMAGED) from error
            # Word writes no document type; only an attack on the parser's entities would.
            if b"<!DOCTYPE" in start.replace(b"\x00", b""):
                raise UnreadableDocument(_DAMAGED)


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
        self._bullets = _bullet_lists(document)
        self._looks: dict[str | None, _Look] = {}
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
        """What its style says; python-docx searches for a style each time, so each is kept."""
        style_id = paragraph._p.style  # noqa: SLF001
        if style_id not in self._looks:
            self._looks[style_id] = _look_of(paragraph.style)
        return self._looks[style_id]

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
        counters[level] = counters.get(level, 0) + 1
        for deeper in [each for each in counters if each > level]:
            del counters[deeper]
        bulleted = not numbered
        if number_id is not None:
            bulleted = self._bullets.get((number_id, level), bulleted)
        marker = "-" if bulleted else f"{counters[level]}."
        self._list.lines.append(f"{'  ' * min(level, 8)}{marker} {text}")

    def _table(self, table: Table) -> Iterator[Block]:
        rows: list[list[str]] = []
        for row in table.rows:
            cells: list[str] = []
            previous: object = None
            for cell in row.cells:
                # A merged cell comes once for each column that it spans.
                if cell._tc is not previous:  # noqa: SLF001 - python-docx has no public identity of a cell
                    cells.append(_cell_text(cell))
                previous = cell._tc  # noqa: SLF001
            self._budget.spend(sum(map(len, cells)))
            rows.append(cells)
        if all(len(row) == 1 for row in rows):
            # A table of one column is a frame around text.
            text = clean_text("\n".join(cell for row in rows for cell in row))
            if text:
                yield Block(text)
        elif text := table_text(rows):
            yield Block(text, "table")


def _cell_text(cell: _Cell) -> str:
    parts = [
        part.text
        if isinstance(part, Paragraph)
        else " ".join(_cell_text(inner) for row in part.rows for inner in row.cells)
        for part in cell.iter_inner_content()
    ]
    return clean_line(" ".join(parts))


def _look_of(style: ParagraphStyle | None) -> _Look:
    """Word names its own styles in English inside the file, whatever language it is in."""
    if style is None:
        return _Look()
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


def _bullet_lists(document: WordDocument) -> dict[tuple[int, int], bool]:
    """Whether the items of a list, by number id and level, have bullets rather than numbers."""
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return {}
    formats: dict[str, dict[int, bool]] = {}
    for abstract in root.iterchildren(qn("w:abstractNum")):
        formats[abstract.get(qn("w:abstractNumId"), "")] = {
            int(level.get(qn("w:ilvl"), "0")): _value(level, "w:numFmt") == "bullet"
            for level in abstract.iterchildren(qn("w:lvl"))
        }
    return {
        (int(number.get(qn("w:numId"), "0")), level): bulleted
        for number in root.iterchildren(qn("w:num"))
        for level, bulleted in formats.get(_value(number, "w:abstractNumId") or "", {}).items()
    }
