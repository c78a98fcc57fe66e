"""Rate limits: a counter per subject and minute, that forgets itself."""

import time

from frontdesk.errors import RateLimited
from frontdesk.tables.client import ConditionFailed, Table, Update

_WINDOW_SECONDS = 60


def limit_update(organization_id: str, subject: str, *, per_minute: int, now: float) -> Update:
    """The update that uses one of `per_minute` and fails when none is left, for a transaction."""
    return Update(
        (f"ORG#{organization_id}#LIMIT#{subject}", f"WINDOW#{int(now // _WINDOW_SECONDS)}"),
        "ADD used :one SET expires_at = :expires",
        {"one": 1, "most": per_minute, "expires": int(now) + 2 * _WINDOW_SECONDS},
        condition="attribute_not_exists(used) OR used < :most",
    )


def rate_limited(now: float) -> RateLimited:
    """The error for a used-up window, with the seconds that are left of it."""
    return RateLimited(
        "That was a lot at once. Please wait a moment.",
        retry_after=max(1, round(_WINDOW_SECONDS - now % _WINDOW_SECONDS)),
    )


class Limits:
    """Counts what is not part of a larger transaction."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def use(self, organization_id: str, subject: str, *, per_minute: int) -> None:
        """Use one of the subject's `per_minute`. Raises RateLimited."""
        now = time.time()
        try:
            self._table.update(
                limit_update(organization_id, subject, per_minute=per_minute, now=now)
            )
        except ConditionFailed as failure:
            raise rate_limited(now) from failure
