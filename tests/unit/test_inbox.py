"""What the team does with conversations."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from frontdesk.entities import (
    Actor,
    Author,
    ConversationRef,
    Message,
    Organization,
    Sentiment,
    Summary,
    Ticket,
    TicketStatus,
)
from frontdesk.errors import Conflict, InvalidRequest, NotFound
from frontdesk.escalation.rules import Escalation
from frontdesk.ids import new_id, time_of
from frontdesk.tables.client import Table, Update
from frontdesk.tables.conversation_items import conversation_key
from frontdesk.tables.conversation_lists import ConversationFilter, ConversationLists
from frontdesk.tables.conversations import Conversations, LeaseLost
from frontdesk.tables.counters import Counters
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.outcomes import Outcome
from frontdesk.tables.privacy import Privacy
from frontdesk.tables.tickets import TicketFilter, Tickets
from frontdesk.tables.visitors import Visitors

ADA = Author(id=new_id(), name="Ada")
BOB = Author(id=new_id(), name="Bob")
ANY = ConversationFilter()
BY = Actor(type="user", id=ADA.id, name="Ada")


class Desk:
    """An organisation's conversations, from both sides."""

    def __init__(self, table: Table) -> None:
        self.table = table
        Organizations(table).create(Organization(id="org", name="Harbor"))
        self.conversations = Conversations(table)
        self.visitors = Visitors(table)
        self.inbox = Inbox(table)
        self.lists = ConversationLists(table)
        self.tickets = Tickets(table)

    def asked(self, *texts: str, organization: str = "org") -> ConversationRef:
        ref = self.visitors.open(organization, new_id()).ref
        for text in texts or ("Where is my parcel?",):
            self.say(ref, text)
        return ref

    def say(self, ref: ConversationRef, text: str) -> None:
        self.conversations.accept(ref, client_id=new_id(), text=text, per_minute=1000)

    def answer(self, ref: ConversationRef, *, mood: float = 0.0) -> Message:
        conversation = self.conversations.acquire_lease(ref, "worker")
        assert conversation is not None
        label = "NEGATIVE" if mood < 0 else "NEUTRAL"
        sentiment = Sentiment.model_validate({"label": label, "score": mood, "confidence": 0.9})
        asked = [
            self.conversations.message(ref, each).model_copy(update={"sentiment": sentiment})
            for each in conversation.unanswered
        ]
        identifier = new_id()
        answer = Message(
            id=identifier, role="assistant", text="Soon.", at=time_of(identifier), kind="answer"
        )
        self.conversations.store_outcome(conversation, "worker", Outcome(asked, [answer]))
        self.conversations.release_lease(ref, "worker")
        return answer

    def texts(self, ref: ConversationRef) -> list[str]:
        return [each.text for each in self.conversations.recent_messages(ref, 99) if each.text]

    def counted(self) -> dict[str, int]:
        now = datetime.now(UTC)
        days = Counters(self.table).read("org", now - timedelta(days=1), now, "day")
        total: dict[str, int] = {}
        for counts in days.values():
            for name, number in counts.items():
                total[name] = total.get(name, 0) + number
        return total

    def ids(self, wanted: ConversationFilter = ANY, *, limit: int = 100) -> list[str]:
        """Walk all pages."""
        found: list[str] = []
        cursor: str | None = None
        while True:
            page = self.lists.page("org", wanted, cursor=cursor, limit=limit)
            found += [each.id for each in page.entries]
            cursor = page.cursor
            if cursor is None:
                return found


@pytest.fixture
def desk(table: Table) -> Desk:
    return Desk(table)


def test_who_takes_over_is_announced_and_the_assistant_falls_silent(desk: Desk) -> None:
    ref = desk.asked()
    record = desk.inbox.take_over(ref, ADA)
    assert record is not None
    assert (record.text, record.public) == ("Ada has joined.", True)
    conversation = desk.conversations.get(ref)
    assert (conversation.status, conversation.assignee) == ("human", ADA.id)
    assert conversation.unanswered == ()
    assert desk.inbox.take_over(ref, ADA) is None
    assert desk.counted()["handoff_took_over"] == 1


