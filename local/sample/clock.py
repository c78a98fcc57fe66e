"""A clock that is set, for what is played as if it happened then."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from unittest.mock import patch

_OURS = ("frontdesk.", "chat.", "upkeep.")
_TICK = 0.001


class SetClock:
    """Says what time it is. Each id that is made takes it on by a millisecond."""

    def __init__(self, now: datetime) -> None:
        """Stands at `now`."""
        self._seconds = now.timestamp()

    def set(self, now: datetime) -> None:
        """Go to `now`, but never back."""
        self._seconds = max(self._seconds, now.timestamp())

    def seconds(self) -> float:
        """Seconds since the epoch."""
        return self._seconds

    def nanoseconds(self) -> int:
        """Nanoseconds since the epoch, as ids ask for them."""
        self._seconds += _TICK
        return round(self._seconds * 1e9)


@contextmanager
def everything_by(clock: SetClock) -> Iterator[None]:
    """Have all of the product's modules that are imported by now go by `clock`.

    Only for a process that does nothing else meanwhile.
    """

    class SetDatetime(datetime):
        """Asks `clock` for the present."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(clock.seconds(), tz)

    ours = [module for name, module in sys.modules.items() if name.startswith(_OURS)]
    watches = [module for module in ours if vars(module).get("datetime") is datetime]
    with (
        patch.object(time, "time", clock.seconds),
        patch.object(time, "time_ns", clock.nanoseconds),
    ):
        for module in watches:
            vars(module)["datetime"] = SetDatetime
        try:
            yield
        finally:
            for module in watches:
                vars(module)["datetime"] = datetime
