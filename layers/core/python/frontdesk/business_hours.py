"""Whether people answer now, and when they do next."""

from datetime import datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from frontdesk.entities import BusinessHours, Weekday

_DAYS: tuple[Weekday, ...] = get_args(Weekday)

_AREAS = frozenset(
    {
        *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil"),
        *("Canada", "Chile", "Europe", "Indian", "Mexico", "Pacific", "US"),
    }
)
_COUNTRIES = frozenset(
    {
        *("Cuba", "Egypt", "Eire", "GB", "GB-Eire", "Hongkong", "Iceland", "Iran", "Israel"),
        *("Jamaica", "Japan", "Kwajalein", "Libya", "NZ", "NZ-CHAT", "Navajo", "PRC", "Poland"),
        *("Portugal", "ROC", "ROK", "Singapore", "Turkey", "W-SU"),
    }
)
"""Names of places that stand for themselves. Others do not name a place, and some mislead: by POSIX
`Etc/GMT+5` is five hours behind UTC, and `localtime` is whatever the machine is set to."""


def is_place(timezone: str) -> bool:
    """Whether the name of a time zone is one that IANA gave to a place."""
    area, _, place = timezone.partition("/")
    return area in _AREAS if place else area in _COUNTRIES


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
