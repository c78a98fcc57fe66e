"""Conversations and their messages.

A conversation is the unit of work. The gateway appends customer messages to it without reading it
first. One answer worker at a time holds its lease and is the only one that takes messages off
`unanswered`, always from the front; so the gateway's appends to the end never disturb it.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from frontdesk.answers.small_talk import is_parting
from frontdesk.entities import (
    AgentConnection,
    Conversation,
    ConversationRef,
    Message,
    Ticket,
)
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import id_before, new_id
from frontdesk.tables.accounts import count_answers
from frontdesk.tables.client import MOST_OPERATIONS, ConditionFailed, Operation, Put, Table, Update
from frontdesk.tables.conversation_items import (
    LISTENER,
    WATCHER,
    conversation_key,
    conversation_partition,
    listed_attributes,
    message_key,
    message_put,
    preview_of,
    status_attributes,
)
from frontdesk.tables.counters import Tally, any_shard
from frontdesk.tables.files import Files, attach_updates
from frontdesk.tables.lifetimes import LASTING, Lifetimes, expiry
from frontdesk.tables.limits import Limit, limit_of_organization, limit_update, rate_limited
from frontdesk.tables.message_words import MOST_WORDS, word_puts
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.outcomes import Outcome, OutcomeChange
from frontdesk.tables.questions import asked_put
from frontdesk.tables.tickets import ticket_key

LEASE_SECONDS = 15.0
"""A worker that dies is replaced after this long. A live one renews well before."""

MOST_TRIES = 3
"""How often a turn is tried. Who begins it once more gives up: the customer is told, and a person
called in."""

HOPELESS = 20
"""From so many tries on not even that is tried. It costs nothing, but it would go on for ever."""

MAX_UNANSWERED = 20

SUBJECT = 120
"""How much of its first message a list shows as what a conversation is about, in characters."""

_LAST = 20
"""Messages of a resolved conversation that are looked through for whom a customer may thank."""

_LOOKS = 4
"""How often a write is tried again on what has changed in the meantime."""

_OTHERS_CHANGE = ("assignee", "priority", "priority_set")
"""What the team may say of a conversation while it is answered, and the answer depends on."""

_SOON = timedelta(days=7)
"""A conversation that is reopened within this time was not really resolved."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A customer message that is stored. `repeated` if it had been before, and is not read then."""

    message_id: str
    repeated: bool
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A conversation, and who looks at it: the ids of the customer's sockets, and the team's."""

    conversation: Conversation
    listeners: list[str]
    watchers: list[AgentConnection]


class TooManyUnanswered(Conflict):
    """The customer has more messages waiting than a turn can take."""


class LeaseLost(Conflict):
    """Someone else holds the conversation now; what this worker did must not be stored."""


class Conversations:
    """Reads and writes conversations and their messages."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
        self._files = Files(table)
        self._lifetimes = Lifetimes(table)

    def get(self, ref: ConversationRef) -> Conversation:
        """The conversation. Raises NotFound."""
        item = self._table.get(conversation_key(ref))
        if item is None:
            raise NotFound("There is no such conversation.")
        return Conversation.model_validate(item)

    def get_many(self, refs: Sequence[ConversationRef]) -> dict[str, Conversation]:
        """Those of the conversations that are there, by id. One read for every 100."""
        found = self._table.get_many([conversation_key(ref) for ref in refs]) if refs else {}
        return {item["id"]: Conversation.model_validate(item) for item in found.values()}

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
        wants_person: bool = False,
        attachments: Sequence[str] = (),
    ) -> Accepted:
        """Store a customer's message under its client id, once, and put it in line for an answer.

        One transaction: the client id, the message, the conversation's line, the rate counters and
        the statistics. The conversation is not read first: that it goes on as it was is assumed,
        or that this is its first message when there is a `first` to write with it, and that it is
        kept for `retention_days`; it is looked up only when that was wrong. `attachments` are ids
        of files that the customer has stored. Raises RateLimited, TooManyUnanswered, NotFound, and
        Conflict when a file was sent before.
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
            wants_person=wants_person,
            attachments=self._files.to_attach(ref, attachments, "customer") if attachments else (),
        )
        attached = attach_updates(ref, message.id, message.attachments)
        expires_at = expiry(retention_days, now)
        arrival: _Arrival = "first" if first else "next"
        conversation: Conversation | None = None
        for _ in range(_LOOKS):
            try:
                self._table.transact(
                    Put(
                        (conversation_partition(ref), f"CID#{client_id}"),
                        {"message_id": message.id, "expires_at": expires_at},
                        condition="attribute_not_exists(pk)",
                    ),
                    _arrive(ref, arrival, message, expires_at, conversation),
                    *(limit_update(limit, now) for limit in limits),
                    *attached,
                    message_put(ref, message, expires_at),
                    *word_puts(ref, message, expires_at),
                    *_count_arrival(ref, arrival, message, conversation, expires_at),
                    *([first] if first else []),
                )
            except ConditionFailed as failure:
                if failure.failed(0):
                    return self._accepted_before(ref, client_id)
                _check_refusal(failure, limits, attached, now)
                conversation = self.get(ref)
                if conversation.erasing:
                    raise NotFound("There is no such conversation.") from failure
                if len(conversation.unanswered) >= MAX_UNANSWERED:
                    raise TooManyUnanswered(
                        "Several messages are waiting for an answer."
                    ) from failure
                parting = not wants_person and self._is_parting(conversation, text)
                arrival = _arrival(conversation, parting=parting)
                expires_at = expiry(conversation.retention_days, now)
                if not conversation.ends_at(expires_at):
                    expires_at = self._lifetimes.renew(ref).expires_at
            else:
                return Accepted(message.id, repeated=False, message=message)
        raise Conflict("The conversation keeps changing. Try again.")

    def _is_parting(self, conversation: Conversation, text: str) -> bool:
        """Whether a message to a resolved conversation merely thanks those who were in it."""
        if conversation.status != "resolved":
            return False
        ref = conversation.ref
        organization = Organizations(self._table).get(ref.organization_id)
        people = [each.author.name for each in self.recent_messages(ref, _LAST) if each.author]
        return is_parting(text, names=[organization.assistant, organization.name, *people])

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

    def messages_until(self, ref: ConversationRef, last_id: str, limit: int) -> list[Message]:
        """The newest `limit` messages up to the one with `last_id`, oldest first."""
        items = self._table.query(
            conversation_partition(ref),
            first="MSG#",
            last=f"MSG#{last_id}",
            limit=limit,
            newest_first=True,
        )
        return [Message.model_validate(item) for item in reversed(items)]

    def message(self, ref: ConversationRef, message_id: str) -> Message:
        """One message. Raises NotFound."""
        item = self._table.get(message_key(ref, message_id))
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
                        message_key(ref, message_id),
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

    def note_seen(self, ref: ConversationRef, message_id: str) -> bool:
        """Note that the customer has read up to a message. One write; False if it says nothing new.

        The mark only moves on, and never beyond the last message.
        """
        try:
            self._table.update(
                Update(
                    conversation_key(ref),
                    "SET customer_read = :seen",
                    {"seen": message_id},
                    condition="attribute_exists(started_at) AND attribute_not_exists(erasing) "
                    "AND gsi1sk >= :seen "
                    "AND (attribute_not_exists(customer_read) OR customer_read < :seen)",
                )
            )
        except ConditionFailed:
            return False
        return True

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

    def watch(self, ref: ConversationRef) -> Watched:
        """The conversation and the sockets that listen to it, in one read. Raises NotFound.

        It costs the same however much was said.
        """
        items = self._table.query(conversation_partition(ref), first=LISTENER, last="CONV")
        if not items or items[-1]["sk"] != "CONV":
            raise NotFound("There is no such conversation.")
        now = time.time()
        open_ones = [item for item in items[:-1] if item["expires_at"] > now]
        return Watched(
            Conversation.model_validate(items[-1]),
            listeners=[i["connection"] for i in open_ones if i["sk"].startswith(LISTENER)],
            watchers=[
                AgentConnection.model_validate({**item, "watching": ref.conversation_id})
                for item in open_ones
                if item["sk"].startswith(WATCHER)
            ],
        )

    def acquire_lease(self, ref: ConversationRef, owner: str) -> Conversation | None:
        """Take the conversation for LEASE_SECONDS, to try what is first in line once.

        None while someone else holds it. The owner may take it again, for the next turn.
        """
        return self._lease(ref, owner, " ADD tries :one", {"one": 1})

    def renew_lease(self, ref: ConversationRef, owner: str) -> bool:
        """Hold the conversation for LEASE_SECONDS more. False if someone else does."""
        return self._lease(ref, owner) is not None

    def _lease(
        self, ref: ConversationRef, owner: str, also: str = "", values: Mapping[str, object] = {}
    ) -> Conversation | None:
        now = time.time()
        try:
            item = self._table.update(
                Update(
                    conversation_key(ref),
                    "SET lease_owner = :owner, lease_until = :until, "
                    f"answer_id = if_not_exists(answer_id, :answer){also}",
                    {
                        **values,
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

    def release_lease(self, ref: ConversationRef, owner: str) -> bool:
        """Let go, unless a message has come in meanwhile: then False, and the lease stays."""
        try:
            self._table.update(
                Update(
                    conversation_key(ref),
                    "REMOVE lease_owner, lease_until, answer_id, tries",
                    {"owner": owner, "none": 0},
                    condition="lease_owner = :owner AND size(unanswered) = :none",
                )
            )
        except ConditionFailed:
            return False
        return True

    def abandon_lease(self, ref: ConversationRef, owner: str) -> bool:
        """Let go although messages wait, so that the retry need not wait for the lease to end.

        Returns whether messages wait that nobody is at now.
        """
        try:
            item = self._table.update(
                Update(
                    conversation_key(ref),
                    "REMOVE lease_owner, lease_until",
                    {"owner": owner},
                    condition="lease_owner = :owner",
                )
            )
        except ConditionFailed:
            return False
        return bool(Conversation.model_validate(item).unanswered)

    def store_outcome(self, conversation: Conversation, owner: str, outcome: Outcome) -> None:
        """Store what a turn came to, take its messages out of the line, count it: all or nothing.

        `conversation` is as it was when the lease was taken. A question that was put to the
        documents is noted, to be grouped with its like. An answer counts towards the plan's, in the
        month of its own time. Raises LeaseLost, also when a person has
        come in: that empties the line.
        """
        for _ in range(_LOOKS):
            try:
                self._store_outcome(conversation, owner, outcome)
            except LeaseLost:
                found = self.get(conversation.ref)
                same = all(
                    getattr(found, name) == getattr(conversation, name) for name in _OTHERS_CHANGE
                )
                if same and found.ends_at(conversation.expires_at):
                    raise
                # How long it is kept, whose or how urgent it is was changed, and that may be all.
                settled = self._lifetimes.settle(conversation.ref)
                conversation = conversation.model_copy(
                    update={
                        **{name: getattr(settled, name) for name in _OTHERS_CHANGE},
                        "expires_at": settled.expires_at,
                        "items_expire_at": settled.items_expire_at,
                    }
                )
            else:
                return
        raise LeaseLost("The conversation keeps changing.")

    def _store_outcome(self, conversation: Conversation, owner: str, outcome: Outcome) -> None:
        ref, expires_at = conversation.ref, conversation.expires_at
        change = OutcomeChange(conversation, outcome)
        ticket = self._ticket(ref) if outcome.escalation else None
        change.apply(ticket)
        shard = any_shard()
        operations: list[Operation] = [
            change.update(owner),
            *(message_put(ref, message, expires_at) for message in change.messages),
            *(asked_put(ref, outcome.answered, message, expires_at) for message in change.asked),
            *outcome.notes(ref),
            *([change.ticket] if change.ticket else []),
            *change.tally.updates(ref.organization_id, shard),
            *(
                count_answers(ref.organization_id, answer.at, 1, shard=shard)
                for answer in outcome.answers
            ),
        ]
        for message in change.messages:
            room = min(MOST_WORDS, MOST_OPERATIONS - len(operations))
            operations += word_puts(ref, message, expires_at, most=room)
        try:
            self._table.transact(*operations)
        except ConditionFailed as failure:
            raise LeaseLost("Someone else has taken over.") from failure

    def tell_done(self, ref: ConversationRef, record_id: str) -> None:
        """Note that the team has been told of a hand-off. Safe to repeat."""
        with contextlib.suppress(ConditionFailed):
            self._table.update(
                Update(
                    conversation_key(ref),
                    "REMOVE untold",
                    {"record": record_id},
                    condition="untold = :record",
                )
            )

    def _ticket(self, ref: ConversationRef) -> Ticket | None:
        item = self._table.get(ticket_key(ref))
        return Ticket.model_validate(item) if item else None


def _check_refusal(
    failure: ConditionFailed, limits: Sequence[Limit], attached: Sequence[Update], now: float
) -> None:
    """Raise RateLimited or Conflict if that is why a message was not stored."""
    first_limit, first_file = 2, 2 + len(limits)
    for position, limit in enumerate(limits, start=first_limit):
        if failure.failed(position):
            raise rate_limited(limit, now) from failure
    if any(failure.failed(first_file + number) for number in range(len(attached))):
        raise Conflict("The file has been sent already.") from failure


_Arrival = Literal["first", "next", "reopening", "parting"]
"""What a customer's message is to its conversation. Thanks for what is resolved reopen nothing."""


