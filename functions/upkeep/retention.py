"""Conversations are kept no longer than their organisation and its plan say now."""

from collections.abc import Callable

from frontdesk.entities import Organization
from frontdesk.tables.accounts import Standings
from frontdesk.tables.lifetimes import Lifetimes
from frontdesk.tables.organizations import Organizations

_MOST = 1_000
"""Conversations of one organisation in one run; the rest has its turn an hour later."""


def shorten_retention(
    organization: Organization,
    standings: Standings,
    organizations: Organizations,
    lifetimes: Lifetimes,
    *,
    seconds_left: Callable[[], float],
) -> int:
    """Have what was stored to be kept for longer end sooner. Returns how many conversations.

    Safe to repeat, and to break off. Costs one read where nothing was made shorter.
    """
    days = standings.of(organization.id).retention_days(organization.retention_days)
    if organization.kept_for is not None and organization.kept_for <= days:
        return 0
    shortened = 0
    for conversation in lifetimes.longer_than(organization.id, days):
        if shortened == _MOST or seconds_left() < 0:
            return shortened
        shortened += lifetimes.shorten(conversation.ref, days)
    organizations.note_shortened(organization.id, days)
    return shortened
