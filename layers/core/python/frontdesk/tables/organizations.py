"""Organisations, and the versions of their documents that must not answer."""

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from frontdesk.entities import Actor, AssistantFailure, Entity, MailReceiver, Organization
from frontdesk.errors import Conflict, NotFound
from frontdesk.tables.audit import audit_put
from frontdesk.tables.client import ConditionFailed, Delete, Put, Table, Update

ORGANIZATIONS = "ORGANIZATIONS"
"""The list of all organisations, in gsi1. No request of a customer or a team reads it."""

_REPLACED_FOR = timedelta(hours=24)
"""How long a secret that was replaced stays valid: time to deploy the new one."""

_MOST_REPLACED = 5

_SEEN_AGAIN, _SEEN_ELSEWHERE = 600, 60
"""After how many seconds it is noted again that the widget is on a page."""

_TROUBLE_AGAIN = 600
"""After how many seconds trouble that goes on is noted again."""

MOST_HIDDEN_CHANGES = 75
"""Versions hidden and shown in one step. Each takes up to 49 of the expression's 4,096 bytes."""


_SETTLED_SECONDS = 10.0
"""An index that is searched from many places may show a change later in one than in another. What
ingestion waits for has been seen once; this is time for the rest, and for clocks that differ."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What of an organisation's documents answers: all but `hidden_versions`.

    `changes` counts how often that has changed, the last time at `changed_at` (seconds since the
    epoch).
    """

    hidden_versions: frozenset[str]
    changes: int = 0
    changed_at: float = 0.0

    @property
    def generation(self) -> str | None:
        """Another one after each change; None while the last one may not be seen everywhere."""
        if time.time() < self.changed_at + _SETTLED_SECONDS:
            return None
        return f"{self.changes}@{self.changed_at}"


class ReplacedSecret(Entity):
    """A secret that signed visitors' identities, and until when it still counts."""

    secret: str
    until: datetime


class IdentitySecret(Entity):
    """What signs visitors' identities, and what did so within the last day."""

    secret: str
    created_at: datetime
    replaced: tuple[ReplacedSecret, ...] = ()

    def alive(self) -> tuple[ReplacedSecret, ...]:
        """Those that were replaced and still count."""
        now = datetime.now(UTC)
        return tuple(each for each in self.replaced if each.until > now)


