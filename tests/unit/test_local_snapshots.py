"""The emulator's state on disk."""

import time
from pathlib import Path
from typing import Any

import pytest

from local.emulator_state import _put_back
from local.snapshots import Snapshots


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path)


def write(snapshots: Snapshots, files: dict[str, str]) -> Path:
    snapshot = snapshots.begin()
    for name, content in files.items():
        (snapshot / name).parent.mkdir(exist_ok=True)
        (snapshot / name).write_text(content)
    return snapshot


def test_an_interrupted_snapshot_leaves_the_one_before_it(snapshots: Snapshots) -> None:
    snapshots.complete(write(snapshots, {"s3.json": "old"}))
    interrupted = write(snapshots, {"s3.json": "new"})
    again = Snapshots(interrupted.parent)
    assert (again.current() / "s3.json").read_text() == "old"
    again.discard_others()
    assert not interrupted.exists()
    assert (again.current() / "s3.json").read_text() == "old"


def test_a_whole_snapshot_takes_the_place_of_the_one_before_it(snapshots: Snapshots) -> None:
    old = write(snapshots, {"s3.json": "old"})
    snapshots.complete(old)
    snapshots.complete(write(snapshots, {"s3.json": "new"}))
    assert (snapshots.current() / "s3.json").read_text() == "new"
    assert not old.exists()


def test_a_first_start_that_was_interrupted_saved_nothing(snapshots: Snapshots) -> None:
    assert snapshots.empty
    assert list(snapshots.current().iterdir()) == []
    assert snapshots.empty
    snapshot = write(snapshots, {"s3.json": "{}"})
    snapshots.write_port(snapshot, 4566)
    assert snapshots.empty
    snapshots.complete(snapshot)
    assert not snapshots.empty


def test_a_service_that_could_not_be_saved_keeps_what_it_had(snapshots: Snapshots) -> None:
    code = {"lambda-blobs/a.zip": "code"}
    snapshots.complete(write(snapshots, {"lambda.json": "old", "sqs.json": "old", **code}))
    snapshots.complete(write(snapshots, {"sqs.json": "new"}))
    current = snapshots.current()
    assert (current / "lambda.json").read_text() == "old"
    assert (current / "lambda-blobs" / "a.zip").read_text() == "code"
    assert (current / "sqs.json").read_text() == "new"


def test_addresses_follow_the_stack_to_another_port(snapshots: Snapshots) -> None:
    text = '"http://localhost:4566/q" "ws://127.0.0.1:4566/" "localhost:45660" "14566"'
    snapshot = write(snapshots, {"sqs.json": text, "lambda-blobs/a.zip": "localhost:4566"})
    snapshots.write_port(snapshot, 4566)
    snapshots.complete(snapshot)
    snapshots.move_to_port(4700)
    current = snapshots.current()
    assert (current / "sqs.json").read_text() == (
        '"http://localhost:4700/q" "ws://127.0.0.1:4700/" "localhost:45660" "14566"'
    )
    assert (current / "lambda-blobs" / "a.zip").read_text() == "localhost:4566"
    assert snapshots.port_of(current) == 4700
    snapshots.move_to_port(4700)
    assert snapshots.current() == current


def test_a_message_in_the_hands_of_a_worker_that_dies_is_there_again() -> None:
    now = time.time()

    def message(**fields: Any) -> dict[str, Any]:
        return {"visible_at": now - 9, "receive_count": 0, "receipt_handle": None, **fields}

    waiting = message()
    delayed = message(visible_at=now + 60)
    failed_before = message(receive_count=2, receipt_handle="old")
    in_flight = message(visible_at=now + 900, receive_count=3, receipt_handle="r")
    untouched = [dict(waiting), dict(delayed), dict(failed_before)]
    messages = [waiting, delayed, failed_before, in_flight]
    _put_back(messages)
    assert messages[:3] == untouched
    assert in_flight["receive_count"] == 2
    assert in_flight["receipt_handle"] is None
    assert in_flight["visible_at"] <= time.time()
