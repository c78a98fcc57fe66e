"""How long conversations are kept, and with each all that belongs to it.

A conversation is kept for its `retention_days` after the customer, the assistant or the team wrote
or the customer came by. All that belongs to it is stored with the same `expires_at`: messages and
the ids they were sent under, the ticket, what visitors and customers are led to it by, and the
questions noted from it with their words in groups. DynamoDB removes item by item, so each carries
the time itself. To write all of them with each message would cost more with every message: so the
time moves in steps, by an hour, or by a day where months are meant, and all of it moves together.

Whoever adds to a conversation does so under the condition that it `ends_at` the time they store
(`lasting`). While the time is being changed that is not so; a change that was broken off is
finished by whoever comes next.

The words that messages are found by never end later than their conversation; but they are many, and
do not last longer when it does: a message is found for as long as its conversation was to be kept
when it was written.
"""

import random
import time
from collections.abc import Callable, Iterator

from frontdesk.entities import Conversation, ConversationRef
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import time_of
from frontdesk.tables.answer_cache import kept_answer_key
from frontdesk.tables.client import ConditionFailed, Item, Key, Table, Update
from frontdesk.tables.conversation_items import (
    LISTENER,
    WATCHER,
    conversation_key,
    conversation_partition,
    led_by,
    visitor_key,
)
from frontdesk.tables.message_words import word_keys
from frontdesk.tables.questions import Questions

_LOOKS = 6
_HOUR = 3_600
_DAY = 86_400
_MONTH_DAYS = 30

LASTING = "expires_at = :expires AND items_expire_at = :expires"
"""The condition on a conversation under which something that ends at :expires is added to it."""

_OF_THEIR_OWN = ("CONV", LISTENER, WATCHER)
"""The conversation itself, and sockets, which are forgotten within hours."""

_PAGE = 100

_LISTS = ("VISITS", "CONVERSATIONS")
"""Those in which nothing has been said yet, and the others."""


