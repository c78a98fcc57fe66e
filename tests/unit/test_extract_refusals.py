"""Files that cannot be read end with a reason, soon, and with nothing else."""

import io
import random
import time
import zipfile

import pytest
from docx import Document
from pypdf import PdfReader, PdfWriter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from frontdesk.errors import UnreadableDocument
from ingest.extract import extract
from tests.unit.document_files import encrypted, lines, pdf, raw_page, rezipped, text_pdf, written

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cf"
    "c0000003010100c9fe92ef0000000049454e44ae426082"
)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word(*paragraphs: str) -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def reason(data: bytes, filename: str) -> str:
    with pytest.raises(UnreadableDocument) as refused:
        extract(data, filename=filename)
    return str(refused.value)


def scanned(canvas: Canvas) -> None:
    canvas.drawImage(ImageReader(io.BytesIO(PNG)), 72, 72, 400, 600)


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.html", "a.md", "a.txt", "a"])
def test_an_empty_file_says_so_whatever_it_is_called(name: str) -> None:
    assert "0 bytes" in reason(b"", name)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_a_file_of_blanks_has_no_text(name: str) -> None:
    assert "no text" in reason(b" \n\n\t\n", name)


def test_a_pdf_that_was_cut_off_is_told_from_a_damaged_one() -> None:
    data = text_pdf("One.", "Two.")
    assert "cut off" in reason(data[: len(data) * 2 // 3], "a.pdf")
    assert "damaged" in reason(b"%PDF-1.7\nnonsense\n%%EOF", "a.pdf")


def test_no_damage_to_a_pdf_escapes_as_another_error() -> None:
    data = text_pdf("Some words to read.", "Some more of them.")
    dice = random.Random(7)
    read = 0
    for _ in range(150):
        broken = bytearray(data)
        for _ in range(dice.choice([1, 5, 40])):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            extract(bytes(broken), filename="a.pdf")
            read += 1
        except UnreadableDocument:
            continue
    assert 0 < read < 150


def test_a_pdf_with_a_password_asks_for_a_copy_without() -> None:
    assert "password" in reason(encrypted(text_pdf("Secret."), user_password="x"), "a.pdf")


def test_a_scanned_pdf_asks_for_text_recognition() -> None:
    assert "OCR" in reason(pdf(scanned, scanned), "a.pdf")


def test_a_scan_with_a_stamp_on_every_page_is_still_a_scan() -> None:
    def stamped(canvas: Canvas) -> None:
        scanned(canvas)
        lines(["Scanned with PhoneScan"], y=20, size=8)(canvas)

    assert "OCR" in reason(pdf(stamped, stamped, stamped), "a.pdf")


def test_an_empty_page_is_not_called_a_scan() -> None:
    assert reason(pdf(lambda _: None), "a.pdf") == "There is no text in this PDF."


def test_pages_without_text_among_others_are_named_and_the_rest_is_read() -> None:
    document = extract(pdf(lines(["Readable."]), scanned, scanned), filename="a.pdf")
    assert document.text == "Readable."
    assert document.warnings == ("Without text, probably scanned, and left out: pages 2-3.",)


@pytest.mark.slow
def test_a_damaged_page_costs_only_itself() -> None:
    writer = PdfWriter()
    for part in (text_pdf("Readable."), raw_page(b"BT /F1 9 Tf (x) Tj ET " * 200_000)):
        writer.append(io.BytesIO(part))
    document = extract(written(writer), filename="a.pdf")
    assert document.text == "Readable."
    assert document.warnings == ("Damaged and left out: page 2.",)


def test_a_pdf_of_5000_pages_is_refused_at_once_and_unread() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(text_pdf("Hello."))))
    for _ in range(4_999):
        writer.add_blank_page(100, 100)
    data = written(writer)
    pages: list[int] = []
    began = time.monotonic()
    with pytest.raises(UnreadableDocument, match="5,000 pages; at most 2,000"):
        extract(data, filename="a.pdf", on_page=lambda done, _: pages.append(done))
    assert not pages
    assert time.monotonic() - began < 5


def test_a_page_count_that_lies_does_not_help() -> None:
    data = text_pdf(*["x"] * 2_001).replace(b"/Count 2001", b"/Count 0001")
    assert "2,001 pages" in reason(data, "a.pdf")


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (PNG, "a.pdf", "PNG picture"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 50, "a.docx", "JPEG picture"),
        (b"just words", "a.pdf", "named .pdf but holds no PDF"),
        (b"just words", "a.docx", "named .docx but holds no Word"),
        (b"{\\rtf1 hello}", "a.txt", "RTF"),
        (zipped(**{"notes.txt": b"x"}), "a.docx", "ZIP archive"),
        (zipped(**{"xl/workbook.xml": b"x"}), "a.docx", "Excel"),
        (zipped(**{"ppt/presentation.xml": b"x"}), "a.pdf", "PowerPoint"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "a.doc", "old Office"),
        (b"PK\x03\x04 nonsense", "a.docx", "damaged or incomplete"),
    ],
)
def test_mislabelled_files_are_called_what_they_are(data: bytes, name: str, words: str) -> None:
    assert words in reason(data, name)


def test_a_known_format_under_another_name_says_how_to_name_it() -> None:
    assert "Rename it to .pdf" in reason(text_pdf("Hello."), "a.txt")
    assert "Rename it to .docx" in reason(word("Hello."), "a.pdf")


def test_a_locked_word_document_is_told_from_an_old_one() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    assert "password" in reason(data, "a.docx")


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_binary_data_is_no_text(name: str) -> None:
    assert "binary" in reason(random.Random(1).randbytes(4_000), name)
    assert "binary" in reason(b"\x00\x01\x02\x03" * 500, name)


