"""Whatever happens in whatever order: no message lost, no second ticket, no word over a person."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from frontdesk.entities import Author, Conversation, Message, Sentiment
from frontdesk.errors import Conflict, FrontdeskError, NotFound
from frontdesk.ids import new_id
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.tickets import TicketFilter, Tickets
from tests.aws import empty_table
from tests.unit.answer_desk import MODELS, QUESTION, Desk, Script
from tests.unit.deployment import OPERATOR

ADA, BOB = Author(id=new_id(), name="Ada"), Author(id=new_id(), name="Bob")
TEXTS = (
    QUESTION,
    "How many people can I invite to my team?",
    "What is the airspeed of a swallow?",
    "I want to talk to a person",
    "You are all thieves and liars!",
    "Thank you!",
)
ANGRY = Sentiment(label="NEGATIVE", score=-0.95, confidence=0.9, emotions={"anger": 0.9})


class Life(RuleBasedStateMachine):
    """One conversation, and everybody who has a hand in it."""

    embedder: ClassVar[MiniLmEmbedder | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.resources = ExitStack()
        table = self.resources.enter_context(empty_table())
        folder = self.resources.enter_context(tempfile.TemporaryDirectory())
        Life.embedder = Life.embedder or MiniLmEmbedder(MODELS / "minilm")
        self.desk = Desk(table, Path(folder), Life.embedder)
        self.desk.moods.read_as[TEXTS[4]] = ANGRY
        self.inbox, self.tickets = Inbox(table), Tickets(table)
        self.said: dict[str, str] = {}
        self.owed: set[str] = set()

    def teardown(self) -> None:
        self.desk.worker().run(self.desk.ref)
        assert self.desk.is_idle()
        self.desk.pool.shutdown()
        self.resources.close()

    @property
    def conversation(self) -> Conversation:
        return self.desk.conversations.get(self.desk.ref)

    def status(self) -> str:
        return self.conversation.status

    @property
    def messages(self) -> list[Message]:
        return self.desk.conversations.recent_messages(self.desk.ref, 1000)

    def spoken(self) -> int:
        """How often the assistant has spoken."""
        return len([message for message in self.messages if message.role == "assistant"])

    @initialize()
    def begin(self) -> None:
        self.say("Hello")

    @rule(text=st.sampled_from(TEXTS))
    def say(self, text: str) -> None:
        with suppress(Conflict):
            client_id = self.desk.say(text)
            self.said[client_id] = text
            if self.status() == "open":
                self.owed.add(client_id)

    @rule(text=st.sampled_from(TEXTS))
    def say_twice(self, text: str) -> None:
        client_id = new_id()
        with suppress(Conflict):
            for _ in range(2):
                self.desk.conversations.accept(
                    self.desk.ref, client_id=client_id, text=text, per_minute=1000
                )
            self.said[client_id] = text
            if self.status() == "open":
                self.owed.add(client_id)

    @rule()
    def work(self) -> None:
        before, spoken = self.status(), self.spoken()
        self.desk.worker().run(self.desk.ref)
        assert self.desk.is_idle()
        if before == "human":
            assert self.spoken() == spoken
        replied = {client_id for each in self.messages for client_id in each.reply_to}
        assert self.owed <= replied
        self.owed.clear()

    @rule(who=st.sampled_from([ADA, BOB]), how=st.sampled_from(["take_over", "reply"]))
    def come_in_while_the_assistant_writes(self, who: Author, how: str) -> None:
        if self.status() != "open":
            return
        self.say(QUESTION)

        def come_in() -> None:
            if how == "reply":
                self.inbox.reply(self.desk.ref, who, "I am here.", new_id())
            else:
                self.inbox.take_over(self.desk.ref, who)

        self.work_while(come_in)
        assert self.status() == "human"
        self.owed.clear()

    @rule(text=st.sampled_from(TEXTS))
    def speak_while_the_assistant_writes(self, text: str) -> None:
        if self.status() != "open":
            return
        self.say(QUESTION)
        self.work_while(lambda: self.say(text))

    def work_while(self, interruption: Callable[[], object]) -> None:
        happened: list[int] = []

        def once() -> None:
            if not happened:
                happened.append(self.spoken())
                interruption()

        script = Script("A refund takes ", once, "5 to 10 working days [1].")
        with suppress(FrontdeskError):
            self.desk.worker(script).run(self.desk.ref)
        if not happened:
            # It had nothing to write: it called a person, or talked small.
            once()
        elif self.status() == "human":
            assert self.spoken() == happened[0]

    @rule(who=st.sampled_from([ADA, BOB]))
    def take_over(self, who: Author) -> None:
        self.inbox.take_over(self.desk.ref, who)
        self.owed.clear()

    @rule(who=st.sampled_from([ADA, BOB]))
    def reply(self, who: Author) -> None:
        self.inbox.reply(self.desk.ref, who, "I am on it.", new_id())
        if self.status() == "human":
            self.owed.clear()

    @rule()
    def hand_back(self) -> None:
        with suppress(Conflict):
            self.inbox.hand_back(self.desk.ref, ADA)

    @rule(by=st.sampled_from(["agent", "customer", "silence"]))
    def resolve(self, by: str) -> None:
        with suppress(Conflict):
            self.inbox.resolve(self.desk.ref, by, ADA if by == "agent" else None)  # type: ignore[arg-type]
            self.owed.clear()

    @rule()
    def leave_an_offline_message(self) -> None:
        self.say("Please write to me")
        self.inbox.hand_off(self.desk.ref, "offline_message")
        self.owed.clear()

    @rule(score=st.integers(1, 5))
    def rate(self, score: int) -> None:
        with suppress(Conflict):
            self.inbox.rate(self.desk.ref, score, None)

    @rule(status=st.sampled_from(["open", "pending", "closed"]))
    def change_the_ticket(self, status: str) -> None:
        with suppress(NotFound):
            self.inbox.change_ticket(self.desk.ref, {"status": status}, OPERATOR)

    @rule(who=st.sampled_from([ADA.id, BOB.id, None]))
    def assign_the_ticket(self, who: str | None) -> None:
        with suppress(NotFound):
            self.inbox.change_ticket(self.desk.ref, {"assignee": who}, OPERATOR)

    @rule(who=st.sampled_from([ADA.id, BOB.id, None]))
    def assign_while_the_assistant_writes(self, who: str | None) -> None:
        if self.status() != "open":
            return
        self.say(TEXTS[3])
        self.work_while(lambda: self.inbox.assign(self.desk.ref, who, ADA))

    @invariant()
    def no_message_is_lost_or_doubled(self) -> None:
        stored = {m.client_id: m.text for m in self.messages if m.role == "customer"}
        assert stored == self.said
        assert len([m for m in self.messages if m.role == "customer"]) == len(self.said)

    @invariant()
    def there_is_at_most_one_ticket(self) -> None:
        page = self.tickets.page(self.desk.organization.id, TicketFilter(), cursor=None, limit=10)
        assert len(page.entries) <= 1
        handed_off = any(message.event == "handed_off" for message in self.messages)
        assert len(page.entries) == handed_off

    @invariant()
    def who_waits_has_a_ticket(self) -> None:
        if self.status() == "waiting":
            assert self.tickets.find(self.desk.ref) is not None

    @invariant()
    def the_ticket_is_whose_the_conversation_is(self) -> None:
        ticket = self.tickets.find(self.desk.ref)
        assert ticket is None or ticket.assignee == self.conversation.assignee


Life.TestCase.settings = settings(
    max_examples=10,
    stateful_step_count=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestConversationStates = pytest.mark.slow(Life.TestCase)
