"""A conversation's line, lease and messages."""

import pytest

from frontdesk.entities import Citation, Conversation, ConversationRef, Message, Sentiment
from frontdesk.errors import NotFound, RateLimited
from frontdesk.ids import id_before, new_id, time_of
from frontdesk.tables.client import Table
from frontdesk.tables.conversations import (
    MAX_UNANSWERED,
    Conversations,
    LeaseLost,
    TooManyUnanswered,
)
from frontdesk.tables.counters import Counters
from frontdesk.tables.outcomes import Outcome
from frontdesk.tables.visitors import Visitors


@pytest.fixture
def conversations(table: Table) -> Conversations:
    return Conversations(table)


@pytest.fixture
def visitors(table: Table) -> Visitors:
    return Visitors(table)


@pytest.fixture
def ref(visitors: Visitors) -> ConversationRef:
    return visitors.open("org", "visitor").ref


def say(conversations: Conversations, ref: ConversationRef, text: str = "Hello?") -> str:
    return conversations.accept(ref, client_id=new_id(), text=text, per_minute=1000).message_id


def reply(text: str = "Yes.") -> Message:
    identifier = new_id()
    return Message(
        id=identifier, role="assistant", text=text, at=time_of(identifier), kind="answer"
    )


def waiting(conversations: Conversations, ref: ConversationRef) -> list[Message]:
    unanswered = conversations.get(ref).unanswered
    return [each for each in conversations.recent_messages(ref, 50) if each.id in unanswered]


def lease(conversations: Conversations, ref: ConversationRef, owner: str) -> Conversation:
    conversation = conversations.acquire_lease(ref, owner)
    assert conversation is not None
    return conversation


def test_a_message_sent_again_is_stored_once(
    conversations: Conversations, ref: ConversationRef
) -> None:
    client_id = new_id()
    first = conversations.accept(ref, client_id=client_id, text="Hi", per_minute=10)
    for _ in range(9):
        again = conversations.accept(ref, client_id=client_id, text="Hi", per_minute=10)
        assert again.repeated
        assert again.message_id == first.message_id
    assert [each.text for each in conversations.recent_messages(ref, 50)] == ["Hi"]
    assert conversations.get(ref).unanswered == (first.message_id,)


def test_a_repeat_does_not_use_up_the_rate(
    conversations: Conversations, ref: ConversationRef
) -> None:
    client_id = new_id()
    for _ in range(5):
        conversations.accept(ref, client_id=client_id, text="Hi", per_minute=1)


@pytest.mark.usefixtures("young_minute")
def test_too_many_messages_in_a_minute_are_refused_and_not_stored(
    conversations: Conversations, ref: ConversationRef
) -> None:
    for _ in range(3):
        conversations.accept(ref, client_id=new_id(), text="Hi", per_minute=3)
    with pytest.raises(RateLimited) as refusal:
        conversations.accept(ref, client_id=new_id(), text="Hi", per_minute=3)
    assert 1 <= refusal.value.retry_after <= 60
    assert len(conversations.recent_messages(ref, 50)) == 3


def test_the_line_has_an_end(conversations: Conversations, ref: ConversationRef) -> None:
    for _ in range(MAX_UNANSWERED):
        say(conversations, ref)
    with pytest.raises(TooManyUnanswered):
        say(conversations, ref)
    assert len(conversations.recent_messages(ref, 100)) == MAX_UNANSWERED


def test_a_message_to_a_conversation_that_is_not_there_is_refused(
    conversations: Conversations,
) -> None:
    nowhere = ConversationRef(organization_id="org", conversation_id=new_id())
    with pytest.raises(NotFound):
        say(conversations, nowhere)


def test_only_one_worker_holds_the_lease(
    conversations: Conversations, ref: ConversationRef
) -> None:
    assert conversations.acquire_lease(ref, "first") is not None
    assert conversations.acquire_lease(ref, "second") is None
    assert conversations.acquire_lease(ref, "first") is not None


