"""The audit log: who did what. Entries are written in the transaction they tell of."""

import time
from collections.abc import Mapping
from datetime import datetime

from frontdesk.entities import Actor, Entity
from frontdesk.ids import new_id, time_of
from frontdesk.tables.client import Put, Table

_KEPT_SECONDS = 2 * 366 * 86_400

_SEARCHED = 500
"""How many entries one search looks at before it hands back a cursor."""


class AuditEntry(Entity):
    """One act. `target` is the id of what it was done to; `detail` never holds a secret."""

    id: str
    at: datetime
    actor: Actor
    action: str
    target: str | None = None
    detail: Mapping[str, str] = {}


def audit_put(
    organization_id: str,
    actor: Actor,
    action: str,
    *,
    target: str | None = None,
    detail: Mapping[str, str] | None = None,
) -> Put:
    """The write that records an act, such as `keys.create`, for a transaction."""
    entry_id = new_id()
    entry = AuditEntry(
        id=entry_id,
        at=time_of(entry_id),
        actor=actor,
        action=action,
        target=target,
        detail=detail or {},
    )
    return Put(
        (f"ORG#{organization_id}#AUDIT", f"AUDIT#{entry_id}"),
        {
            **entry.model_dump(mode="json", exclude_none=True),
            "expires_at": int(time.time()) + _KEPT_SECONDS,
        },
    )


class Audit:
    """Reads the log, and records what changes nothing else, such as an export."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def add(
        self,
        organization_id: str,
        actor: Actor,
        action: str,
        *,
        target: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Record an act."""
        self._table.put(audit_put(organization_id, actor, action, target=target, detail=detail))

    def page(
        self,
        organization_id: str,
        *,
        before: str | None,
        limit: int,
        action: str = "",
        actor_id: str | None = None,
    ) -> tuple[list[AuditEntry], str | None]:
        """Up to `limit` entries older than `before`, newest first, and the next cursor.

        `action` is how their action begins, `actor_id` who acted. A filtered page may hold fewer
        than `limit` entries, or none, and still have a cursor: one query of at most 500 entries
        is made for it.
        """
        filtered = bool(action or actor_id)
        looked = max(limit, _SEARCHED) if filtered else limit
        # One more shows whether the list goes on; one more still, because `before` comes too.
        items = self._table.query(
            f"ORG#{organization_id}#AUDIT",
            first="AUDIT#",
            last=f"AUDIT#{before}" if before else "AUDIT#~",
            limit=looked + 2,
            newest_first=True,
        )
        entries = [AuditEntry.model_validate(item) for item in items if item["id"] != before]
        fitting = [
            entry
            for entry in entries[:looked]
            if entry.action.startswith(action) and actor_id in (None, entry.actor.id)
        ]
        if len(fitting) > limit:
            return fitting[:limit], fitting[limit - 1].id
        return fitting, entries[looked - 1].id if len(entries) > looked else None
