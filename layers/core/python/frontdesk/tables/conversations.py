"""Conversations and their messages.

A conversation is the unit of work. The gateway appends customer messages to it without reading it
first. One answer worker at a time holds its lease and is the only one that takes messages off
`unanswered`, always from the front; so the gateway's appends to the end never disturb it.
"""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from frontdesk.entities import Conversation, ConversationRef, Message, Resolution, Status
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import id_before, new_id
from frontdesk.tables.client import ConditionFailed, Operation, Put, Table, Update
from frontdesk.tables.counters import Tally
from frontdesk.tables.limits import limit_of_organization, limit_update, rate_limited
from frontdesk.tables.questions import asked_put

LEASE_SECONDS = 15.0
"""A worker that dies is replaced after this long. A live one renews well before."""

MAX_UNANSWERED = 20

SUBJECT = 120
"""How much of its first message a list shows as what a conversation is about, in characters."""

PREVIEW = 160
"""How much of its last message a list shows, in characters."""

_LOOKS = 4
"""How often a write is tried again on what has changed in the meantime."""

_DAY = 86_400

_SOON = timedelta(days=7)
"""A conversation that is reopened within this time was not really resolved."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A customer message that is stored. `repeated` if it had been before."""

    message_id: str
    repeated: bool


class TooManyUnanswered(Conflict):
    """The customer has more messages waiting than a turn can take."""


class LeaseLost(Conflict):
    """Someone else holds the conversation now; what this worker did must not be stored."""


