"""Rate limits: a counter per subject and window, that forgets itself."""

import random
import time
from dataclasses import dataclass

from frontdesk.errors import RateLimited
from frontdesk.tables.client import ConditionFailed, Table, Update

_SHARD = 600
"""A busy subject's counter is spread, so that it is never one item that everybody writes."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` uses of `name` by `subject` in each window of `seconds`.

    The subject is whoever is limited, with an organisation in front where there is one.
    """

    name: str
    subject: str
    most: int
    seconds: int = 60

    @property
    def shards(self) -> int:
        """Over how many counters it is spread; each allows its part."""
        return max(1, self.most // _SHARD)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit: `remaining` uses for the next `reset` seconds."""

    limit: int
    remaining: int
    reset: int


def limit_of_organization(
    organization_id: str, name: str, *, most: int, subject: str = "all", seconds: int = 60
) -> Limit:
    """A limit on something within one organisation."""
    return Limit(name, f"ORG#{organization_id}#{subject}", most, seconds)


def limit_update(limit: Limit, now: float) -> Update:
    """The update that uses one and fails when none is left, for a transaction."""
    shard = random.randrange(limit.shards)  # noqa: S311 - spreads writes
    return Update(
        (f"LIMIT#{limit.name}#{limit.subject}", f"WINDOW#{int(now // limit.seconds)}#{shard}"),
        "ADD used :one SET expires_at = :expires",
        {
            "one": 1,
            "most": limit.most // limit.shards,
            "expires": int(now) + 2 * limit.seconds,
        },
        condition="attribute_not_exists(used) OR used < :most",
    )


def rate_limited(limit: Limit, now: float) -> RateLimited:
    """The error for a used-up window, with the seconds that are left of it."""
    return RateLimited(
        "That was a lot at once. Please wait a moment.",
        retry_after=_reset(limit, now),
        limit=limit.most,
    )


class Limits:
    """Counts what is not part of a larger transaction."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def use(self, limit: Limit) -> Allowance:
        """Use one and say what is left, as far as one counter knows. Raises RateLimited."""
        now = time.time()
        try:
            item = self._table.update(limit_update(limit, now))
        except ConditionFailed as failure:
            raise rate_limited(limit, now) from failure
        left = max(0, limit.most // limit.shards - item["used"]) * limit.shards
        return Allowance(limit.most, left, _reset(limit, now))


def _reset(limit: Limit, now: float) -> int:
    return max(1, round(limit.seconds - now % limit.seconds))
