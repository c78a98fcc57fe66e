"""Questions of the past, asked of the documents as they are today."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk.entities import ConversationRef
from frontdesk.ids import new_id
from frontdesk.tables.conversation_items import conversation_partition
from frontdesk.tables.lifetimes import Lifetimes
from tests.unit.check_desk import GUIDE, CheckDesk
from tests.unit.deployment import is_problem

INVITE = "How many people can I invite to a team?"


def changes(report: Any) -> list[str]:
    return [result["change"] for result in report["results"]]


def test_a_conversation_is_asked_again_and_compared(check_desk: CheckDesk) -> None:
    ref = check_desk.converse()
    check_desk.converse(INVITE, "I don't know.", kind="unknown", ref=ref)
    report = check_desk.replay(conversation_id=ref.conversation_id)
    assert (report["status"], report["total"], report["done"]) == ("finished", 2, 2)
    assert (report["same"], report["now_answered"]) == (1, 1)
    assert changes(report) == ["same", "now_answered"]
    now_known = report["results"][1]
    assert now_known["question"] == INVITE
    assert now_known["before"]["kind"] == "unknown"
    assert "25 people" in now_known["now"]["text"]
    assert now_known["now"]["citations"][0]["page"] == 2
    [only] = check_desk.replay_report(report["id"], only="same")["results"]
    assert only["before"]["confidence"] == 0.9


def test_what_a_new_version_says_differently_or_no_longer_is_told(check_desk: CheckDesk) -> None:
    ref = check_desk.converse()
    check_desk.converse(INVITE, "You can invite up to 25 people to a team. [1]", ref=ref)
    check_desk.publish(GUIDE[0].replace("10", "30"), GUIDE[2], replaces=check_desk.guide)
    report = check_desk.replay(conversation_id=ref.conversation_id)
    assert changes(report) == ["changed", "no_longer_answered"]


def test_small_talk_and_what_a_person_said_are_left_out(check_desk: CheckDesk) -> None:
    ref = check_desk.converse("Hello!", "Hello! What can I do?", kind="small_talk")
    check_desk.converse(ref=ref)
    assert check_desk.replay(conversation_id=ref.conversation_id)["total"] == 1


def test_questions_of_a_stretch_of_time_are_asked_up_to_a_limit(check_desk: CheckDesk) -> None:
    for _ in range(3):
        check_desk.converse()
    now = datetime.now(UTC)
    since = (now - timedelta(hours=1)).isoformat()
    assert check_desk.replay(since=since)["total"] == 3
    limited = check_desk.replay(since=since, limit=2)
    assert (limited["total"], limited["same"], limited["scope"]["limit"]) == (2, 2, 2)
    until = (now - timedelta(minutes=30)).isoformat()
    assert check_desk.replay(since=since, until=until)["total"] == 0


def test_what_was_said_before_is_told_to_the_model(check_desk: CheckDesk) -> None:
    from tests.unit.answer_desk import Script

    model = Script("Up to 25 [1].")
    check_desk.models.append(model)
    ref = check_desk.converse()
    check_desk.converse(INVITE, "I don't know.", kind="unknown", ref=ref)
    check_desk.replay(conversation_id=ref.conversation_id)
    said = [turn.text for turn in model.prompts[1].history]
    assert said == ["How long does a refund take?", "A refund takes 5 to 10 working days. [1]"]


def test_a_replay_delivered_twice_counts_once(check_desk: CheckDesk) -> None:
    ref = check_desk.converse()
    started = check_desk.call(
        "POST", "/checks/replays", {"conversation_id": ref.conversation_id}
    ).json()
    check_desk.deployment.check_queue.jobs *= 2
    for job in check_desk.work():
        check_desk.worker.work(job, tries=2)
    report = check_desk.replay_report(started["id"])
    assert (report["done"], report["same"], len(report["results"])) == (1, 1, 1)


def stored(desk: CheckDesk) -> str:
    client = desk.deployment.table._client
    pages = client.get_paginator("scan").paginate(TableName="frontdesk")
    return json.dumps([page["Items"] for page in pages], default=str)


def erase(desk: CheckDesk, ref: ConversationRef) -> None:
    answer = desk.call("POST", "/privacy/erase", {"conversation_id": ref.conversation_id})
    assert answer.status_code == 200


def test_erasing_a_customer_erases_what_was_replayed(check_desk: CheckDesk) -> None:
    kept = check_desk.converse()
    ref = check_desk.converse("My WATERMARK refund, how long does it take?")
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    replay_id = check_desk.replay(since=since)["id"]
    exported = check_desk.call(
        "POST", "/privacy/export", {"conversation_id": ref.conversation_id}
    ).json()
    assert "WATERMARK" in exported["conversations"][0]["replays"][0]["question"]
    erase(check_desk, ref)
    assert "WATERMARK" not in stored(check_desk)
    report = check_desk.replay_report(replay_id)
    assert [each["conversation_id"] for each in report["results"]] == [kept.conversation_id]
    assert report["done"] == 2


def test_a_conversation_erased_while_it_is_replayed_is_not_revived(check_desk: CheckDesk) -> None:
    ref = check_desk.converse("My WATERMARK refund, how long does it take?")
    started = check_desk.call(
        "POST", "/checks/replays", {"conversation_id": ref.conversation_id}
    ).json()
    run_job, _ = check_desk.deployment.check_queue.jobs.pop()
    check_desk.worker.work(run_job, tries=1)
    erase(check_desk, ref)
    check_desk.work()
    report = check_desk.replay_report(started["id"])
    assert (report["status"], report["conversation_gone"], report["results"]) == ("finished", 1, [])
    assert "WATERMARK" not in stored(check_desk)


def test_an_erasure_between_asking_and_storing_wins(check_desk: CheckDesk) -> None:
    ref = check_desk.converse("My WATERMARK refund, how long does it take?")

    class ErasesMeanwhile:
        def search(self, *arguments: Any, **named: Any) -> Any:
            erase(check_desk, ref)
            return check_desk.index.search(*arguments, **named)

    check_desk.worker = check_desk.new_worker(ErasesMeanwhile())
    report = check_desk.replay(conversation_id=ref.conversation_id)
    assert (report["conversation_gone"], report["results"]) == (1, [])
    assert "WATERMARK" not in stored(check_desk)


def test_what_was_replayed_is_kept_no_longer_than_what_was_said(check_desk: CheckDesk) -> None:
    ref = check_desk.converse()
    table = check_desk.deployment.table
    Lifetimes(table).renew(ref, retention_days=1)
    check_desk.replay(conversation_id=ref.conversation_id)
    partition = conversation_partition(ref)
    kept, said = (
        table.query(partition, first=each, last=f"{each}~") for each in ("REPLAY#", "MSG#")
    )
    assert {each["expires_at"] for each in kept} == {each["expires_at"] for each in said}
    run_ends = kept[0]["run_expires_at"]
    Lifetimes(table).renew(ref, retention_days=3_650)
    [kept_on] = table.query(partition, first="REPLAY#", last="REPLAY#~")
    assert kept_on["expires_at"] == run_ends


def test_a_customer_goes_on_in_a_conversation_that_was_replayed(check_desk: CheckDesk) -> None:
    ref = check_desk.converse()
    check_desk.replay(conversation_id=ref.conversation_id)
    before = check_desk.call("GET", f"/conversations/{ref.conversation_id}").json()
    assert [each["role"] for each in before["messages"]] == ["customer", "assistant"]
    check_desk.converse(INVITE, "Up to 25. [1]", ref=ref)
    assert check_desk.replay(conversation_id=ref.conversation_id)["total"] == 2


def test_a_replay_changes_no_statistics(check_desk: CheckDesk) -> None:
    ref = check_desk.converse()
    before = check_desk.call("GET", "/admin/stats").json()["today"]
    check_desk.replay(conversation_id=ref.conversation_id)
    assert check_desk.call("GET", "/admin/stats").json()["today"] == before


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"limit": 5}, {"since": "2026-01-01T00:00:00Z", "limit": 201}),
        {"since": "2026-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"conversation_id": new_id(), "since": "2026-01-01T00:00:00Z"},
    ],
)
def test_an_unclear_wish_is_a_clear_problem(check_desk: CheckDesk, body: Any) -> None:
    assert is_problem(check_desk.call("POST", "/checks/replays", body), 422)


def test_a_conversation_nobody_knows_does_not_exist(check_desk: CheckDesk) -> None:
    body = {"conversation_id": new_id()}
    assert is_problem(check_desk.call("POST", "/checks/replays", body), 404)
