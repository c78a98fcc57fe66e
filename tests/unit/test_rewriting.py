"""Questions that lean on the conversation find what they are about; others stay as they are."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from frontdesk.answers.drafting import Inquiry, Unheard, Working
from frontdesk.answers.reranking import CONSIDERED, rerank
from frontdesk.answers.rewriting import needs_context, standalone
from frontdesk.entities import Message
from frontdesk.ids import new_id, time_of
from frontdesk.knowledge.retrieval import joined, retrieve
from tests.unit.answer_desk import Desk, Script
from tests.unit.help_centre import DATA, HARBOR, HelpCentre

CONVERSATIONS: list[dict[str, Any]] = json.loads((DATA / "follow-ups.json").read_text("utf-8"))
FOLLOW_UPS = [each for each in CONVERSATIONS if each["kind"] == "follow_up"]
SELF_CONTAINED = [each for each in CONVERSATIONS if each["kind"] == "self_contained"]


def said(*texts: str, role: Any = "customer") -> tuple[Message, ...]:
    ids = [new_id() for _ in texts]
    return tuple(
        Message(id=id_, role=role, text=text, at=time_of(id_))
        for id_, text in zip(ids, texts, strict=True)
    )


def plain(text: str) -> str:
    return " ".join(text.replace("*", "").split())


def recall(help_centre: HelpCentre, queries: Sequence[tuple[str, str]]) -> float:
    """The share of queries with the phrase they look for among the first three passages."""
    found = 0
    for query, phrase in queries:
        [vector] = help_centre.embedder.embed([query])
        found_for_it = retrieve(
            help_centre.index, HARBOR.id, text=query, vector=vector, limit=CONSIDERED
        )
        best = joined(rerank(query, found_for_it), 3)
        found += any(plain(phrase) in plain(each.passage.text) for each in best)
    return found / len(queries)


@pytest.mark.slow
def test_follow_ups_find_their_passage_with_what_was_said_before(help_centre: HelpCentre) -> None:
    alone = [(each["question"], each["found"]) for each in FOLLOW_UPS]
    whole = [
        (standalone(each["question"], help_centre.conversation(*each["earlier"])), each["found"])
        for each in FOLLOW_UPS
    ]
    with_context = recall(help_centre, whole)
    assert with_context >= 0.95
    assert with_context >= recall(help_centre, alone) + 0.25


@pytest.mark.parametrize("each", SELF_CONTAINED, ids=lambda each: each["question"])
def test_a_question_that_says_all_itself_is_not_changed(each: dict[str, Any]) -> None:
    assert standalone(each["question"], said(*each["earlier"])) == each["question"]


@pytest.mark.parametrize("each", FOLLOW_UPS, ids=lambda each: each["question"])
def test_nothing_leans_on_a_conversation_that_has_not_begun(each: dict[str, Any]) -> None:
    assert standalone(each["question"], ()) == each["question"]
    assert standalone(each["question"], said("Hello!", "thank you")) == each["question"]


@pytest.mark.parametrize(
    "question",
    [
        "¿Cuál es el precio del plan anual?",
        "No he recibido mi pedido",
        "En qué países se puede pagar con tarjeta",
        "Comment puis-je changer mon mot de passe ?",
        "On peut payer par carte bancaire ?",
        "È possibile cancellare l'abbonamento?",
        "E possibile pagare con PayPal",
        "Posso cambiar de plano sem pagar multa?",
        "Hoe kan ik mijn wachtwoord wijzigen?",
        "Wo sehe ich die offenen Rechnungen?",
        "Können Sie das Konto löschen?",
        "Wie lange ist das Angebot gültig?",
        "パスワードを忘れました",
        "Как изменить пароль?",
        "my phone dies while the app is open",
        "an invoice copy please",
        "to cancel my plan",
        "am I billed twice a month",
    ],
)
def test_whole_questions_in_any_language_are_not_changed(question: str) -> None:
    assert standalone(question, said("How long do refunds take?")) == question


@pytest.mark.parametrize(
    "question",
    ["et en Allemagne ?", "¿y en Alemania?", "und in Deutschland?", "maar in Nederland?"],
)
def test_what_begins_with_and_leans_in_other_languages_too(question: str) -> None:
    assert standalone(question, said("Delivery to France?")).startswith("Delivery to France?")


def test_a_chain_of_follow_ups_leads_back_to_its_subject() -> None:
    history = said("How much is the Pro plan?", "and for a year?", "why?")
    assert "Pro plan" in standalone("and with VAT?", history)


def test_what_asks_something_of_its_own_takes_along_the_subject_alone() -> None:
    history = said("How much is the Pro plan?", "what about Team?")
    query = standalone("does it include phone support?", history)
    assert query == "Pro plan Team. does it include phone support?"


def test_assent_goes_on_with_the_subject_and_is_none_itself() -> None:
    history = said("How long is the free trial?")
    assert standalone("yes", history) == "How long is the free trial?"
    assert "free trial" in standalone("and then?", (*history, *said("yes")))


def test_a_long_message_does_not_drown_what_is_asked_about_it() -> None:
    story = "We have used Harbor for years and were always content with it. " * 60
    query = standalone("and how long does it take?", said(f"{story} How do I get a refund?"))
    assert query.endswith("How do I get a refund? and how long does it take?")
    assert len(query) < 400


def test_another_subject_in_between_is_not_jumped_over() -> None:
    history = said("How much is the Pro plan?", "How do I reset my password?")
    assert "Pro" not in standalone("how long does it take?", history)


def test_what_the_follow_up_contrasts_is_left_behind() -> None:
    query = standalone("and for a year?", said("How much is the Pro plan per month?"))
    assert "Pro plan" in query
    assert "month" not in query


def test_a_short_reply_to_our_own_question_keeps_what_was_asked() -> None:
    history = (
        *said("What does Pro cost?"),
        *said("By month or by year?", role="assistant"),
    )
    assert needs_context("yearly billing", history)
    assert not needs_context("yearly billing", said("What does Pro cost?"))


@pytest.mark.parametrize(
    "text", ["", "   ", "?!", "🙂", "it " * 2_000, "\u202e", "为什么？", "почему?"]
)
def test_no_message_breaks_it(text: str) -> None:
    whole = standalone(text, said("How do I cancel my plan?"))
    assert whole.endswith((text, "How do I cancel my plan?"))


def test_a_vague_first_question_takes_its_subject_from_what_was_cited(
    help_centre: HelpCentre,
) -> None:
    [_, answer] = help_centre.conversation("Can I pause my plan?")
    history = (*said("How does that work?"), answer)
    heading = answer.citations[0].headings[-1]
    assert heading in standalone("why?", history)


def test_the_whole_question_is_searched_and_quoted_for(help_centre: HelpCentre) -> None:
    history = help_centre.conversation("How much does the Pro plan cost per month?")
    inquiry = Inquiry(HARBOR, frozenset(), "and for the annual plan?", history)
    working = Working()
    draft = help_centre.drafter.draft(inquiry, Unheard(), Unheard(), working)
    assert "Pro plan" in working.query
    assert "€590" in draft.text


def test_a_model_is_given_the_customers_own_words_and_what_went_before(desk: Desk) -> None:
    model = Script("A refund takes 5 to 10 working days. [1]")
    worker = desk.worker(model)
    for text in ("How long does a refund take?", "why so long?"):
        desk.say(text)
        worker.run(desk.ref)
    prompt = model.prompts[-1]
    assert prompt.question == "Why so long?"
    assert prompt.history[0].text == "How long does a refund take?"
    stored = desk.conversations.recent_messages(desk.ref, 10)
    assert [m.text for m in stored if m.role == "customer"][-1] == "why so long?"