class Conversations:
    """Reads and writes conversations and their messages."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def get(self, ref: ConversationRef) -> Conversation:
        """The conversation. Raises NotFound."""
        item = self._table.get(conversation_key(ref))
        if item is None:
            raise NotFound("There is no such conversation.")
        return Conversation.model_validate(item)

    def accept(
        self,
        ref: ConversationRef,
        *,
        client_id: str,
        text: str,
        per_minute: int,
        organization_per_minute: int = 6_000,
        retention_days: int = 365,
        first: Update | None = None,
    ) -> Accepted:
        """Store a customer's message under its client id, once, and put it in line for an answer.

        One transaction: the client id, the message, the conversation's line, the rate counters and
        the statistics. The conversation is not read first: that it goes on as it was is assumed,
        or that this is its first message when there is a `first` to write with it; it is looked up
        only when that was wrong. Raises RateLimited, TooManyUnanswered, NotFound.
        """
        now = time.time()
        limits = (
            limit_of_organization(
                ref.organization_id, "messages", subject=ref.conversation_id, most=per_minute
            ),
            limit_of_organization(ref.organization_id, "messages", most=organization_per_minute),
        )
        message = Message(
            id=new_id(),
            role="customer",
            text=text,
            at=datetime.fromtimestamp(now, UTC),
            client_id=client_id,
        )
        expires_at = int(now) + retention_days * _DAY
        arrival: _Arrival = "first" if first else "next"
        resolution: Resolution | None = None
        for _ in range(_LOOKS):
            try:
                self._table.transact(
                    Put(
                        (conversation_partition(ref), f"CID#{client_id}"),
                        {"message_id": message.id, "expires_at": expires_at},
                        condition="attribute_not_exists(pk)",
                    ),
                    _arrive(ref, arrival, message, expires_at),
                    *(limit_update(limit, now) for limit in limits),
                    message_put(ref, message, expires_at),
                    *_count_arrival(ref, arrival, message, resolution, expires_at),
                    *([first] if first else []),
                )
            except ConditionFailed as failure:
                if failure.failed(0):
                    return self._accepted_before(ref, client_id)
                for position, limit in enumerate(limits, start=2):
                    if failure.failed(position):
                        raise rate_limited(limit, now) from failure
                conversation = self.get(ref)
                if conversation.erasing:
                    raise NotFound("There is no such conversation.") from failure
                if len(conversation.unanswered) >= MAX_UNANSWERED:
                    raise TooManyUnanswered(
                        "Several messages are waiting for an answer."
                    ) from failure
                arrival, resolution = _arrival(conversation), conversation.resolution
            else:
                return Accepted(message.id, repeated=False)
        raise Conflict("The conversation keeps changing. Try again.")

    def _accepted_before(self, ref: ConversationRef, client_id: str) -> Accepted:
        item = self._table.get((conversation_partition(ref), f"CID#{client_id}"))
        if item is None:
            raise Conflict("The message was removed just now.")
        return Accepted(item["message_id"], repeated=True)

    def recent_messages(self, ref: ConversationRef, limit: int) -> list[Message]:
        """The newest `limit` messages, oldest first."""
        items = self._table.query(
            conversation_partition(ref), first="MSG#", last="MSG#~", limit=limit, newest_first=True
        )
        return [Message.model_validate(item) for item in reversed(items)]

    def messages_after(
        self, ref: ConversationRef, after: str | None, *, overlap_seconds: float, limit: int
    ) -> list[Message]:
        """The newest `limit` messages later than `after`, oldest first.

        An id is made a little before its message is stored; `overlap_seconds` covers the gap.
        """
        first = f"MSG#{id_before(after, seconds=overlap_seconds)}" if after else "MSG#"
        items = self._table.query(
            conversation_partition(ref), first=first, last="MSG#~", limit=limit, newest_first=True
        )
        return [Message.model_validate(item) for item in reversed(items)]

    def message(self, ref: ConversationRef, message_id: str) -> Message:
        """One message. Raises NotFound."""
        item = self._table.get(_message_key(ref, message_id))
        if item is None:
            raise NotFound("There is no such message.")
        return Message.model_validate(item)

    def judge(self, ref: ConversationRef, message_id: str, *, helpful: bool) -> None:
        """Store the customer's verdict on an answer; the last one counts. Raises NotFound."""
        for _ in range(_LOOKS):
            message = self.message(ref, message_id)
            if message.role != "assistant":
                break
            if message.helpful is helpful:
                return
            tally = Tally()
            tally.add("helpful" if helpful else "unhelpful", message.at)
            if message.helpful is not None:
                tally.add("helpful" if message.helpful else "unhelpful", message.at, -1)
            before = {} if message.helpful is None else {"before": message.helpful}
            try:
                self._table.transact(
                    Update(
                        _message_key(ref, message_id),
                        "SET helpful = :helpful",
                        {"helpful": helpful, **before},
                        condition="helpful = :before"
                        if before
                        else "attribute_exists(pk) AND attribute_not_exists(helpful)",
                    ),
                    *tally.updates(ref.organization_id),
                )
            except ConditionFailed:
                continue
            return
        raise NotFound("There is no such answer.")

    def claim_mail(self, ref: ConversationRef, message_id: str) -> bool:
        """Take it on to mail a message; False if somebody has."""
        try:
            self._table.update(
                Update(
                    _message_key(ref, message_id),
                    "SET mailed = :mailed",
                    {"mailed": True},
                    condition="attribute_exists(pk) AND attribute_not_exists(mailed)",
                )
            )
        except ConditionFailed:
            return False
        return True

    def release_mail(self, ref: ConversationRef, message_id: str) -> None:
        """Leave it to another try to mail a message."""
        with contextlib.suppress(ConditionFailed):
            self._table.update(
                Update(
                    _message_key(ref, message_id),
                    "REMOVE mailed",
                    condition="attribute_exists(pk)",
                )
            )

    def request_stop(self, ref: ConversationRef) -> None:
        """Ask for whatever is being answered now to stop."""
        self._table.update(
            Update(
                conversation_key(ref),
                "SET stop_at = :now",
                {"now": new_id()},
                condition="attribute_exists(pk)",
            )
        )

    def watch(self, ref: ConversationRef) -> tuple[Conversation, list[str]]:
        """The conversation and the ids of the sockets that listen to it, in one read."""
        items = self._table.query(conversation_partition(ref), first="CONN#", last="CONV")
        if not items or items[-1]["sk"] != "CONV":
            raise NotFound("There is no such conversation.")
        now = time.time()
        listeners = [item["connection"] for item in items[:-1] if item["expires_at"] > now]
        return Conversation.model_validate(items[-1]), listeners

    def acquire_lease(self, ref: ConversationRef, owner: str) -> Conversation | None:
        """Take the conversation for LEASE_SECONDS. None while someone else holds it.

        The owner may take it again, which renews it.
        """
        now = time.time()
        try:
            item = self._table.update(
                Update(
                    conversation_key(ref),
                    "SET lease_owner = :owner, lease_until = :until, "
                    "answer_id = if_not_exists(answer_id, :answer)",
                    {
                        "owner": owner,
                        "until": now + LEASE_SECONDS,
                        "now": now,
                        "answer": new_id(),
                    },
                    condition="attribute_exists(pk) AND (attribute_not_exists(lease_until) "
                    "OR lease_until < :now OR lease_owner = :owner)",
                )
            )
        except ConditionFailed:
            return None
        return Conversation.model_validate(item)

    def replace_answer_id(self, ref: ConversationRef, owner: str, answer_id: str) -> None:
        """Give the answer under way another id. Raises LeaseLost."""
        try:
            self._table.update(
                Update(
                    conversation_key(ref),
                    "SET answer_id = :answer",
                    {"answer": answer_id, "owner": owner},
                    condition="lease_owner = :owner",
                )
            )
        except ConditionFailed as failure:
            raise LeaseLost("Another worker has taken over.") from failure

    def leave_to_person(self, conversation: Conversation, owner: str) -> None:
        """Take out of the line what waited when a person came in. Raises LeaseLost."""
        seen = list(conversation.unanswered)
        if not seen:
            return
        try:
            self._table.update(
                Update(
                    conversation_key(conversation.ref),
                    f"REMOVE {_front_of_line(len(seen))}",
                    {"owner": owner, "first": seen[0]},
                    condition="lease_owner = :owner AND unanswered[0] = :first",
                )
            )
        except ConditionFailed as failure:
            raise LeaseLost("Another worker has taken over.") from failure

    def release_lease(self, ref: ConversationRef, owner: str) -> bool:
        """Let go, unless a message has come in meanwhile: then False, and the lease stays."""
        try:
            self._table.update(
                Update(
                    conversation_key(ref),
                    "REMOVE lease_owner, lease_until, answer_id",
                    {"owner": owner, "none": 0},
                    condition="lease_owner = :owner AND size(unanswered) = :none",
                )
            )
        except ConditionFailed:
            return False
        return True

    def abandon_lease(self, ref: ConversationRef, owner: str) -> None:
        """Let go although messages wait, so that the retry need not wait for the lease to end."""
        try:
            self._table.update(
                Update(
                    conversation_key(ref),
                    "REMOVE lease_owner, lease_until",
                    {"owner": owner},
                    condition="lease_owner = :owner",
                )
            )
        except ConditionFailed:
            return

    def store_answer(
        self,
        conversation: Conversation,
        owner: str,
        *,
        answered: Sequence[Message],
        answer: Message,
    ) -> None:
        """Store an answer, take what it answers out of the line, and count it: all or nothing.

        `conversation` is as it was when the lease was taken. `answered` are the messages at the
        front of the line, with their sentiment. A question that was put to the documents is noted,
        to be grouped with its like. Raises LeaseLost, also when a person has come in: that empties
        the line.
        """
        ref = conversation.ref
        expires_at = int(time.time()) + conversation.retention_days * _DAY
        asked = answer.kind in {"answer", "unknown"}
        mood = next((each.sentiment for each in reversed(answered) if each.sentiment), None)
        sets = {
            "gsi1sk": answer.id,
            "preview": answer.text[:PREVIEW],
            "last_role": "assistant",
            "expires_at": expires_at,
            **({"mood": mood.model_dump()} if mood else {}),
            **(
                {}
                if conversation.first_response_at
                else {"first_response_at": answer.at.isoformat()}
            ),
        }
        expression = ", ".join(f"{name} = :{name}" for name in sets)
        if asked:
            expression += ", ungrouped = list_append(if_not_exists(ungrouped, :none), :asked)"
        try:
            self._table.transact(
                Update(
                    conversation_key(ref),
                    f"REMOVE {_front_of_line(len(answered))}, answer_id SET {expression}",
                    {
                        **sets,
                        **({"none": [], "asked": [answer.id]} if asked else {}),
                        "owner": owner,
                        "first": answered[0].id,
                        "last": answered[-1].id,
                    },
                    condition="lease_owner = :owner AND unanswered[0] = :first "
                    f"AND unanswered[{len(answered) - 1}] = :last",
                ),
                message_put(ref, answer, expires_at),
                *([asked_put(ref, answered, answer, expires_at)] if asked else []),
                *(
                    Update(
                        _message_key(ref, message.id),
                        "SET sentiment = :sentiment",
                        {"sentiment": message.sentiment.model_dump()},
                    )
                    for message in answered
                    if message.sentiment is not None
                ),
                *_count_answer(conversation, answered, answer),
            )
        except ConditionFailed as failure:
            raise LeaseLost("Someone else has taken over.") from failure


