"""Plain text: its encoding, and the little structure that its lines show."""

import codecs
import re
from collections.abc import Iterator, Sequence

from frontdesk.errors import UnreadableDocument
from ingest.clean import clean_characters, clean_line, join_lines
from ingest.document import Block, ExtractedDocument, table_text
from ingest.extract.budget import Budget

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 64_000
_CONTROL_BYTES = bytes({*range(32), 127} - {9, 10, 11, 12, 13, 27})

_ITEM = re.compile(r"(\s*+)(?:([-*+•–])\s++|(\(?(?:\d{1,3}|[a-z])[.)])\s++)(?=\S)")
_RULE = re.compile(r"\s*+([=\-_*~#])(?:\s*+\1){2,}+\s*+")
_NUMBERED_HEADING = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s+[^\W\d_]")
_COLUMNS = re.compile(r"\t+| {3,}")
_SENTENCE_END = re.compile(r"[.!?,;:]$")
_HEADING_CHARACTERS = 80
_WRAPPED_FROM = 50
"""A text whose lines reach this far was wrapped; shorter lines stand by themselves."""


def extract_text(data: bytes, budget: Budget) -> ExtractedDocument:
    """The paragraphs, lists, tables and evident headings of a text file."""
    text = decode(data)
    budget.spend(len(text))
    text = clean_characters(text)
    blocks: list[Block] = []
    for lines in _chunks(text):
        budget.check_time()
        blocks.extend(_blocks(lines, first=not blocks))
    title = blocks[0].text if blocks and blocks[0].kind == "heading" else None
    return ExtractedDocument(tuple(blocks), title=title)


def decode(data: bytes) -> str:
    """Bytes as text: by byte order mark, as UTF-8, as UTF-16, else as Windows-1252.

    Raises UnreadableDocument for data that is no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    sample = data[:_SAMPLE]
    if b"\x00" in sample:
        return _decode_utf16(data)
    if len(sample.translate(None, _CONTROL_BYTES)) < 0.98 * len(sample):
        raise UnreadableDocument(_NOT_TEXT)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A single broken byte late in a UTF-8 file must not turn all its accents into noise.
        if error.start > 1_000 and not data[: error.start].isascii():
            return data.decode("utf-8", "replace")
        return data.decode("cp1252", "replace")


_NOT_TEXT = "The file is named as text but holds binary data. Upload the document itself."


def _decode_utf16(data: bytes) -> str:
    """UTF-16 without a mark: in Western text every second byte is zero."""
    sample = data[: _SAMPLE // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.6 * half and even < 0.05 * half:
        encoding = "utf-16-le"
    elif even > 0.6 * half and odd < 0.05 * half:
        encoding = "utf-16-be"
    else:
        raise UnreadableDocument(_NOT_TEXT)
    return data.decode(encoding, "replace")


def _chunks(text: str) -> Iterator[list[str]]:
    """Runs of lines between blank ones."""
    lines: list[str] = []
    for line in text.split("\n"):
        if line.strip():
            lines.append(line.rstrip())
        elif lines:
            yield lines
            lines = []
    if lines:
        yield lines


def _blocks(lines: Sequence[str], *, first: bool) -> Iterator[Block]:
    """The blocks in one chunk. A line underlined with a rule is a heading."""
    start = 0
    for index, line in enumerate(lines):
        if not _RULE.fullmatch(line):
            continue
        before = lines[start:index]
        if before and len(before[-1].strip()) <= _HEADING_CHARACTERS:
            yield from _plain_blocks(before[:-1], first=first)
            yield Block(clean_line(before[-1]), "heading", level=1 if "=" in line else 2)
        else:
            yield from _plain_blocks(before, first=first)
        start, first = index + 1, False
    yield from _plain_blocks(lines[start:], first=first)


def _plain_blocks(lines: Sequence[str], *, first: bool) -> Iterator[Block]:
    if not lines:
        return
    level = _heading_level(lines, first=first)
    if level:
        yield Block(clean_line(lines[0]), "heading", level=level)
        return
    rows = [_COLUMNS.split(line.strip()) for line in lines]
    if len(rows) > 1 and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1:
        yield Block(table_text(rows), "table")
        return
    intro: list[str] = []
    items: list[list[str]] = []
    for line in lines:
        if _ITEM.match(line):
            items.append([line])
        elif items:
            items[-1].append(line)
        else:
            intro.append(line)
    if intro:
        yield Block(_paragraph(intro))
    if items:
        yield _list(items)


def _heading_level(lines: Sequence[str], *, first: bool) -> int:
    """1 to 6 for a lone line that is evidently a heading, else 0."""
    line = lines[0].strip()
    if len(lines) > 1 or len(line) > _HEADING_CHARACTERS or not any(map(str.isalpha, line)):
        return 0
    if first and not _SENTENCE_END.search(line) and not _ITEM.match(line):
        return 1
    numbered = _NUMBERED_HEADING.match(line)
    if numbered and not _SENTENCE_END.search(line):
        return min(2 + numbered.group(1).count("."), 6)
    if sum(map(str.isalpha, line)) >= 4 and line.upper() == line and line.lower() != line:
        return 2
    return 0


def _paragraph(lines: Sequence[str]) -> str:
    """Wrapped lines as one; lines that stand by themselves, as in an address, each for itself."""
    longest = max(len(line.strip()) for line in lines)
    if longest < _WRAPPED_FROM:
        return "\n".join(clean_line(line) for line in lines)
    parts: list[list[str]] = [[]]
    for line in lines:
        parts[-1].append(line)
        if len(line.strip()) < 0.5 * longest and _SENTENCE_END.search(line):
            parts.append([])
    return "\n".join(clean_line(join_lines(part)) for part in parts if part)


def _list(items: Sequence[Sequence[str]]) -> Block:
    indents = [len(item[0]) - len(item[0].lstrip()) for item in items]
    outer = min(indents)
    lines = []
    for item, indent in zip(items, indents, strict=True):
        match = _ITEM.match(item[0])
        if match is None:
            continue
        marker = "- " if match.group(2) else f"{match.group(3)} "
        text = clean_line(join_lines([item[0][match.end() :], *item[1:]]))
        lines.append(f"{'  ' if indent > outer + 1 else ''}{marker}{text}")
    return Block("\n".join(lines), "list")
