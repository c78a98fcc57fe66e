"""A conversation that is handed to a person, from the worker's side."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.entities import (
    AgentConnection,
    Author,
    BusinessHours,
    Customer,
    EscalationRules,
    Message,
    Sentiment,
    User,
)
from frontdesk.errors import StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.mail.jobs import HandoffMail
from frontdesk.tables.connections import Connections
from frontdesk.tables.counters import Counters
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.sessions import Sessions
from frontdesk.tables.tickets import Tickets
from frontdesk.tables.users import Users
from frontdesk.tables.visitors import Visitors
from tests.unit.answer_desk import QUESTION, Desk, Script
from tests.unit.deployment import OPERATOR

ADA = Author(id=new_id(), name="Ada")
PERSON = "I want to talk to a person"
OUTSIDE = "What is the airspeed of a swallow?"
ANGRY = Sentiment(label="NEGATIVE", score=-0.95, confidence=0.97, emotions={"anger": 0.9})


def run(desk: Desk, *texts: str) -> Message:
    for text in texts:
        desk.say(text)
        desk.worker().run(desk.ref)
    return desk.answers()[-1]


def agent(desk: Desk, *, watching: bool = False) -> AgentConnection:
    connections, users = Connections(desk.table), Users(desk.table)
    organization_id, email = desk.organization.id, "ada@harbor.example"
    ada = User(
        id=ADA.id,
        organization_id=organization_id,
        email=email,
        name=ADA.name,
        role="agent",
        password_hash="-",
        created_at=datetime.now(UTC),
    )
    users.join(users.invite(organization_id, email, "agent", OPERATOR), ada)
    login = Sessions(desk.table).begin(ada).family.id
    connection = AgentConnection(
        id="agent", organization_id=organization_id, agent=ADA, family_id=login
    )
    connections.open_agent(connection)
    if watching:
        connection = connections.watch(connection, desk.ref.conversation_id)
    return connection


def change(desk: Desk, **rules: object) -> None:
    escalation = EscalationRules().model_copy(update=rules)
    desk.organizations.change(
        desk.organization.id,
        {"escalation": escalation.model_dump(mode="json")},
        by=OPERATOR,
        action="test",
    )


def test_who_asks_for_a_person_waits_for_one_with_a_ticket_and_is_told_what_happens(
    desk: Desk,
) -> None:
    answer = run(desk, PERSON)
    assert answer.kind == "handoff"
    assert "person from Harbor" in answer.text
    assert [action.type for action in answer.suggested_actions] == ["address"]
    conversation = desk.conversations.get(desk.ref)
    assert conversation.status == "waiting"
    assert conversation.handoff is not None
    assert conversation.handoff.reason == "asked"
    ticket = Tickets(desk.table).find(desk.ref)
    assert ticket is not None
    assert ticket.summary is not None
    assert ticket.summary.wants == PERSON
    [done] = desk.frames("done")
    assert done["message"]["kind"] == "handoff"
    assert desk.frames("state")[-1]["status"] == "waiting"
    assert desk.is_idle()


def test_the_button_reaches_a_person_in_any_language(desk: Desk) -> None:
    desk.conversations.accept(
        desk.ref, client_id=new_id(), text="Palju õnne", per_minute=99, wants_person=True
    )
    desk.worker().run(desk.ref)
    assert desk.conversations.get(desk.ref).status == "waiting"


def test_a_person_is_called_once_however_often_the_customer_asks(desk: Desk) -> None:
    run(desk, PERSON, PERSON, PERSON)
    messages = desk.conversations.recent_messages(desk.ref, 50)
    assert [message.event for message in messages].count("handed_off") == 1
    assert len(desk.mail.jobs) == 1
    assert [message.kind for message in desk.answers()] == ["handoff"] * 3


def test_an_angry_customer_gets_the_answer_and_a_person(desk: Desk) -> None:
    desk.moods.read_as[QUESTION] = ANGRY
    run(desk, QUESTION)
    assert [message.kind for message in desk.answers()] == ["answer", "handoff"]
    [posted] = desk.frames("posted")
    assert (posted["message"]["kind"], posted["status"]) == ("handoff", "waiting")
    conversation = desk.conversations.get(desk.ref)
    assert conversation.handoff is not None
    assert conversation.handoff.reason == "mood"
    assert conversation.priority == "urgent"


def test_a_calm_conversation_stays_with_the_assistant(desk: Desk) -> None:
    calm = ("Hello", QUESTION, "How many people can I invite to my team?", "Thank you!")
    run(desk, *calm)
    conversation = desk.conversations.get(desk.ref)
    assert conversation.status == "open"
    assert conversation.priority in {"low", "medium"}
    assert Tickets(desk.table).find(desk.ref) is None
    assert desk.mail.jobs == []


def test_two_unknown_answers_in_a_row_bring_a_person_and_both_stay_gaps(desk: Desk) -> None:
    first = run(desk, OUTSIDE)
    assert first.kind == "unknown"
    assert [action.type for action in first.suggested_actions] == ["person"]
    second = run(desk, "And which colour has a quark?")
    assert second.kind == "unknown"
    assert "don't know this" in second.text
    conversation = desk.conversations.get(desk.ref)
    assert conversation.status == "waiting"
    assert conversation.handoff is not None
    assert conversation.handoff.reason == "unanswered"


@pytest.mark.parametrize(
    "assent", ["ok", "Okay then.", "yes", "no", "hm", "...", "👌", "sí", "d'accord"]
)
def test_an_ok_after_an_unclear_message_calls_nobody(desk: Desk, assent: str) -> None:
    run(desk, OUTSIDE)
    answer = run(desk, assent)
    assert answer.kind == "small_talk"
    assert [action.type for action in answer.suggested_actions] == ["person"]
    assert desk.conversations.get(desk.ref).status == "open"


def test_who_is_upset_and_unclear_gets_sympathy_and_the_offer_of_a_person(desk: Desk) -> None:
    rubbish = "your product is rubbish and nobody helps me"
    desk.moods.read_as[rubbish] = Sentiment(label="NEGATIVE", score=-0.97, confidence=0.98)
    answer = run(desk, rubbish)
    assert answer.kind == "unknown"
    assert "sorry" in answer.text
    assert "another way" not in answer.text
    assert [action.type for action in answer.suggested_actions] == ["person"]


def test_while_a_person_is_awaited_no_message_is_met_with_silence(desk: Desk) -> None:
    run(desk, PERSON)
    run(desk, OUTSIDE, "Thank you!", "ok", "hello?")
    kinds = [message.kind for message in desk.answers()]
    assert kinds == ["handoff", "handoff", "small_talk", "small_talk", "small_talk"]
    assert "passed this on too" in desk.answers()[1].text
    assert run(desk, QUESTION).kind == "answer"
    assert desk.conversations.get(desk.ref).status == "waiting"
    assert desk.is_idle()


def test_a_rule_that_is_off_calls_nobody(desk: Desk) -> None:
    change(desk, asks_for_person=False)
    run(desk, PERSON)
    assert desk.conversations.get(desk.ref).status == "open"


def test_the_team_is_told_by_mail_and_on_its_pages(desk: Desk) -> None:
    agent(desk)
    run(desk, "My account was hacked")
    [told] = desk.frames("handed_off", "agent")
    assert told["reason"] == "stake"
    assert told["summary"]["wants"] == "My account was hacked"
    assert told["conversation"]["priority"] in {"high", "urgent"}
    [job] = desk.mail.jobs
    assert isinstance(job, HandoffMail)
    assert job.conversation_id == desk.ref.conversation_id
    assert desk.conversations.get(desk.ref).untold is None
    assert "Somebody is here" in desk.answers()[-1].text


def test_a_notice_that_could_not_be_queued_is_sent_with_the_retry(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_job: object) -> None:
        raise StoreUnavailable("the mail queue is down")

    with monkeypatch.context() as broken:
        broken.setattr(desk.mail, "put", refuse)
        desk.say(PERSON)
        with pytest.raises(StoreUnavailable):
            desk.worker().run(desk.ref)
    assert desk.conversations.get(desk.ref).status == "waiting"
    desk.worker().run(desk.ref)
    assert len(desk.mail.jobs) == 1
    desk.worker().run(desk.ref)
    assert len(desk.mail.jobs) == 1
    assert len(desk.answers()) == 1


def test_a_reopened_conversation_reopens_its_ticket_and_makes_no_second_one(desk: Desk) -> None:
    run(desk, PERSON)
    first = Tickets(desk.table).find(desk.ref)
    inbox = Inbox(desk.table)
    inbox.reply(desk.ref, ADA, "Done.", new_id())
    inbox.resolve(desk.ref, "agent", ADA)
    closed = Tickets(desk.table).find(desk.ref)
    assert closed is not None
    assert closed.status == "closed"
    run(desk, PERSON)
    again = Tickets(desk.table).find(desk.ref)
    assert first is not None
    assert again is not None
    assert (again.id, again.status, again.created_at) == (first.id, "open", first.created_at)


def test_while_a_person_is_in_moods_are_read_and_the_watching_see_what_is_said(
    desk: Desk,
) -> None:
    run(desk, QUESTION)
    Inbox(desk.table).take_over(desk.ref, ADA)
    agent(desk, watching=True)
    before = len(desk.answers())
    desk.moods.read_as["Now you've lost me"] = ANGRY
    desk.say("Now you've lost me")
    desk.worker().run(desk.ref)
    assert len(desk.answers()) == before
    stored = desk.conversations.recent_messages(desk.ref, 1)[0]
    assert stored.sentiment == ANGRY
    [seen] = desk.frames("message", "agent")
    assert seen["message"]["text"] == "Now you've lost me"
    assert desk.frames("conversation", "agent")[-1]["conversation"]["priority"] == "urgent"
    assert desk.is_idle()


def test_who_takes_over_while_the_assistant_speaks_silences_it(desk: Desk) -> None:
    def take_over() -> None:
        Inbox(desk.table).take_over(desk.ref, ADA)

    desk.say()
    desk.worker(Script("A refund takes ", take_over, "5 to 10 working days [1].")).run(desk.ref)
    assert desk.answers() == []
    [withdrawn] = desk.frames("withdrawn")
    assert {frame["message_id"] for frame in desk.frames("delta")} <= {withdrawn["message_id"]}
    assert desk.frames("done") == []
    assert desk.is_idle()


def test_who_took_over_before_the_first_word_hears_none(desk: Desk) -> None:
    def take_over() -> None:
        Inbox(desk.table).take_over(desk.ref, ADA)

    desk.say()
    desk.worker(Script(take_over, "A refund takes 5 to 10 working days [1].")).run(desk.ref)
    assert desk.answers() == []
    assert desk.frames("done") == []


def test_a_priority_the_team_has_set_stays(desk: Desk) -> None:
    run(desk, QUESTION)
    Inbox(desk.table).prioritize(desk.ref, "low")
    desk.moods.read_as[QUESTION] = ANGRY
    run(desk, QUESTION)
    assert desk.conversations.get(desk.ref).priority == "low"


def test_outside_the_hours_who_left_an_address_is_not_asked_for_one(desk: Desk) -> None:
    hours = BusinessHours().model_dump(mode="json")
    hours["hours"] = [{"day": "mon", "since": "00:00:00", "until": "00:00:01"}]
    desk.organizations.change(
        desk.organization.id, {"business_hours": hours}, by=OPERATOR, action="test"
    )
    conversation = desk.conversations.get(desk.ref)
    Visitors(desk.table).set_customer(conversation, Customer(email="sam@example.org"))
    answer = run(desk, PERSON)
    assert "They are back" in answer.text
    assert "you get the answer by mail" in answer.text
    assert answer.suggested_actions == ()


def test_a_ticket_that_changes_in_the_same_moment_is_tried_again_and_nothing_is_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(desk, PERSON)
    inbox = Inbox(desk.table)
    inbox.hand_back(desk.ref, ADA)
    find = desk.conversations._ticket

    def close_meanwhile(ref: object) -> object:
        found = find(desk.ref)
        inbox.change_ticket(desk.ref, {"status": "closed"}, OPERATOR)
        return found

    desk.say(PERSON)
    with monkeypatch.context() as racing:
        racing.setattr(desk.conversations.__class__, "_ticket", lambda _, ref: close_meanwhile(ref))
        with pytest.raises(Exception, match="taken over"):
            desk.worker().run(desk.ref)
    desk.worker().run(desk.ref)
    assert desk.is_idle()
    assert desk.conversations.get(desk.ref).status == "waiting"
    ticket = Tickets(desk.table).find(desk.ref)
    assert ticket is not None
    assert ticket.status == "open"


@pytest.mark.parametrize("parting", ["Thanks!", "Thank you, Robin 😊", "Danke, Ada!", "👍", "bye"])
def test_thanks_for_what_is_resolved_are_answered_and_reopen_nothing(
    desk: Desk, parting: str
) -> None:
    run(desk, QUESTION)
    inbox = Inbox(desk.table)
    inbox.reply(desk.ref, ADA, "Done.", new_id())
    inbox.resolve(desk.ref, "customer", None)
    assert run(desk, parting).kind == "small_talk"
    conversation = desk.conversations.get(desk.ref)
    assert (conversation.status, conversation.last_role) == ("resolved", "assistant")
    assert desk.frames("state")[-1]["status"] == "resolved"
    assert "reopened" not in _counted(desk)
    inbox.rate(desk.ref, 5, None)
    run(desk, "Thanks, but it still does not work")
    assert desk.conversations.get(desk.ref).status != "resolved"
    assert _counted(desk)["reopened"] == 1


def test_thanks_at_the_end_call_nobody_however_often(desk: Desk) -> None:
    run(desk, QUESTION, *["Thanks!"] * 4)
    assert desk.conversations.get(desk.ref).status == "open"


def _counted(desk: Desk) -> dict[str, int]:
    now = datetime.now(UTC)
    counters = Counters(desk.table)
    read = counters.read(desk.organization.id, now - timedelta(days=1), now, "day")
    return dict(sum((Counter(counts) for counts in read.values()), Counter()))
