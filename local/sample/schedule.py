"""When the sample organisation's conversations happened: five weeks up to now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from frontdesk.business_hours import is_open
from frontdesk.entities import BusinessHours, OpenHours, Weekday
from local.sample.scripts import Script

DAYS = 35

_ZONE = ZoneInfo("Europe/Dublin")
_WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")

HOURS = BusinessHours(
    timezone=_ZONE.key,
    hours=(
        *(OpenHours(day=day, since=time(8), until=time(19)) for day in _WEEKDAYS),
        OpenHours(day="sat", since=time(9), until=time(13)),
    ),
)
"""As the sample organisation's documents tell them."""

_BY_WEEKDAY = (1.3, 1.25, 1.1, 1.05, 0.95, 0.4, 0.22)
_BY_HOUR = (
    *(0.1, 0.05, 0.03, 0.03, 0.05, 0.15, 0.4, 1.0, 2.6, 4.2, 4.8, 4.4),
    *(3.2, 3.4, 4.1, 3.9, 3.3, 2.6, 1.9, 1.5, 1.3, 1.0, 0.6, 0.3),
)
_GROWTH = 0.4
"""How much more is asked on the last day than on the first."""

_INCIDENT_DAYS_AGO = 13
_INCIDENT_HOURS = (9, 13)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A script that happens: when, and for how manieth time, from 0."""

    script: Script
    at: datetime
    number: int


def plan(scripts: Sequence[Script], now: datetime, random: Random) -> list[Occurrence]:
    """All that happened until `now` (aware), the first first."""
    told: list[tuple[Script, int]] = []
    found: list[Occurrence] = []
    for script in scripts:
        for number in range(script.times):
            if script.ago is not None:
                found.append(Occurrence(script, now - script.ago, number))
            elif script.incident:
                found.append(Occurrence(script, _in_the_incident(now, random), number))
            elif script.night:
                found.append(Occurrence(script, _at_night(now, random), number))
            else:
                told.append((script, number))
    random.shuffle(told)
    moments = sorted(_moment(now, random) for _ in told)
    found += [
        Occurrence(script, at, number) for (script, number), at in zip(told, moments, strict=True)
    ]
    return sorted(found, key=lambda each: each.at)


def _moment(now: datetime, random: Random) -> datetime:
    """A time in the five weeks, more likely when people work."""
    while True:
        ago = random.uniform(0, DAYS)
        day = (now - timedelta(days=ago)).astimezone(_ZONE).date()
        weight = _BY_WEEKDAY[day.weekday()] * (1 + _GROWTH * (1 - ago / DAYS))
        if random.uniform(0, max(_BY_WEEKDAY) * (1 + _GROWTH)) > weight:
            continue
        [hour] = random.choices(range(24), _BY_HOUR)
        at = _at(day, hour, random)
        if now - timedelta(days=DAYS) <= at <= now:
            return at


def _at_night(now: datetime, random: Random) -> datetime:
    """A time in the five weeks at which nobody of the team is there."""
    while True:
        at = _moment(now, random)
        if not is_open(HOURS, at):
            return at


def _in_the_incident(now: datetime, random: Random) -> datetime:
    """A time in that morning, on a working day."""
    day = (now - timedelta(days=_INCIDENT_DAYS_AGO)).astimezone(_ZONE).date()
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return _at(day, random.randrange(*_INCIDENT_HOURS), random)


def _at(day: date, hour: int, random: Random) -> datetime:
    seconds = random.randrange(3600)
    moment = time(hour, seconds // 60, seconds % 60)
    return datetime.combine(day, moment, _ZONE).astimezone(UTC)
