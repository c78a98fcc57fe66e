"""Answers made of quotes."""

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.answers.blocks import units
from frontdesk.answers.citations import resolve
from frontdesk.answers.extractive import MAX_WORDS, Extract, extract, stream_extract
from frontdesk.answers.grounding import grounding
from frontdesk.answers.relevance import scored
from frontdesk.knowledge.ports import Passage


def passage(text: str, title: str = "Guide", ordinal: int = 0) -> Passage:
    return Passage(title, f"v-{title}", ordinal, text, title)


BILLING = passage(
    "Invoices are sent on the first day of each month. Refunds are paid to the card you used. "
    "They arrive within five working days. Gift cards are not refunded.",
    "Billing guide",
)
PASSWORDS = passage(
    "## Passwords\n\nTo reset your password:\n\n1. Open the sign-in page.\n"
    "2. Click **Forgot password**.\n3. Follow the link in the mail.\n\n"
    "The link works for one hour.",
    "Account guide",
)
PLANS = passage("| Plan | Price |\n|---|---|\n| Starter | free |\n| Pro | €20 a month |", "Prices")


def quoted(made: Extract) -> list[str]:
    return [quote.text for quote in made.quotes]


def test_it_quotes_the_sentence_that_answers_and_says_where_it_is_from() -> None:
    made = extract("When are invoices sent?", [BILLING, PASSWORDS])
    assert quoted(made)[0] == "Invoices are sent on the first day of each month."
    assert made.text.startswith("From “Billing guide”: Invoices are sent")
    assert "[1]" in made.text


def test_numbers_are_places_among_the_passages() -> None:
    made = extract("When are invoices sent?", [PASSWORDS, BILLING])
    assert {quote.number for quote in made.quotes} == {2}
    assert made.quotes[0].passage_id == BILLING.id


def test_a_sentence_that_points_back_comes_with_the_one_it_points_to() -> None:
    made = extract("When do they arrive?", [BILLING])
    assert quoted(made)[:2] == [
        "Refunds are paid to the card you used.",
        "They arrive within five working days.",
    ]


def test_instructions_are_quoted_whole_as_steps() -> None:
    made = extract("How do I reset my password?", [BILLING, PASSWORDS])
    assert made.text == (
        "From “Account guide”: To reset your password:\n\n"
        "1. Open the sign-in page.\n2. Click Forgot password.\n3. Follow the link in the mail. [2]"
    )


def test_a_long_list_of_steps_keeps_the_step_that_was_asked_for() -> None:
    steps = "\n".join(
        f"{n}. Do the thing number {n} with great care and patience." for n in range(1, 40)
    )
    made = extract("zebra", [passage(steps + "\n40. Feed the zebra.")])
    assert quoted(made)[-1] == "Feed the zebra."
    assert len(made.text.split()) < 150


def test_a_table_row_reads_as_a_sentence() -> None:
    assert "Pro – Price: €20 a month [1]" in extract("What does Pro cost?", [PLANS]).text


def test_a_question_in_a_document_is_not_its_answer() -> None:
    faq = passage("How do I get a refund?\nWrite to us within 30 days.")
    assert quoted(extract("How do I get a refund?", [faq])) == ["Write to us within 30 days."]


def test_the_kind_of_question_decides_between_sentences_alike() -> None:
    text = passage(
        "The company was founded with hope. The company was founded in 2011. "
        "The company was founded by Ada Byron. The company was founded in Leipzig. "
        "The company was founded by four people. The company was founded because it rained."
    )
    for question, proof in {
        "When was the company founded?": "2011",
        "By whom was the company founded?": "Ada Byron",
        "Where was the company founded?": "Leipzig",
        "How many people founded the company?": "four people",
        "Why was the company founded?": "because",
    }.items():
        best = max(scored(question, [text]), key=lambda candidate: candidate.score)
        assert proof in best.unit.text


