"""Webhook events that were received: written down before they are acknowledged."""

import time

from frontdesk.tables.client import ConditionFailed, Put, Table

_KEPT_SECONDS = 90 * 86_400


class Events:
    """Stores each event once."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def add(self, source: str, event_id: str, body: str) -> bool:
        """Store an event; False if it was there already."""
        now = int(time.time())
        try:
            self._table.put(
                Put(
                    (f"EVENT#{source}#{event_id}", "EVENT"),
                    {"body": body, "received_at": now, "expires_at": now + _KEPT_SECONDS},
                    condition="attribute_not_exists(pk)",
                )
            )
        except ConditionFailed:
            return False
        return True
