"""The sample organisation's past: what is stored is what the product makes of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from api.analytics import added, bucket, totals
from frontdesk.canned_replies import check_variables
from frontdesk.entities import (
    Conversation,
    HandoffReason,
    Message,
    Organization,
    Priority,
    Resolution,
    Status,
)
from frontdesk.ids import new_id, time_of
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.sqlite_index import SqliteIndex
from frontdesk.tables.client import ConditionFailed, Operation, Table
from frontdesk.tables.conversation_lists import ConversationFilter, ConversationLists
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.counters import UNIT, Counters
from frontdesk.tables.documents import Documents
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.organizations import organization_puts
from frontdesk.tables.questions import Questions
from frontdesk.tables.reading import Reading, unread_of
from frontdesk.tables.tickets import TicketFilter, Tickets
from frontdesk.tables.users import Users
from frontdesk.tables.visitors import Visitors
from local.sample import history
from local.sample.history import ClassifierMoods, Models, give_history, play
from local.sample.memory_table import MemoryTable
from local.sample.schedule import DAYS, HOURS
from local.sample.scripts import read_cast, read_scripts
from tests.unit.answer_desk import MODELS
from tests.unit.help_centre import passages_of

NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
FEW = (
    *("how long a refund takes", "getting angrier", "the colleague who left", "message at night"),
    *("something goes wrong inside", "a look over the shoulder", "gift vouchers"),
)
DOCUMENTS = Path(history.__file__).parent / "documents"


@dataclass
class Past:
    """Everything, played up to NOW on a Wednesday."""

    table: MemoryTable
    organization_id: str
    count: int
    conversations: list[tuple[Conversation, list[Message]]] = field(default_factory=list)

    def read(self) -> None:
        inbox = Inbox(self.table)
        for conversation in listed(self.table, self.organization_id):
            messages, more = inbox.messages(conversation.ref, before=None, limit=200)
            assert more is None
            self.conversations.append((conversation, messages))

    @property
    def messages(self) -> Iterator[Message]:
        return (message for _, messages in self.conversations for message in messages)


def listed(table: Table, organization_id: str, **wanted: Any) -> list[Conversation]:
    found: list[Conversation] = []
    cursor: str | None = None
    while True:
        page = ConversationLists(table).page(
            organization_id, ConversationFilter(**wanted), cursor=cursor, limit=100
        )
        found += page.entries
        cursor = page.cursor
        if cursor is None:
            return found


def new_organization() -> Organization:
    return Organization(id=new_id(), name="Harbor", assistant="Robin")


@pytest.fixture(scope="module")
def passages(embedder: MiniLmEmbedder) -> dict[str, Sequence[Passage]]:
    return {file.name: passages_of(file, embedder) for file in sorted(DOCUMENTS.iterdir())}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, embedder: MiniLmEmbedder) -> Models:
    return Models(
        moods=ClassifierMoods(MODELS / "sentiment"),
        embedder=embedder,
        index=SqliteIndex(tmp_path_factory.mktemp("sample") / "index.sqlite"),
        threshold=0.75,
    )


@pytest.fixture(scope="module")
def past(models: Models, passages: dict[str, Sequence[Passage]]) -> Past:
    organization, table = new_organization(), MemoryTable()
    table.transact(*organization_puts(organization))
    count = play(table, organization.id, models, passages=passages, password_hash="hash", now=NOW)
    past = Past(table, organization.id, count)
    past.read()
    return past


class Told:
    """What the messages of conversations say, by the names of the counters, for each day."""

    def __init__(self) -> None:
        self.days: dict[date, Counter[str]] = {}
        self._status: Status = "open"
        self._waits = False

    def add(self, name: str, at: datetime, number: int = 1) -> None:
        self.days.setdefault(at.date(), Counter())[name] += number

    def conversation(self, conversation: Conversation, messages: Sequence[Message]) -> None:
        assert conversation.started_at is not None
        self.add("conversations", conversation.started_at)
        said = [each for each in messages if each.role in {"assistant", "agent"}]
        for first in said[:1]:
            self.add("first_response_ms", first.at, ms(first.at - conversation.started_at))
        self._status, self._waits = "open", False
        for message in messages:
            if message.role in {"customer", "assistant", "agent"}:
                self.add(f"messages_{message.role}", message.at)
            if message.role == "customer" and message.sentiment is not None:
                self.add(f"mood_{message.sentiment.label.lower()}", message.at)
                self.add("mood_sum", message.at, round(message.sentiment.score * UNIT))
            if message.role == "assistant":
                self.answer(message)
            self.person(message)
            self.event(message)
        assert conversation.status == self._status

    def answer(self, message: Message) -> None:
        spent = sum(use.cost_nano_usd or 0 for use in message.usage)
        self.add(f"answers_{message.kind}", message.at)
        self.add("answers_cached", message.at, message.cached)
        self.add("cost_nano_usd", message.at, spent)
        if message.confidence is not None:
            self.add("confidence_sum", message.at, round(message.confidence * UNIT))
        if message.helpful is not None:
            self.add("helpful" if message.helpful else "unhelpful", message.at)

    def person(self, message: Message) -> None:
        """Somebody of the team comes in, and answers."""
        if message.event != "taken_over" and message.role != "agent":
            return
        if self._status not in {"waiting", "human"}:
            self.add("handoffs", message.at)
            self.add("handoff_took_over", message.at)
            self._waits = True
        self._status = "human"
        if message.role == "agent":
            self.add("human_response_count", message.at, self._waits)
            self._waits = False

    def event(self, message: Message) -> None:
        match message.event:
            case "handed_off":
                self.add("handoffs", message.at)
                self.add(f"handoff_{message.detail}", message.at)
                self._status, self._waits = "waiting", True
            case "handed_back":
                self._status, self._waits = "open", False
            case "reopened":
                self.add("reopened", message.at)
                self._status = "open"
            case "resolved":
                self.add(f"resolved_{message.detail}", message.at)
                self._status, self._waits = "resolved", False
            case "rated":
                self.add(f"rated_{message.detail}", message.at)


def told(past: Past) -> tuple[Counter[str], dict[date, Counter[str]]]:
    """What the messages say: together, and by day."""
    telling = Told()
    for conversation, messages in past.conversations:
        telling.conversation(conversation, messages)
    together: Counter[str] = Counter()
    for counts in telling.days.values():
        together.update(counts)
    return together, telling.days


def ms(duration: timedelta) -> int:
    return round(duration.total_seconds() * 1000)


def test_analytics_show_what_the_conversations_say(past: Past) -> None:
    counted = Counters(past.table).read(
        past.organization_id, NOW - timedelta(days=DAYS + 2), NOW, "day"
    )
    together, days = told(past)
    shown = added(counted.values())
    assert {name: shown[name] for name in together} == dict(together)
    for day, counts in days.items():
        figures = bucket(NOW, counted[datetime.combine(day, datetime.min.time(), UTC)])
        assert figures.conversations == counts["conversations"]
        assert figures.messages.customer == counts["messages_customer"]
    by_hour = Counters(past.table).read(
        past.organization_id, NOW - timedelta(days=DAYS + 2), NOW, "hour"
    )
    assert totals(added(by_hour.values())) == totals(added(counted.values()))
    assert together["conversations"] == past.count == len(past.conversations)


def test_cited_documents_and_questions_are_counted_as_they_were(past: Past) -> None:
    first, last = NOW.date() - timedelta(days=DAYS + 2), NOW.date()
    counters = Counters(past.table)
    cited = Counter(
        document
        for message in past.messages
        for document in {citation.document_id for citation in message.citations}
    )
    shown = counters.read_subjects(past.organization_id, "CITED", first, last)
    assert {each: counts["cited"] for each, counts in shown.items()} == cited
    assert set(cited) == {file.name for file in DOCUMENTS.iterdir()}
    asked = [message.kind for message in past.messages if message.kind in {"answer", "unknown"}]
    groups = counters.read_subjects(past.organization_id, "ASKED", first, last)
    assert sum(counts["asked"] for counts in groups.values()) == len(asked)
    assert sum(counts.get("unanswered", 0) for counts in groups.values()) == asked.count("unknown")


def test_the_gaps_are_what_was_asked_in_vain_most(past: Past) -> None:
    gaps, _ = Questions(past.table).page_gaps(past.organization_id, None, 10)
    texts = " ".join((gap.text or "").lower() for gap in gaps[:6])
    assert all(word in texts for word in ("whatsapp", "voucher"))
    assert gaps[0].unanswered >= 3


def test_everything_that_a_page_shows_is_there(past: Past) -> None:
    """Of each kind enough that no filter and no figure is empty."""
    conversations = [conversation for conversation, _ in past.conversations]
    assert 250 <= past.count <= 400
    assert {each.status for each in conversations} == set(get_args(Status))
    assert {each.priority for each in conversations} == set(get_args(Priority))
    assert {each.mood.label for each in conversations if each.mood} == {
        *("NEGATIVE", "NEUTRAL", "POSITIVE")
    }
    together, _ = told(past)
    reasons = {reason for reason in get_args(HandoffReason) if together[f"handoff_{reason}"]}
    assert reasons == set(get_args(HandoffReason))
    assert all(
        together[f"resolved_{by}"] for by in get_args(Resolution.model_fields["by"].annotation)
    )
    assert sum(bool(together[f"rated_{score}"]) for score in range(1, 6)) >= 4
    assert together["helpful"] > together["unhelpful"] > 3
    assert any(each.rating and each.rating.comment for each in conversations)
    assert {label for each in conversations for label in each.labels} >= {"refund", "incident"}
    assert any(each.snoozed_until and each.snoozed_until > NOW for each in conversations)
    assert sum(message.role == "note" for message in past.messages) > 10
    assert together["answers_cached"]
    assert together["answers_apology"]


def test_the_team_sees_where_customers_are(past: Past) -> None:
    conversations = [conversation for conversation, _ in past.conversations]
    assert all(each.page and each.browser and each.language for each in conversations)
    assert len({each.page.url for each in conversations if each.page}) > 10
    assert {str(each.language)[:2] for each in conversations} == {"en", "de", "es", "fr"}
    for each in conversations:
        assert bool(each.vouched_attributes) == (each.customer.id is not None)


def test_the_inbox_of_now_is_one_that_a_team_keeps_in_hand(past: Past) -> None:
    waiting = listed(past.table, past.organization_id, status="waiting")
    assert 4 <= len(waiting) <= 12
    assert all(each.gsi1sk and time_of(each.gsi1sk) > NOW - timedelta(days=2) for each in waiting)
    assert any(each.assignee is None for each in waiting)
    for status in get_args(Status):
        found = listed(past.table, past.organization_id, status=status)
        expected = [each for each, _ in past.conversations if each.status == status]
        assert {each.id for each in found} == {each.id for each in expected}
    human = listed(past.table, past.organization_id, status="human")
    assert len({each.assignee for each in human}) >= 2


def test_some_of_what_goes_on_is_unread(past: Past) -> None:
    refs = [conversation.ref for conversation, _ in past.conversations]
    for member in Users(past.table).members(past.organization_id):
        marks = Reading(past.table).marks(member.id, refs)
        unread = [
            conversation
            for conversation, _ in past.conversations
            if unread_of(conversation, member.id, marks.get(conversation.id)).messages
        ]
        assert 2 <= len(unread) <= 40


def test_nothing_lies_in_the_future_nor_before_the_five_weeks(past: Past) -> None:
    ats = [message.at for message in past.messages]
    assert max(ats) <= NOW
    assert min(ats) >= NOW - timedelta(days=DAYS)
    assert NOW - max(ats) < timedelta(minutes=5)


def test_customers_write_by_day_and_colleagues_in_opening_hours(past: Past) -> None:
    begun = Counter(each.started_at.weekday() for each, _ in past.conversations if each.started_at)
    assert min(begun[day] for day in range(5)) > begun[6]
    live = {each.id for each, _ in past.conversations if each.status != "resolved"}
    hours = [
        message.at.astimezone(UTC).hour
        for each, messages in past.conversations
        if each.id not in live
        for message in messages
        if message.role == "agent"
    ]
    assert HOURS.hours
    assert sum(7 <= hour <= 19 for hour in hours) > 0.95 * len(hours)


def test_tickets_go_with_their_conversations(past: Past) -> None:
    tickets = Tickets(past.table).page(past.organization_id, TicketFilter(), cursor=None, limit=100)
    handed = {
        each.id: each
        for each, messages in past.conversations
        if any(message.event == "handed_off" for message in messages)
    }
    assert {ticket.id for ticket in tickets.entries} <= set(handed)
    for ticket in tickets.entries:
        assert (ticket.status == "closed") == (handed[ticket.id].status == "resolved")
        assert ticket.created_at <= ticket.updated_at <= NOW


def test_all_that_belongs_to_a_conversation_ends_with_it(past: Past) -> None:
    for conversation, _ in past.conversations:
        partition = f"ORG#{past.organization_id}#CONV#{conversation.id}"
        ends = {item["expires_at"] for item in past.table.query(partition)}
        assert ends == {conversation.expires_at}


def test_colleagues_can_log_in_but_for_the_one_who_left(past: Past) -> None:
    members = Users(past.table).members(past.organization_id)
    here = {each.email: each.role for each in read_cast().team if not each.left}
    assert {member.email: member.role for member in members} == here
    assert all(member.password_hash == "hash" and member.verified_at for member in members)


def test_canned_replies_can_be_filled_in() -> None:
    for text in read_cast().replies.values():
        check_variables(text)


class RecordingTable(MemoryTable):
    """Keeps what is written to it, and whether it was."""

    def __init__(self) -> None:
        super().__init__()
        self.record: list[tuple[tuple[Operation, ...], bool]] = []

    def transact(self, *operations: Operation) -> None:
        try:
            super().transact(*operations)
        except ConditionFailed:
            self.record.append((operations, False))
            raise
        self.record.append((operations, True))


def test_the_table_in_memory_does_what_dynamodb_does(
    models: Models, passages: dict[str, Sequence[Passage]], table: Table
) -> None:
    organization, memory = new_organization(), RecordingTable()
    memory.transact(*organization_puts(organization))
    scripts = [each for each in read_scripts() if each.name in FEW]
    now = datetime.now(UTC)
    play(
        memory,
        organization.id,
        models,
        passages=passages,
        password_hash="hash",
        now=now,
        scripts=[each.model_copy(update={"times": 1}) for each in scripts],
    )
    assert len(memory.record) > 100
    for operations, succeeds in memory.record:
        if succeeds:
            table.transact(*operations)
        else:
            with pytest.raises(ConditionFailed):
                table.transact(*operations)
    puts, gone = memory.changes()
    for partition in {put.key[0] for put in puts} | {key[0] for key in gone}:
        stored = {item["sk"]: item for item in table.query(partition)}
        held = {item["sk"]: item for item in memory.query(partition)}
        alive = {name: item for name, item in held.items() if lives(item, now)}
        assert stored == alive


def lives(item: dict[str, Any], now: datetime) -> bool:
    return bool(item.get("expires_at", float("inf")) > now.timestamp())


def test_it_is_stored_once(
    models: Models,
    passages: dict[str, Sequence[Passage]],
    table: Table,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    organization = new_organization()
    table.transact(*organization_puts(organization))
    few = [each for each in read_scripts() if each.name in FEW]
    monkeypatch.setattr(history, "read_scripts", lambda: few)
    monkeypatch.setattr(history, "passages_of", lambda *_: passages)
    # Somebody has asked something before: `make demo` does.
    asked = Visitors(table).open(organization.id, new_id())
    Conversations(table).accept(asked.ref, client_id=new_id(), text="Hello?", per_minute=10)
    made = give_history(table, organization.id, models, password_hash="hash")
    assert made == sum(each.times for each in few)
    assert len(listed(table, organization.id)) == made + 1
    assert give_history(table, organization.id, models, password_hash="hash") == 0
    assert len(listed(table, organization.id)) == made + 1
    assert len(Users(table).members(organization.id)) == 4
    assert Documents(table).page(organization.id, after=None, limit=1) == ([], None)
