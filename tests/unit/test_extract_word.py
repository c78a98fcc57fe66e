"""Reading Word documents."""

import io

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from ingest.document import Block
from ingest.extract import extract


def blocks(document: WordDocument) -> list[Block]:
    buffer = io.BytesIO()
    document.save(buffer)
    return list(extract(buffer.getvalue(), filename="a.docx").blocks)


def test_headings_come_from_styles_whatever_they_look_like() -> None:
    document = Document()
    document.add_heading("Guide", 0)
    document.add_heading("Refunds", 1)
    document.add_paragraph("They take five days.")
    document.add_heading("Cards", 2)
    assert [(b.kind, b.level, b.text) for b in blocks(document)] == [
        ("heading", 1, "Guide"),
        ("heading", 1, "Refunds"),
        ("paragraph", 0, "They take five days."),
        ("heading", 2, "Cards"),
    ]


def test_an_outline_level_makes_a_heading_of_any_style() -> None:
    document = Document()
    style = document.styles.add_style("Kapitel", WD_STYLE_TYPE.PARAGRAPH)
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "1")
    style.element.get_or_add_pPr().append(level)
    document.add_paragraph("Erstattung", style="Kapitel")
    (heading,) = blocks(document)
    assert (heading.kind, heading.level) == ("heading", 2)


def test_lists_are_one_block_with_numbers_and_levels() -> None:
    document = Document()
    for text, style in (
        ("Open the page.", "List Number"),
        ("Choose one", "List Number"),
        ("Save.", "List Number"),
    ):
        document.add_paragraph(text, style=style)
    document.add_paragraph("Between.")
    document.add_paragraph("red", style="List Bullet")
    document.add_paragraph("dark red", style="List Bullet 2")
    numbered, _, bulleted = blocks(document)
    assert numbered == Block("1. Open the page.\n2. Choose one\n3. Save.", "list")
    assert bulleted.text.split("\n")[0] == "- red"
    assert bulleted.text.split("\n")[1].strip() == "- dark red"


def test_tables_become_rows_and_merged_cells_come_once() -> None:
    document = Document()
    table = document.add_table(rows=3, cols=3)
    for row, texts in enumerate((("Plan", "Price", "Note"), ("Solo", "12", "-"), ("All", "", ""))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(2, 0).merge(table.cell(2, 2))
    assert blocks(document) == [Block("Plan | Price | Note\nSolo | 12 | -\nAll", "table")]


def test_a_table_of_one_cell_is_a_frame_around_text() -> None:
    document = Document()
    document.add_table(rows=1, cols=1).cell(0, 0).text = "Mind the gap."
    assert blocks(document) == [Block("Mind the gap.")]


def test_order_is_kept_and_empty_paragraphs_are_not() -> None:
    document = Document()
    document.add_paragraph("before")
    document.add_paragraph("  ")
    document.add_table(rows=1, cols=2).rows[0].cells[0].text = "in it"
    document.add_paragraph("after\nthe break")
    assert [block.text for block in blocks(document)] == ["before", "in it |", "after\nthe break"]


def test_the_title_is_that_of_the_document_properties() -> None:
    document = Document()
    document.core_properties.title = "Billing  guide"
    document.add_paragraph("Text.")
    buffer = io.BytesIO()
    document.save(buffer)
    assert extract(buffer.getvalue(), filename="a.docx").title == "Billing guide"
