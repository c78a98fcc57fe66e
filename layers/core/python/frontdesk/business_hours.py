"""Whether people answer now."""

from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from frontdesk.entities import BusinessHours, Weekday

_DAYS: tuple[Weekday, ...] = get_args(Weekday)


def is_open(hours: BusinessHours, now: datetime) -> bool:
    """Whether `now` (aware) lies in the hours, by the clocks of their timezone.

    Without any hours it is always open. Clocks that are set forward or back are followed: the hours
    are those of the wall.
    """
    if not hours.hours:
        return True
    local = now.astimezone(ZoneInfo(hours.timezone))
    today = _DAYS[local.weekday()]
    return any(
        each.day == today and each.since <= local.time() < each.until for each in hours.hours
    )