_Arrival = Literal["first", "next", "reopening"]
"""What a customer's message is to its conversation."""


def _arrival(conversation: Conversation) -> _Arrival:
    if conversation.started_at is None:
        return "first"
    return "reopening" if conversation.status == "resolved" else "next"


def _arrive(ref: ConversationRef, arrival: _Arrival, message: Message, expires_at: int) -> Update:
    """What a customer's message changes about its conversation."""
    sets: dict[str, object] = {
        "gsi1sk": message.id,
        "preview": message.text[:PREVIEW],
        "last_role": "customer",
        "expires_at": expires_at,
    }
    removes: tuple[str, ...] = ()
    match arrival:
        case "first":
            condition = "attribute_exists(pk) AND attribute_not_exists(started_at)"
            sets |= {
                "started_at": message.at.isoformat(),
                "subject": message.text[:SUBJECT],
                "gsi1pk": f"ORG#{ref.organization_id}#CONVERSATIONS",
                **status_attributes(ref.organization_id, "open"),
            }
        case "reopening":
            condition = "#status = :resolved"
            sets |= status_attributes(ref.organization_id, "open")
            removes = ("resolution",)
        case "next":
            condition = "attribute_exists(started_at) AND #status <> :resolved"
    names = ("status",) if "status" in sets or arrival != "first" else ()
    expression = "SET unanswered = list_append(unanswered, :ids), " + ", ".join(
        f"{'#status' if name == 'status' else name} = :{name}" for name in sets
    )
    if removes:
        expression += " REMOVE " + ", ".join(removes)
    return Update(
        conversation_key(ref),
        expression,
        {
            **sets,
            "ids": [message.id],
            "most": MAX_UNANSWERED,
            **({} if arrival == "first" else {"resolved": "resolved"}),
        },
        names=names,
        condition=f"{condition} AND size(unanswered) < :most AND attribute_not_exists(erasing)",
    )