def test_an_answer_under_way_is_not_stored_over_a_persons_head(desk: Desk) -> None:
    ref = desk.asked()
    conversation = desk.conversations.acquire_lease(ref, "worker")
    assert conversation is not None
    asked = [desk.conversations.message(ref, each) for each in conversation.unanswered]
    desk.inbox.take_over(ref, ADA)
    late = Message(id=new_id(), role="assistant", text="Late", at=datetime.now(UTC), kind="answer")
    with pytest.raises(LeaseLost):
        desk.conversations.store_outcome(conversation, "worker", Outcome(asked, [late]))
    assert "Late" not in desk.texts(ref)


def test_two_who_take_over_at_once_end_with_one_in_charge(desk: Desk) -> None:
    ref = desk.asked()
    get = desk.inbox._get
    interfered: list[bool] = []

    def interfere(ref: ConversationRef) -> Any:
        found = get(ref)
        if not interfered:
            interfered.append(True)
            Inbox(desk.table).take_over(ref, BOB)
        return found

    desk.inbox._get = interfere  # type: ignore[method-assign]
    desk.inbox.take_over(ref, ADA)
    assert desk.conversations.get(ref).assignee == ADA.id
    assert desk.texts(ref)[-2:] == ["Bob has joined.", "Ada has joined."]
    assert desk.counted()["handoffs"] == 1


def test_a_reply_takes_over_and_is_written_once(desk: Desk) -> None:
    ref = desk.asked()
    client_id = new_id()
    first = desk.inbox.reply(ref, ADA, "It is on its way.", client_id)
    again = desk.inbox.reply(ref, ADA, "It is on its way.", client_id)
    assert again == first
    assert desk.texts(ref) == ["Where is my parcel?", "It is on its way."]
    conversation = desk.conversations.get(ref)
    assert (conversation.status, conversation.last_role) == ("human", "agent")
    assert conversation.first_response_at == first.at
    counted = desk.counted()
    assert counted["messages_agent"] == counted["first_response_count"] == 1
    assert counted["human_response_count"] == counted["handoffs"] == 1


def test_a_note_is_written_once_also_when_the_answer_to_the_first_was_lost(desk: Desk) -> None:
    ref = desk.asked()
    client_id = new_id()
    first = desk.inbox.note(ref, ADA, "Called the warehouse.", client_id)
    desk.inbox.resolve(ref, "agent", ADA)
    assert desk.inbox.note(ref, ADA, "Called the warehouse.", client_id) == first
    assert desk.texts(ref) == ["Where is my parcel?", "Called the warehouse."]


@pytest.mark.parametrize("act", ["reply", "note"])
def test_a_double_click_writes_once(desk: Desk, act: Literal["reply", "note"]) -> None:
    """Both have looked before either has written."""
    ref = desk.asked()
    client_id, settled = new_id(), desk.inbox._settled
    written: list[Message] = []

    def interfere(ref: ConversationRef) -> Any:
        found = settled(ref)
        if not written:
            written.append(getattr(Inbox(desk.table), act)(ref, ADA, "On its way.", client_id))
        return found

    desk.inbox._settled = interfere  # type: ignore[method-assign]
    assert getattr(desk.inbox, act)(ref, ADA, "On its way.", client_id) == written[0]
    assert desk.texts(ref) == ["Where is my parcel?", "On its way."]
    assert desk.counted().get("messages_agent", 0) == (act == "reply")


def test_an_id_stands_for_a_reply_or_for_a_note(desk: Desk) -> None:
    ref = desk.asked()
    client_id = new_id()
    desk.inbox.note(ref, ADA, "A difficult customer.", client_id)
    with pytest.raises(Conflict):
        desk.inbox.reply(ref, ADA, "It is on its way.", client_id)


def test_only_the_first_answer_after_a_hand_off_is_timed(desk: Desk) -> None:
    ref = desk.asked()
    desk.answer(ref)
    desk.inbox.hand_off(ref, "asked")
    for text in ("Hello", "Still there?"):
        desk.inbox.reply(ref, ADA, text, new_id())
    counted = desk.counted()
    assert counted["first_response_count"] == 1
    assert counted["human_response_count"] == 1
    assert counted["handoff_asked"] == 1
    assert "handoff_took_over" not in counted


