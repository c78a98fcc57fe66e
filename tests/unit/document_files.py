"""Files for the tests of extraction, made on the spot."""

import io
import zipfile
from collections.abc import Callable, Sequence

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
)
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

Draw = Callable[[Canvas], None]


def pdf(*pages: Draw) -> bytes:
    """A PDF with one page per function, which draws it."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def lines(
    texts: Sequence[str],
    *,
    x: float = 72,
    y: float = 700,
    size: float = 10,
    leading: float = 14,
    font: str = "Helvetica",
) -> Draw:
    """Draws lines of text under each other."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, size)
        for index, text in enumerate(texts):
            canvas.drawString(x, y - index * leading, text)

    return draw


def both(*draws: Draw) -> Draw:
    """Draws several things on one page, in order."""

    def draw(canvas: Canvas) -> None:
        for each in draws:
            each(canvas)

    return draw


def text_pdf(*texts: str) -> bytes:
    """One page for each text."""
    return pdf(*(lines([text]) for text in texts))


def encrypted(data: bytes, *, user_password: str) -> bytes:
    """The same PDF, encrypted with AES-256."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(user_password, owner_password="owner", algorithm="AES-256")
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    """The bytes that a writer makes."""
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def raw_page(content: bytes, *, font: DictionaryObject | None = None) -> bytes:
    """A PDF of one page with these operators; /F1 is Helvetica, or `font`."""
    writer = PdfWriter()
    page = writer.add_blank_page(600, 800)
    stream = DecodedStreamObject()
    stream.set_data(content)
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    helvetica = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): font if font is not None else helvetica})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    return written(writer)


def rezipped(data: bytes, name: str, content: bytes) -> bytes:
    """A ZIP file with one part replaced or added."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return buffer.getvalue()
