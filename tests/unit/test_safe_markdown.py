"""What comes out of an answer, whatever went in and however it was cut into pieces."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.answers.addresses import Known
from frontdesk.answers.citations import resolve
from frontdesk.answers.harmless import harmless
from frontdesk.answers.safe_markdown import SafeMarkdown, safe_markdown
from frontdesk.knowledge.ports import Passage

SOURCE = Passage(
    "document",
    "version",
    0,
    "See https://docs.harbor.example/billing/refunds and write to help@harbor.example. "
    "The guide (https://help.harbor.example/start) says: run `curl -X POST <url>` with <your key>. "
    "Open Settings > Billing in config.json. Is a < b? Our status: status.harbor.example "
    "(and https://docs.harbor.example/amber_(color)).",
    "Guide",
)
KNOWN = Known.of([SOURCE], ["https://www.shop.example"])


def shown(text: str) -> str:
    return safe_markdown(text, KNOWN, sources=2)


@pytest.mark.parametrize(
    "text",
    [
        "It takes **5 days** [1][2].",
        "1. Open *Settings*\n2. Press Save [1]\n\n- one\n- two",
        "# Title\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        "See [the guide](https://help.harbor.example/start) [1].",
        "See https://docs.harbor.example/billing/refunds.",
        "See https://docs.harbor.example/amber_(color) [1], (https://docs.harbor.example/amber_(color)).",
        "Use foo[0], foo[1][2] and rows[0-3] [1].",
        "See [billing](https://docs.harbor.example/billing), the page above it.",
        "Pay at [the shop](https://shop.example/pay) or www.shop.example.",
        "Write to [us](mailto:help@harbor.example) or to help@harbor.example!",
        "Run `curl -X POST <url>` in `config.json`.",
        "```\ncurl -X POST <url>\n```\n[1]",
        "If a < b, it is 10:30 and/or e.g. Node.js (optional) [sic].",
        "यह नमस्\u200dते और می\u200cخواهم 👩\u200d💻",
    ],
)
def test_what_the_documents_have_comes_out_as_it_is(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("[here](https://evil.test)", "here"),
        ("[here](javascript:alert(1))", "here"),
        ("https://help.harbor.example/start(here)", "https://help.harbor.example/start (here)"),
        ("https://evil.test/a(b)", "…(b)"),
        ("[here](https://docs.harbor.example.evil.test/billing)", "here"),
        ("[here](https://docs.harbor.example/billing/refunds?q=1)", "here"),
        ("[here](https://shop.example@evil.test)", "here"),
        ("[here](/logout)", "here"),
        ("![alt](https://evil.test/a.png)", "alt"),
        ("![alt](https://help.harbor.example/start)", "[alt](https://help.harbor.example/start)"),
        ("<https://evil.test> <https://shop.example/a>", "… https://shop.example/a"),
        ("evil.test, x@evil.test and hxxps://evil[.]test!", "…, … and …!"),
        ("**https://evil.test**", "**…**"),
        ("<script>alert(1)</script>a<b>c</b>", "ac"),
        ("with <your key>", "with ‹your key›"),
        ("`rm <x>`", "rm "),
        ("A day [9] or [1-3].", "A day or [1][2]."),
        ("< [9]script>", "‹script>"),
        ("[a]: /x\n[a]`(/x)` ![a]", "[a] : /x\n[a] (/x) a"),
        ("go\u200bod\u202e \U000e0041[1]\ufe01", "good [1]"),
    ],
)
def test_what_they_have_not_does_not(text: str, out: str) -> None:
    assert shown(text) == out


MARKS = [
    "[", "]", "(", ")", "!", "<", ">", "`", "```\n", "\n", " ", ":", "\\", "*", "[1]", "[9]", "a",
    "script", "javascript:", "https://evil.test", "https://shop.example/", "x@evil.test", "/x",
    "https://help.harbor.example/start", "img src=", "\u200b", "\u202e", "&lt;", "Settings", "]:",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(MARKS), max_size=14).map("".join)


@given(TEXTS, st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_it_does_not_matter_how_the_answer_is_cut(text: str, lengths: list[int]) -> None:
    reader = SafeMarkdown(KNOWN, sources=2)
    out, at = "", 0
    while at < len(text):
        length = lengths[at % len(lengths)]
        out += reader.feed(text[at : at + length])
        at += length
    assert out + reader.finish() == shown(text)


@given(TEXTS)
def test_whatever_goes_in_no_mark_comes_out_that_is_not_ours(text: str) -> None:
    out = resolve(shown(text), [SOURCE, SOURCE]).text
    outside_code = re.sub(r"```.*?(?:```|\Z)|`[^`\n]+`", "", out, flags=re.DOTALL)
    assert not re.search(r"<[a-z/!?]", outside_code)
    assert "evil" not in out
    assert "javascript:" not in out
    assert "\u200b" not in out
    assert "[9]" not in outside_code
    for target in re.findall(r"\]\(([^)]*)", outside_code):
        assert target.startswith(("https://shop.example/", "https://help.harbor.example/start"))


def test_a_quote_made_harmless_is_still_found_in_its_passage() -> None:
    quote = "Press <b>Save</b> and see javascript:alert(1) \u202enow."
    assert harmless(quote) == "Press ‹b>Save‹/b> and see … now."
    assert harmless(quote) in harmless(f"Open it. {quote} Then go on.")


@pytest.mark.parametrize(
    ("opening", "closing"), ["[]", "【】", "()", "<>", ("[【", "】]"), ("[a](", ")")]
)
def test_nesting_without_end_is_read_to_its_end(opening: str, closing: str) -> None:
    link = "[pay](https://evil.example/pay)"
    for nested in (f"{opening * 500}{link}{closing * 500}", f"{opening * 500}{link}"):
        assert "evil.example" not in shown(nested)


@pytest.mark.parametrize("mark", ["```a\n", "```\na\n", "```\n> ```b\n", " ```a\n<b\n[c\n"])
def test_blocks_of_code_do_not_nest(mark: str) -> None:
    assert "evil.example" not in shown(mark * 1_000 + "https://evil.example")


def test_numbers_of_any_length_may_stand_for_a_character() -> None:
    assert shown(f"Fine &#{'1' * 5_000}; and &#{'0' * 5_000}65;").startswith("Fine")
    known = Known.of([Passage("d", "v", 0, f"example.com/&#{'9' * 5_000};", "Guide")])
    assert known.allows("example.com")