def test_a_note_is_for_the_team_alone(desk: Desk) -> None:
    ref = desk.asked()
    note = desk.inbox.note(ref, ADA, "Called the warehouse.", new_id())
    assert not note.public
    assert desk.conversations.get(ref).status == "open"
    messages, _ = desk.inbox.messages(ref, before=None, limit=10)
    assert [each.role for each in messages] == ["customer", "note"]


def test_handing_back_lets_the_assistant_answer_again(desk: Desk) -> None:
    ref = desk.asked()
    desk.inbox.take_over(ref, ADA)
    desk.inbox.hand_back(ref, ADA)
    conversation = desk.conversations.get(ref)
    assert (conversation.status, conversation.assignee, conversation.handoff) == (
        "open",
        None,
        None,
    )
    assert desk.inbox.hand_back(ref, ADA) is None
    desk.say(ref, "And now?")
    desk.answer(ref)
    assert desk.texts(ref)[-1] == "Soon."


def test_resolving_is_counted_once_and_ends_the_ticket(desk: Desk) -> None:
    ref = desk.asked()
    desk.answer(ref)
    desk.inbox.hand_off(ref, "asked", category="billing")
    assert desk.tickets.get("org", ref.conversation_id).status == "open"
    assert desk.inbox.resolve(ref, "agent", ADA) is not None
    assert desk.inbox.resolve(ref, "customer") is None
    conversation = desk.conversations.get(ref)
    assert conversation.resolution is not None
    assert conversation.resolution.by == "agent"
    assert desk.tickets.get("org", ref.conversation_id).status == "closed"
    counted = desk.counted()
    assert counted["resolved_agent"] == counted["resolution_count"] == 1
    assert "resolved_customer" not in counted


@pytest.mark.parametrize("before", ["open", "waiting", "human", "left"])
def test_a_resolution_that_is_taken_back_leaves_all_as_it_was(desk: Desk, before: str) -> None:
    ref = desk.asked()
    if before == "waiting":
        desk.inbox.hand_off(ref, "asked")
    elif before != "open":
        desk.inbox.take_over(ref, ADA)
    desk.inbox.snooze(ref, datetime.now(UTC) + timedelta(days=1))
    stood, counted = desk.conversations.get(ref), desk.counted()
    texts = desk.texts(ref)
    desk.inbox.resolve(ref, "agent", ADA)
    if before == "left":
        desk.inbox.release(ref, ADA.id)
    record = desk.inbox.reopen(ref, BOB)
    assert record is not None
    assert (record.event, record.public) == ("reopened", False)
    assert desk.inbox.reopen(ref, BOB) is None
    again = desk.conversations.get(ref)
    if before == "left":
        assert (again.status, again.assignee) == ("waiting", None)
        assert again.ref.conversation_id in desk.ids(ConversationFilter(status="waiting"))
        return
    assert again == stood
    assert desk.ids(ConversationFilter(status=stood.status)) == [ref.conversation_id]
    assert {name: number for name, number in desk.counted().items() if number} == counted
    ticket = desk.tickets.find(ref)
    assert (ticket and ticket.status) == ("open" if before == "waiting" else None)
    assert desk.texts(ref) == texts


def test_what_was_resolved_before_it_was_noted_how_it_stood_opens_with_whose_it_is(
    desk: Desk,
) -> None:
    for assignee, status in ((None, "open"), (ADA.id, "human")):
        ref = desk.asked()
        desk.inbox.assign(ref, assignee, ADA)
        desk.inbox.resolve(ref, "silence")
        desk.table.update(Update(conversation_key(ref), "REMOVE before_resolution"))
        desk.inbox.reopen(ref, ADA)
        assert desk.conversations.get(ref).status == status


def test_thanks_that_came_meanwhile_stay_in_line_when_a_resolution_is_taken_back(
    desk: Desk,
) -> None:
    ref = desk.asked()
    desk.inbox.resolve(ref, "agent", ADA)
    desk.say(ref, "Thank you!")
    desk.inbox.reopen(ref, ADA)
    conversation = desk.conversations.get(ref)
    assert (conversation.status, len(conversation.unanswered)) == ("open", 2)


