"""Extraction: the bytes of a file become blocks of clean text, whatever its format."""

from collections.abc import Callable

from frontdesk.errors import UnreadableDocument
from ingest.document import ExtractedDocument
from ingest.extract.budget import MAX_CHARACTERS, Budget
from ingest.extract.kinds import format_of

__all__ = ["MAX_CHARACTERS", "extract"]


def extract(
    data: bytes,
    *,
    filename: str,
    on_page: Callable[[int, int], None] | None = None,
    seconds_left: Callable[[], float] | None = None,
    max_characters: int = MAX_CHARACTERS,
) -> ExtractedDocument:
    """The readable content of a PDF, Word, HTML, Markdown or text file.

    The format is told from the bytes; `filename` only has to agree. `on_page(done, total)` is
    called after each page of a PDF. `seconds_left` says how much time remains and is asked often.

    Raises UnreadableDocument, with a reason that the team understands, for every file that cannot
    be read: empty, damaged, locked, scanned, mislabelled, too long, or out of time.
    """
    # Each parser is heavy and a document needs one, so they are imported when they are needed.
    kind = format_of(data, filename)
    budget = Budget(seconds_left, max_characters)
    budget.check_time()
    if kind == "pdf":
        from ingest.extract.pdf import extract_pdf  # noqa: PLC0415

        document = extract_pdf(data, budget, on_page)
    elif kind == "docx":
        from ingest.extract.word import extract_word  # noqa: PLC0415

        document = extract_word(data, budget)
    elif kind == "html":
        from ingest.extract.web import extract_html  # noqa: PLC0415

        document = extract_html(data, budget)
    elif kind == "markdown":
        from ingest.extract.markdown import extract_markdown  # noqa: PLC0415

        document = extract_markdown(data, budget)
    else:
        from ingest.extract.plain import extract_text  # noqa: PLC0415

        document = extract_text(data, budget)
    if not any(character.isalnum() for block in document.blocks for character in block.text):
        raise UnreadableDocument("There is no text in this file.")
    return document
