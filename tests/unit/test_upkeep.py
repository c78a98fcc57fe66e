"""Conversations that fall silent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk.entities import Author, Organization
from frontdesk.errors import StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.observability import logger
from frontdesk.tables.client import Table, Update
from frontdesk.tables.conversation_items import conversation_key
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.organizations import Organizations
from tests.unit.test_inbox import Desk
from upkeep.rounds import go_round
from upkeep.silence import resolve_silent


class Later:
    """The upkeep, some hours from now."""

    def __init__(self, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk = Desk(table)
        self.organizations = Organizations(table)
        self.organizations.create(Organization(id="org", name="One", resolve_after_hours=24))
        self._patch = monkeypatch

    def run(self, hours: float, *, seconds_left: float = 100.0) -> int:
        now = datetime.now(UTC) + timedelta(hours=hours)

        class Clock:
            @staticmethod
            def now(tz: Any = None) -> datetime:
                return now.astimezone(tz)

        with self._patch.context() as patch:
            patch.setattr("upkeep.silence.datetime", Clock)
            return go_round(
                self.organizations,
                lambda organization: resolve_silent(
                    organization, self.desk.inbox, seconds_left=lambda: seconds_left
                ),
                seconds_left=lambda: seconds_left,
            )


@pytest.fixture
def later(table: Table, monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(table, monkeypatch)


def test_what_was_answered_and_left_is_taken_for_resolved(later: Later) -> None:
    ref = later.desk.asked()
    later.desk.answer(ref)
    assert later.run(23) == 0
    assert later.run(25) == 1
    conversation = later.desk.conversations.get(ref)
    assert conversation.status == "resolved"
    assert conversation.resolution is not None
    assert conversation.resolution.by == "silence"
    assert later.desk.counted()["resolved_silence"] == 1
    assert later.run(25) == 0


def test_nobody_who_waits_for_an_answer_is_resolved(later: Later) -> None:
    unanswered = later.desk.asked()
    waiting, human = later.desk.asked(), later.desk.asked()
    for ref in (waiting, human):
        later.desk.answer(ref)
    later.desk.inbox.hand_off(waiting, "asked")
    later.desk.inbox.reply(human, Author(id=new_id(), name="Ada"), "Hello", new_id())
    assert later.run(1000) == 0
    assert later.desk.conversations.get(unanswered).status == "open"


def test_what_somebody_has_put_off_is_not_silent_until_then(later: Later) -> None:
    ref = later.desk.asked()
    later.desk.answer(ref)
    later.desk.inbox.snooze(ref, datetime.now(UTC) + timedelta(hours=120))
    assert later.run(30) == 0
    assert later.run(120 + 23) == 0
    assert later.run(120 + 25) == 1


def test_what_is_put_off_while_the_upkeep_looks_stays(
    later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = later.desk.asked()
    later.desk.answer(ref)
    resolve = Inbox.resolve

    def late(self: Inbox, *args: Any, **arguments: Any) -> Any:
        self.snooze(ref, datetime.now(UTC) + timedelta(hours=120))
        return resolve(self, *args, **arguments)

    monkeypatch.setattr(Inbox, "resolve", late)
    assert later.run(30) == 0


def test_more_than_one_page_of_them_is_worked_off(
    later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("upkeep.silence._AT_ONCE", 2)
    monkeypatch.setattr("upkeep.rounds._AT_ONCE", 2)
    later.desk.asked()
    for _ in range(5):
        later.desk.answer(later.desk.asked())
    for name in ("two", "three"):
        later.organizations.create(Organization(id=name, name=name))
    assert later.run(25) == 5


def test_one_organisations_trouble_does_not_keep_the_others_waiting(
    later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    later.organizations.create(Organization(id="a first one", name="Trouble"))
    later.desk.answer(later.desk.asked())
    silent = Inbox.silent

    def troubled(self: Inbox, organization_id: str, **arguments: Any) -> Any:
        if organization_id == "a first one":
            raise StoreUnavailable("trouble")
        return silent(self, organization_id, **arguments)

    monkeypatch.setattr(Inbox, "silent", troubled)
    assert later.run(25) == 1


def test_it_stops_in_time(later: Later) -> None:
    later.desk.answer(later.desk.asked())
    assert later.run(25, seconds_left=-1.0) == 0
    assert later.run(25) == 1


def test_a_broken_item_is_reported_without_what_is_in_it(
    later: Later, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ref = later.desk.asked()
    later.desk.answer(ref)
    broken = {"broken": {"email": {"not": "sam@harbor.example"}}}
    later.desk.table.update(Update(conversation_key(ref), "SET customer = :broken", broken))
    monkeypatch.setattr(logger, "propagate", True)
    assert later.run(25) == 0
    lines = [logger.registered_formatter.format(record) for record in caplog.records]
    [line] = [line for line in lines if "upkeep failed" in line]
    assert "ValidationError" in line
    assert "silence.py" in line
    assert "sam@" not in line
