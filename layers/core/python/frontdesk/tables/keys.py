"""Keys that stand for an organisation: publishable widget keys and secret team keys.

Keys that work and keys that were revoked are listed apart, so that however many were revoked, the
former are read whole. A row counts them, for the limit to hold when two are made at once.
"""

import time
from datetime import UTC, datetime
from typing import Literal

from frontdesk.access.tokens import hash_token
from frontdesk.entities import Actor, Entity, Role
from frontdesk.errors import Conflict, NotFound
from frontdesk.tables.audit import audit_put
from frontdesk.tables.client import ConditionFailed, Delete, Operation, Put, Table, Update
from frontdesk.tables.departures import departure_put

KeyKind = Literal["widget", "team"]

MAX_KEYS = 100
"""How many keys that are not revoked an organisation may have."""

_REVOKED_SHOWN = 100
_REVOKED_KEPT_SECONDS = 366 * 86_400
_LOOKS = 4

_USE_NOTED_SECONDS = 600
"""How exact `last_used_at` is: noting every use would be a write for every request."""


class KeyGrant(Entity):
    """What a key allows, and for which organisation. `role` is that of a team key."""

    id: str
    organization_id: str
    kind: KeyKind
    role: Role = "admin"
    name: str = ""
    used_at: float = 0.0


class Key(Entity):
    """A key as its organisation sees it: of a secret one no more than it is recognised by.

    `key` is a widget key itself, which every page that carries the widget shows anyway.
    """

    id: str
    kind: KeyKind
    role: Role = "admin"
    name: str
    beginning: str
    key: str | None = None
    hash: str
    created_at: datetime
    created_by: Actor
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class Keys:
    """Stores keys by their hash; a secret one itself is not kept."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def add(self, key: str, grant: KeyGrant, by: Actor) -> Key:
        """Let `key` stand for an organisation. The same again changes nothing.

        Raises Conflict when the organisation has MAX_KEYS already.
        """
        stored = _stored(key, grant, by)
        try:
            self._table.transact(
                *_writes(stored, grant),
                audit_put(grant.organization_id, by, f"keys.create_{grant.kind}", target=grant.id),
            )
        except ConditionFailed as failure:
            if failure.failed(0):
                return self.get(grant.organization_id, grant.id)
            raise Conflict(
                f"There are {MAX_KEYS} keys already. Revoke one that is not needed any more."
            ) from failure
        return stored

    def find(self, key: str, kind: KeyKind) -> KeyGrant | None:
        """What `key` allows, if it is known, of this kind and not revoked. Notes the use."""
        hashed = hash_token(key)
        item = self._table.get(grant_key(hashed))
        if item is None or item["kind"] != kind:
            return None
        grant = KeyGrant.model_validate(item)
        if time.time() - grant.used_at > _USE_NOTED_SECONDS:
            self._note_use(hashed, grant)
        return grant

    def get(self, organization_id: str, key_id: str) -> Key:
        """One key, revoked or not. Raises NotFound."""
        working, revoked = (
            _list_key(organization_id, key_id),
            _revoked_key(organization_id, key_id),
        )
        found = self._table.get_many([working, revoked])
        item = found.get(working) or found.get(revoked)
        if item is None:
            raise NotFound("There is no such key.")
        return Key.model_validate(item)

    def list(self, organization_id: str) -> list[Key]:
        """Every key that works, and the last hundred revoked within a year; oldest first.

        Two queries.
        """
        partition = _partition(organization_id)
        items = [
            *self._table.query(partition, first="KEY#", last="KEY#~", limit=MAX_KEYS),
            *self._table.query(
                partition,
                first="REVOKED#",
                last="REVOKED#~",
                limit=_REVOKED_SHOWN,
                newest_first=True,
            ),
        ]
        return sorted((Key.model_validate(item) for item in items), key=lambda key: key.id)

    def revoke(self, organization_id: str, key_id: str, by: Actor) -> None:
        """End a key for good, at once. Safe to repeat. Raises NotFound."""
        for _ in range(_LOOKS):
            key = self.get(organization_id, key_id)
            if key.revoked_at is not None:
                return
            now = datetime.now(UTC)
            revoked = key.model_copy(update={"revoked_at": now})
            used = key.last_used_at
            try:
                self._table.transact(
                    Delete(grant_key(key.hash)),
                    # Its last use may be noted at this very moment: look again then.
                    Delete(
                        _list_key(organization_id, key_id),
                        "attribute_exists(pk) AND attribute_not_exists(last_used_at)"
                        if used is None
                        else "last_used_at = :used",
                        {} if used is None else {"used": _written(used)},
                    ),
                    Put(
                        _revoked_key(organization_id, key_id),
                        {
                            **revoked.model_dump(mode="json", exclude_none=True),
                            "expires_at": int(now.timestamp()) + _REVOKED_KEPT_SECONDS,
                        },
                    ),
                    Update(_count_key(organization_id), "ADD working :less", {"less": -1}),
                    *([departure_put(organization_id, key_id)] if key.kind == "team" else []),
                    audit_put(organization_id, by, f"keys.revoke_{key.kind}", target=key_id),
                )
            except ConditionFailed:
                continue
            return
        raise Conflict("The key is being used too much to be revoked just now. Try again.")

    def _note_use(self, hashed: str, grant: KeyGrant) -> None:
        now = time.time()
        try:
            self._table.transact(
                Update(
                    grant_key(hashed),
                    "SET used_at = :now",
                    {"now": now, "before": grant.used_at},
                    condition="used_at = :before",
                ),
                Update(
                    _list_key(grant.organization_id, grant.id),
                    "SET last_used_at = :at",
                    {"at": _written(datetime.fromtimestamp(now, UTC))},
                    condition="attribute_exists(pk)",
                ),
            )
        except ConditionFailed:
            # Another request noted it, or the key was revoked just now.
            return


def first_key_writes(key: str, grant: KeyGrant, by: Actor) -> list[Operation]:
    """The writes of the first key of an organisation that is made in the same transaction."""
    return _writes(_stored(key, grant, by), grant)


def _stored(key: str, grant: KeyGrant, by: Actor) -> Key:
    return Key(
        id=grant.id,
        kind=grant.kind,
        role=grant.role,
        name=grant.name,
        beginning=key[:7],
        key=key if grant.kind == "widget" else None,
        hash=hash_token(key),
        created_at=datetime.now(UTC),
        created_by=by,
    )


def _writes(stored: Key, grant: KeyGrant) -> list[Operation]:
    return [
        Put(grant_key(stored.hash), grant.model_dump(), "attribute_not_exists(pk)"),
        Put(
            _list_key(grant.organization_id, grant.id),
            stored.model_dump(mode="json", exclude_none=True),
        ),
        Update(
            _count_key(grant.organization_id),
            "ADD working :one",
            {"one": 1, "most": MAX_KEYS},
            condition="attribute_not_exists(working) OR working < :most",
        ),
    ]


def grant_key(hashed: str) -> tuple[str, str]:
    """Where it is stored whose a key is; it is removed when the key is revoked."""
    return f"KEY#{hashed}", "KEY"


def _partition(organization_id: str) -> str:
    return f"ORG#{organization_id}#KEYS"


def _list_key(organization_id: str, key_id: str) -> tuple[str, str]:
    return _partition(organization_id), f"KEY#{key_id}"


def _revoked_key(organization_id: str, key_id: str) -> tuple[str, str]:
    return _partition(organization_id), f"REVOKED#{key_id}"


def _count_key(organization_id: str) -> tuple[str, str]:
    return _partition(organization_id), "COUNT"


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
