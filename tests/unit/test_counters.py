"""Counters: added up over shards, hours and days."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.ids import new_id
from frontdesk.tables.client import Put, Table
from frontdesk.tables.conversation_items import status_attributes
from frontdesk.tables.counters import SHARDS, UNIT, Counters, Tally

NOON = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
HOUR = NOON.replace(minute=0)
DAY = NOON.replace(hour=0, minute=0)


def note(table: Table, tally: Tally, organization_id: str = "org") -> None:
    table.transact(*tally.updates(organization_id))


def test_what_transactions_count_apart_is_added_up(table: Table) -> None:
    for _ in range(4 * SHARDS):
        tally = Tally()
        tally.add("things", NOON, 2)
        tally.add("things", NOON)
        note(table, tally)
    counters = Counters(table)
    assert counters.read("org", NOON, NOON, "hour") == {HOUR: {"things": 12 * SHARDS}}
    assert counters.read("org", NOON, NOON, "day") == {DAY: {"things": 12 * SHARDS}}
    assert counters.read("another", NOON, NOON, "day") == {}


def test_reading_side_by_side_gives_the_same(table: Table) -> None:
    for back in range(20):
        tally = Tally()
        tally.add("things", NOON - timedelta(hours=back))
        tally.add_to("CITED", f"document{back % 3}", NOON - timedelta(hours=back), "cited")
        note(table, tally)
    counters, first = Counters(table), NOON - timedelta(hours=19)
    with ThreadPoolExecutor(4) as pool:
        assert counters.read("org", first, NOON, "hour", pool=pool) == counters.read(
            "org", first, NOON, "hour"
        )
        days = first.date(), NOON.date()
        alone = counters.read_subjects("org", "CITED", *days)
        assert counters.read_subjects("org", "CITED", *days, pool=pool) == alone
    assert sum(counts["cited"] for counts in alone.values()) == 20


def test_an_hour_belongs_to_its_day_in_utc(table: Table) -> None:
    tally = Tally()
    tally.add("things", datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2))))
    note(table, tally)
    day = datetime(2025, 12, 31, tzinfo=UTC)
    assert Counters(table).read("org", day, day, "day") == {day: {"things": 1}}


def test_a_range_has_both_its_ends_and_nothing_more(table: Table) -> None:
    tally = Tally()
    for back in range(5):
        tally.add("things", NOON - timedelta(days=back))
    note(table, tally)
    first, last = NOON - timedelta(days=3), NOON - timedelta(days=1)
    found = Counters(table).read("org", first, last, "day")
    assert list(found) == [DAY - timedelta(days=back) for back in (3, 2, 1)]


def test_subjects_are_told_apart_by_kind_and_day(table: Table) -> None:
    tally = Tally()
    tally.add_to("CITED", "a", NOON, "cited")
    tally.add_to("CITED", "a#b", NOON, "cited", 2)
    tally.add_to("CITED", "a", NOON - timedelta(days=1), "cited", 4)
    tally.add_to("ASKED", "a", NOON, "asked", 8)
    note(table, tally)
    counters = Counters(table)
    today, yesterday = date(2026, 11, 23), date(2026, 11, 22)
    assert counters.read_subjects("org", "CITED", today, today) == {
        "a": {"cited": 1},
        "a#b": {"cited": 2},
    }
    assert counters.read_subjects("org", "CITED", yesterday, today)["a"] == {"cited": 5}


def test_a_score_taken_back_leaves_nothing(table: Table) -> None:
    tally = Tally()
    tally.add("helpful", NOON)
    tally.add("helpful", NOON, -1)
    note(table, tally)
    assert Counters(table).read("org", NOON, NOON, "day") == {DAY: {"helpful": 0}}


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=8), st.lists(st.floats(0, 1e6), max_size=8))
def test_sums_are_exact_whatever_is_added(
    table: Table, scores: list[float], waits: list[float]
) -> None:
    organization_id = new_id()
    for score in scores:
        tally = Tally()
        tally.add_score("mood", NOON, score)
        note(table, tally, organization_id)
    for wait in waits:
        tally = Tally()
        tally.add_duration("wait", NOON, wait)
        note(table, tally, organization_id)
    counted = Counters(table).read(organization_id, NOON, NOON, "hour")[HOUR]
    assert counted["mood_sum"] == sum(round(score * UNIT) for score in scores)
    assert counted["mood_count"] == len(scores)
    assert counted.get("wait_ms", 0) == sum(round(wait * 1000) for wait in waits)
    classes = [number for name, number in counted.items() if name.startswith("wait_upto_")]
    assert sum(classes) == counted.get("wait_count", 0) == len(waits)


def test_a_list_is_counted_up_to_a_bound(table: Table) -> None:
    for _ in range(3):
        identifier = new_id()
        table.put(
            Put(
                (f"ORG#org#CONV#{identifier}", "CONV"),
                {"gsi1sk": identifier, **status_attributes("org", "waiting")},
            )
        )
    counters = Counters(table)
    assert counters.count_listed("org", "waiting", most=10) == 3
    assert counters.count_listed("org", "waiting", most=2) == 2
    assert counters.count_listed("org", "open", most=10) == 0
    assert counters.count_listed("another", "waiting", most=10) == 0
