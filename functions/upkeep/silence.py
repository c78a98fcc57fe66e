"""Conversations that have fallen silent are taken for resolved."""

import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from frontdesk.entities import Organization
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import first_id_at
from frontdesk.observability import logger
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.organizations import Organizations

_AT_ONCE = 100
_MOST = 1_000
"""Conversations looked at for one organisation in one run; the rest has its turn an hour later."""


def resolve_silent(
    organizations: Organizations, inbox: Inbox, *, seconds_left: Callable[[], float]
) -> int:
    """Resolve what the assistant answered and the customer left, in every organisation.

    Stops in time and begins anew an hour later. What goes wrong in one organisation does not keep
    the others waiting. Returns how many were resolved.
    """
    resolved = 0
    after: str | None = None
    while True:
        page = organizations.page(after=after, limit=_AT_ONCE)
        for organization in page:
            if seconds_left() < 0:
                logger.warning("upkeep broken off", extra={"organization": organization.id})
                return resolved
            try:
                resolved += _resolve_in(organization, inbox, seconds_left)
            except Exception as error:  # noqa: BLE001 - whatever it was, the others have their turn
                # Where, but not what it says: a ValidationError quotes the customer's data.
                logger.error(
                    "upkeep failed",
                    extra={
                        "organization": organization.id,
                        "cause": type(error).__name__,
                        "trace": traceback.format_tb(error.__traceback__),
                    },
                )
        if len(page) < _AT_ONCE:
            return resolved
        after = page[-1].id


def _resolve_in(organization: Organization, inbox: Inbox, seconds_left: Callable[[], float]) -> int:
    before = datetime.now(UTC) - timedelta(hours=organization.resolve_after_hours)
    resolved = 0
    first = "0"
    for _ in range(0, _MOST, _AT_ONCE):
        silent = inbox.silent(
            organization.id, first=first, last=first_id_at(before), limit=_AT_ONCE
        )
        for conversation in silent:
            if seconds_left() < 0:
                return resolved
            first = conversation.gsi1sk + "~"
            if conversation.last_role != "assistant":
                # Nobody has answered: that is no resolution, however long ago it was.
                continue
            try:
                inbox.resolve(conversation.ref, "silence", silent_since=conversation.gsi1sk)
            except (Conflict, NotFound):
                continue
            resolved += 1
        if len(silent) < _AT_ONCE:
            return resolved
    return resolved
