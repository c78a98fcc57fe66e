"""Builds the sample organisation's PDF documents from their Markdown sources.

Run `python local/sample/build_pdfs.py` after changing a source. The same source gives the same
bytes, so an unchanged document stays unchanged in the repository.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BalancedColumns,
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    ListFlowable,
    ListItem,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus.tableofcontents import TableOfContents

HERE = Path(__file__).parent
SOURCES = HERE / "sources"
DOCUMENTS = HERE / "documents"

TEAL = colors.HexColor("#0f766e")
INK = colors.HexColor("#1c2b33")
GREY = colors.HexColor("#64748b")
PALE = colors.HexColor("#f0fdfa")
RULE = colors.HexColor("#cbd5e1")

WIDTH, HEIGHT = A4
MARGIN = 24 * mm
GUTTER = 9 * mm

_BODY = ParagraphStyle(
    "body", fontName="Helvetica", fontSize=10, leading=14.5, textColor=INK, spaceAfter=7
)
STYLES = {
    "body": _BODY,
    "narrow": ParagraphStyle(
        "narrow", _BODY, fontSize=9.5, leading=13.2, alignment=TA_JUSTIFY, embeddedHyphenation=1
    ),
    "item": ParagraphStyle("item", _BODY, spaceAfter=3),
    "cell": ParagraphStyle("cell", _BODY, fontSize=9, leading=12, spaceAfter=0),
    "note": ParagraphStyle("note", _BODY, spaceAfter=0),
    "h1": ParagraphStyle(
        "h1", _BODY, fontName="Helvetica-Bold", fontSize=19, leading=24, textColor=TEAL,
        spaceBefore=16, spaceAfter=9, keepWithNext=1,
    ),
    "h2": ParagraphStyle(
        "h2", _BODY, fontName="Helvetica-Bold", fontSize=12.5, leading=16, spaceBefore=9,
        spaceAfter=4, keepWithNext=1,
    ),
    "title": ParagraphStyle(
        "title", _BODY, fontName="Helvetica-Bold", fontSize=32, leading=38, textColor=colors.white
    ),
    "subtitle": ParagraphStyle(
        "subtitle", _BODY, fontSize=14, leading=20, textColor=colors.white, spaceBefore=6
    ),
    "imprint": ParagraphStyle("imprint", _BODY, textColor=GREY, fontSize=9.5),
    "contents": ParagraphStyle(
        "contents", _BODY, fontName="Helvetica-Bold", fontSize=12, spaceBefore=0, spaceAfter=5
    ),
}  # fmt: skip

# Where the words of the narrow columns may be broken. Nothing else is broken.
_BREAKS = {
    word.replace("-", ""): word
    for word in """
        ac-count ad-dress ap-point-ment ap-point-ments be-longs book-ing busi-ness cal-en-dar
        cal-en-dars can-cel-la-tion ca-pac-i-ty cli-ents con-firmed con-fir-ma-tion cor-ner
        count-ed dif-fer-ent du-ra-tion ev-ery-body ev-ery-thing in-for-ma-tion in-stalling
        in-vis-i-ble mem-ber mem-bers mes-sage mo-ment par-tic-i-pants prepa-ra-tion pub-lic
        re-cep-tion-ists reg-is-tra-tion re-served re-source re-spon-si-ble re-turned ser-vice
        set-tings them-selves treat-ment with-out
    """.split()  # noqa: SIM905 - a list literal would take forty lines
}


@dataclass(frozen=True)
class Source:
    """A document's front matter and the Markdown below it."""

    title: str
    subtitle: str
    version: str
    date: str
    text: str

    @classmethod
    def read(cls, path: Path) -> "Source":
        """Parse a source file. Raises KeyError when its front matter lacks a field."""
        _, front, text = path.read_text("utf-8").split("---\n", 2)
        fields = dict(line.split(": ", 1) for line in front.strip().splitlines())
        return cls(fields["title"], fields["subtitle"], fields["version"], fields["date"], text)