class Organizations:
    """Reads and writes organisations."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def create(self, organization: Organization) -> bool:
        """Store a new organisation. False if there is one with this id, which is left alone."""
        try:
            self._table.transact(*organization_puts(organization))
        except ConditionFailed:
            return False
        return True

    def get(self, organization_id: str) -> Organization:
        """The organisation. Raises NotFound."""
        item = self._table.get((f"ORG#{organization_id}", "ORG"))
        if item is None:
            raise NotFound("There is no such organisation.")
        return Organization.model_validate(item)

    def page(self, *, after: str | None, limit: int) -> list[Organization]:
        """Organisations in the order they were made, after the one called `after`."""
        items = self._table.query_index(
            "gsi1",
            ORGANIZATIONS,
            first=f"{after}~" if after else "0",
            limit=limit,
            newest_first=False,
        )
        return [Organization.model_validate(item) for item in items]

    def get_with_hidden_versions(self, organization_id: str) -> tuple[Organization, frozenset[str]]:
        """The organisation and the document versions that must not answer, in one read.

        Raises NotFound.
        """
        organization, knowledge = self.get_with_knowledge(organization_id)
        return organization, knowledge.hidden_versions

    def get_with_knowledge(self, organization_id: str) -> tuple[Organization, Knowledge]:
        """The organisation and what of its documents answers, in one read. Raises NotFound."""
        items = {
            item["sk"]: item
            for item in self._table.query(f"ORG#{organization_id}", first="HIDDEN", last="ORG")
        }
        if "ORG" not in items:
            raise NotFound("There is no such organisation.")
        hidden = items["HIDDEN"]
        knowledge = Knowledge(
            frozenset(hidden["versions"]), hidden.get("changes", 0), hidden.get("changed_at", 0.0)
        )
        return Organization.model_validate(items["ORG"]), knowledge

    def change(
        self, organization_id: str, changes: Mapping[str, Any], *, by: Actor, action: str
    ) -> Organization:
        """Change the settings named in `changes`, and no other, and return all as they are now.

        Settings that others change at the same time are kept. The audit log gets the names of what
        was changed under `action`. Raises NotFound.
        """
        names = sorted(changes)
        if not names:
            return self.get(organization_id)
        try:
            self._table.transact(
                Update(
                    (f"ORG#{organization_id}", "ORG"),
                    "SET " + ", ".join(f"#{name} = :{name}" for name in names),
                    changes,
                    names=tuple(names),
                    condition="attribute_exists(pk)",
                ),
                audit_put(organization_id, by, action, detail={"fields": ", ".join(names)}),
            )
        except ConditionFailed as failure:
            raise NotFound("There is no such organisation.") from failure
        return self.get(organization_id)

    def keep_for(self, organization: Organization, retention_days: int) -> None:
        """Note that a conversation is about to be stored that is to be kept for so many days."""
        if organization.kept_for is None or retention_days <= organization.kept_for:
            return
        with suppress(ConditionFailed):
            self._table.update(
                Update(
                    (f"ORG#{organization.id}", "ORG"),
                    "SET kept_for = :days REMOVE shortened_to",
                    {"days": retention_days},
                    condition="kept_for < :days",
                )
            )

    def note_seen(self, organization: Organization, origin: str) -> None:
        """Note that the widget is on a page of `origin`.

        One write in ten minutes, however many visitors there are; one a minute where they come from
        several origins in turn.
        """
        now, before = time.time(), organization.seen_at
        rest = _SEEN_AGAIN if origin == organization.seen_origin else _SEEN_ELSEWHERE
        if now - before < rest:
            return
        with suppress(ConditionFailed):
            self._table.update(
                Update(
                    (f"ORG#{organization.id}", "ORG"),
                    "SET seen_at = :now, seen_origin = :origin",
                    {"now": now, "origin": origin, "before": before},
                    condition="attribute_exists(pk) AND "
                    "(seen_at = :before OR attribute_not_exists(seen_at))",
                )
            )

    def note_failure(self, organization: Organization, failure: AssistantFailure) -> None:
        """Note that an answer went wrong. One write in ten minutes, however many go wrong."""
        if time.time() - organization.assistant_failed_at >= _TROUBLE_AGAIN:
            self._note(organization.id, "assistant_failed_at", "assistant_failure", failure)

    def note_returned_mail(self, organization_id: str, receiver: MailReceiver) -> None:
        """Note that a mail of an organisation could not be delivered. One write in ten minutes."""
        self._note(organization_id, "mail_returned_at", "mail_returned_to", receiver)

    def _note(self, organization_id: str, when: str, what: str, value: str) -> None:
        now = time.time()
        with suppress(ConditionFailed):
            self._table.update(
                Update(
                    (f"ORG#{organization_id}", "ORG"),
                    f"SET {when} = :now, {what} = :what",
                    {"now": now, "what": value, "before": now - _TROUBLE_AGAIN},
                    condition="attribute_exists(pk) AND "
                    f"({when} <= :before OR attribute_not_exists({when}))",
                )
            )

    def note_shortened(self, organization_id: str, retention_days: int) -> None:
        """Note that all conversations were gone through that were to be kept for longer.

        A request that began before may still store one. So it counts when it was done twice.
        """
        key = (f"ORG#{organization_id}", "ORG")
        days = {"days": retention_days}
        try:
            self._table.update(
                Update(
                    key,
                    "SET kept_for = :days REMOVE shortened_to",
                    days,
                    condition="shortened_to = :days",
                )
            )
        except ConditionFailed:
            self._table.update(
                Update(key, "SET shortened_to = :days", days, condition="attribute_exists(pk)")
            )

    def identity_secrets(self, organization_id: str) -> tuple[str, ...]:
        """The secrets that may have signed a visitor's identity, the present one first. One read.

        Empty when there is none: then nobody's identity can be vouched for.
        """
        found = self._identity(organization_id)
        return (found.secret, *(each.secret for each in found.alive())) if found else ()

    def identity_secret(self, organization_id: str) -> str | None:
        """The secret that signs visitors' identities now."""
        return next(iter(self.identity_secrets(organization_id)), None)

    def identity_secret_since(self, organization_id: str) -> datetime | None:
        """When the present secret was made; None if there is none."""
        found = self._identity(organization_id)
        return found.created_at if found else None

    def put_identity_secret(self, organization_id: str, secret: str, by: Actor) -> datetime:
        """Have `secret` sign identities from now on, and return when that was.

        A secret that it replaces stays valid for 24 hours more. Raises Conflict when someone else
        replaced it just now, or when it was replaced too often within a day.
        """
        before = self._identity(organization_id)
        now = datetime.now(UTC)
        kept: tuple[ReplacedSecret, ...] = ()
        if before is not None:
            replaced = ReplacedSecret(secret=before.secret, until=now + _REPLACED_FOR)
            kept = (replaced, *before.alive())
        if len(kept) > _MOST_REPLACED:
            raise Conflict("The identity secret was replaced too often today. Try again tomorrow.")
        stored = IdentitySecret(secret=secret, created_at=now, replaced=kept)
        try:
            self._table.transact(
                Put(
                    identity_key(organization_id),
                    stored.model_dump(mode="json"),
                    "attribute_not_exists(pk)" if before is None else "secret = :before",
                    {} if before is None else {"before": before.secret},
                ),
                audit_put(
                    organization_id, by, "identity.create" if before is None else "identity.rotate"
                ),
            )
        except ConditionFailed as failure:
            raise Conflict("The identity secret was changed just now. Look again.") from failure
        return now

    def delete_identity_secret(self, organization_id: str, by: Actor) -> None:
        """Let nobody's identity be vouched for any more, at once. Safe to repeat."""
        before = self._identity(organization_id)
        if before is None:
            return
        try:
            self._table.transact(
                Delete(
                    identity_key(organization_id), "secret = :before", {"before": before.secret}
                ),
                audit_put(organization_id, by, "identity.delete"),
            )
        except ConditionFailed as failure:
            raise Conflict("The identity secret was changed just now. Look again.") from failure

    def _identity(self, organization_id: str) -> IdentitySecret | None:
        item = self._table.get(identity_key(organization_id))
        return IdentitySecret.model_validate(item) if item else None


