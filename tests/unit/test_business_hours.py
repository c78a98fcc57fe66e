"""Whether people answer now, by the clocks on their wall."""

from datetime import UTC, datetime, time

import pytest

from frontdesk.business_hours import is_open
from frontdesk.entities import BusinessHours, OpenHours

LISBON = BusinessHours(
    timezone="Europe/Lisbon",
    hours=(
        OpenHours(day="mon", since=time(9), until=time(12, 30)),
        OpenHours(day="mon", since=time(13, 30), until=time(18)),
        OpenHours(day="sun", since=time(0, 30), until=time(3)),
    ),
)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # A Monday in winter, when Lisbon has UTC.
        ("2026-11-23T08:59:59", False),
        ("2026-11-23T09:00:00", True),
        ("2026-11-23T12:30:00", False),
        ("2026-11-23T17:59:59", True),
        ("2026-11-23T18:00:00", False),
        ("2026-11-24T10:00:00", False),
        # A Monday in summer, when it is an hour ahead.
        ("2026-07-06T08:00:00", True),
        ("2026-07-06T17:00:00", False),
        # The night on which clocks go forward at 1:00, to 2:00.
        ("2026-03-29T00:45:00", True),
        ("2026-03-29T01:59:00", True),
        ("2026-03-29T02:00:00", False),
        # The night on which they go back at 2:00: that hour comes twice.
        ("2026-10-25T00:45:00", True),
        ("2026-10-25T01:45:00", True),
        ("2026-10-25T02:59:00", True),
        ("2026-10-25T03:00:00", False),
    ],
)
def test_hours_are_those_of_the_wall(moment: str, expected: bool) -> None:
    assert is_open(LISBON, datetime.fromisoformat(moment).replace(tzinfo=UTC)) is expected


def test_without_hours_it_is_always_open() -> None:
    assert is_open(BusinessHours(), datetime(2026, 11, 22, 3, tzinfo=UTC))


def test_the_week_begins_where_the_team_is() -> None:
    hours = BusinessHours(
        timezone="Pacific/Auckland", hours=(OpenHours(day="mon", since=time(8), until=time(9)),)
    )
    sunday_evening_in_utc = datetime(2026, 11, 22, 19, 30, tzinfo=UTC)
    assert is_open(hours, sunday_evening_in_utc)
