"""How far each member of the team has read each conversation.

A conversation counts its customer's messages; a mark says how many of them a member has read. A
mark is stored with its conversation and ends with it; a list of the member's marks (gsi3) is there
so that they go when the member leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from frontdesk.entities import Conversation, ConversationRef, Entity
from frontdesk.errors import Conflict, NotFound
from frontdesk.tables.client import Check, ConditionFailed, Key, Put, Table
from frontdesk.tables.conversation_items import (
    conversation_key,
    conversation_partition,
    message_key,
)
from frontdesk.tables.lifetimes import LASTING, Lifetimes

_LOOKS = 5

_BACK = 200
"""How many messages are looked at for the customer's that came after one. Those before count as
read."""

_PAGE = 100


class Mark(Entity):
    """Up to which message a member has read, and how many of the customer's that makes."""

    message_id: str
    customer_messages: int


@dataclass(frozen=True, slots=True)
class Unread:
    """How many of the customer's messages a member has not read, and up to where they have."""

    messages: int
    read_until: str | None


class Reading:
    """Reads and writes marks."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
        self._lifetimes = Lifetimes(table)

    def marks(self, member: str, refs: Sequence[ConversationRef]) -> dict[str, Mark]:
        """A member's marks, by conversation. One read for every 100."""
        keys = {_mark_key(ref, member): ref.conversation_id for ref in refs}
        found = self._table.get_many(list(keys)) if keys else {}
        return {keys[key]: Mark.model_validate(item) for key, item in found.items()}

    def read(self, ref: ConversationRef, member: str, message_id: str) -> Unread:
        """Note that a member has read everything up to a message. It never goes back.

        Safe to repeat. Raises NotFound, Conflict.
        """
        if self._table.get(message_key(ref, message_id)) is None:
            raise NotFound("There is no such message.")
        for _ in range(_LOOKS):
            conversation = self._lifetimes.settle(ref)
            if conversation.started_at is None:
                raise NotFound("There is no such conversation.")
            mark = self._mark(conversation, message_id)
            try:
                self._table.transact(
                    Put(
                        _mark_key(ref, member),
                        {
                            **mark.model_dump(),
                            "gsi1sk": ref.conversation_id,
                            "gsi3pk": _list_of(ref.organization_id, member),
                            "expires_at": conversation.expires_at,
                        },
                        condition="attribute_not_exists(pk) OR message_id < :message",
                        values={"message": message_id},
                    ),
                    Check(
                        conversation_key(ref),
                        f"{LASTING} AND attribute_not_exists(erasing)",
                        {"expires": conversation.expires_at},
                    ),
                )
            except ConditionFailed as failure:
                if failure.failed(0):
                    item = self._table.get(_mark_key(ref, member))
                    if item is not None:
                        return unread_of(conversation, member, Mark.model_validate(item))
                continue
            return unread_of(conversation, member, mark)
        raise Conflict("The conversation keeps changing. Try again.")

    def forget(self, organization_id: str, member: str) -> None:
        """Remove all marks of a member who left. Safe to repeat, and to break off."""
        keys: list[Key] = []
        for item in self._table.walk_index("gsi3", _list_of(organization_id, member), page=_PAGE):
            keys.append((item["pk"], item["sk"]))
            if len(keys) == _PAGE:
                self._table.delete_many(keys)
                keys = []
        self._table.delete_many(keys)

    def _mark(self, conversation: Conversation, message_id: str) -> Mark:
        """The mark of who has read up to a message."""
        after = 0
        if message_id < (conversation.customer_last_id or ""):
            items = self._table.query(
                conversation_partition(conversation.ref),
                first=f"MSG#{message_id}~",
                last=f"MSG#{conversation.customer_last_id}",
                limit=_BACK,
                newest_first=True,
            )
            after = sum(item["role"] == "customer" for item in items)
        read = max(conversation.customer_messages - after, 0)
        return Mark(message_id=message_id, customer_messages=read)


def unread_of(conversation: Conversation, member: str, mark: Mark | None) -> Unread:
    """What a member has not read of a conversation.

    Who has no mark there has read nothing of it; but what ended before they came is not new to
    them. Their id says when they came.
    """
    if mark is not None:
        left = conversation.customer_messages - mark.customer_messages
        return Unread(max(left, 0), mark.message_id)
    is_old = (conversation.customer_last_id or "") < member
    return Unread(0 if is_old else conversation.customer_messages, None)


def _mark_key(ref: ConversationRef, member: str) -> tuple[str, str]:
    return conversation_partition(ref), f"READ#{member}"


def _list_of(organization_id: str, member: str) -> str:
    return f"ORG#{organization_id}#READ#{member}"
