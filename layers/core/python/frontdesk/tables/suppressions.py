"""Addresses that get no more mail: it came back for good, or they complained."""

import hashlib
import time
from typing import Literal

from frontdesk.tables.client import Key, Put, Table

SuppressionReason = Literal["bounce", "complaint"]


class Suppressions:
    """Remembers such addresses as hashes, in the whole deployment, until an operator lifts it."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def add(self, address: str, reason: SuppressionReason) -> None:
        """Send nothing more to an address. Safe to repeat."""
        self._table.put(Put(_key(address), {"reason": reason, "since": int(time.time())}))

    def covers(self, address: str) -> bool:
        """Whether an address gets no mail."""
        return self._table.get(_key(address)) is not None


def _key(address: str) -> Key:
    hashed = hashlib.sha256(address.strip().lower().encode()).hexdigest()
    return f"SUPPRESSED#{hashed}", "SUPPRESSED"
