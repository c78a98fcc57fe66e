"""Everything stored about one customer: collected, or removed."""

from dataclasses import dataclass, field
from typing import Any

from frontdesk.entities import Conversation, ConversationRef
from frontdesk.tables.answer_cache import kept_answer_key
from frontdesk.tables.client import ConditionFailed, Delete, Item, Key, Table, Update
from frontdesk.tables.conversation_items import (
    LISTENER,
    conversation_key,
    conversation_partition,
    led_by,
)
from frontdesk.tables.message_words import word_keys
from frontdesk.tables.questions import Questions
from frontdesk.tables.visitors import Visitors

_OURS = frozenset(
    {
        *("pk", "sk", "gsi1pk", "gsi2pk", "gsi3pk", "gsi4pk", "gsi5pk", "gsi1sk"),
        *("expires_at", "items_expire_at", "changing_to", "run_expires_at"),
        *("kept_as", "usage", "gsi4sk"),
    }
)
"""Keys, times, and what an answer cost: none says anything of the customer."""


@dataclass(frozen=True, slots=True)
class Record:
    """All that is stored of one conversation, without keys of ours."""

    conversation: dict[str, Any]
    messages: list[dict[str, Any]] = field(default_factory=list)
    ticket: dict[str, Any] | None = None
    replays: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure leaves to do: groups of questions that lost an example, and open sockets."""

    groups: frozenset[str]
    sockets: list[str]


class Privacy:
    """Finds, collects and removes what is stored about a customer."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
        self._visitors = Visitors(table)
        self._questions = Questions(table)

    def conversations(
        self, organization_id: str, *, email: str | None, customer_id: str | None
    ) -> list[ConversationRef]:
        """A customer's conversations, by address or by the id their site vouched for.

        An address finds what was merely typed too; an id only what was vouched for.
        """
        refs = self._visitors.conversations_of(organization_id, email or customer_id or "")
        found: list[ConversationRef] = []
        for ref in refs:
            item = self._table.get(conversation_key(ref))
            if item is None:
                # Its time was up: what may be left has to go all the same.
                if self.holds(ref):
                    found.append(ref)
                continue
            customer = Conversation.model_validate(item).customer
            if (email and customer.email == email) or (customer_id and customer.id == customer_id):
                found.append(ref)
        return found

    def collect(self, ref: ConversationRef) -> Record | None:
        """All that is stored of a conversation; None if there is nothing."""
        items = {item["sk"]: item for item in self._table.query(conversation_partition(ref))}
        if "CONV" not in items:
            return None
        return Record(
            conversation=_plain(items["CONV"]),
            messages=[_plain(item) for key, item in items.items() if key.startswith("MSG#")],
            ticket=_plain(items["TICKET"]) if "TICKET" in items else None,
            replays=[_plain(item) for key, item in items.items() if key.startswith("REPLAY#")],
        )

    def holds(self, ref: ConversationRef) -> bool:
        """Whether anything of a conversation is stored."""
        return bool(self._table.query(conversation_partition(ref), limit=1))

    def erase(self, ref: ConversationRef) -> Erasure:
        """Remove a conversation and all that leads to it. Safe to repeat, and to break off.

        From the first step on nothing can be added to it and no list shows it; the conversation
        itself goes last, because it knows what else there is. Counters stay: they hold nothing
        personal.
        """
        conversation = self._close(ref)
        items = [
            item for item in self._table.query(conversation_partition(ref)) if item["sk"] != "CONV"
        ]
        groups = self._questions.forget(
            ref.organization_id,
            [item["id"] for item in items if item["sk"].startswith("MSG#")],
        )
        # Words come first: what they are stored under follows from the messages.
        keys: list[Key] = [
            key
            for item in items
            if item["sk"].startswith("MSG#")
            for key in word_keys(ref.organization_id, item)
        ]
        keys += [(item["pk"], item["sk"]) for item in items]
        sockets = [item["connection"] for item in items if item["sk"].startswith(LISTENER)]
        keys += [(f"SOCKET#{each}", "SOCKET") for each in sockets]
        keys += [
            kept_answer_key(ref.organization_id, item["kept_as"])
            for item in items
            if "kept_as" in item
        ]
        if conversation is not None:
            keys += led_by(ref, conversation.customer)
            self._visitors.forget(conversation)
        self._table.delete_many(list(dict.fromkeys(keys)))
        self._table.delete(Delete(conversation_key(ref)))
        return Erasure(groups, sockets)

    def _close(self, ref: ConversationRef) -> Conversation | None:
        """Let nothing more in, and take the conversation off all lists."""
        try:
            item = self._table.update(
                Update(
                    conversation_key(ref),
                    "SET erasing = :erasing, unanswered = :nothing REMOVE gsi1pk, gsi2pk, gsi3pk, "
                    "gsi4pk, gsi5pk, lease_owner, lease_until, answer_id",
                    {"erasing": True, "nothing": []},
                    condition="attribute_exists(pk)",
                )
            )
        except ConditionFailed:
            return None
        return Conversation.model_validate(item)


def _plain(item: Item) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in _OURS}
