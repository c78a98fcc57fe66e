"""No organisation's files hold all the workers that ingest."""

import json
from typing import Any
from unittest.mock import Mock

import pytest

from frontdesk.errors import StoreUnavailable
from frontdesk.tables.client import Table
from frontdesk.tables.ingestions import SLOT_SECONDS, Ingestions
from ingest.handler import IngestWorker
from ingest.messages import Line, Message


class Queue:
    """Notes what is sent, and hands it out as Lambda does."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_message(self, **sent: Any) -> None:
        self.sent.append(sent)

    def record(self) -> dict[str, Any]:
        sent = self.sent.pop()
        return {
            "body": sent["MessageBody"],
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {
                name: {"stringValue": value["StringValue"], "dataType": "Number"}
                for name, value in sent["MessageAttributes"].items()
            },
        }


def upload(version: str, organization: str = "one") -> Message:
    key = f"documents/{organization}/doc/{version}"
    return Message(json.dumps({"Records": [{"s3": {"object": {"key": key}}}]}), tries=1, waits=0)


class Desk:
    def __init__(self, table: Table) -> None:
        self.ingestions = Ingestions(table, at_once=2)
        self.pipeline, self.queue = Mock(), Queue()
        self.worker = IngestWorker(
            self.pipeline,
            Mock(),
            Mock(),
            Mock(),
            self.ingestions,
            Line(self.queue, "url"),  # type: ignore[arg-type]
        )

    def work(self, message: Message) -> None:
        self.worker.work(message, seconds_left=lambda: 60)


@pytest.fixture
def desk(table: Table) -> Desk:
    return Desk(table)


def test_an_organisation_has_two_slots_and_others_have_theirs(desk: Desk) -> None:
    slots = desk.ingestions
    assert slots.begin("one", "a")
    assert slots.begin("one", "b")
    assert not slots.begin("one", "c")
    assert slots.begin("two", "d")
    assert slots.begin("one", "a"), "a second delivery goes on in its own slot"
    slots.end("one", "a")
    slots.end("one", "a")
    assert slots.begin("one", "c")
    assert not slots.begin("one", "a")


def test_a_slot_whose_worker_was_killed_is_free_after_a_while(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    now = time.time()
    assert desk.ingestions.begin("one", "a")
    assert desk.ingestions.begin("one", "b")
    monkeypatch.setattr("time.time", lambda: now + SLOT_SECONDS + 1)
    assert desk.ingestions.begin("one", "c")


def test_an_upload_beyond_that_comes_later_each_time_and_loses_no_try(desk: Desk) -> None:
    assert desk.ingestions.begin("one", "a")
    assert desk.ingestions.begin("one", "b")
    message = upload("c")
    delays = []
    for _ in range(12):
        desk.work(message)
        delays.append(desk.queue.sent[-1]["DelaySeconds"])
        message = Message.of(desk.queue.record())
        assert message.tries == 1
    desk.pipeline.ingest.assert_not_called()
    desk.pipeline.give_up.assert_not_called()
    assert delays[0] <= 5
    assert 90 <= delays[-1] <= 150
    desk.ingestions.end("one", "a")
    desk.work(message)
    desk.pipeline.ingest.assert_called_once()


def test_tries_that_broke_off_still_count_after_a_wait(desk: Desk) -> None:
    assert desk.ingestions.begin("one", "a")
    assert desk.ingestions.begin("one", "b")
    desk.work(Message(upload("c").body, tries=2, waits=0))
    again = Message.of(desk.queue.record())
    assert again.tries == 2
    desk.work(Message(again.body, tries=3, waits=1))
    desk.pipeline.give_up.assert_called_once()


def test_a_slot_is_let_go_when_ingestion_fails(desk: Desk) -> None:
    desk.pipeline.ingest.side_effect = StoreUnavailable("no")
    for version in "abcd":
        with pytest.raises(StoreUnavailable):
            desk.work(upload(version))
    assert desk.ingestions.begin("one", "e")
