"""What a file really is, told from its first bytes and not from its name."""

import io
import re
import zipfile
from pathlib import PurePath
from typing import Literal

from frontdesk.errors import UnreadableDocument

Format = Literal["pdf", "docx", "html", "markdown", "text"]

_BY_SUFFIX: dict[str, Format] = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
}
_NAMES: dict[Format, str] = {
    "pdf": "PDF",
    "docx": "Word",
    "html": "HTML",
    "markdown": "Markdown",
    "text": "plain text",
}
_ACCEPTED = "Upload PDF, Word (.docx), HTML, Markdown or plain text."

# First bytes of what people upload by mistake.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"BM", "a bitmap picture"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"SQLite format 3", "a database"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PDF_WITHIN = 1_024
_HTML = re.compile(
    rb"\s*+(?:<\?xml[^>]*+>\s*+)?+(?:<!--(?>.*?-->)\s*+)*+<(?:!doctype\s++html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


def format_of(data: bytes, filename: str) -> Format:
    """The format of `data`. Raises UnreadableDocument when it is none, or not what the name says.

    Text formats look alike, so there the name decides, except that a whole HTML page is HTML.
    """
    if not data:
        raise UnreadableDocument("The file is empty (0 bytes).")
    suffix = PurePath(filename).suffix.lower()
    named = _BY_SUFFIX.get(suffix)
    found = _binary_format(data)
    if found is None:
        if named in {"pdf", "docx"}:
            raise UnreadableDocument(
                f"The file is named {suffix} but holds no {_NAMES[named]} document. {_ACCEPTED}"
            )
        if _HTML.match(data[:4_096].removeprefix(b"\xef\xbb\xbf")):
            return "html"
        return named or "text"
    if named is not None and named != found:
        right = ".pdf" if found == "pdf" else ".docx"
        raise UnreadableDocument(
            f"The file is named {suffix} but is a {_NAMES[found]} document. "
            f"Rename it to {right} and upload it again."
        )
    return found


def _binary_format(data: bytes) -> Format | None:
    """PDF or Word, None for what may be text. Raises UnreadableDocument for anything else."""
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return "pdf"
    if data.startswith(_ZIP):
        return _zip_format(data)
    if data.startswith(_OLE):
        raise UnreadableDocument(_ole_reason(data))
    for magic, name in _OTHERS:
        if data.startswith(magic) and not (len(magic) == 2 and _is_text(data)):
            raise UnreadableDocument(f"The file is {name}, which has no text to read. {_ACCEPTED}")
    if data[4:8] == b"ftyp":
        raise UnreadableDocument(f"The file is a picture or a film. {_ACCEPTED}")
    return None


def _is_text(data: bytes) -> bool:
    """Two letters at the start are no proof: text may begin with BM or MZ."""
    return b"\x00" not in data[:1_024]


def _zip_format(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableDocument(
            "The file is a damaged or incomplete archive or Word document. Upload it again."
        ) from error
    if "[Content_Types].xml" in names and "word/document.xml" in names:
        return "docx"
    kinds = (
        ("xl/", "an Excel workbook"),
        ("ppt/", "a PowerPoint presentation"),
        ("content.xml", "an OpenDocument file"),
        ("META-INF/container.xml", "an e-book (EPUB)"),
    )
    for start, name in kinds:
        if any(each.startswith(start) for each in names):
            raise UnreadableDocument(f"The file is {name}. Save it as PDF or Word and upload that.")
    raise UnreadableDocument(f"The file is a ZIP archive and no document. {_ACCEPTED}")


def _ole_reason(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return (
            "The Word document is protected with a password. "
            "Save a copy without it and upload that."
        )
    return "The file is in an old Office format (.doc, .xls or .ppt). Save it as .docx or PDF."