def test_a_text_without_full_stops_is_cut_around_what_was_asked() -> None:
    wall = passage("alpha beta " * 300 + "the parcel arrives in three days " + "gamma delta " * 300)
    made = extract("When does the parcel arrive?", [wall])
    assert "parcel arrives in three days" in made.text
    assert len(made.text) < 600


def test_passages_of_one_document_come_in_reading_order_under_one_title() -> None:
    later = passage("The blue zebra sleeps at noon every day.", "Zoo", 5)
    earlier = passage("The blue zebra eats at dawn every day.", "Zoo", 2)
    made = extract("When does the blue zebra sleep and eat?", [later, earlier])
    assert made.text.count("From “Zoo”:") == 1
    assert made.text.index("eats at dawn every day. [2]") < made.text.index("sleeps at noon")


def test_a_reference_of_the_document_does_not_pass_for_a_citation() -> None:
    made = extract("What is light?", [passage("Light is a wave [7]. It is also a particle [2].")])
    assert set(re.findall(r"\[(\d+)\]", made.text)) == {"1"}


def test_something_is_quoted_even_if_nothing_matches() -> None:
    assert quoted(extract("xyzzy", [BILLING]))


def test_headings_alone_are_quoted_rather_than_nothing() -> None:
    assert "Opening hours" in extract("hours", [passage("# Opening hours")]).text


def test_without_passages_there_is_no_text() -> None:
    assert extract("Anything?", []) == Extract("", ())
    assert extract("Anything?", [passage("  ")]) == Extract("", ())


def test_the_stream_is_the_extract() -> None:
    pieces = list(stream_extract("How do I reset my password?", [PASSWORDS]))
    assert "".join(pieces) == extract("How do I reset my password?", [PASSWORDS]).text
    assert len(pieces) > 3
    assert all(1 <= len(piece.split()) <= 3 for piece in pieces)


_texts = st.text(alphabet="abcDE 12.?!:-#|\n*", max_size=400)


@given(st.text(max_size=60), st.lists(_texts, max_size=4))
def test_an_extract_rests_on_its_passages_and_streams_whatever_they_hold(
    question: str, texts: list[str]
) -> None:
    passages = [passage(text, f"T{n}") for n, text in enumerate(texts)]
    made = extract(question, passages)
    assert "".join(stream_extract(question, passages)) == made.text
    numbers = {quote.number for quote in made.quotes}
    assert all(
        1 <= number <= min(3, len(passages)) or not passages[number - 1].text.strip()
        for number in numbers
    )
    assert {citation.number for citation in resolve(made.text, passages).citations} == numbers


def test_an_extract_is_fully_grounded() -> None:
    for question in ("When are invoices sent?", "How do I reset my password?", "Price of Pro?"):
        passages = [BILLING, PASSWORDS, PLANS]
        found = grounding(extract(question, passages).text, passages)
        assert (found.score, found.unsupported) == (1.0, ())


def test_prose_stays_short() -> None:
    text = " ".join(
        f"The parcel number {n} arrives on day {n} of the month at noon." for n in range(40)
    )
    made = extract("When does the parcel arrive?", [passage(text)] * 3)
    assert sum(len(q.split()) for q in quoted(made)) <= MAX_WORDS


def test_it_takes_a_few_milliseconds_at_most() -> None:
    long = [passage(f"{BILLING.text} " * 8, f"T{n}") for n in range(3)]
    fastest = float("inf")
    for _ in range(5):
        units.cache_clear()
        start = time.perf_counter()
        extract("How long does a refund take?", long)
        fastest = min(fastest, time.perf_counter() - start)
    assert fastest < 0.02


def section(text: str, *, headings: tuple[str, ...] = (), number: int = 0) -> Passage:
    return Passage(
        document_id=f"d{number}",
        version=f"v{number}",
        ordinal=0,
        text=text,
        title="Handbook",
        headings=headings,
    )


