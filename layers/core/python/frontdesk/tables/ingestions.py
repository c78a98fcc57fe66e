"""How many files of one organisation are ingested at once, so that none holds all workers.

docs/decisions/0025-fair-ingestion.md says why.
"""

import time

from frontdesk.tables.client import ConditionFailed, Delete, Key, Put, Table

SLOT_SECONDS = 960
"""Longer than a worker may run: only a slot whose worker was killed is ever let go by the clock."""


class Ingestions:
    """Gives out the slots of each organisation."""

    def __init__(self, table: Table, *, at_once: int) -> None:
        """`at_once` is how many slots an organisation has."""
        self._table = table
        self._at_once = at_once

    def begin(self, organization_id: str, version: str) -> bool:
        """Take a slot for a version of a document, or keep its own. False if none is free.

        Raises StoreUnavailable.
        """
        taken = {
            item["sk"]: item["version"] for item in self._table.query(_partition(organization_id))
        }
        keys = [_key(organization_id, number) for number in range(self._at_once)]
        own = [key for key in keys if taken.get(key[1]) == version]
        free = [key for key in keys if key[1] not in taken]
        return any(self._take(key, version) for key in (*own, *free))

    def end(self, organization_id: str, version: str) -> None:
        """Let go of the slot, if it still has one. Raises StoreUnavailable."""
        for number in range(self._at_once):
            try:
                self._table.delete(
                    Delete(
                        _key(organization_id, number), "version = :version", {"version": version}
                    )
                )
            except ConditionFailed:
                continue

    def _take(self, key: Key, version: str) -> bool:
        now = int(time.time())
        try:
            self._table.put(
                Put(
                    key,
                    {"version": version, "expires_at": now + SLOT_SECONDS},
                    "attribute_not_exists(pk) OR version = :version OR expires_at <= :now",
                    {"version": version, "now": now},
                )
            )
        except ConditionFailed:
            return False
        return True


def _partition(organization_id: str) -> str:
    return f"ORG#{organization_id}#INGESTIONS"


def _key(organization_id: str, number: int) -> Key:
    return _partition(organization_id), f"SLOT#{number}"
