"""Replies drafted from the documents for somebody of the team."""

from typing import Any

import pytest

from frontdesk.answers.markers import without_markers
from frontdesk.entities import Author, ConversationRef
from frontdesk.errors import AnswersUnavailable
from frontdesk.ids import new_id
from tests.unit.check_desk import REFUND, CheckDesk
from tests.unit.deployment import Deployment, is_problem
from tests.unit.test_playground import question

ADA = Author(id=new_id(), name="Ada")


def draft(deployment: Deployment, ref: ConversationRef) -> Any:
    return deployment.http.post(
        f"/api/conversations/{ref.conversation_id}/draft",
        headers=deployment.one.headers("agent"),
    )


def test_what_the_customer_asked_last_is_asked_with_what_came_before(
    deployment: Deployment,
) -> None:
    ref = deployment.asked(deployment.one, "Hello")
    inbox, conversations = deployment.services.inbox, deployment.services.conversations
    inbox.reply(ref, ADA, "How can I help?", new_id())
    for text in ("My parcel is late.", "Where is it [1]?"):
        conversations.accept(ref, client_id=new_id(), text=text, per_minute=99)
    inbox.note(ref, ADA, "Not for the documents.", new_id())
    before = conversations.get(ref), conversations.recent_messages(ref, 99)
    answer = draft(deployment, ref)
    assert answer.status_code == 200
    [asked] = deployment.playground.asked
    assert asked.organization_id == deployment.one.organization_id
    assert asked.question == "My parcel is late.\nWhere is it [1]?"
    assert [(each.role, each.text) for each in asked.history] == [
        ("customer", "Hello"),
        ("assistant", "How can I help?"),
    ]
    assert answer.json()["text"] == "My parcel is late.\nWhere is it?"
    assert answer.json()["answer"] == asked.question
    assert (conversations.get(ref), conversations.recent_messages(ref, 99)) == before


def test_a_question_that_was_answered_can_be_asked_again(deployment: Deployment) -> None:
    ref = deployment.asked(deployment.one, "Where is my parcel?")
    deployment.services.inbox.reply(ref, ADA, "Let me look.", new_id())
    draft(deployment, ref)
    [asked] = deployment.playground.asked
    assert (asked.question, asked.history) == ("Where is my parcel?", ())


def test_where_the_documents_do_not_say_there_is_no_text(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = deployment.playground.ask
    monkeypatch.setattr(
        deployment.playground,
        "ask",
        lambda question: ask(question).model_copy(update={"kind": "unknown"}),
    )
    answer = draft(deployment, deployment.asked(deployment.one)).json()
    assert (answer["kind"], answer["text"], answer["answer"]) == ("unknown", None, None)


def test_an_outage_says_so(deployment: Deployment) -> None:
    deployment.playground.error = AnswersUnavailable("The answer takes too long to wait for.")
    assert is_problem(draft(deployment, deployment.asked(deployment.one)), 503)


def test_a_draft_comes_from_documents_of_the_categories_of_the_conversation(
    check_desk: CheckDesk,
) -> None:
    assert check_desk.ask(question(check_desk)).kind == "answer"
    elsewhere = question(check_desk, REFUND, categories=("Delivery",))
    assert check_desk.ask(elsewhere).kind == "unknown"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("It takes 5 days [1]. Ask us [2, 3].", "It takes 5 days. Ask us."),
        ("[1] First", " First"),
        ("See `list[1]` [1].", "See `list[1]`."),
        ("Nothing", "Nothing"),
    ],
)
def test_marks_go_where_there_is_nothing_to_look_up(text: str, plain: str) -> None:
    assert without_markers(text) == plain
