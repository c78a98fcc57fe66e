"""Reading plain text, Markdown and HTML."""

import pytest

from ingest.document import Block, ExtractedDocument
from ingest.extract import extract


def read(text: str, name: str) -> ExtractedDocument:
    return extract(text.encode(), filename=name)


def shapes(document: ExtractedDocument) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in document.blocks]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_text_is_decoded_whatever_wrote_it(encoding: str) -> None:
    text = "Opening hours\n\nThe café in Zürich costs 5 € and is open “daily”.\n"
    assert "café in Zürich costs 5 € and is open “daily”" in (
        extract(text.encode(encoding), filename="a.txt").text
    )


def test_one_broken_byte_does_not_turn_utf8_into_noise() -> None:
    data = ("é" * 2_000).encode() + b"\xff" + " Zürich".encode()
    assert extract(data, filename="a.txt").text.endswith("Zürich")


def test_wrapped_lines_of_a_text_file_become_paragraphs() -> None:
    text = (
        "Support is open from Monday to Friday, from eight in the mor-\n"
        "ning to seven in the evening.\n\nHarbor Ltd.\n14 Lighthouse Quay\nDublin 2\n"
    )
    assert [block.text for block in read(text, "a.txt").blocks] == [
        "Support is open from Monday to Friday, from eight in the morning to seven in the evening.",
        "Harbor Ltd.\n14 Lighthouse Quay\nDublin 2",
    ]


def test_evident_headings_of_a_text_file_are_found_and_sentences_are_not() -> None:
    text = (
        "Harbor help\n\nOPENING HOURS\n\nFrom eight to seven.\n\nRefunds\n-------\n\n"
        "They take five days.\n\n2.1 Cards\n\nSTOP.\n\nYes\n"
    )
    assert [(b.text, b.level) for b in read(text, "a.txt").blocks if b.kind == "heading"] == [
        ("Harbor help", 1),
        ("OPENING HOURS", 2),
        ("Refunds", 2),
        ("2.1 Cards", 3),
        ("STOP.", 2),
    ]


def test_lists_and_tables_of_a_text_file_are_found() -> None:
    text = (
        "Steps:\n1. Open the page\n   and sign in.\n2. Save.\n\n"
        "Plan      Price     Storage\nSolo      12 EUR    5 GB\nPro       59 EUR    100 GB\n"
    )
    assert shapes(read(text, "a.txt")) == [
        ("paragraph", 0, "Steps:"),
        ("list", 0, "1. Open the page and sign in.\n2. Save."),
        ("table", 0, "Plan | Price | Storage\nSolo | 12 EUR | 5 GB\nPro | 59 EUR | 100 GB"),
    ]


def test_markdown_keeps_its_structure() -> None:
    text = """# Troubleshooting

Some *text* with `code` and a
soft break, and [a page](https://example.com/x).

## Steps

1. Open **Settings**.
2. Choose:
   - one
   - two
3. Save.

| Plan | Price |
|---|---|
| Solo | **12** |

```sh
make   run
```

> A quote.
"""
    assert shapes(read(text, "a.md")) == [
        ("heading", 1, "Troubleshooting"),
        (
            "paragraph",
            0,
            "Some text with code and a soft break, and a page (https://example.com/x).",
        ),
        ("heading", 2, "Steps"),
        ("list", 0, "1. Open Settings.\n2. Choose:\n  - one\n  - two\n3. Save."),
        ("table", 0, "Plan | Price\nSolo | 12"),
        ("code", 0, "make   run"),
        ("paragraph", 0, "A quote."),
    ]


def test_front_matter_gives_the_title_and_is_not_text() -> None:
    document = read("---\ntitle: 'Billing guide'\ntags: [a]\n---\n\nSome text.\n", "a.md")
    assert (document.title, document.text) == ("Billing guide", "Some text.")


