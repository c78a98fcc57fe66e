"""Reading PDF: order, paragraphs, headings, lists and tables."""

import io
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    ListFlowable,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
    Table,
)

from ingest.extract import extract
from ingest.extract.pdf_fonts import Fonts
from ingest.extract.pdf_text import PageText
from tests.unit.document_files import both, encrypted, lines, pdf, raw_page, text_pdf, written

STYLES = getSampleStyleSheet()
PROSE = (
    "Harbor keeps the calendars of small clinics and studios. Clients book by themselves, at any "
    "time, and the team sees at once what has changed. Reminders go out by e-mail and by text "
    "message, so that fewer people forget their appointments. Payments can be taken when booking. "
)


def built(flowables: Sequence[Flowable]) -> bytes:
    buffer = io.BytesIO()
    SimpleDocTemplate(buffer, pagesize=A4, invariant=1).build(list(flowables))
    return buffer.getvalue()


def texts(data: bytes) -> list[str]:
    return [block.text for block in extract(data, filename="a.pdf").blocks]


def test_wrapped_lines_become_paragraphs_again() -> None:
    first, second = PROSE * 2, "A second paragraph. " + PROSE
    data = built([Paragraph(first, STYLES["BodyText"]), Paragraph(second, STYLES["BodyText"])])
    assert texts(data) == [first.strip(), second.strip()]


def test_headings_are_told_by_size_and_weight() -> None:
    document = extract(
        built(
            [
                Paragraph("The guide", STYLES["Heading1"]),
                Paragraph(PROSE, STYLES["BodyText"]),
                Paragraph("Refunds", STYLES["Heading2"]),
                Paragraph(PROSE, STYLES["BodyText"]),
                Paragraph("<b>How long it takes</b>", STYLES["BodyText"]),
                Paragraph(PROSE, STYLES["BodyText"]),
            ]
        ),
        filename="a.pdf",
    )
    assert [(b.text, b.level) for b in document.blocks if b.kind == "heading"] == [
        ("The guide", 1),
        ("Refunds", 2),
        ("How long it takes", 3),
    ]


def test_bold_words_inside_a_sentence_are_no_heading_and_keep_their_spaces() -> None:
    data = built(
        [Paragraph("Open <b>Settings</b>, then <i>Billing</i>. " + PROSE, STYLES["Normal"])]
    )
    blocks = extract(data, filename="a.pdf").blocks
    assert [block.kind for block in blocks] == ["paragraph"]
    assert blocks[0].text.startswith("Open Settings, then Billing. Harbor keeps")


def test_lists_keep_their_items_and_numbers() -> None:
    items = [Paragraph(text, STYLES["Normal"]) for text in ("Open the page.", PROSE, "Save.")]
    data = built(
        [
            ListFlowable(items, bulletType="1", bulletFormat="%s."),
            Paragraph(PROSE, STYLES["Normal"]),
            ListFlowable(items[::2], bulletType="bullet"),
        ]
    )
    numbered, _, bulleted = extract(data, filename="a.pdf").blocks
    assert (numbered.kind, bulleted.kind) == ("list", "list")
    assert numbered.text.split("\n") == ["1. Open the page.", f"2. {PROSE.strip()}", "3. Save."]
    assert bulleted.text == "- Open the page.\n- Save."


def test_tables_become_rows_with_wrapped_and_empty_cells_in_their_columns() -> None:
    def cell(text: str) -> Paragraph:
        return Paragraph(text, STYLES["Normal"])

    rows = [
        ["", "Solo", "Pro"],
        ["Storage", "5 GB", "100 GB"],
        [cell("Text messages beyond those that are included"), cell("0.06 EUR"), cell("0.05 EUR")],
    ]
    data = built([Paragraph(PROSE, STYLES["Normal"]), Table(rows, colWidths=[120, 80, 80])])
    _, table = extract(data, filename="a.pdf").blocks
    assert table.kind == "table"
    assert table.text.split("\n") == [
        "| Solo | Pro",
        "Storage | 5 GB | 100 GB",
        "Text messages beyond those that are included | 0.06 EUR | 0.05 EUR",
    ]


def test_two_columns_are_read_one_after_the_other() -> None:
    buffer = io.BytesIO()
    template = BaseDocTemplate(buffer, pagesize=A4, invariant=1)
    frames = [Frame(72, 72, 215, 300, id="left"), Frame(310, 72, 215, 300, id="right")]
    template.addPageTemplates([PageTemplate("two", frames)])
    paragraphs = [f"Paragraph {number}. {PROSE}" for number in range(6)]
    template.build([Paragraph(text, STYLES["Normal"]) for text in paragraphs])
    assert texts(buffer.getvalue()) == [text.strip() for text in paragraphs]


def test_columns_that_a_producer_draws_line_by_line_do_not_interleave() -> None:
    left = simpleSplit(PROSE * 2, "Helvetica", 10, 210)
    right = simpleSplit("On the right it goes on. " + PROSE * 2, "Helvetica", 10, 210)

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for index, (one, other) in enumerate(zip(left, right, strict=False)):
            canvas.drawString(72, 700 - 13 * index, one)
            canvas.drawString(310, 700 - 13 * index, other)

    text = " ".join(texts(pdf(draw)))
    assert text.startswith(" ".join(left))
    assert " ".join(right[: len(left)]) in text


