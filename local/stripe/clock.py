"""The stand-in's time: that of this machine, and ahead of it once it was advanced."""

import calendar
import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

DAY = 86_400


class Clock:
    """Seconds since 1970."""

    def __init__(self, offset: int = 0, wall: Callable[[], float] = time.time) -> None:
        """`offset` is how many seconds it is ahead of `wall`."""
        self.offset = offset
        self._wall = wall
        self._held: int | None = None

    def now(self) -> int:
        """The time."""
        return int(self._wall()) + self.offset if self._held is None else self._held

    @contextlib.contextmanager
    def held_at(self, moment: int) -> Iterator[None]:
        """Stand still at `moment`, while what was due then is made up for."""
        self._held = moment
        try:
            yield
        finally:
            self._held = None


def add_months(start: int, months: int) -> int:
    """The same day and time of a later month, or its last day when it is shorter (UTC)."""
    day = datetime.fromtimestamp(start, UTC)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return int(day.replace(year=year, month=month + 1, day=min(day.day, last)).timestamp())


def period_after(start: int, anchor: int) -> int:
    """When the monthly period that begins at `start` ends, for a cycle that began at `anchor`."""
    months = 1
    while (end := add_months(anchor, months)) <= start:
        months += 1
    return end