class _Template(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
    """A cover, then pages with running header and footer, in one or two columns."""

    def __init__(self, path: Path, source: Source) -> None:
        # Without compression the bytes do not depend on the zlib at hand.
        super().__init__(
            str(path),
            pagesize=A4,
            invariant=1,
            pageCompression=0,
            title=source.title,
            author="Harbor Software Ltd.",
            subject=source.subtitle,
        )
        self.source = source
        inner = WIDTH - 2 * MARGIN
        bottom, height = 25 * mm, HEIGHT - 54 * mm
        bare = {
            "id": "text",
            "leftPadding": 0,
            "rightPadding": 0,
            "topPadding": 0,
            "bottomPadding": 0,
        }
        self.addPageTemplates(
            [
                PageTemplate(
                    "cover",
                    [Frame(MARGIN, bottom, inner, HEIGHT - 80 * mm, **bare)],
                    onPage=self._cover,
                ),
                PageTemplate(
                    "page", [Frame(MARGIN, bottom, inner, height, **bare)], onPage=self._furniture
                ),
            ]
        )

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab's name
        """Enter headings into the contents and the outline."""
        name = getattr(getattr(flowable, "style", None), "name", "")
        if name not in {"h1", "h2"} or not isinstance(flowable, Paragraph):
            return
        level = int(name[1]) - 1
        text = flowable.getPlainText()
        key = f"heading-{self.seq.nextf('heading')}"
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(text, key, level, closed=level > 0)
        self.notify("TOCEntry", (level, text, self.page, key))

    def _cover(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFillColor(TEAL)
        canvas.rect(0, HEIGHT * 0.52, WIDTH, HEIGHT * 0.48, stroke=0, fill=1)
        canvas.setFillColor(colors.white)
        _mark(canvas, MARGIN, HEIGHT - 42 * mm, 9 * mm)
        canvas.setFont("Helvetica-Bold", 20)
        canvas.drawString(MARGIN + 13 * mm, HEIGHT - 40 * mm, "Harbor")
        canvas.restoreState()

    def _furniture(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.6)
        canvas.line(MARGIN, HEIGHT - 22 * mm, WIDTH - MARGIN, HEIGHT - 22 * mm)
        canvas.line(MARGIN, 19 * mm, WIDTH - MARGIN, 19 * mm)
        canvas.setFillColor(TEAL)
        _mark(canvas, MARGIN, HEIGHT - 20 * mm, 3.6 * mm)
        canvas.setFont("Helvetica-Bold", 9)
        canvas.drawString(MARGIN + 5.2 * mm, HEIGHT - 19.2 * mm, "Harbor")
        canvas.setFillColor(GREY)
        canvas.setFont("Helvetica", 8.5)
        canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 19.2 * mm, self.source.title)
        canvas.drawString(MARGIN, 14 * mm, f"{self.source.version}, {self.source.date}")
        canvas.drawRightString(WIDTH - MARGIN, 14 * mm, f"Page {canvas.getPageNumber()}")
        canvas.restoreState()


def _mark(canvas: Canvas, x: float, y: float, size: float) -> None:
    """The company's mark: a harbour light."""
    path = canvas.beginPath()
    path.moveTo(x + 0.3 * size, y)
    path.lineTo(x + 0.7 * size, y)
    path.lineTo(x + 0.6 * size, y + 0.62 * size)
    path.lineTo(x + 0.4 * size, y + 0.62 * size)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.circle(x + 0.5 * size, y + 0.82 * size, 0.16 * size, stroke=0, fill=1)


def build(source: Path, target: Path) -> None:
    """Write the PDF of one source."""
    read = Source.read(source)
    _Template(target, read).multiBuild(list(_story(read)))


def _story(source: Source) -> Iterator[Flowable]:
    yield Spacer(1, 22 * mm)
    yield Paragraph(source.title, STYLES["title"])
    yield Paragraph(source.subtitle, STYLES["subtitle"])
    yield Spacer(1, 88 * mm)
    yield Paragraph(
        f"{source.version}, {source.date}<br/>Harbor Software Ltd., Dublin", STYLES["imprint"]
    )
    yield NextPageTemplate("page")
    yield PageBreak()
    yield Paragraph("Contents", STYLES["contents"])
    contents = TableOfContents(dotsMinLevel=0)
    contents.levelStyles = [
        ParagraphStyle("toc1", STYLES["body"], fontName="Helvetica-Bold", spaceAfter=1),
        ParagraphStyle("toc2", STYLES["body"], leftIndent=12, spaceAfter=0, leading=13.5),
    ]
    yield contents
    yield PageBreak()
    yield from _Writer().flowables(MarkdownIt("commonmark").enable("table").parse(source.text))


class _Writer:
    """Markdown tokens as flowables. What follows `<!-- columns: 2 -->` is set in two columns."""

    def flowables(self, tokens: Sequence[Token]) -> Iterator[Flowable]:
        """The flowables of a document. A heading stays with what it heads."""
        headings: list[Flowable] = []
        index = 0
        while index < len(tokens):
            end = _closing(tokens, index)
            block = tokens[index : end + 1]
            index = end + 1
            if block[0].type == "html_block" and "columns: 2" in block[0].content:
                yield from headings
                yield _columns(tokens[index:])
                return
            if block[0].type == "heading_open":
                # A chapter does not begin at the foot of a page.
                if block[0].tag == "h1":
                    yield CondPageBreak(60 * mm)
                headings.append(Paragraph(_inline(block[1]), STYLES[block[0].tag]))
                continue
            if headings or block[0].type != "paragraph_open":
                yield KeepTogether([*headings, *_block(block)])
                headings = []
            else:
                yield from _block(block)


def _columns(tokens: Sequence[Token]) -> Flowable:
    paragraphs = [
        Paragraph(_breakable(_inline(token)), STYLES["narrow"])
        for token in tokens
        if token.type == "inline"
    ]
    return BalancedColumns(paragraphs, nCols=2, innerPadding=GUTTER)


def _block(tokens: Sequence[Token]) -> Iterator[Flowable]:
    kind = tokens[0].type
    if kind == "paragraph_open":
        yield Paragraph(_inline(tokens[1]), STYLES["body"])
    elif kind in {"bullet_list_open", "ordered_list_open"}:
        yield _list(tokens)
        yield Spacer(1, 6)
    elif kind == "table_open":
        yield _table(tokens)
        yield Spacer(1, 9)
    elif kind == "blockquote_open":
        yield _note(tokens)
        yield Spacer(1, 8)
    else:
        raise ValueError(f"the sources may not use {kind}")


def _closing(tokens: Sequence[Token], index: int) -> int:
    depth = 0
    for position in range(index, len(tokens)):
        depth += tokens[position].nesting
        if depth == 0:
            return position
    raise ValueError("unbalanced Markdown")


def _inline(token: Token) -> str:
    """Inline Markdown in reportlab's own markup."""
    tags = {"strong": "b", "em": "i"}
    parts = []
    for child in token.children or ():
        name, _, side = child.type.rpartition("_")
        if name in tags:
            parts.append(f"<{'/' if side == 'close' else ''}{tags[name]}>")
        elif child.type == "code_inline":
            parts.append(f'<font name="Courier" size="9">{escape(child.content)}</font>')
        elif child.type == "softbreak":
            parts.append(" ")
        else:
            parts.append(escape(child.content))
    return "".join(parts)


def _breakable(text: str) -> str:
    """Soft hyphens in the words that we know how to break."""

    def mark(match: re.Match[str]) -> str:
        word = match.group()
        known = _BREAKS.get(word.lower())
        if known is None:
            return word
        letters = iter(word)
        return "".join("\u00ad" if mark == "-" else next(letters) for mark in known)

    return re.sub(r"(?<![<&/])\b[A-Za-z]+\b", mark, text)


def _list(tokens: Sequence[Token]) -> Flowable:
    ordered = tokens[0].type == "ordered_list_open"
    items = [
        ListItem(Paragraph(_inline(token), STYLES["item"]), leftIndent=16)
        for token in tokens
        if token.type == "inline"
    ]
    kind: dict[str, Any] = (
        {"bulletType": "1", "bulletFormat": "%s."} if ordered
        else {"bulletType": "bullet", "start": "•"}
    )  # fmt: skip
    style = {"bulletFontName": "Helvetica", "bulletFontSize": 10, "bulletColor": TEAL, **kind}
    return ListFlowable(items, leftIndent=16, **style)


def _table(tokens: Sequence[Token]) -> Flowable:
    rows: list[list[Flowable]] = []
    for position, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            text = _inline(token)
            heads = tokens[position - 1].type == "th_open"
            rows[-1].append(Paragraph(f"<b>{text}</b>" if heads else text, STYLES["cell"]))
    inner = WIDTH - 2 * MARGIN
    columns = len(rows[0])
    first = 0.4 if columns > 3 else 0.36
    widths = [inner * first] + [inner * (1 - first) / (columns - 1)] * (columns - 1)
    style = [
        ("BACKGROUND", (0, 0), (-1, 0), PALE),
        ("LINEBELOW", (0, 0), (-1, 0), 1, TEAL),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    return Table(rows, colWidths=widths, repeatRows=1, style=TableStyle(style))


def _note(tokens: Sequence[Token]) -> Flowable:
    text = "<br/>".join(_inline(token) for token in tokens if token.type == "inline")
    style = [
        ("BACKGROUND", (0, 0), (-1, -1), PALE),
        ("LINEBEFORE", (0, 0), (0, -1), 2.5, TEAL),
        ("LEFTPADDING", (0, 0), (-1, -1), 10),
        ("TOPPADDING", (0, 0), (-1, -1), 7),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
    ]
    return Table(
        [[Paragraph(text, STYLES["note"])]],
        colWidths=[WIDTH - 2 * MARGIN],
        style=TableStyle(style),
    )


def main() -> None:
    """Build every source."""
    DOCUMENTS.mkdir(exist_ok=True)
    for source in sorted(SOURCES.glob("*.md")):
        build(source, DOCUMENTS / f"{source.stem}.pdf")


if __name__ == "__main__":
    main()
