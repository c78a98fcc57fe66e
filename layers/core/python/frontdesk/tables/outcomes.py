"""What a turn came to, and how that changes its conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from frontdesk.entities import (
    Conversation,
    ConversationRef,
    HistorySummary,
    Message,
    ModelUse,
    Ticket,
)
from frontdesk.escalation.rules import Escalation
from frontdesk.escalation.urgency import Urgency
from frontdesk.ids import new_id, time_of
from frontdesk.shown_text import cut
from frontdesk.tables.client import Operation, Update
from frontdesk.tables.conversation_items import (
    PREVIEW,
    conversation_key,
    front_of_line,
    listed_attributes,
    message_key,
)
from frontdesk.tables.counters import Tally
from frontdesk.tables.handoffs import (
    count_handoff,
    handoff_attributes,
    higher,
    ticket_of_handoff,
)
from frontdesk.tables.lifetimes import LASTING


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a turn came to.

    `answered` are the messages at the front of the line, with their sentiment; `replies` what the
    assistant says to them, if anything; `escalation` that a person is called in. `summary` is what
    a language model wrote of the conversation so far.
    """

    answered: Sequence[Message]
    replies: Sequence[Message] = ()
    urgency: Urgency | None = None
    escalation: Escalation | None = None
    summary: HistorySummary | None = None

    @property
    def questions(self) -> list[Message]:
        """The replies to questions that were put to the documents."""
        return [reply for reply in self.replies if reply.kind in {"answer", "unknown"}]

    @property
    def answers(self) -> list[Message]:
        """The replies that count towards the answers of a plan."""
        return [reply for reply in self.replies if reply.kind == "answer"]

    def notes(self, ref: ConversationRef) -> list[Update]:
        """What is noted on the messages that are answered: how they sound."""
        return [
            Update(
                message_key(ref, message.id),
                "SET sentiment = :sentiment",
                {"sentiment": message.sentiment.model_dump()},
            )
            for message in self.answered
            if message.sentiment is not None
        ]