def test_a_message_reopens_what_was_resolved_and_is_answered(desk: Desk) -> None:
    ref = desk.asked()
    desk.answer(ref)
    desk.inbox.resolve(ref, "agent", ADA)
    desk.say(ref, "It does not work after all")
    conversation = desk.conversations.get(ref)
    assert (conversation.status, conversation.resolution) == ("open", None)
    assert len(conversation.unanswered) == 1
    counted = desk.counted()
    assert counted["reopened"] == counted["reopened_within_7_days"] == 1
    records = [each.event for each in desk.conversations.recent_messages(ref, 99) if each.event]
    assert records == ["resolved", "reopened"]


def test_a_customer_cannot_confirm_what_nobody_answered(desk: Desk) -> None:
    ref = desk.asked()
    with pytest.raises(Conflict):
        desk.inbox.resolve(ref, "customer")
    with pytest.raises(NotFound):
        desk.inbox.resolve(desk.visitors.open("org", "silent").ref, "customer")


def test_there_are_never_two_tickets_and_a_closed_one_opens_again(desk: Desk) -> None:
    ref = desk.asked()
    assert desk.inbox.hand_off(ref, "asked") is not None
    assert desk.inbox.hand_off(ref, "mood") is None
    assert desk.counted()["handoffs"] == 1
    desk.inbox.resolve(ref, "agent", ADA)
    desk.say(ref, "Hello again")
    assert desk.inbox.hand_off(ref, "asked") is not None
    page = desk.tickets.page("org", TicketFilter(), cursor=None, limit=10)
    assert [(each.id, each.status) for each in page.entries] == [(ref.conversation_id, "open")]
    assert desk.conversations.get(ref).status == "waiting"


def test_what_waits_is_not_resolved_by_silence_when_something_was_said(desk: Desk) -> None:
    ref = desk.asked()
    answer = desk.answer(ref)
    desk.say(ref, "One more thing")
    with pytest.raises(Conflict):
        desk.inbox.resolve(ref, "silence", silent_since=answer.id)
    assert desk.conversations.get(ref).status == "open"


def test_lists_are_filtered_by_all_that_people_ask_for(desk: Desk) -> None:
    angry = desk.asked("My invoice is wrong")
    desk.answer(angry, mood=-0.8)
    mine = desk.asked("Hello there")
    desk.inbox.take_over(mine, ADA)
    urgent = desk.asked("The house is on fire")
    desk.inbox.prioritize(urgent, "urgent")
    done = desk.asked("Thanks")
    desk.answer(done)
    desk.inbox.resolve(done, "agent", ADA)
    desk.asked("Not yours", organization="other org")
    desk.visitors.open("org", "has said nothing")
    wanted = {
        "angry": ConversationFilter(mood="negative"),
        "mine": ConversationFilter(assignee=ADA.id),
        "urgent": ConversationFilter(priority="urgent", status="open"),
        "done": ConversationFilter(status="resolved"),
        "text": ConversationFilter(text="INVOICE"),
    }
    assert desk.ids() == [each.conversation_id for each in (done, urgent, mine, angry)]
    for name, ref in (
        ("angry", angry),
        ("mine", mine),
        ("urgent", urgent),
        ("done", done),
        ("text", angry),
    ):
        assert desk.ids(wanted[name]) == [ref.conversation_id], name
    now = datetime.now(UTC)
    assert desk.ids(ConversationFilter(since=now - timedelta(hours=1))) == desk.ids()
    assert desk.ids(ConversationFilter(until=now - timedelta(hours=1))) == []
    backwards = ConversationFilter(since=now, until=now - timedelta(hours=1))
    assert desk.ids(backwards) == []


def test_a_list_is_walked_to_its_end_each_conversation_once(desk: Desk) -> None:
    refs = [desk.asked(f"Question {number}") for number in range(13)]
    expected = [ref.conversation_id for ref in reversed(refs)]
    for limit in (1, 4, 13, 50):
        assert desk.ids(limit=limit) == expected
    with pytest.raises(InvalidRequest):
        desk.lists.page("org", ANY, cursor="made up", limit=5)


def stored(desk: Desk, number: int) -> None:
    from frontdesk.tables.client import Put
    from frontdesk.tables.conversation_items import status_attributes

    puts = []
    for _ in range(number):
        identifier = new_id()
        puts.append(
            Put(
                (f"ORG#org#CONV#{identifier}", "CONV"),
                {
                    "id": identifier,
                    "organization_id": "org",
                    "started_at": datetime.now(UTC).isoformat(),
                    "gsi1pk": "ORG#org#CONVERSATIONS",
                    "gsi1sk": identifier,
                    **status_attributes("org", "resolved"),
                },
            )
        )
    desk.table.put_many(puts)