def identity_key(organization_id: str) -> tuple[str, str]:
    """Where the secret is: behind ORG in its partition, outside what answering a message reads."""
    return f"ORG#{organization_id}", "SECRET#identity"


def organization_puts(organization: Organization) -> list[Put]:
    """The writes of a new organisation. There must be none with its id."""
    partition = f"ORG#{organization.id}"
    return [
        Put(
            (partition, "ORG"),
            {
                **organization.model_dump(mode="json"),
                "gsi1pk": ORGANIZATIONS,
                "gsi1sk": organization.id,
            },
            condition="attribute_not_exists(pk)",
        ),
        Put((partition, "HIDDEN"), {"versions": {}}),
    ]


def change_hidden_versions(
    organization_id: str, *, hide: Collection[str] = (), show: Collection[str] = ()
) -> Update:
    """The update that keeps versions out of every search, and lets others in, in one step.

    It makes another generation of the organisation's knowledge. Hiding does so too, although it
    changes no answer: a search that began before it would find what is written after it.

    At most MOST_HIDDEN_CHANGES versions: an expression of DynamoDB's has at most 4 KB.
    """
    hide, show = sorted(set(hide)), sorted(set(show))
    if len(hide) + len(show) > MOST_HIDDEN_CHANGES:
        raise ValueError(f"more than {MOST_HIDDEN_CHANGES} versions in one update")
    hidden = [f"versions.#{version} = :hidden" for version in hide]
    parts = ["SET " + ", ".join(["changed_at = :now", *hidden])]
    if show:
        parts.append("REMOVE " + ", ".join(f"versions.#{version}" for version in show))
    parts.append("ADD changes :one")
    return Update(
        (f"ORG#{organization_id}", "HIDDEN"),
        " ".join(parts),
        {"now": time.time(), "one": 1, **({"hidden": 1} if hide else {})},
        names=(*hide, *show),
    )