def test_headers_footers_and_page_numbers_are_left_out() -> None:
    pages = [
        both(
            lines(["Harbor: Billing guide"], y=800, size=8),
            lines(simpleSplit(f"Topic {word}. {PROSE}", "Helvetica", 10, 400), y=700),
            lines([f"Page {number}"], y=30, size=8),
        )
        for number, word in enumerate(["one", "two", "three"], start=1)
    ]
    document = extract(pdf(*pages), filename="a.pdf")
    assert [block.text.split(".")[0] for block in document.blocks] == [
        "Topic one",
        "Topic two",
        "Topic three",
    ]
    assert "Page" not in document.text
    assert "Billing guide" not in document.text


def test_short_pages_that_are_all_alike_are_not_taken_for_headers() -> None:
    assert texts(text_pdf("Hello 1", "Hello 2", "Hello 3")) == ["Hello 1", "Hello 2", "Hello 3"]


def test_a_sentence_that_goes_on_overleaf_is_one_and_knows_where_the_page_turns() -> None:
    data = pdf(
        lines(["Refunds are made to the card that was", "used, and they take five to seven"], y=90),
        lines(["working days to arrive there."], y=750),
    )
    (block,) = extract(data, filename="a.pdf").blocks
    assert block.text.endswith("seven working days to arrive there.")
    assert block.page_at(block.text.index("seven")) == 1
    assert block.page_at(block.text.index("working")) == 2


def test_a_printed_table_of_contents_is_left_out() -> None:
    contents = [f"Chapter {n} {'. ' * 30}{n}" for n in range(1, 8)]
    data = pdf(lines(["Contents", *contents]), lines(simpleSplit(PROSE, "Helvetica", 10, 400)))
    assert texts(data) == [PROSE.strip()]


def test_only_the_title_of_a_cover_heads_the_document() -> None:
    cover = both(
        lines(["Harbor"], y=800, size=20, font="Helvetica-Bold"),
        lines(["Billing guide"], y=500, size=32, font="Helvetica-Bold"),
        lines(["Prices and payments"], y=450, size=16),
    )
    body = both(
        lines(["Refunds"], y=750, size=18, font="Helvetica-Bold"),
        lines(simpleSplit(PROSE * 3, "Helvetica", 10, 400)),
    )
    blocks = extract(pdf(cover, body), filename="a.pdf").blocks
    assert [b.text for b in blocks if b.kind == "heading"] == ["Billing guide", "Refunds"]


def test_spaces_that_are_only_gaps_are_put_in_however_tight_the_line() -> None:
    content = b"BT /F1 10 Tf 72 700 Td [(Other) -226 (than) -226 (the) -226 (y) 35 (ear)] TJ ET"
    assert texts(raw_page(content)) == ["Other than the year"]


def test_text_drawn_twice_to_look_bold_is_read_once() -> None:
    content = b"BT /F1 10 Tf 72 700 Td (Refunds) Tj 0.3 0 Td (Refunds) Tj ET"
    assert texts(raw_page(content)) == ["Refunds"]


def test_text_in_a_form_is_read_where_it_is_drawn() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.beginForm("stamp")
        canvas.drawString(0, 0, "Inside the form.")
        canvas.endForm()
        canvas.drawString(72, 700, "Before the form.")
        canvas.translate(72, 650)
        canvas.doForm("stamp")

    assert texts(pdf(draw)) == ["Before the form.", "Inside the form."]


def test_a_page_turned_sideways_reads_like_any_other() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.translate(300, 100)
        canvas.rotate(90)
        lines(["Turned text goes on", "over two lines."], x=0, y=0)(canvas)

    assert texts(pdf(draw)) == ["Turned text goes on over two lines."]


def test_hebrew_is_read_from_right_to_left() -> None:
    # "shalom 24" as a page shows it: the letters from left to right, the number as it is.
    to_unicode = "שלום"
    shown = "24 " + to_unicode[::-1]
    from ingest.extract.pdf_lines import lines_of
    from ingest.extract.pdf_text import Run

    run = Run(shown, 10, 60, 700, 10, bold=False, monospaced=False, turn=0)
    assert lines_of([run], 1)[0].text == f"{to_unicode} 24"


def test_widths_agree_with_those_that_the_producer_used() -> None:
    data = text_pdf("The quick brown fox, 1,234.50 EUR")
    reader = PdfReader(io.BytesIO(data))
    (run,) = PageText(reader, Fonts(), lambda _: None).runs(reader.pages[0])
    expected = stringWidth(run.text, "Helvetica", 10)
    assert abs((run.end - run.x) - expected) < 0.01 * expected


def test_encrypted_files_that_open_without_a_password_are_read() -> None:
    assert texts(encrypted(text_pdf("Open to all."), user_password="")) == ["Open to all."]


def test_progress_is_reported_page_by_page() -> None:
    seen: list[tuple[int, int]] = []
    extract(
        text_pdf("One.", "Two.", "Three."),
        filename="a.pdf",
        on_page=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_the_title_is_what_the_file_says() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(text_pdf("Text."))))
    writer.add_metadata({"/Title": "Billing guide"})
    document = extract(written(writer), filename="a.pdf")
    assert (document.title, document.page_count) == ("Billing guide", 1)
