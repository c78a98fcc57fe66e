"""Conversations that have fallen silent are taken for resolved."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from frontdesk.entities import Organization
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import first_id_at
from frontdesk.tables.inbox import Inbox

_AT_ONCE = 100
_MOST = 1_000
"""Conversations looked at for one organisation in one run; the rest has its turn an hour later."""


def resolve_silent(
    organization: Organization, inbox: Inbox, *, seconds_left: Callable[[], float]
) -> int:
    """Resolve what the assistant answered and the customer left, and return how many that were."""
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
            if conversation.snoozed_until is not None and conversation.snoozed_until > before:
                # Somebody has put it off until then, and the silence counts from then.
                continue
            try:
                inbox.resolve(
                    conversation.ref,
                    "silence",
                    silent_since=conversation.gsi1sk,
                    snoozed_until=conversation.snoozed_until,
                )
            except (Conflict, NotFound):
                continue
            resolved += 1
        if len(silent) < _AT_ONCE:
            return resolved
    return resolved