@pytest.mark.slow
def test_a_page_costs_the_same_however_many_conversations_there_are(desk: Desk) -> None:
    calls: list[str] = []
    events = desk.table._client.meta.events
    events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    costs = []
    for more in (60, 700):
        stored(desk, more)
        calls.clear()
        page = desk.lists.page("org", ANY, cursor=None, limit=50)
        assert len(page.entries) == 50
        costs.append(list(calls))
    assert costs == [["Query"], ["Query"]]
    calls.clear()
    nothing = desk.lists.page("org", ConversationFilter(text="xyzzy"), cursor=None, limit=50)
    assert (nothing.entries, len(calls)) == ((), 5)
    assert nothing.cursor is not None
    assert desk.ids(ConversationFilter(text="xyzzy")) == []


def test_older_messages_come_page_by_page(desk: Desk) -> None:
    ref = desk.asked(*(f"Line {number}" for number in range(7)))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        messages, cursor = desk.inbox.messages(ref, before=cursor, limit=3)
        seen = [each.text for each in messages] + seen
        if cursor is None:
            break
    assert seen == [f"Line {number}" for number in range(7)]


@pytest.mark.parametrize(
    "act", ["prioritize", "take_over", "reply", "resolve", "hand_off", "assign"]
)
def test_no_act_brings_an_erased_conversation_back(desk: Desk, act: str) -> None:
    ref = desk.asked()
    get = desk.inbox._get

    def erased(ref: ConversationRef) -> Any:
        found = get(ref)
        Privacy(desk.table).erase(ref)
        return found

    desk.inbox._get = erased  # type: ignore[method-assign]
    acts: dict[str, Callable[[], object]] = {
        "prioritize": lambda: desk.inbox.prioritize(ref, "urgent"),
        "take_over": lambda: desk.inbox.take_over(ref, ADA),
        "reply": lambda: desk.inbox.reply(ref, ADA, "Hello", new_id()),
        "resolve": lambda: desk.inbox.resolve(ref, "agent", ADA),
        "hand_off": lambda: desk.inbox.hand_off(ref, "asked"),
        "assign": lambda: desk.inbox.assign(ref, ADA.id, ADA),
    }
    with pytest.raises(NotFound):
        acts[act]()
    assert desk.table.query(f"ORG#org#CONV#{ref.conversation_id}") == []


def test_a_ticket_that_was_closed_meanwhile_stays_in_the_list_of_the_closed(desk: Desk) -> None:
    ref = desk.asked()
    desk.inbox.hand_off(ref, "asked")
    stale = desk.tickets.get("org", ref.conversation_id)
    desk.inbox.resolve(ref, "agent", ADA)
    find = desk.inbox._ticket

    def late(ref: ConversationRef) -> Ticket:
        desk.inbox._ticket = find  # type: ignore[method-assign]
        return stale

    desk.inbox._ticket = late  # type: ignore[method-assign]
    desk.inbox.change_ticket(ref, {"category": "billing"}, BY)
    changed = desk.tickets.get("org", ref.conversation_id)
    assert (changed.status, changed.category) == ("closed", "billing")
    wanted: list[tuple[TicketStatus, int]] = [("open", 0), ("closed", 1)]
    for status, number in wanted:
        page = desk.tickets.page("org", TicketFilter(status=status), cursor=None, limit=9)
        assert len(page.entries) == number


@pytest.mark.parametrize("before", [None, ADA.id], ids=["nobody", "Ada"])
def test_a_ticket_that_was_given_to_somebody_meanwhile_stays_theirs(
    desk: Desk, before: str | None
) -> None:
    ref = desk.asked()
    desk.inbox.hand_off(ref, "asked")
    desk.inbox.change_ticket(ref, {"assignee": before}, BY)
    stale = desk.tickets.get("org", ref.conversation_id)
    desk.inbox.change_ticket(ref, {"assignee": BOB.id}, BY)
    find = desk.inbox._ticket

    def late(ref: ConversationRef) -> Ticket:
        desk.inbox._ticket = find  # type: ignore[method-assign]
        return stale

    desk.inbox._ticket = late  # type: ignore[method-assign]
    desk.inbox.change_ticket(ref, {"category": "billing"}, BY)
    changed = desk.tickets.get("org", ref.conversation_id)
    assert (changed.assignee, changed.category) == (BOB.id, "billing")
    for assignee, number in ((ADA.id, 0), (BOB.id, 1)):
        page = desk.tickets.page("org", TicketFilter(assignee=assignee), cursor=None, limit=9)
        assert len(page.entries) == number


