"""The calendar of the stand-in of Stripe."""

from datetime import UTC, datetime

import pytest

from local.stripe.clock import Clock, add_months, period_after


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31T09:30", 1, "2026-02-28T09:30"),
        ("2028-01-31T09:30", 1, "2028-02-29T09:30"),
        ("2026-12-15T00:00", 1, "2027-01-15T00:00"),
        ("2026-11-30T00:00", 15, "2028-02-29T00:00"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(start: str, months: int, end: str) -> None:
    assert add_months(at(start), months) == at(end)


def test_a_cycle_that_began_on_the_31st_returns_to_it() -> None:
    anchor = at("2026-01-31T12:00")
    ends, start = [], anchor
    for _ in range(4):
        start = period_after(start, anchor)
        ends.append(datetime.fromtimestamp(start, UTC).day)
    assert ends == [28, 31, 30, 31]


def test_the_clock_stands_still_while_it_is_held() -> None:
    clock = Clock(100, wall=lambda: 1_000.9)
    with clock.held_at(7):
        assert clock.now() == 7
    assert clock.now() == 1_100
