"""Mails that were sent or are being sent: each reaches each person once.

Whoever wants to send a mail claims it first. Once it is sent that is noted, and nobody can claim it
again. A claim that was left behind by a worker that died is taken over after SENDING_SECONDS. So a
mail is never lost; if the worker died between handing it over and noting so, it is sent twice.
"""

import contextlib
import hashlib
import time
from dataclasses import dataclass

from frontdesk.errors import Unavailable
from frontdesk.ids import new_id
from frontdesk.tables.client import ConditionFailed, Delete, Key, Put, Table, Update

SENDING_SECONDS = 45
"""Longer than the mail function may run: nobody can still be sending after it."""

_KEPT_SECONDS = 90 * 86_400
"""Longer than any queue keeps a message."""


class BeingSent(Unavailable):
    """Another worker is sending this very mail; whether that goes well shows later."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one mail to one person, until SENDING_SECONDS have passed."""

    key: Key
    owner: str


class Mailings:
    """Remembers what was sent. Addresses are stored as hashes."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def claim(self, identity: str, recipient: str) -> Claim | None:
        """Take it on to send the mail `identity` to an address; None if that was done.

        Raises BeingSent.
        """
        now = time.time()
        claim = Claim(_key(identity, recipient), new_id())
        try:
            self._table.put(
                Put(
                    claim.key,
                    {
                        "owner": claim.owner,
                        "sending_until": now + SENDING_SECONDS,
                        "expires_at": int(now) + _KEPT_SECONDS,
                    },
                    condition="attribute_not_exists(pk) OR sending_until < :now "
                    "OR expires_at < :now",
                    values={"now": now},
                )
            )
        except ConditionFailed as failure:
            item = self._table.get(claim.key)
            if item is not None and "sent_at" in item:
                return None
            raise BeingSent("another worker is sending this mail") from failure
        return claim

    def settle(self, claim: Claim) -> None:
        """Note that it was sent, or refused for good: nobody tries it again."""
        with contextlib.suppress(ConditionFailed):
            self._table.update(
                Update(
                    claim.key,
                    "SET sent_at = :now REMOVE sending_until",
                    {"now": int(time.time()), "owner": claim.owner},
                    condition="#owner = :owner",
                    names=("owner",),
                )
            )

    def release(self, claim: Claim) -> None:
        """Leave it to another try."""
        with contextlib.suppress(ConditionFailed):
            self._table.delete(
                Delete(claim.key, "#owner = :owner", {"owner": claim.owner}, names=("owner",))
            )


def _key(identity: str, recipient: str) -> Key:
    hashed = hashlib.sha256(f"{identity}\n{recipient.lower()}".encode()).hexdigest()
    return f"MAILING#{hashed}", "MAILING"