def test_html_in_markdown_is_read_as_html() -> None:
    text = "<details><summary>Why?</summary>\n<p>Because.</p></details>\n\nLine<br>break\n"
    assert shapes(read(text, "a.md")) == [
        ("heading", 6, "Why?"),
        ("paragraph", 0, "Because."),
        ("paragraph", 0, "Line\nbreak"),
    ]


def test_link_targets_that_the_text_shows_are_not_repeated() -> None:
    text = (
        "Write to [help@x.example](mailto:help@x.example) or see [x.example](https://x.example/)."
    )
    assert read(text, "a.md").text == "Write to help@x.example or see x.example."


PAGE = """<!DOCTYPE html><html><head><title> Refunds | Help </title><style>p{}</style></head><body>
<header><a href="/">Home</a></header><nav><ul><li>Menu</li></ul></nav>
<main><h1>Refunds</h1><p>They take <b>5 to 7</b>
days.<br>Always.</p><script>alert(1)</script>
<ol start="3"><li>Write <ul><li>by mail</li></ul></li><li>Wait</li></ol>
<table><tr><th>Card</th><th>Days</th></tr><tr><td>Visa</td><td>5</td></tr></table>
<pre>code  here</pre><p hidden>secret</p><div style="display: none">gone</div>
<p aria-hidden="true">icon</p>loose text</main><footer>© Harbor</footer></body></html>"""


def test_html_is_read_without_what_is_not_shown_or_leads_elsewhere() -> None:
    document = read(PAGE, "a.html")
    assert document.title == "Refunds | Help"
    assert shapes(document) == [
        ("heading", 1, "Refunds"),
        ("paragraph", 0, "They take 5 to 7 days.\nAlways."),
        ("list", 0, "3. Write\n  - by mail\n4. Wait"),
        ("table", 0, "Card | Days\nVisa | 5"),
        ("code", 0, "code  here"),
        ("paragraph", 0, "loose text"),
    ]


def test_pages_without_a_main_part_lose_only_their_furniture() -> None:
    page = PAGE.replace("<main>", "<div>").replace("</main>", "</div>")
    assert shapes(read(page, "a.html")) == shapes(read(PAGE, "a.html"))


def test_a_header_with_the_title_of_the_page_stays() -> None:
    page = "<body><header><nav>Menu</nav><h1>Refunds</h1></header><p>Text.</p></body>"
    assert shapes(read(page, "a.html"))[0] == ("heading", 1, "Refunds")


def test_tables_that_only_lay_out_a_page_are_read_as_text() -> None:
    page = "<table><tr><td><h2>Left</h2><p>One.</p></td><td><p>Two.</p></td></tr></table>"
    assert shapes(read(page, "a.html")) == [
        ("heading", 2, "Left"),
        ("paragraph", 0, "One."),
        ("paragraph", 0, "Two."),
    ]


def test_html_is_decoded_as_it_declares() -> None:
    page = '<meta charset="iso-8859-2"><p>Łódź</p>'
    assert extract(page.encode("iso-8859-2"), filename="a.html").text == "Łódź"


def test_a_whole_html_page_is_html_under_any_text_name() -> None:
    assert extract(PAGE.encode(), filename="a.txt").blocks == read(PAGE, "a.html").blocks


def test_a_file_without_a_known_name_is_text() -> None:
    assert read("Just words.", "notes").blocks == (Block("Just words."),)


@pytest.mark.parametrize(
    "name", ["undefined", "punycode", "idna", "utf-7", "unicode_escape", "rot13", "zip", "utf-16"]
)
def test_a_page_that_names_an_encoding_of_no_page_is_read_as_any_text(name: str) -> None:
    page = f'<meta charset="{name}"><p>Größe {"x" * 20_000}</p>'
    assert extract(page.encode(), filename="a.html").text.startswith("Größe xxx")


def test_what_calls_itself_latin_1_is_read_as_browsers_read_it() -> None:
    page = '<meta charset="iso-8859-1"><p>It costs €5 – “only”.</p>'
    assert extract(page.encode("cp1252"), filename="a.html").text == "It costs €5 – “only”."
