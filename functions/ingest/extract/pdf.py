"""PDF: what it takes to open one safely, and the loop over its pages."""

import io
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError
from pypdf.generic import DictionaryObject

from frontdesk.errors import UnreadableDocument
from ingest.clean import clean_line
from ingest.document import Block, ExtractedDocument
from ingest.extract.budget import Budget
from ingest.extract.pdf_blocks import blocks_of
from ingest.extract.pdf_fonts import Fonts
from ingest.extract.pdf_lines import Line, lines_of
from ingest.extract.pdf_text import PageText

MAX_PAGES = 2_000
MAX_PAGE_OPERATIONS = 500_000
"""Operands and operators of one page: about 3 s to parse. A dense page of text has 5,000."""

MAX_STREAM = 20_000_000
"""Bytes of the content of one page when unpacked."""

MAX_OBJECTS = 1_000
"""Pictures and forms of one page that are looked at."""

_TAIL = 4_096
_HARMED = "The PDF is damaged and cannot be read. Export it again from where it was made."

_LOCKED = "The PDF is protected with a password. Save a copy without it and upload that."


def extract_pdf(
    data: bytes, budget: Budget, on_page: Callable[[int, int], None] | None
) -> ExtractedDocument:
    """The text of a PDF of at most MAX_PAGES pages.

    `on_page` is called with the number of pages done and the number of all. Raises
    UnreadableDocument for files that are cut off, damaged, locked, too long, or only pictures.
    Pages that fail alone are left out and named in the warnings.
    """
    with (
        _quietly(),
        apply_configuration(
            stream_parsing_work_maximum_count=MAX_PAGE_OPERATIONS,
            zlib_maximum_output_length=MAX_STREAM,
            lzw_maximum_output_length=MAX_STREAM,
            run_length_maximum_output_length=MAX_STREAM,
            array_based_stream_maximum_output_length=MAX_STREAM,
            stream_decoding_work_maximum_length=4 * MAX_STREAM,
            page_tree_maximum_entries=MAX_PAGES * 10,
        ),
    ):
        reader = _opened(data)
        total = _page_count(reader)
        fonts = Fonts()
        pages: list[list[Line]] = []
        failed: list[int] = []
        for index in range(total):
            budget.check_time()
            lines = _page_lines(reader, index, fonts, budget)
            if lines is None:
                failed.append(index + 1)
            pages.append(lines or [])
            if on_page is not None:
                on_page(index + 1, total)
        blocks = blocks_of(pages)
        pictures = _pictures(reader, blocks, budget)
        title = _title(reader)
    if not blocks and not pictures:
        # Short pages that are all alike: what repeats is all there is.
        blocks = blocks_of(pages, keep_running=True)
    if not blocks:
        raise UnreadableDocument(_why_empty(total, failed, pictures))
    return ExtractedDocument(
        tuple(blocks), page_count=total, title=title, warnings=_warnings(failed, pictures)
    )


def _opened(data: bytes) -> PdfReader:
    if b"%%EOF" not in data[-_TAIL:] and b"startxref" not in data[-_TAIL:]:
        raise UnreadableDocument(
            "The PDF is cut off before its end, probably by a broken upload or download. "
            "Upload the whole file again."
        )
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
    except (FileNotDecryptedError, DependencyError) as error:
        raise UnreadableDocument(_LOCKED) from error
    except LimitReachedError as error:
        raise UnreadableDocument(
            "The PDF is built in a way that takes too much to read. Print it to a new PDF."
        ) from error
    except Exception as error:
        # pypdf says itself that broken files raise anything.
        raise UnreadableDocument(_HARMED) from error
    if locked:
        raise UnreadableDocument(_LOCKED)
    return reader


def _page_count(reader: PdfReader) -> int:
    """How many pages there are; refuses before going through them where the file says so."""
    try:
        declared = reader.root_object["/Pages"].get_object()
        count = declared.get("/Count", 0) if isinstance(declared, DictionaryObject) else 0
        total = count if isinstance(count, int) and count > MAX_PAGES else len(reader.pages)
    except LimitReachedError as error:
        raise UnreadableDocument(_too_long(None)) from error
    except Exception as error:
        raise UnreadableDocument(_HARMED) from error
    if total > MAX_PAGES:
        raise UnreadableDocument(_too_long(total))
    if total == 0:
        raise UnreadableDocument("The PDF has no pages.")
    return total


def _too_long(pages: int | None) -> str:
    has = f"{pages:,}" if pages else "too many"
    return f"The PDF has {has} pages; at most {MAX_PAGES:,} are read. Split it into smaller files."


def _page_lines(reader: PdfReader, index: int, fonts: Fonts, budget: Budget) -> list[Line] | None:
    """The lines of one page, or None where it cannot be read."""
    try:
        runs = PageText(reader, fonts, budget.spend).runs(reader.pages[index])
        return lines_of(runs, index + 1)
    except (UnreadableDocument, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - one damaged page, whatever pypdf makes of it, costs only itself
        return None


def _pictures(reader: PdfReader, blocks: Sequence[Block], budget: Budget) -> list[int]:
    """The pages that show a picture and have no text of their own."""
    written = {
        page
        for block in blocks
        if block.page is not None
        for page in range(block.page, block.page + len(block.page_breaks) + 1)
    }
    found: list[int] = []
    for number, page in enumerate(reader.pages, start=1):
        budget.check_time()
        if number not in written and _shows_picture(page):
            found.append(number)
    return found


def _shows_picture(page: PageObject) -> bool:
    try:
        resources = page["/Resources"].get_object()
        objects = resources["/XObject"].get_object()  # type: ignore[index]
        names = islice(objects, MAX_OBJECTS)
        return any(objects[name].get_object().get("/Subtype") == "/Image" for name in names)
    except Exception:  # noqa: BLE001 - only decides how an empty page is described
        return False


def _title(reader: PdfReader) -> str | None:
    try:
        return clean_line(str(reader.metadata.title or "")) or None if reader.metadata else None
    except Exception:  # noqa: BLE001 - a broken information dictionary only costs the title
        return None


def _why_empty(total: int, failed: list[int], pictures: list[int]) -> str:
    if len(failed) == total:
        return (
            "No page of the PDF can be read: it is damaged, or drawn in far too many pieces. "
            "Export it again from where it was made."
        )
    if pictures:
        return (
            "There is no text in this PDF: its pages are pictures, probably scanned. "
            "Run OCR (text recognition) on it and upload the result."
        )
    return "There is no text in this PDF."


def _warnings(failed: list[int], pictures: list[int]) -> tuple[str, ...]:
    found = []
    if failed:
        found.append(f"Damaged and left out: {_pages(failed)}.")
    if pictures:
        found.append(f"Without text, probably scanned, and left out: {_pages(pictures)}.")
    return tuple(found)


def _pages(numbers: list[int]) -> str:
    """Page numbers as people write them: "page 3", "pages 3-5, 9"."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number])
    text = ", ".join("-".join(str(end) for end in span) for span in spans)
    return f"page{'s' if len(numbers) > 1 else ''} {text}"


@contextmanager
def _quietly() -> Iterator[None]:
    """Keeps pypdf from logging a line for every flaw of a damaged file."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
