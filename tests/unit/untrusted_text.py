"""Public functions that take untrusted text with something else, as functions of that text alone.

`test_linear_time` finds each function here by itself; `reads` names the modules behind it.
"""

from ingest import clean, passages, units
from ingest.document import Block, ExtractedDocument
from ingest.extract import kinds, markdown, plain, web
from ingest.extract.budget import Budget
from ingest.tokens import estimate_tokens
from tests.unit.stopwatch import reads


@reads(kinds)
def format_of_a_page(text: str) -> None:
    kinds.format_of(text.encode(), "page.html")


@reads(plain)
def plain_text(text: str) -> None:
    plain.extract_text(text.encode(), Budget())


@reads(markdown)
def markdown_document(text: str) -> None:
    markdown.extract_markdown(text.encode(), Budget())


@reads(web)
def html_page(text: str) -> None:
    web.extract_html(text.encode(), Budget())


@reads(clean)
def printed_lines(text: str) -> None:
    clean.join_lines(text.split("\n"), clean.words_of([text]))


@reads(passages, units)
def passages_of_a_paragraph(text: str) -> None:
    _split(Block(text))


@reads(passages, units)
def passages_of_code(text: str) -> None:
    _split(Block(text, "code"))


@reads(passages, units)
def passages_of_a_table(text: str) -> None:
    _split(Block(text, "table"))


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