def test_a_dead_workers_lease_runs_out(
    conversations: Conversations, ref: ConversationRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.tables.conversations.LEASE_SECONDS", -1.0)
    assert conversations.acquire_lease(ref, "dead") is not None
    assert conversations.acquire_lease(ref, "alive") is not None


def test_an_answer_leaves_the_line_to_what_came_after(
    conversations: Conversations, ref: ConversationRef
) -> None:
    first, second = say(conversations, ref), say(conversations, ref)
    lease(conversations, ref, "worker")
    answered = waiting(conversations, ref)
    third = say(conversations, ref, "And another thing")
    conversations.store_outcome(conversations.get(ref), "worker", Outcome(answered, [reply()]))
    assert [each.id for each in answered] == [first, second]
    assert conversations.get(ref).unanswered == (third,)


def test_the_lease_is_not_released_while_a_message_waits(
    conversations: Conversations, ref: ConversationRef
) -> None:
    lease(conversations, ref, "worker")
    say(conversations, ref)
    assert not conversations.release_lease(ref, "worker")
    conversations.store_outcome(
        conversations.get(ref), "worker", Outcome(waiting(conversations, ref), [reply()])
    )
    assert conversations.release_lease(ref, "worker")
    assert conversations.acquire_lease(ref, "other") is not None


def test_an_answer_is_stored_once_even_when_two_workers_wrote_it(
    conversations: Conversations, ref: ConversationRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(conversations, ref)
    answered = waiting(conversations, ref)
    monkeypatch.setattr("frontdesk.tables.conversations.LEASE_SECONDS", -1.0)
    lease(conversations, ref, "slow")
    lease(conversations, ref, "quick")
    conversations.store_outcome(
        conversations.get(ref), "quick", Outcome(answered, [reply("quick")])
    )
    with pytest.raises(LeaseLost):
        conversations.store_outcome(
            conversations.get(ref), "slow", Outcome(answered, [reply("slow")])
        )
    assert [each.text for each in conversations.recent_messages(ref, 9)] == ["Hello?", "quick"]


def test_the_same_worker_cannot_store_its_answer_twice(
    conversations: Conversations, ref: ConversationRef
) -> None:
    say(conversations, ref)
    answered = waiting(conversations, ref)
    lease(conversations, ref, "worker")
    conversations.store_outcome(conversations.get(ref), "worker", Outcome(answered, [reply()]))
    with pytest.raises(LeaseLost):
        conversations.store_outcome(conversations.get(ref), "worker", Outcome(answered, [reply()]))


def test_an_answer_counts_in_the_days_counters(
    conversations: Conversations, ref: ConversationRef, table: Table
) -> None:
    for _ in range(4):
        say(conversations, ref)
        lease(conversations, ref, "worker")
        answer = reply()
        conversations.store_outcome(
            conversations.get(ref), "worker", Outcome(waiting(conversations, ref), [answer])
        )
    for step in ("hour", "day"):
        counted = Counters(table).read("org", answer.at, answer.at, step)
        [counts] = counted.values()
        assert counts["answers_answer"] == counts["messages_assistant"] == 4
        assert counts["messages_customer"] == 4
        assert counts["conversations"] == counts["first_response_count"] == 1


def test_the_mood_is_kept_with_the_message(
    conversations: Conversations, ref: ConversationRef
) -> None:
    say(conversations, ref)
    lease(conversations, ref, "worker")
    mood = Sentiment(label="NEGATIVE", score=-0.731, confidence=0.8)
    answered = [each.model_copy(update={"sentiment": mood}) for each in waiting(conversations, ref)]
    conversations.store_outcome(conversations.get(ref), "worker", Outcome(answered, [reply()]))
    assert conversations.recent_messages(ref, 9)[0].sentiment == mood


def test_an_answer_is_read_as_it_was_stored_although_its_source_has_no_pages(
    conversations: Conversations, ref: ConversationRef
) -> None:
    say(conversations, ref)
    lease(conversations, ref, "worker")
    citation = Citation(number=1, passage_id="p", document_id="d", title="Guide", quote="Yes.")
    answer = reply().model_copy(update={"citations": (citation,), "confidence": 0.25})
    conversations.store_outcome(
        conversations.get(ref), "worker", Outcome(waiting(conversations, ref), [answer])
    )
    assert conversations.message(ref, answer.id) == answer


def test_messages_after_one_include_those_made_a_little_before(
    conversations: Conversations, ref: ConversationRef
) -> None:
    ids = [say(conversations, ref, f"message {n}") for n in range(3)]
    later = conversations.messages_after(ref, ids[-1], overlap_seconds=60, limit=50)
    assert [each.id for each in later] == ids
    assert conversations.messages_after(ref, None, overlap_seconds=0, limit=2)[-1].id == ids[-1]
    assert id_before(ids[0], seconds=60) < ids[0]


def test_only_answers_can_be_judged(conversations: Conversations, ref: ConversationRef) -> None:
    question = say(conversations, ref)
    with pytest.raises(NotFound):
        conversations.judge(ref, question, helpful=True)
    lease(conversations, ref, "worker")
    answer = reply()
    conversations.store_outcome(
        conversations.get(ref), "worker", Outcome(waiting(conversations, ref), [answer])
    )
    conversations.judge(ref, answer.id, helpful=True)
    conversations.judge(ref, answer.id, helpful=False)
    assert conversations.message(ref, answer.id).helpful is False


def test_who_listens_is_read_with_the_conversation(
    conversations: Conversations, ref: ConversationRef, table: Table
) -> None:
    from frontdesk.entities import Connection
    from frontdesk.tables.connections import Connections

    connections = Connections(table)
    one, two = (Connection(id=name, conversation=ref) for name in ("one=", "two="))
    connections.open(one)
    connections.open(two)
    conversations.request_stop(ref)
    seen = conversations.watch(ref)
    assert sorted(seen.listeners) == ["one=", "two="]
    assert seen.conversation.stop_at
    connections.close(one)
    assert conversations.watch(ref).listeners == ["two="]
    assert connections.find("one=") is None


def test_what_waits_when_a_person_comes_in_is_left_to_them(
    conversations: Conversations, ref: ConversationRef
) -> None:
    say(conversations, ref)
    conversation = lease(conversations, ref, "worker")
    late = say(conversations, ref)
    waiting = [conversations.message(ref, each) for each in conversation.unanswered]
    conversations.store_outcome(conversation, "worker", Outcome(waiting))
    assert conversations.get(ref).unanswered == (late,)
