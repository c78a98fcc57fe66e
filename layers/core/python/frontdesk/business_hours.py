"""Whether people answer now, and when they do next."""

from datetime import datetime, timedelta
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


def next_opening(hours: BusinessHours, now: datetime) -> datetime | None:
    """When it opens after `now` (aware), in the hours' timezone. None without any hours."""
    zone = ZoneInfo(hours.timezone)
    today = now.astimezone(zone).date()
    openings = (
        datetime.combine(day, each.since, zone)
        for day in (today + timedelta(days=ahead) for ahead in range(8))
        for each in hours.hours
        if each.day == _DAYS[day.weekday()]
    )
    return min((opening for opening in openings if opening > now), default=None)
