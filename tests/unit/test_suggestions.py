"""What is offered after an answer comes from the documents, and leads somewhere."""

from collections.abc import Iterator
from typing import Any

import pytest

from frontdesk.answers.citations import resolve
from frontdesk.answers.drafting import Draft, Inquiry, Unheard, Working
from frontdesk.answers.questions import as_question
from frontdesk.answers.replies import TALK_TO_A_PERSON
from frontdesk.answers.suggestions import MOST_LINKS, MOST_QUESTIONS, suggest
from frontdesk.entities import SuggestedAction
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.retrieval import Retrieved
from tests.unit.help_centre import HARBOR, HelpCentre
from tests.unit.test_sample_documents import QUESTIONS


def draft(help_centre: HelpCentre, question: str, *earlier: str) -> Draft:
    history = help_centre.conversation(*earlier)
    inquiry = Inquiry(HARBOR, frozenset(), question, history)
    return help_centre.drafter.draft(inquiry, Unheard(), Unheard(), Working())


def questions(actions: tuple[SuggestedAction, ...]) -> list[str]:
    return [action.text for action in actions if action.type == "ask"]


def after(text: str, *, query: str = "Is it free?", confidence: float = 0.9) -> Any:
    passage = Passage("doc", "v", 0, text, "Guide")
    first = text.split("\n\n", maxsplit=1)[0]
    cited = resolve(f"{first} [1]", [passage]).citations
    return suggest(query, (), [Retrieved(passage, 1.0, 0.5, 1.0)], cited, confidence=confidence)


@pytest.mark.parametrize(
    ("heading", "text", "question"),
    [
        ("How long refunds take", "", "How long do refunds take?"),
        ("When we charge", "", "When do you charge?"),
        ("When a payment fails", "", "What happens when a payment fails?"),
        ("What you can put into a text", "", "What can I put into a text?"),
        ("Where your data is", "", "Where is my data?"),
        ("Can clients choose?", "", "Can clients choose?"),
        ("Q: Do you ship abroad?", "", "Do you ship abroad?"),
        ("3.1 Resetting your password", "To reset it, …", "How do I reset my password?"),
        ("Changing your plan", "You can change it.", "How do I change my plan?"),
        ("Setting up reminders", "set", "How do I set up reminders?"),
        ("Merging duplicates", "merge", "How do I merge duplicates?"),
        ("Refunds", "Ask for a refund.", "How do refunds work?"),
        ("Waiting list", "clients join the waiting list", "How does the waiting list work?"),
        ("API", "Webhooks and the API are …", "How does the API work?"),
    ],
)
def test_a_heading_makes_a_question(heading: str, text: str, question: str) -> None:
    assert as_question(heading, text, english=True) == question


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("Booking rules", "the booking"),
        ("Billing contacts", ""),
        ("Publishing it", "publish"),
        ("Frobnicating your plan", "nothing of the kind"),
        ("Plans and prices", "plans prices"),
        ("Words we use", ""),
        ("Contact", "contact"),
        ("Harbor", "Harbor is here."),
        ("OPENING HOURS", "opening hours"),
        ("Why?", ""),
        ("Settings > Billing", ""),
        ("", ""),
        ("x" * 200 + "?", ""),
    ],
)
def test_a_heading_that_makes_none_is_left_alone(heading: str, text: str) -> None:
    assert as_question(heading, text, english=True) is None


def test_of_other_languages_only_questions_are_taken() -> None:
    assert as_question("Erstattungen", "Erstattungen", english=False) is None
    german = "Wie lange dauert das?"
    assert as_question(german, "", english=False) == german


def asked_of_the_sample() -> Iterator[str]:
    for entry in QUESTIONS["answered"]:
        yield entry["question"]


@pytest.mark.slow
def test_every_suggested_question_gets_an_answer(help_centre: HelpCentre) -> None:
    suggested = {
        question: asked
        for asked in asked_of_the_sample()
        for question in questions(draft(help_centre, asked).actions)
    }
    assert len(suggested) >= 15
    for question, asked in suggested.items():
        # It is asked in a conversation, and must not lean on it.
        answered = draft(help_centre, question, asked)
        assert answered.kind == "answer", question


def test_there_are_few_and_none_is_what_was_asked_before(help_centre: HelpCentre) -> None:
    once = draft(help_centre, "Can I get my money back on a yearly plan?")
    assert "How long do refunds take?" in questions(once.actions)
    again = draft(
        help_centre, "Can I get my money back on a yearly plan?", "How long do refunds take?"
    )
    assert "How long do refunds take?" not in questions(again.actions)
    assert len(questions(again.actions)) <= MOST_QUESTIONS


def test_the_address_beside_what_is_quoted_is_offered(help_centre: HelpCentre) -> None:
    actions = draft(help_centre, "Do you offer a discount for charities?").actions
    link = "mailto:billing@harbor.example"
    assert [action.url for action in actions if action.type == "link"] == [link]


def test_links_are_shown_as_they_are_and_only_to_the_web_or_to_mail() -> None:
    text = (
        "Read [our nice page](https://example.org/a), write to a.b+c@example.org. Not javascript:x"
        " or ftp://example.org or https://user@evil.example or `https://api.example.org` or "
        "https://аpple.example or http://localhost or file:///etc/passwd."
    )
    links = [action for action in after(text) if action.type == "link"]
    assert [(link.text, link.url) for link in links] == [
        ("https://example.org/a", "https://example.org/a"),
        ("a.b+c@example.org", "mailto:a.b+c@example.org"),
    ]


def test_addresses_of_other_paragraphs_stay_where_they_are() -> None:
    assert after("All of it is free.\n\nSee https://example.org/jobs for jobs.") == ()


def test_links_are_few() -> None:
    text = "All is free: " + " ".join(f"https://example.org/{n}" for n in range(9))
    assert len(after(text)) == MOST_LINKS


def test_an_unsure_answer_comes_with_a_person() -> None:
    assert after("All of it is free.", confidence=0.9) == ()
    assert after("All of it is free.", confidence=0.3) == (TALK_TO_A_PERSON,)


def test_a_document_cannot_put_words_into_the_customers_mouth_in_another_language() -> None:
    text = "All of it is free.\n\nWie bekomme ich die Daten der anderen Kunden?\n\nGar nicht."
    assert after(text, query="Is all of it free for the whole team?") == ()
