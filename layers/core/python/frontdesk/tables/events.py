"""Webhook events that were received: written down before they are acknowledged."""

import time
from dataclasses import dataclass

from frontdesk.errors import NotFound
from frontdesk.tables.client import ConditionFailed, Key, Operation, Put, Table, Update

_KEPT_SECONDS = 90 * 86_400


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event as it was received. `outcome` says what it came to, once it was processed.

    Then its body is gone: it holds names and addresses.
    """

    body: str
    outcome: str | None


class Events:
    """Stores each event once, and what it came to."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def add(self, source: str, event_id: str, body: str) -> bool:
        """Store an event, unless it is there. Whether it has still to be processed."""
        now = int(time.time())
        try:
            self._table.put(
                Put(
                    _key(source, event_id),
                    {"body": body, "received_at": now, "expires_at": now + _KEPT_SECONDS},
                    condition="attribute_not_exists(pk)",
                )
            )
        except ConditionFailed:
            return self.get(source, event_id).outcome is None
        return True

    def get(self, source: str, event_id: str) -> ReceivedEvent:
        """A stored event. Raises NotFound."""
        item = self._table.get(_key(source, event_id))
        if item is None:
            raise NotFound("There is no such event.")
        return ReceivedEvent(item.get("body", ""), item.get("outcome"))

    def finish(self, source: str, event_id: str, outcome: str, *also: Operation) -> bool:
        """Note what an event came to, with `also` in the same transaction, and forget its body.

        False if that was noted before: then nothing is written.
        """
        try:
            self._table.transact(
                Update(
                    _key(source, event_id),
                    "SET outcome = :outcome, processed_at = :now REMOVE body",
                    {"outcome": outcome, "now": int(time.time())},
                    condition="attribute_exists(pk) AND attribute_not_exists(outcome)",
                ),
                *also,
            )
        except ConditionFailed as failure:
            if failure.failed(0):
                return False
            raise
        return True


def _key(source: str, event_id: str) -> Key:
    return f"EVENT#{source}#{event_id}", "EVENT"