def test_a_how_question_is_answered_by_the_instruction_and_not_by_its_own_words() -> None:
    right = section(
        "If you have forgotten it, choose Forgot password? on the sign-in page. We send you "
        "a link.\n\nPeople with single sign-on have no password; theirs is reset by their company.",
        headings=("Resetting your password",),
    )
    wrong = section(
        "I do not get the e-mail to reset my password\n\nWait five minutes, or reset it again.",
        number=1,
    )
    text = extract("How do I reset my password?", [right, wrong]).text
    assert "choose Forgot password?" in text
    assert "We send you a link" in text
    assert "single sign-on" not in text
    assert "I do not get the e-mail" not in text


def test_of_a_table_only_the_rows_that_answer_are_quoted_with_their_columns() -> None:
    table = section(
        "| Solo | Team | Pro\nPrice by month | €12 | €29 | €59\nText messages | 50 | 300 | 1,000\n"
        "Phone support | no | no | yes",
        headings=("Plans and prices",),
    )
    text = extract("What is the price of Team by month?", [table]).text
    assert text == "From “Handbook”: Price by month – Team: €29 [1]"


def test_a_header_without_rows_is_text() -> None:
    assert "Left | Right" in extract("What is left?", [section("Left | Right")]).text


PRICES = section(
    "Harbor has three plans. A year costs as much as ten months.\n\n"
    "| Solo | Team | Pro\nPrice by month | €12 | €29 | €59\nPrice by year | €120 | €290 | €590\n"
    "Bookings a month | 200 | unlimited | unlimited\nFile storage | 5 GB | 25 GB | 100 GB",
    headings=("Plans and prices",),
)


def test_what_a_plan_costs_are_the_price_rows_in_its_column() -> None:
    assert quoted(extract("What does the Pro plan cost?", [PRICES])) == [
        "Price by month – Pro: €59",
        "Price by year – Pro: €590",
    ]


def test_a_wide_table_keeps_its_columns_if_none_was_named() -> None:
    assert quoted(extract("How much file storage is there?", [PRICES])) == [
        "File storage – Solo: 5 GB; Team: 25 GB; Pro: 100 GB"
    ]


def test_a_section_answers_before_a_sentence_elsewhere_that_repeats_the_question() -> None:
    right = section(
        "Open one of the two, choose More > Merge, and pick the other one. Files are kept.",
        headings=("Clients", "Merging duplicate clients"),
    )
    wrong = section("Managers can merge clients, and so can the owner.", number=1)
    for order in ([right, wrong], [wrong, right]):
        made = extract("How do I merge clients?", order)
        assert quoted(made) == [
            "Open one of the two, choose More > Merge, and pick the other one.",
            "Files are kept.",
        ]


def test_every_reason_under_a_problem_is_quoted() -> None:
    help_page = section(
        "Text messages do not arrive\n\n- The number has no country code.\n"
        "- The ceiling for text messages is reached.\n\nPrinting\n\nChoose landscape."
    )
    assert quoted(extract("My text messages do not arrive", [help_page])) == [
        "The number has no country code.",
        "The ceiling for text messages is reached.",
    ]


def test_a_sentence_that_ends_in_just_that_comes_with_what_it_means() -> None:
    made = extract(
        "What does error E-7 mean?", [passage("The line was cut. Error E-7 means just that.")]
    )
    assert quoted(made) == ["The line was cut.", "Error E-7 means just that."]


def test_one_step_of_many_is_not_added_to_a_sentence() -> None:
    paying = section(
        "We do not accept PayPal.\n\nTo change the payment method:\n\n"
        "1. Open Billing.\n2. Accept the terms."
    )
    assert quoted(extract("Do you accept PayPal?", [paying])) == ["We do not accept PayPal."]


def test_money_back_is_a_refund() -> None:
    text = "We change money. You get a refund within 30 days. We are back at noon."
    first = max(scored("Can I get my money back?", [passage(text)]), key=lambda found: found.score)
    assert first.unit.text == "You get a refund within 30 days."