def _arrival(conversation: Conversation, *, parting: bool) -> _Arrival:
    if conversation.started_at is None:
        return "first"
    if conversation.status != "resolved":
        return "next"
    return "parting" if parting else "reopening"


def _arrive(
    ref: ConversationRef,
    arrival: _Arrival,
    message: Message,
    expires_at: int,
    before: Conversation | None,
) -> Update:
    """What a customer's message changes about its conversation, `before` if it had to be read."""
    sets: dict[str, object] = {
        "gsi1sk": message.id,
        "customer_last_id": message.id,
        "preview": preview_of(message),
        "last_role": "customer",
    }
    removes: tuple[str, ...] = ("snoozed_until",)
    match arrival:
        case "first":
            condition = "attribute_exists(pk) AND attribute_not_exists(started_at)"
            sets |= {
                "started_at": message.at.isoformat(),
                "subject": preview_of(message, SUBJECT),
                "gsi1pk": f"ORG#{ref.organization_id}#CONVERSATIONS",
                **status_attributes(ref.organization_id, "open"),
            }
        case "reopening":
            priority = before.priority if before else "medium"
            condition = (
                "#status = :resolved AND (attribute_not_exists(priority) OR priority = :priority)"
            )
            sets["reopened_at"] = message.at.isoformat()
            listed = listed_attributes(ref.organization_id, "open", priority)
            sets |= {"status": "open", **{name: at for name, at in listed.items() if at}}
            removes += ("resolution", *(name for name, at in listed.items() if not at))
        case "parting":
            condition = "#status = :resolved"
        case "next":
            condition = "attribute_exists(started_at) AND #status <> :resolved"
    names = ("status",) if "status" in sets or arrival != "first" else ()
    expression = "SET unanswered = list_append(unanswered, :ids), " + ", ".join(
        f"{'#status' if name == 'status' else name} = :{name}" for name in sets
    )
    if arrival != "parting":
        expression += ", gsi4sk = if_not_exists(gsi4sk, :gsi1sk)"
    expression += " REMOVE " + ", ".join(removes) + " ADD customer_messages :one"
    return Update(
        conversation_key(ref),
        expression,
        {
            **sets,
            "expires": expires_at,
            "ids": [message.id],
            "one": 1,
            **({"priority": priority} if arrival == "reopening" else {}),
            "most": MAX_UNANSWERED,
            **({} if arrival == "first" else {"resolved": "resolved"}),
        },
        names=names,
        condition=f"{condition} AND {LASTING} AND size(unanswered) < :most "
        "AND attribute_not_exists(erasing)",
    )


def _count_arrival(
    ref: ConversationRef,
    arrival: _Arrival,
    message: Message,
    before: Conversation | None,
    expires_at: int,
) -> list[Operation]:
    tally = Tally()
    tally.add("messages_customer", message.at)
    records: list[Operation] = []
    if arrival == "first":
        tally.add("conversations", message.at)
    if arrival == "reopening":
        tally.add("reopened", message.at)
        resolution = before.resolution if before else None
        if resolution is not None and message.at - resolution.at <= _SOON:
            tally.add("reopened_within_7_days", message.at)
        record = Message(id=new_id(), role="system", text="", at=message.at, event="reopened")
        records.append(message_put(ref, record, expires_at))
    return [*tally.updates(ref.organization_id), *records]
