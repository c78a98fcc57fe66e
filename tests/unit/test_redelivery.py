"""What fails comes again soon, and later each time."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from frontdesk.redelivery import KEPT_SECONDS, Redelivery


class Queue:
    """Notes what is asked of it, or fails."""

    def __init__(self, *, broken: bool = False) -> None:
        self.asked: list[dict[str, Any]] = []
        self.broken = broken

    def change_message_visibility(self, **asked: Any) -> None:
        if self.broken:
            raise ClientError(
                {"Error": {"Code": "InvalidParameterValue"}}, "ChangeMessageVisibility"
            )
        self.asked.append(asked)


def record(tries: int) -> dict[str, Any]:
    return {
        "receiptHandle": "handle",
        "messageId": "1",
        "attributes": {"ApproximateReceiveCount": str(tries)},
    }


@pytest.mark.parametrize(
    ("tries", "seconds"), [(1, 2), (2, 6), (3, 18), (4, 54), (5, 60), (10_000, 60)]
)
def test_the_wait_grows_with_each_try_up_to_a_bound(tries: int, seconds: int) -> None:
    queue = Queue()
    Redelivery(queue, "url", first=2, most=60).hasten(record(tries))  # type: ignore[arg-type]
    assert queue.asked == [
        {"QueueUrl": "url", "ReceiptHandle": "handle", "VisibilityTimeout": seconds}
    ]


def test_a_queue_that_does_not_listen_harms_nothing() -> None:
    queue = Queue(broken=True)
    Redelivery(queue, "url", first=2, most=60).hasten(record(1))  # type: ignore[arg-type]
    assert queue.asked == []


def test_a_turn_that_fails_is_reported_and_comes_again_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from chat import answer

    class Worker:
        def run(self, _: object) -> None:
            raise KeyError("a bug")

    queue = Queue()
    redelivery = Redelivery(queue, "url", first=2, most=60)  # type: ignore[arg-type]
    monkeypatch.setattr(answer, "_wire", lambda: (Worker(), redelivery))
    body = '{"organization_id": "o", "conversation_id": "c"}'
    outcome = answer.handler({"Records": [{**record(2), "body": body}]}, None)
    assert outcome == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert queue.asked[0]["VisibilityTimeout"] == 6


def test_each_message_of_the_ingest_queue_reaches_what_it_is_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import json
    from types import SimpleNamespace
    from unittest.mock import Mock

    from ingest import handler

    pipeline, importer, groups = Mock(), Mock(), Mock()
    queue = Queue()
    redelivery = Redelivery(queue, "url", first=30, most=300)  # type: ignore[arg-type]
    ingestions = Mock(**{"begin.return_value": True})
    worker = handler.IngestWorker(pipeline, importer, groups, redelivery, ingestions, line=Mock())
    monkeypatch.setattr(handler, "_wire", lambda: worker)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)

    def send(body: dict[str, Any], tries: int = 1) -> Any:
        event = {"Records": [{**record(tries), "body": json.dumps(body)}]}
        return handler.handler(event, context)  # type: ignore[arg-type]

    ids = {"organization_id": "o", "document_id": "d"}
    notice = {"Records": [{"s3": {"object": {"key": "documents/o/d/v"}}}]}
    for body in (
        {"job": "delete", **ids},
        {"job": "sweep", **ids, "versions": ["v"]},
        {"job": "fetch", **ids, "version": "v"},
        {"job": "questions", "organization_id": "o", "group_ids": ["g"]},
        notice,
    ):
        assert send(body) == {"batchItemFailures": []}
    pipeline.delete.assert_called_once_with("o", "d")
    pipeline.sweep.assert_called_once()
    importer.run.assert_called_once()
    groups.refresh.assert_called_once_with("o", ("g",))
    pipeline.ingest.assert_called_once()
    for body in ({"job": "fetch", **ids, "version": "v"}, notice):
        send(body, tries=3)
    assert pipeline.give_up.call_count == 2
    failed = send({"job": "unheard of"})
    assert failed["batchItemFailures"]
    assert queue.asked[-1]["VisibilityTimeout"] == 30


def test_a_message_is_kept_from_others_for_as_long_as_its_worker_lives() -> None:
    queue = Queue()
    redelivery = Redelivery(queue, "url", first=30, most=300)  # type: ignore[arg-type]
    with redelivery.keeping(record(1), every=0.001):
        while len(queue.asked) < 3:
            pass
    kept = len(queue.asked)
    assert {asked["VisibilityTimeout"] for asked in queue.asked} == {KEPT_SECONDS}
    redelivery.hasten(record(1))
    assert [asked["VisibilityTimeout"] for asked in queue.asked[kept:]] == [30]