def expiry(retention_days: int, since: float | None = None) -> int:
    """Until when a conversation is kept that was last touched at `since`, or now.

    It is rounded down, to the hour or the day, so that it seldom changes.
    """
    step = _DAY if retention_days >= _MONTH_DAYS else _HOUR
    until = (time.time() if since is None else since) + retention_days * _DAY
    return int(until // step) * step


class Lifetimes:
    """Changes how long conversations are kept."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
        self._questions = Questions(table)

    def renew(self, ref: ConversationRef, retention_days: int | None = None) -> Conversation:
        """Keep a conversation as long from now as it is to be kept, or `retention_days`.

        Returns it as it is then. Raises NotFound, and Conflict when it keeps changing.
        """

        def wanted(conversation: Conversation) -> tuple[int, int]:
            days = conversation.retention_days if retention_days is None else retention_days
            return days, expiry(days)

        return self._bring(ref, wanted)

    def settle(self, ref: ConversationRef) -> Conversation:
        """Let all that belongs to a conversation end with it, if a change was broken off.

        Raises NotFound, Conflict.
        """
        return self._bring(ref, lambda each: (each.retention_days, each.expires_at))

    def shorten(self, ref: ConversationRef, retention_days: int) -> bool:
        """Keep a conversation no longer than so many days after its last message.

        It may be gone with that. False if it was not to be kept longer anyway. Safe to repeat, and
        to break off. Raises Conflict.
        """
        shortened = False

        def wanted(conversation: Conversation) -> tuple[int, int]:
            nonlocal shortened
            if conversation.retention_days <= retention_days:
                return conversation.retention_days, conversation.expires_at
            shortened = True
            last = time_of(conversation.gsi1sk or conversation.id).timestamp()
            return retention_days, min(conversation.expires_at, expiry(retention_days, last))

        try:
            self._bring(ref, wanted)
        except NotFound:
            return False
        return shortened

    def longer_than(self, organization_id: str, retention_days: int) -> Iterator[Conversation]:
        """The conversations that are to be kept longer than that, a page at a time."""
        for name in _LISTS:
            partition = f"ORG#{organization_id}#{name}"
            for item in self._table.walk_index("gsi1", partition, page=_PAGE):
                conversation = Conversation.model_validate(item)
                if conversation.retention_days > retention_days:
                    yield conversation

    def _bring(
        self, ref: ConversationRef, wanted: Callable[[Conversation], tuple[int, int]]
    ) -> Conversation:
        """Have a conversation and all that belongs to it end when `wanted` says.

        What is its own comes last when it shortens and first when it lengthens: so nothing outlives
        it, and one whose shortening was broken off is still found.
        """
        written: int | None = None
        for look in range(_LOOKS):
            if look:
                time.sleep(random.uniform(0, 0.02 * 2**look))  # noqa: S311 - jitter
            conversation = self._read(ref)
            days, until = wanted(conversation)
            unchanged = conversation.retention_days == days and conversation.ends_at(until)
            if unchanged and written in {None, until}:
                return conversation
            begun = self._begin(conversation, until)
            if begun is None:
                continue
            self._write(begun, until)
            written = until
            ended = self._end(begun, days, until)
            if ended is not None:
                return ended
        raise Conflict("The conversation keeps changing. Try again.")

    def _begin(self, conversation: Conversation, until: int) -> Conversation | None:
        """Let nothing be added until the change is through. None if it has changed meanwhile."""
        try:
            item = self._table.update(
                Update(
                    conversation_key(conversation.ref),
                    "SET changing_to = :until, expires_at = :longer REMOVE items_expire_at",
                    {
                        "until": until,
                        "longer": max(until, conversation.expires_at),
                        "before": conversation.expires_at,
                    },
                    condition="expires_at = :before AND attribute_not_exists(erasing)",
                )
            )
        except ConditionFailed:
            return None
        return Conversation.model_validate(item)

    def _end(self, begun: Conversation, days: int, until: int) -> Conversation | None:
        """Let things be added again. None if somebody else is changing it, or has."""
        try:
            item = self._table.update(
                Update(
                    conversation_key(begun.ref),
                    "SET retention_days = :days, expires_at = :until, items_expire_at = :until "
                    "REMOVE changing_to",
                    {"days": days, "until": until},
                    condition="changing_to = :until AND attribute_not_exists(erasing)",
                )
            )
        except ConditionFailed:
            return None
        return Conversation.model_validate(item)

    def _write(self, conversation: Conversation, until: int) -> None:
        """Have all that belongs to a conversation end then.

        What is found by its messages goes before them, in case this is broken off.
        """
        ref = conversation.ref
        items = [
            item
            for item in self._table.query(conversation_partition(ref))
            if not item["sk"].startswith(_OF_THEIR_OWN)
        ]
        if until < conversation.expires_at:
            self._table.update_each(
                [
                    _ending(key, until, "expires_at > :until")
                    for item in items
                    if item["sk"].startswith("MSG#")
                    for key in word_keys(ref.organization_id, item)
                ]
            )
        asked = [item["id"] for item in items if item.get("kind") in {"answer", "unknown"}]
        self._questions.keep(ref.organization_id, asked, until)
        self._table.update_each(
            [
                *_lead_updates(conversation, until),
                *(
                    _ending(
                        kept_answer_key(ref.organization_id, item["kept_as"]),
                        until,
                        "expires_at > :until",
                    )
                    for item in items
                    if "kept_as" in item
                ),
            ]
        )
        self._table.update_each(
            [
                _ending((item["pk"], item["sk"]), ends)
                for item in items
                if item["expires_at"] != (ends := _end_of(item, until))
            ]
        )

    def _read(self, ref: ConversationRef) -> Conversation:
        item = self._table.get(conversation_key(ref))
        if item is None or item.get("erasing"):
            raise NotFound("There is no such conversation.")
        return Conversation.model_validate(item)


def _lead_updates(conversation: Conversation, until: int) -> list[Update]:
    """The updates of what leads to a conversation, where it still does."""
    keys = [visitor_key(conversation.organization_id, each) for each in conversation.visitors]
    return [
        _ending(key, until, "conversation_id = :conversation", conversation=conversation.id)
        for key in [*keys, *led_by(conversation.ref, conversation.customer)]
    ]


def _ending(key: Key, until: int, condition: str = "attribute_exists(pk)", **values: str) -> Update:
    return Update(key, "SET expires_at = :until", {"until": until, **values}, condition=condition)


def _end_of(item: Item, until: int) -> int:
    """When an item ends whose conversation does at `until`: a replayed answer with its run."""
    if item["sk"].startswith("REPLAY#"):
        return min(until, int(item.get("run_expires_at") or item["expires_at"]))
    return until