def test_a_word_document_that_was_cut_off_is_refused() -> None:
    data = word("Hello.")
    assert "damaged" in reason(data[:-300], "a.docx")


def test_archives_that_unpack_to_far_too_much_are_refused_before_they_do() -> None:
    bomb = rezipped(word("x"), "word/document.xml", b"<a>" + b" " * 60_000_000)
    assert len(bomb) < 200_000
    began = time.monotonic()
    assert "too large when unpacked" in reason(bomb, "a.docx")
    assert time.monotonic() - began < 1


def test_entities_of_a_word_document_are_not_multiplied() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    body = f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&e11;</w:t></w:r></w:p></w:body>'
    for padding in ("", " " * 9_000):
        xml = f"<?xml version='1.0'?>{padding}<!DOCTYPE d [{entities}]>{body}</w:document>"
        began = time.monotonic()
        reason(rezipped(word("x"), "word/document.xml", xml.encode()), "a.docx")
        assert time.monotonic() - began < 2


def test_elements_nested_absurdly_deep_are_refused() -> None:
    assert "too deeply" in reason(b"<div>" * 50_000 + b"x", "a.html")
    xml = f'<w:document xmlns:w="{W}"><w:body>{"<w:p>" * 50_000}'.encode()
    assert "damaged" in reason(rezipped(word("x"), "word/document.xml", xml), "a.docx")


@pytest.mark.parametrize(
    "before",
    ["", '="', "<x y='\"'>", '<script>a ="</script>', '<title><a b="</title>', "<!-- --!>"],
)
def test_a_tag_with_endless_attributes_is_refused_whatever_stands_before_it(before: str) -> None:
    tag = "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x"
    assert "absurd length" in reason(f"{before}{tag}".encode(), "a.html")


def test_merged_cells_of_nested_tables_are_read_once() -> None:
    cell = "<w:p><w:r><w:t>inmost</w:t></w:r></w:p>"
    for _ in range(40):
        merged = '<w:tcPr><w:gridSpan w:val="2"/><w:vMerge w:val="restart"/></w:tcPr>'
        below = '<w:tcPr><w:gridSpan w:val="2"/><w:vMerge/></w:tcPr><w:p/>'
        rows = f"<w:tr><w:tc>{merged}{cell}</w:tc></w:tr><w:tr><w:tc>{below}</w:tc></w:tr>"
        cell = f"<w:tbl>{rows}</w:tbl><w:p/>"
    data = rezipped(word("x"), "word/document.xml", _body(cell))
    assert extract(data, filename="a.docx").text.split() == ["inmost", "inmost"]


def test_a_cell_that_spans_more_columns_than_there_are_is_one_cell() -> None:
    span = '<w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr><w:p><w:r><w:t>wide</w:t></w:r></w:p>'
    row = f"<w:tr><w:tc>{span}</w:tc><w:tc><w:p><w:r><w:t>narrow</w:t></w:r></w:p></w:tc></w:tr>"
    data = rezipped(word("x"), "word/document.xml", _body(f"<w:tbl>{row}</w:tbl>"))
    assert extract(data, filename="a.docx").text == "wide | narrow"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("before", ["", f"<!--{'-x' * 5_000}-->"])
@pytest.mark.parametrize("name", ["word/document.xml", "word/pictures/one.png"])
def test_a_document_type_is_found_wherever_a_word_document_hides_it(
    name: str, before: str, encoding: str
) -> None:
    xml = f"<?xml version='1.0' encoding='{encoding}'?>{before}<!DOCTYPE d [<!ENTITY e 'x'>]><d/>"
    assert "damaged" in reason(rezipped(word("x"), name, xml.encode(encoding)), "a.docx")


def test_a_part_packed_as_word_never_does_is_not_unpacked() -> None:
    buffer = io.BytesIO(word("x"))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("word/more.xml", b" " * 30_000_000)
    assert "damaged" in reason(buffer.getvalue(), "a.docx")


def _body(content: str) -> bytes:
    return f'<w:document xmlns:w="{W}"><w:body>{content}</w:body></w:document>'.encode()


def test_entities_of_an_html_page_are_not_multiplied() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    page = f"<!DOCTYPE html [{entities}]><p>before &e11; after</p>"
    assert len(extract(page.encode(), filename="a.html").text) < 2_000


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_more_text_than_anyone_asks_about_is_refused(name: str) -> None:
    with pytest.raises(UnreadableDocument, match="more than 1,000 characters"):
        extract(b"word " * 500, filename=name, max_characters=1_000)


def test_the_limit_on_characters_holds_for_pdf_and_word() -> None:
    for data, name in ((text_pdf("word " * 50), "a.pdf"), (word("word " * 50), "a.docx")):
        with pytest.raises(UnreadableDocument, match="more than 100 characters"):
            extract(data, filename=name, max_characters=100)


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.html", "a.md", "a.txt"])
def test_reading_stops_when_the_time_is_over(name: str) -> None:
    data = {
        "a.pdf": text_pdf(*["Some words."] * 30),
        "a.docx": word(*["Some words."] * 30),
        "a.html": b"<p>Some words.</p>" * 30,
        "a.md": b"Some words.\n\n" * 30,
        "a.txt": b"Some words.\n\n" * 30,
    }[name]
    left = iter(range(10, -1_000_000, -1))
    with pytest.raises(UnreadableDocument, match="took too long"):
        extract(data, filename=name, seconds_left=lambda: next(left))
    assert extract(data, filename=name, seconds_left=lambda: 1.0).text
