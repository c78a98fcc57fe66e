"""Conversations and their messages.

A conversation is the unit of work. The gateway appends customer messages to it without reading it
first. One answer worker at a time holds its lease and is the only one that takes messages off
`unanswered`, always from the front; so the gateway's appends to the end never disturb it.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from frontdesk.entities import Conversation, ConversationRef, Message
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import id_before, new_id
from frontdesk.tables.client import ConditionFailed, Put, Table, Update
from frontdesk.tables.limits import limit_update, rate_limited

LEASE_SECONDS = 15.0
"""A worker that dies is replaced after this long. A live one renews well before."""

MAX_UNANSWERED = 20
_COUNTER_SHARDS = 8
"""Concurrent transactions on one item collide; so a day's counters are spread over a few items."""


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

    def for_visitor(self, organization_id: str, visitor_id: str) -> ConversationRef:
        """The visitor's conversation, begun if there is none. Two callers at once get the same."""
        visitor_key = (f"ORG#{organization_id}#VISITOR#{visitor_id}", "VISITOR")
        item = self._table.get(visitor_key)
        if item is None:
            ref = ConversationRef(organization_id=organization_id, conversation_id=new_id())
            try:
                self._table.transact(
                    Put(
                        visitor_key,
                        {"conversation_id": ref.conversation_id},
                        condition="attribute_not_exists(pk)",
                    ),
                    Put(
                        _key(ref),
                        {
                            "id": ref.conversation_id,
                            "organization_id": organization_id,
                            "unanswered": [],
                            "gsi1pk": f"ORG#{organization_id}#CONVERSATIONS",
                            "gsi1sk": ref.conversation_id,
                        },
                    ),
                )
            except ConditionFailed:
                item = self._table.get(visitor_key)
            else:
                return ref
        if item is None:
            raise Conflict("The conversation was removed just now. Try again.")
        return ConversationRef(
            organization_id=organization_id, conversation_id=item["conversation_id"]
        )

    def find_visitor(self, organization_id: str, visitor_id: str) -> ConversationRef:
        """The visitor's conversation. Raises NotFound."""
        item = self._table.get((f"ORG#{organization_id}#VISITOR#{visitor_id}", "VISITOR"))
        if item is None:
            raise NotFound("There is no such conversation.")
        return ConversationRef(
            organization_id=organization_id, conversation_id=item["conversation_id"]
        )

    def get(self, ref: ConversationRef) -> Conversation:
        """The conversation. Raises NotFound."""
        item = self._table.get(_key(ref))
        if item is None:
            raise NotFound("There is no such conversation.")
        return Conversation.model_validate(item)

    def accept(
        self, ref: ConversationRef, *, client_id: str, text: str, per_minute: int
    ) -> Accepted:
        """Store a customer's message under its client id, once, and put it in line for an answer.

        One transaction: the client id, the message, the conversation's line and the visitor's rate
        counter. Raises RateLimited, TooManyUnanswered, NotFound.
        """
        now = time.time()
        message = Message(
            id=new_id(),
            role="customer",
            text=text,
            at=datetime.fromtimestamp(now, UTC),
            client_id=client_id,
        )
        partition = conversation_partition(ref)
        try:
            self._table.transact(
                Put(
                    (partition, f"CID#{client_id}"),
                    {"message_id": message.id},
                    condition="attribute_not_exists(pk)",
                ),
                Put(_message_key(ref, message.id), _message_item(message)),
                Update(
                    _key(ref),
                    "SET unanswered = list_append(unanswered, :ids), gsi1sk = :id",
                    {"ids": [message.id], "id": message.id, "most": MAX_UNANSWERED},
                    condition="attribute_exists(pk) AND size(unanswered) < :most",
                ),
                limit_update(
                    ref.organization_id,
                    f"messages#{ref.conversation_id}",
                    per_minute=per_minute,
                    now=now,
                ),
            )
        except ConditionFailed as failure:
            if failure.failed(0):
                return self._accepted_before(ref, client_id)
            if failure.failed(3):
                raise rate_limited(now) from failure
            self.get(ref)
            raise TooManyUnanswered("Several messages are waiting for an answer.") from failure
        return Accepted(message.id, repeated=False)

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
        try:
            self._table.update(
                Update(
                    _message_key(ref, message_id),
                    "SET helpful = :helpful",
                    {"helpful": helpful, "assistant": "assistant"},
                    names=("role",),
                    condition="attribute_exists(pk) AND #role = :assistant",
                )
            )
        except ConditionFailed as failure:
            raise NotFound("There is no such answer.") from failure

    def request_stop(self, ref: ConversationRef) -> None:
        """Ask for whatever is being answered now to stop."""
        self._table.update(
            Update(
                _key(ref), "SET stop_at = :now", {"now": new_id()}, condition="attribute_exists(pk)"
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
                    _key(ref),
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
                    _key(ref),
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
                    _key(conversation.ref),
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
                    _key(ref),
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
                    _key(ref),
                    "REMOVE lease_owner, lease_until",
                    {"owner": owner},
                    condition="lease_owner = :owner",
                )
            )
        except ConditionFailed:
            return

    def store_answer(
        self,
        ref: ConversationRef,
        owner: str,
        *,
        answered: Sequence[Message],
        answer: Message,
    ) -> None:
        """Store an answer, take what it answers out of the line, and count it: all or nothing.

        `answered` are the messages at the front of the line, with their sentiment. Raises
        LeaseLost.
        """
        shard = random.randrange(_COUNTER_SHARDS)  # noqa: S311 - spreads writes
        day = answer.at.date().isoformat()
        moods = [
            Update(
                _message_key(ref, message.id),
                "SET sentiment = :sentiment",
                {"sentiment": message.sentiment.model_dump()},
            )
            for message in answered
            if message.sentiment is not None
        ]
        try:
            self._table.transact(
                Update(
                    _key(ref),
                    f"REMOVE {_front_of_line(len(answered))}, answer_id SET gsi1sk = :id",
                    {
                        "id": answer.id,
                        "owner": owner,
                        "first": answered[0].id,
                        "last": answered[-1].id,
                    },
                    condition="lease_owner = :owner AND unanswered[0] = :first "
                    f"AND unanswered[{len(answered) - 1}] = :last",
                ),
                Put(_message_key(ref, answer.id), _message_item(answer)),
                Update(
                    (f"ORG#{ref.organization_id}#DAY#{day}", f"SHARD#{shard}"),
                    f"ADD answers :one, customer_messages :messages, kind_{answer.kind} :one",
                    {"one": 1, "messages": len(answered)},
                ),
                *moods,
            )
        except ConditionFailed as failure:
            raise LeaseLost("Another worker has taken over.") from failure


def conversation_partition(ref: ConversationRef) -> str:
    """The partition that holds a conversation and all that belongs to it."""
    return f"ORG#{ref.organization_id}#CONV#{ref.conversation_id}"


def _front_of_line(count: int) -> str:
    """The first `count` places of the line, last first.

    DynamoDB takes them as they were before the update. MiniStack removes one after another, and so
    comes to the same only from the back.
    """
    return ", ".join(f"unanswered[{position}]" for position in reversed(range(count)))


def _key(ref: ConversationRef) -> tuple[str, str]:
    return conversation_partition(ref), "CONV"


def _message_key(ref: ConversationRef, message_id: str) -> tuple[str, str]:
    return conversation_partition(ref), f"MSG#{message_id}"


def _message_item(message: Message) -> dict[str, object]:
    return message.model_dump(mode="json", exclude_none=True)