class OutcomeChange:
    """What an outcome changes about its conversation, and what is written beside it."""

    def __init__(self, conversation: Conversation, outcome: Outcome) -> None:
        self._conversation = conversation
        self._outcome = outcome
        self.messages = list(outcome.replies)
        self.asked = outcome.questions
        self.tally = Tally()
        self.ticket: Operation | None = None
        self._sets: dict[str, Any] = {}
        self._removes: list[str] = []

    def apply(self, ticket: Ticket | None) -> None:
        """Work it out. `ticket` is the conversation's, if it has one and a person is called in."""
        self._judge()
        self._reply()
        self._spend()
        if self._outcome.summary is not None:
            self._sets["history_summary"] = self._outcome.summary.model_dump()
        self._escalate(ticket)
        self._list()

    def update(self, owner: str) -> Update:
        """The write of the conversation itself, if nobody has come in between."""
        answered = self._outcome.answered
        removed = ["answer_id", "tries", *self._removes]
        values: dict[str, Any] = {**self._sets, "expires": self._conversation.expires_at}
        expression = ", ".join(
            ["expires_at = :expires", *(f"#{name} = :{name}" for name in self._sets)]
        )
        if self.asked:
            expression += ", ungrouped = list_append(if_not_exists(ungrouped, :none), :asked)"
            values |= {"none": [], "asked": [message.id for message in self.asked]}
        same_assignee = ""
        if self.ticket is not None:
            # The ticket is whose the conversation is.
            assignee = self._conversation.assignee
            same_assignee = " AND attribute_not_exists(assignee)"
            if assignee is not None:
                same_assignee = " AND assignee = :assignee"
                values["assignee"] = assignee
        return Update(
            conversation_key(self._conversation.ref),
            f"REMOVE {', '.join([front_of_line(len(answered)), *removed])} SET {expression}",
            {
                **values,
                "owner": owner,
                "first_in_line": answered[0].id,
                "last_in_line": answered[-1].id,
                "status_before": self._conversation.status,
                "priority_before": self._conversation.priority,
            },
            names=tuple({*self._sets, "status", "priority"}),
            condition="lease_owner = :owner AND unanswered[0] = :first_in_line "
            f"AND unanswered[{len(answered) - 1}] = :last_in_line AND #status = :status_before "
            "AND (attribute_not_exists(#priority) OR #priority = :priority_before) "
            f"AND {LASTING}{same_assignee}",
        )

    def _judge(self) -> None:
        """How the customer's messages sound, and how urgent that makes the conversation."""
        moods = [each.sentiment for each in self._outcome.answered if each.sentiment]
        if moods:
            self._sets["mood"] = moods[-1].model_dump()
        for message in self._outcome.answered:
            if message.sentiment is not None:
                self.tally.add(f"mood_{message.sentiment.label.lower()}", message.at)
                self.tally.add_score("mood", message.at, message.sentiment.score)
        urgency = self._outcome.urgency
        if urgency is None:
            return
        self._sets["mood_score"] = urgency.mood
        before = self._conversation
        if not before.priority_set:
            # While a person is wanted, kind words do not make it less so.
            wanted = before.status in {"waiting", "human"} or self._outcome.escalation is not None
            self._sets["priority"] = (
                higher(before.priority, urgency.priority) if wanted else urgency.priority
            )

    def _reply(self) -> None:
        """What the assistant says."""
        if not self.messages:
            return
        first, last = self.messages[0], self.messages[-1]
        self._sets |= {
            "gsi1sk": last.id,
            "preview": cut(first.text, PREVIEW),
            "last_role": "assistant",
        }
        if self._conversation.status == "open" and self._outcome.escalation is None:
            self._removes.append("gsi4sk")
        if self._conversation.first_response_at is None:
            self._sets["first_response_at"] = first.at.isoformat()
            if self._conversation.started_at is not None:
                waited = (first.at - self._conversation.started_at).total_seconds()
                self.tally.add_duration("first_response", first.at, waited)
        for message in self.messages:
            self.tally.add("messages_assistant", message.at)
            self.tally.add(f"answers_{message.kind}", message.at)
            if message.cached:
                self.tally.add("answers_cached", message.at)
            if message.confidence is not None:
                self.tally.add_score("confidence", message.at, message.confidence)
            for document_id in {citation.document_id for citation in message.citations}:
                self.tally.add_to("CITED", document_id, message.at, "cited")

    def _spend(self) -> None:
        """What language models were used for."""
        for message in self.messages:
            self._count_use(message.usage, message.at)

    def _count_use(self, usage: Sequence[ModelUse], at: datetime) -> None:
        for use in usage:
            self.tally.add("model_calls", at)
            self.tally.add("prompt_tokens", at, use.prompt_tokens)
            self.tally.add("completion_tokens", at, use.completion_tokens)
            if use.estimated:
                self.tally.add("model_calls_estimated", at)
            if use.cost_nano_usd is None:
                self.tally.add("model_calls_unpriced", at)
            else:
                self.tally.add("cost_nano_usd", at, use.cost_nano_usd)

    def _escalate(self, ticket: Ticket | None) -> None:
        """Call a person in."""
        escalation, conversation = self._outcome.escalation, self._conversation
        if escalation is None:
            return
        identifier = new_id()
        record = Message(
            id=identifier,
            role="system",
            text="",
            at=time_of(identifier),
            event="handed_off",
            detail=escalation.reason,
        )
        self.ticket = ticket_of_handoff(
            conversation,
            ticket,
            at=record.at,
            category=escalation.category,
            priority=self._sets.get("priority", conversation.priority),
            summary=escalation.summary,
        )
        self.messages.append(record)
        count_handoff(self.tally, escalation.reason, record.at)
        self._sets |= {
            **handoff_attributes(escalation.reason, record.at),
            "status": "waiting",
            "untold": record.id,
        }
        if conversation.gsi4sk is None:
            self._sets["gsi4sk"] = record.id

    def _list(self) -> None:
        """Have the lists show what has become of it."""
        if not self._sets.keys() & {"status", "priority"}:
            return
        before = self._conversation
        listed = listed_attributes(
            before.organization_id,
            self._sets.get("status", before.status),
            self._sets.get("priority", before.priority),
        )
        self._sets |= {name: value for name, value in listed.items() if value}
        self._removes += [name for name, value in listed.items() if not value]
