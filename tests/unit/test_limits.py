"""Rate limits."""

import pytest

from frontdesk.errors import RateLimited
from frontdesk.tables.client import Table
from frontdesk.tables.limits import Limit, Limits, limit_of_organization

NOW = 1_800_000_000.0


@pytest.fixture
def limits(table: Table, monkeypatch: pytest.MonkeyPatch) -> Limits:
    monkeypatch.setattr("frontdesk.tables.limits.time.time", lambda: NOW + 10)
    return Limits(table)


def test_a_use_says_what_is_left_and_for_how_long(limits: Limits) -> None:
    limit = Limit("logins", "someone", 3)
    left = [limits.use(limit) for _ in range(3)]
    assert [each.remaining for each in left] == [2, 1, 0]
    assert {(each.limit, each.reset) for each in left} == {(3, 50)}


def test_the_one_too_many_is_told_when_to_come_back(limits: Limits) -> None:
    limit = Limit("logins", "someone", 1)
    limits.use(limit)
    with pytest.raises(RateLimited) as refusal:
        limits.use(limit)
    assert (refusal.value.retry_after, refusal.value.limit) == (50, 1)


def test_the_next_window_begins_anew(limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Limit("logins", "someone", 1, seconds=3600)
    limits.use(limit)
    monkeypatch.setattr("frontdesk.tables.limits.time.time", lambda: NOW + 3600)
    assert limits.use(limit).remaining == 0


def test_subjects_names_and_organisations_do_not_share_a_limit(limits: Limits) -> None:
    for limit in (
        Limit("logins", "a", 1),
        Limit("logins", "b", 1),
        Limit("resets", "a", 1),
        limit_of_organization("one", "requests", most=1),
        limit_of_organization("two", "requests", most=1),
        limit_of_organization("one", "requests", most=1, subject="user"),
    ):
        limits.use(limit)
        with pytest.raises(RateLimited):
            limits.use(limit)


@pytest.mark.slow
def test_a_busy_subject_is_spread_over_items_and_never_gets_more_than_its_limit(
    limits: Limits,
) -> None:
    limit = Limit("requests", "busy", 1200)
    assert limit.shards == 2
    allowed = 0
    for _ in range(1300):
        try:
            limits.use(limit)
        except RateLimited:
            continue
        allowed += 1
    items = limits._table.query("LIMIT#requests#busy")
    assert len(items) == limit.shards
    assert sum(item["used"] for item in items) == allowed
    assert 1000 < allowed <= 1200