@pytest.mark.parametrize(
    ("act", "whose"),
    [
        (lambda desk, ref: desk.inbox.assign(ref, BOB.id, ADA), BOB.id),
        (lambda desk, ref: desk.inbox.assign(ref, None, ADA), None),
        (lambda desk, ref: desk.inbox.take_over(ref, BOB), BOB.id),
        (lambda desk, ref: desk.inbox.reply(ref, BOB, "It is on its way.", new_id()), BOB.id),
        (lambda desk, ref: desk.inbox.hand_back(ref, ADA), None),
        (lambda desk, ref: desk.inbox.release(ref, ADA.id), None),
        (lambda desk, ref: desk.inbox.resolve(ref, "agent", ADA), ADA.id),
        (lambda desk, ref: desk.inbox.change_ticket(ref, {"assignee": BOB.id}, BY), BOB.id),
        (lambda desk, ref: desk.inbox.change_ticket(ref, {"assignee": None}, BY), None),
        (lambda desk, ref: desk.inbox.change_ticket(ref, {"status": "pending"}, BY), ADA.id),
    ],
    ids=[
        *("assign", "unassign", "take over", "reply", "hand back", "release", "resolve"),
        *("ticket to Bob", "ticket to nobody", "ticket pending"),
    ],
)
def test_a_ticket_is_whose_the_conversation_is(
    desk: Desk, act: Callable[[Desk, ConversationRef], object], whose: str | None
) -> None:
    ref = desk.asked()
    desk.inbox.hand_off(ref, "asked")
    desk.inbox.assign(ref, ADA.id, ADA)
    act(desk, ref)
    assert desk.conversations.get(ref).assignee == whose
    assert desk.tickets.get("org", ref.conversation_id).assignee == whose
    for partition in ("CONVERSATIONS", "TICKETS"):
        for each in (ADA.id, BOB.id):
            items = desk.table.query_index("gsi3", f"ORG#org#{partition}#OF#{each}", limit=9)
            assert len(items) == (each == whose), (partition, each)


def test_a_ticket_made_while_it_is_assigned_is_whose_the_conversation_is(desk: Desk) -> None:
    ref = desk.asked()
    conversation = desk.conversations.acquire_lease(ref, "worker")
    assert conversation is not None
    asked = [desk.conversations.message(ref, each) for each in conversation.unanswered]
    desk.inbox.assign(ref, BOB.id, ADA)
    escalation = Escalation("asked", "question", Summary(wants="A person", mood="calm"))
    outcome = Outcome(asked, [], escalation=escalation)
    desk.conversations.store_outcome(conversation, "worker", outcome)
    assert desk.tickets.get("org", ref.conversation_id).assignee == BOB.id


@pytest.mark.parametrize(
    "go_on",
    [
        lambda desk, ref: desk.say(ref, "And how long do refunds take?"),
        lambda desk, ref: desk.inbox.reply(ref, ADA, "One more thing.", new_id()),
        lambda desk, ref: desk.inbox.hand_off(ref, "asked"),
    ],
)
def test_what_goes_on_after_its_end_is_resolved_in_the_time_from_then(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, go_on: Callable[[Desk, ConversationRef], object]
) -> None:
    real, later = time.time_ns, 0
    monkeypatch.setattr("time.time_ns", lambda: real() + later * 10**9)
    monkeypatch.setattr("time.time", lambda: time.time_ns() / 10**9)
    ref = desk.asked()
    desk.inbox.resolve(ref, "agent", ADA)
    first = desk.counted()["resolution_ms"]
    later = 1_000
    go_on(desk, ref)
    later = 1_003
    desk.inbox.resolve(ref, "agent", ADA)
    assert 3_000 <= desk.counted()["resolution_ms"] - first < 100_000
