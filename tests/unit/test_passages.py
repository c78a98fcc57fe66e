"""Splitting documents into passages."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.knowledge.ports import Passage
from ingest.document import Block, BlockKind, ExtractedDocument
from ingest.passages import MAX_TOKENS, split
from ingest.sentences import sentence_spans

SENTENCE = "Clients book by themselves at any time and the team sees at once what has changed."


def count(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


def passages(*blocks: Block, title: str = "Guide") -> list[Passage]:
    return split(
        ExtractedDocument(blocks),
        document_id="doc",
        version="v1",
        title=title,
        count_tokens=count,
    )


def prose(sentences: int, word: str = "") -> str:
    return " ".join(f"{word}{number} {SENTENCE}" for number in range(sentences))


def heading(text: str, level: int = 1) -> Block:
    return Block(text, "heading", level=level)


def test_a_short_document_is_one_passage() -> None:
    (passage,) = passages(Block("Refunds take five days."))
    assert passage == Passage("doc", "v1", 0, "Refunds take five days.", "Guide", end=23)


def test_long_prose_is_split_between_sentences_into_passages_of_like_size() -> None:
    document = Block(prose(60))
    found = passages(document)
    assert len(found) > 3
    assert all(150 <= count(passage.text) <= MAX_TOKENS for passage in found)
    ends = {end for _, end in sentence_spans(document.text)}
    assert {passage.end for passage in found} <= ends


def test_title_headings_and_text_together_fit_the_embedding_model() -> None:
    found = passages(heading("A heading of some length", 1), Block(prose(60)), title="The guide")
    assert all(count(passage.searchable_text) <= MAX_TOKENS for passage in found)


def test_sections_of_the_highest_level_are_kept_apart_however_small() -> None:
    found = passages(
        heading("Refunds"), Block(prose(2)), heading("Payments"), Block(prose(2, "pay"))
    )
    assert [passage.headings for passage in found] == [("Refunds",), ("Payments",)]


def test_a_lone_first_heading_is_the_title_and_divides_nothing() -> None:
    found = passages(
        heading("Guide"),
        heading("Refunds", 2),
        Block(prose(2)),
        heading("Payments", 2),
        Block(prose(2, "pay")),
    )
    assert [passage.headings for passage in found] == [("Refunds",), ("Payments",)]


def test_a_tiny_section_goes_with_the_next_one() -> None:
    (passage,) = passages(heading("Phone"), Block("Ask us."), heading("Mail"), Block(prose(3)))
    assert passage.headings == ()
    assert passage.text.startswith("Phone\n\nAsk us.\n\nMail\n\n0 Clients")


def test_a_tiny_last_section_goes_with_the_one_before() -> None:
    (passage,) = passages(heading("Mail"), Block(prose(3)), heading("Phone"), Block("Ask us."))
    assert passage.text.endswith("Phone\n\nAsk us.")


def test_small_subsections_share_a_passage_that_shows_their_headings() -> None:
    (passage,) = passages(
        heading("Paying"),
        heading("Cards", 2),
        Block("We take cards of every kind."),
        heading("Cash", 2),
        Block("We take no cash, and no cheques at all."),
        heading("Transfers", 2),
        Block("We take transfers for yearly plans only."),
    )
    assert passage.headings == ("Paying",)
    assert "Cards\n\nWe take cards" in passage.text
    assert "Cash\n\nWe take no cash" in passage.text


def test_a_passage_within_one_subsection_carries_the_whole_path_and_not_in_its_text() -> None:
    found = passages(
        heading("Paying"),
        heading("Cards", 2),
        Block(prose(10)),
        heading("Cash", 2),
        Block(prose(10, "cash")),
    )
    assert [passage.headings for passage in found] == [("Paying", "Cards"), ("Paying", "Cash")]
    assert not any("Cash\n" in passage.text for passage in found)


def test_a_list_that_fits_stays_whole_with_the_line_that_introduces_it() -> None:
    steps = Block(
        "\n".join(f"{n}. Open page {n} and choose what is there." for n in range(12)), "list"
    )
    found = passages(Block(prose(10)), Block("Do this:"), steps, Block(prose(10, "after")))
    (with_steps,) = [passage for passage in found if "1. Open page" in passage.text]
    assert "Do this:\n\n" + steps.text in with_steps.text


def test_a_table_that_is_split_repeats_its_header_row() -> None:
    rows = [f"Plan {n} | {n} EUR a month | up to {n} people of the team" for n in range(60)]
    document = ExtractedDocument((Block("\n".join(["Name | Price | Team", *rows]), "table"),))
    found = split(document, document_id="d", version="v", title="t", count_tokens=count)
    assert len(found) > 2
    for passage in found:
        assert passage.text.startswith("Name | Price | Team\n")
        assert count(passage.text) <= MAX_TOKENS
    for passage in found[1:]:
        assert passage.text == "Name | Price | Team\n" + document.text[passage.start : passage.end]


def test_a_sentence_longer_than_a_passage_is_cut_between_words() -> None:
    text = " ".join(f"word{n}" for n in range(1_000))
    found = passages(Block(text))
    assert all(count(passage.text) <= MAX_TOKENS for passage in found)
    assert " ".join(passage.text for passage in found) == text


def test_a_word_without_end_is_cut_too() -> None:
    found = passages(Block("x" * 100_000))
    assert max(len(passage.text) for passage in found) < 5_000
    assert "".join(passage.text for passage in found) == "x" * 100_000


def test_pages_are_those_on_which_a_passage_begins_and_ends() -> None:
    first, second = prose(6), prose(6, "next")
    text = f"{first} {second}"
    found = passages(
        Block(text, page=3, page_breaks=(len(first) + 1,)), Block(prose(12, "last"), page=5)
    )
    for passage in found:
        assert passage.page == (
            3 if passage.start <= len(first) else 4 if passage.start < len(text) else 5
        )
        assert passage.last_page == (
            3 if passage.end <= len(first) + 1 else 4 if passage.end <= len(text) else 5
        )
    assert (found[0].page, found[-1].last_page) == (3, 5)


def test_headings_without_text_are_found_too() -> None:
    (passage,) = passages(heading("Imprint"))
    assert (passage.headings, passage.text) == ((), "Imprint")


def test_a_document_without_blocks_has_no_passages() -> None:
    assert passages() == []


def test_endless_headings_leave_room_for_text() -> None:
    long = " ".join(["heading"] * 60)
    found = passages(heading(long), heading(long + " two", 2), Block(prose(30)))
    assert all(count(passage.searchable_text) <= MAX_TOKENS for passage in found)
    assert min(count(passage.text) for passage in found[1:-1]) > 80


WORDS = st.lists(
    st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)
    | st.sampled_from(["a.", "b!", "No.", "x" * 300, "—"]),
    min_size=1,
    max_size=80,
).map(" ".join)


@st.composite
def documents(draw: st.DrawFn) -> ExtractedDocument:
    blocks = []
    page = 1
    for _ in range(draw(st.integers(0, 14))):
        kind: BlockKind = draw(
            st.sampled_from(["heading", "paragraph", "paragraph", "list", "table", "code"])
        )
        page += draw(st.integers(0, 1))
        if kind == "heading":
            words = " ".join(draw(WORDS).split()[:8])
            blocks.append(Block(words, kind, level=draw(st.integers(1, 4)), page=page))
            continue
        lines = draw(st.lists(WORDS, min_size=1, max_size=1 if kind == "paragraph" else 8))
        text = "\n".join(lines)
        breaks: tuple[int, ...] = ()
        if draw(st.booleans()):
            breaks = (draw(st.integers(0, len(text) - 1)),)
        blocks.append(Block(text, kind, page=page, page_breaks=breaks))
        page += len(breaks)
    return ExtractedDocument(tuple(blocks), page_count=page)


@settings(max_examples=100)
@given(documents(), st.sampled_from(["Guide", "A title of several words, and more"]))
def test_nothing_is_lost_and_everything_stays_in_order(
    document: ExtractedDocument, title: str
) -> None:
    found = split(document, document_id="d", version="v", title=title, count_tokens=count)

    assert [passage.ordinal for passage in found] == list(range(len(found)))
    assert len({passage.id for passage in found}) == len(found)

    # Offsets say where a passage comes from; a table's header row may stand in front.
    for passage in found:
        source = document.text[passage.start : passage.end]
        assert source
        assert passage.text == source or passage.text.endswith("\n" + source)

    # Passages do not overlap, and what lies between them is headings that they carry.
    position = 0
    for index, passage in enumerate(found):
        assert passage.start >= position
        between = document.text[position : passage.start].split("\n\n")
        carried = {*passage.headings, title}
        for text in filter(str.strip, between):
            assert text.strip() in carried, (index, text)
        position = passage.end
    assert not document.text[position:].strip()

    pages = [(passage.page or 0, passage.last_page or 0) for passage in found]
    assert pages == sorted(pages)
    assert all(first <= last for first, last in pages)

    for passage in found:
        assert count(passage.searchable_text) <= MAX_TOKENS