def _count_arrival(
    ref: ConversationRef,
    arrival: _Arrival,
    message: Message,
    resolution: Resolution | None,
    expires_at: int,
) -> list[Operation]:
    tally = Tally()
    tally.add("messages_customer", message.at)
    records: list[Operation] = []
    if arrival == "first":
        tally.add("conversations", message.at)
    if arrival == "reopening":
        tally.add("reopened", message.at)
        if resolution is not None and message.at - resolution.at <= _SOON:
            tally.add("reopened_within_7_days", message.at)
        record = Message(id=new_id(), role="system", text="", at=message.at, event="reopened")
        records.append(message_put(ref, record, expires_at))
    return [*tally.updates(ref.organization_id), *records]


def _count_answer(
    conversation: Conversation, answered: Sequence[Message], answer: Message
) -> list[Update]:
    tally = Tally()
    tally.add("messages_assistant", answer.at)
    tally.add(f"answers_{answer.kind}", answer.at)
    if answer.confidence is not None:
        tally.add_score("confidence", answer.at, answer.confidence)
    if conversation.first_response_at is None and conversation.started_at is not None:
        waited = (answer.at - conversation.started_at).total_seconds()
        tally.add_duration("first_response", answer.at, waited)
    for message in answered:
        if message.sentiment is not None:
            tally.add(f"mood_{message.sentiment.label.lower()}", message.at)
            tally.add_score("mood", message.at, message.sentiment.score)
    for document_id in {citation.document_id for citation in answer.citations}:
        tally.add_to("CITED", document_id, answer.at, "cited")
    return tally.updates(conversation.organization_id)


def status_attributes(organization_id: str, status: Status) -> dict[str, str]:
    """The attributes that say how a conversation stands, for itself and for the lists."""
    return {"status": status, "gsi2pk": f"ORG#{organization_id}#CONVERSATIONS#{status}"}


def conversation_partition(ref: ConversationRef) -> str:
    """The partition that holds a conversation and all that belongs to it."""
    return f"ORG#{ref.organization_id}#CONV#{ref.conversation_id}"


def _front_of_line(count: int) -> str:
    """The first `count` places of the line, last first.

    DynamoDB takes them as they were before the update. MiniStack removes one after another, and so
    comes to the same only from the back.
    """
    return ", ".join(f"unanswered[{position}]" for position in reversed(range(count)))


def conversation_key(ref: ConversationRef) -> tuple[str, str]:
    """Where a conversation itself is stored."""
    return conversation_partition(ref), "CONV"


def message_put(ref: ConversationRef, message: Message, expires_at: int) -> Put:
    """The write that stores a message until `expires_at` (seconds since the epoch)."""
    return Put(
        _message_key(ref, message.id),
        {**message.model_dump(mode="json", exclude_none=True), "expires_at": expires_at},
    )


def _message_key(ref: ConversationRef, message_id: str) -> tuple[str, str]:
    return conversation_partition(ref), f"MSG#{message_id}"
