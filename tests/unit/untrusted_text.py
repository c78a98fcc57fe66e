"""Public functions that take untrusted text with something else, as functions of that text alone.

`test_linear_time` finds each function here by itself; `reads` names the modules behind it.
"""

from ingest import clean, passages, units
from ingest.document import Block, ExtractedDocument
from ingest.extract import kinds, markdown, pdf_blocks, pdf_lines, plain, web
from ingest.extract.budget import Budget
from ingest.extract.pdf_lines import Line
from ingest.tokens import estimate_tokens
from tests.unit.stopwatch import reads


@reads(kinds)
def format_of_a_page(text: str) -> None:
    kinds.format_of(text.encode(), "page.html")


@reads(plain)
def plain_text(text: str) -> None:
    plain.extract_text(text.encode(), Budget())


@reads(markdown, length=4_000)
def markdown_document(text: str) -> None:
    markdown.extract_markdown(text.encode(), Budget())


@reads(web)
def html_page(text: str) -> None:
    web.extract_html(text.encode(), Budget())


@reads(clean)
def printed_lines(text: str) -> None:
    clean.join_lines(text.split("\n"), clean.words_of([text]))


@reads(passages, units, length=2_000)
def passages_of_a_paragraph(text: str) -> None:
    _split(Block(text))


@reads(passages, units, length=2_000)
def passages_of_a_table(text: str) -> None:
    _split(Block(text, "table"))


@reads(passages, length=2_000)
def passages_of_headings(text: str) -> None:
    _split(*(Block(line, "heading", level=1 + i % 6) for i, line in enumerate(text.split("\n"))))


def _split(*blocks: Block) -> None:
    passages.split(
        ExtractedDocument(tuple(block for block in blocks if block.text)),
        document_id="d",
        version="v",
        title="Title",
        count_tokens=estimate_tokens,
    )


@reads(clean, pdf_blocks, pdf_lines, length=4_000)
def lines_of_a_page(text: str) -> None:
    lines = text.split("\n")
    pdf_blocks.blocks_of([[_line(line, 700 - 12 * row, 1) for row, line in enumerate(lines)]])


@reads(clean, pdf_blocks, length=2_000)
def a_line_on_each_page(text: str) -> None:
    lines = text.split("\n")
    pdf_blocks.blocks_of([[_line(line, 700, page)] for page, line in enumerate(lines, start=1)])


def _line(text: str, y: float, page: int) -> Line:
    return Line(" ".join(text.split()) or "-", x=70, right=500, y=y, size=10, page=page)
