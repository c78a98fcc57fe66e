"""Counters of what happened, by hour and by day (UTC).

They are written in the same transaction as what they count, so they are exact. Concurrent
transactions on one item collide; so every row is spread over SHARDS partitions, one of which a
transaction picks at random, and a reader adds them up.

An event is counted at the time of the item that records it: a message at its own time, a verdict
on an answer at the answer's. So the raw messages of a stretch of time always give the same
numbers.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from datetime import UTC, date, datetime
from typing import Literal

from frontdesk.tables.client import Item, Table, Update

SHARDS = 4
Step = Literal["hour", "day"]

Listed = Literal["open", "waiting", "human", "gaps"]
"""What is counted where it is listed, for how things stand now: conversations, by status, and gaps.
"""

SECONDS_BUCKETS = (1, 2, 5, 10, 30, 60, 300, 1800, 7200, 28800, 86400)
"""Upper ends, in seconds, of the classes durations are counted in; the last class is open."""

UNIT = 10_000
"""Scores in [0, 1] and [-1, 1] are added up as whole ten-thousandths, so that sums are exact."""


def any_shard() -> int:
    """The shard of one transaction, for all that it counts: then it collides no more for that."""
    return random.randrange(SHARDS)  # noqa: S311 - spreads writes


class Tally:
    """What one transaction counts: collects, then becomes one update per row."""

    def __init__(self) -> None:
        """Nothing counted yet."""
        self._rows: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, name: str, at: datetime, number: int = 1) -> None:
        """Count `number` of `name` at a time."""
        for row in (hour_row(at), day_row(at)):
            self._rows[row][name] += number

    def add_score(self, name: str, at: datetime, score: float) -> None:
        """Count a score, for its mean: `<name>_sum` in ten-thousandths, and `<name>_count`."""
        self.add(f"{name}_sum", at, round(score * UNIT))
        self.add(f"{name}_count", at)

    def add_duration(self, name: str, at: datetime, seconds: float, number: int = 1) -> None:
        """Count a duration: `<name>_ms`, `<name>_count`, and its class `<name>_upto_<seconds>`.

        With -1 for `number` one that was counted is taken back.
        """
        self.add(f"{name}_ms", at, round(max(seconds, 0.0) * 1000) * number)
        self.add(f"{name}_count", at, number)
        end = next((end for end in SECONDS_BUCKETS if seconds <= end), "more")
        self.add(f"{name}_upto_{end}", at, number)

    def add_to(self, kind: str, subject: str, at: datetime, name: str, number: int = 1) -> None:
        """Count `name` for one subject of a kind, by day alone."""
        self._rows[subject_row(kind, at.astimezone(UTC).date(), subject)][name] += number

    def updates(self, organization_id: str, shard: int | None = None) -> list[Update]:
        """The updates that write it down, for one transaction."""
        shard = any_shard() if shard is None else shard
        return [
            _addition((_partition(organization_id, shard), row), counts)
            for row, counts in self._rows.items()
        ]


class Counters:
    """Reads counters."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def read(
        self,
        organization_id: str,
        first: datetime,
        last: datetime,
        step: Step,
        *,
        pool: Executor | None = None,
    ) -> dict[datetime, dict[str, int]]:
        """What was counted in each step from `first` to `last`, both included, by its beginning.

        Steps in which nothing happened are left out. Costs one query per shard, made side by side
        in `pool`; DynamoDB answers a query in pages of 1 MB, which hold some 700 full rows.
        """
        row = hour_row if step == "hour" else day_row
        totals: dict[datetime, dict[str, int]] = {}
        for item in self._rows(organization_id, row(first), row(last), pool):
            _add_up(totals.setdefault(_beginning(item["sk"]), defaultdict(int)), item)
        return {moment: dict(totals[moment]) for moment in sorted(totals)}

    def read_subjects(
        self,
        organization_id: str,
        kind: str,
        first: date,
        last: date,
        *,
        pool: Executor | None = None,
    ) -> dict[str, dict[str, int]]:
        """What was counted for each subject of a kind, from day `first` to `last`, both included.

        Costs one query per shard, made side by side in `pool`, in pages of 1 MB: some 8,000 rows,
        one for each subject and day. So it grows with what was counted in that time, not with what
        is stored.
        """
        totals: dict[str, dict[str, int]] = {}
        begin, end = subject_row(kind, first, ""), subject_row(kind, last, "~")
        for item in self._rows(organization_id, begin, end, pool):
            subject = item["sk"].split("#", 2)[2]
            _add_up(totals.setdefault(subject, defaultdict(int)), item)
        return {subject: dict(counts) for subject, counts in totals.items()}

    def count_listed(self, organization_id: str, what: Listed, *, most: int) -> int:
        """How many conversations of a status, or open gaps, there are now, up to `most`.

        One query, in pages of 1 MB. What changed a moment ago may not be counted yet.
        """
        partition = f"ORG#{organization_id}"
        if what == "gaps":
            return len(self._table.query_index("gsi1", f"{partition}#GAPS", limit=most))
        return len(self._table.query_index("gsi2", f"{partition}#CONVERSATIONS#{what}", limit=most))

    def _rows(
        self, organization_id: str, first: str, last: str, pool: Executor | None
    ) -> Iterable[Item]:
        def of_shard(shard: int) -> list[Item]:
            return self._table.query(_partition(organization_id, shard), first=first, last=last)

        parts = (map if pool is None else pool.map)(of_shard, range(SHARDS))
        return (item for part in parts for item in part)


def hour_row(at: datetime) -> str:
    """The sort key of an hour."""
    return f"HOUR#{at.astimezone(UTC):%Y-%m-%dT%H}"


def day_row(at: datetime) -> str:
    """The sort key of a day."""
    return f"DAY#{at.astimezone(UTC):%Y-%m-%d}"


def subject_row(kind: str, day: date, subject: str) -> str:
    """The sort key of one subject's day."""
    return f"{kind}#{day.isoformat()}#{subject}"


def _partition(organization_id: str, shard: int) -> str:
    return f"ORG#{organization_id}#STATS#{shard}"


def _beginning(row: str) -> datetime:
    kind, moment = row.split("#", 1)
    return datetime.strptime(moment, "%Y-%m-%dT%H" if kind == "HOUR" else "%Y-%m-%d").replace(
        tzinfo=UTC
    )


def _addition(key: tuple[str, str], counts: Mapping[str, int]) -> Update:
    names = tuple(counts)
    return Update(
        key,
        "ADD " + ", ".join(f"#{name} :{name}" for name in names),
        dict(counts),
        names=names,
    )


def _add_up(totals: dict[str, int], item: Mapping[str, object]) -> None:
    for name, value in item.items():
        if isinstance(value, int) and not isinstance(value, bool):
            totals[name] += value
