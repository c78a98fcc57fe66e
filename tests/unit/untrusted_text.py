"""Public functions that take untrusted text with something else, as functions of that text alone.

`test_linear_time` finds each function here by itself; `reads` names the modules behind it.
"""

from dataclasses import replace

from frontdesk import canned_replies
from frontdesk.answers import (
    addresses,
    blocks,
    citations,
    confidence,
    disclosure,
    extractive,
    grounding,
    history,
    leaning,
    outgoing,
    planted,
    prompt,
    questions,
    relevance,
    rewriting,
    safe_markdown,
    small_talk,
    suggestions,
)
from frontdesk.answers.drafting import Unheard
from frontdesk.answers.ports import Turn
from frontdesk.answers.tokens import TokenCounter
from frontdesk.entities import Message
from frontdesk.ids import time_of
from frontdesk.knowledge import duplicates
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.retrieval import Retrieved
from ingest import clean, passages, units
from ingest.document import Block, ExtractedDocument
from ingest.extract import kinds, markdown, pdf_blocks, pdf_lines, plain, web
from ingest.extract.budget import Budget
from ingest.extract.pdf_lines import Line
from ingest.tokens import estimate_tokens
from tests.unit.stopwatch import reads


@reads(kinds)
def format_of_a_page(text: str) -> None:
    kinds.format_of(text.encode(), "page.html")


@reads(plain)
def plain_text(text: str) -> None:
    plain.extract_text(text.encode(), Budget())


@reads(markdown, length=4_000)
def markdown_document(text: str) -> None:
    markdown.extract_markdown(text.encode(), Budget())


@reads(web)
def html_page(text: str) -> None:
    web.extract_html(text.encode(), Budget())


@reads(clean)
def printed_lines(text: str) -> None:
    clean.join_lines(text.split("\n"), clean.words_of([text]))


@reads(passages, units, length=2_000)
def passages_of_a_paragraph(text: str) -> None:
    _split(Block(text))


@reads(passages, units, length=2_000)
def passages_of_a_table(text: str) -> None:
    _split(Block(text, "table"))


@reads(passages, length=2_000)
def passages_of_headings(text: str) -> None:
    _split(*(Block(line, "heading", level=1 + i % 6) for i, line in enumerate(text.split("\n"))))


def _split(*blocks: Block) -> None:
    passages.split(
        ExtractedDocument(tuple(block for block in blocks if block.text)),
        document_id="d",
        version="v",
        title="Title",
        count_tokens=estimate_tokens,
    )


@reads(clean, pdf_blocks, pdf_lines, length=4_000)
def lines_of_a_page(text: str) -> None:
    lines = text.split("\n")
    pdf_blocks.blocks_of([[_line(line, 700 - 12 * row, 1) for row, line in enumerate(lines)]])


@reads(clean, pdf_blocks, length=2_000)
def a_line_on_each_page(text: str) -> None:
    lines = text.split("\n")
    pdf_blocks.blocks_of([[_line(line, 700, page)] for page, line in enumerate(lines, start=1)])


def _line(text: str, y: float, page: int) -> Line:
    return Line(" ".join(text.split()) or "-", x=70, right=500, y=y, size=10, page=page)


@reads(length=4_000)
def passage_without_what_is_planted(text: str) -> None:
    planted.without_planted(replace(_passage(text), title=text, headings=(text,)))


@reads(length=4_000)
def addresses_of_a_passage(text: str) -> None:
    addresses.Known.of([_passage(text)], [f"https://{text}"])


@reads(addresses)
def addresses_in_an_answer(text: str) -> None:
    _KNOWN.allows("".join(text.split()))
    _KNOWN.link(f"https://{text}")


@reads(safe_markdown)
def answer_that_streams(text: str) -> None:
    reader = safe_markdown.SafeMarkdown(addresses.Known.of([_passage("Help.")]), sources=2)
    for start in range(0, len(text), 64):
        reader.feed(text[start : start + 64])
    reader.finish()


@reads(blocks)
def quotable_units(text: str) -> None:
    blocks.units.__wrapped__(text)


@reads(citations)
def cited_passages(text: str) -> None:
    citations.resolve(text, [_passage("Help.")])


@reads(grounding)
def grounding_of_an_answer(text: str) -> None:
    grounding.grounding(text, [_passage("Help is at hand.")], question="Help?")


@reads(grounding)
def grounding_in_a_source(text: str) -> None:
    grounding.grounding("Help is at hand [1].", [_passage(text)], question=text)


@reads(outgoing, disclosure, length=4_000)
def answer_that_is_vetted(text: str) -> None:
    passages = [_passage("Help is at hand.")]
    vetting = outgoing.Vetting(passages, "Help?", "Answer only from the numbered sources.")
    answer = outgoing.Outgoing(Unheard(), addresses.Known.of(passages), sources=1, vetting=vetting)
    for start in range(0, len(text), 9):
        answer.write(text[start : start + 9])
    answer.finish()


@reads(small_talk)
def greeting(text: str) -> None:
    small_talk.small_talk(text, assistant="Robin", organization="Harbor")


@reads(questions)
def heading_as_question(text: str) -> None:
    questions.as_question(text, text, english=True)
    questions.as_question("Resetting your password", text, english=True)


@reads(leaning, rewriting)
def question_in_a_conversation(text: str) -> None:
    rewriting.standalone(text, [_message("How much is Pro?")])
    rewriting.standalone("And that?", [_message(text)])


@reads(history, length=4_000)
def history_in_short(text: str) -> None:
    history.tell_history([_message(text)] * 6, None, room=800, counter=TokenCounter(), helper=None)


@reads(prompt, length=4_000)
def whole_prompt(text: str) -> None:
    prompt.build_prompt(
        organization="Harbor",
        assistant="Robin",
        tone="kind",
        passages=[_passage(text)],
        history=[Turn("customer", text)],
        question=text,
    )


@reads(extractive, length=4_000)
def quotes(text: str) -> None:
    extractive.extract("How do I reset my password?", [_passage(text)])


@reads(relevance, confidence, length=4_000)
def signals_of_a_passage(text: str) -> None:
    confidence.signals([Retrieved(_passage(text), 0.5, 0.5, 1.0)], "How do I reset my password?")


@reads(suggestions, length=4_000)
def what_to_ask_next(text: str) -> None:
    cited = citations.resolve("Help [1].", [_passage(text)]).citations
    found = [Retrieved(_passage(text), 0.5, 0.5, 1.0)]
    suggestions.suggest("How do I reset it?", [text], found, cited, confidence=0.4)


@reads(duplicates)
def repeated_passage(text: str) -> None:
    duplicates.repeats(text, f"{text} more")


@reads(canned_replies)
def canned_reply(text: str) -> None:
    canned_replies.check_variables(text)


def _passage(text: str) -> Passage:
    return Passage(document_id="d", version="v", ordinal=0, text=text, title="Title")


_KNOWN = addresses.Known.of([_passage("See https://acme.example/help.")])


def _message(text: str) -> Message:
    identifier = "01JZZZZZZZZZZZZZZZZZZZZZZZ"
    return Message(id=identifier, role="customer", text=text, at=time_of(identifier))
