"""What an answer uses of a plan, and what happens when nothing is left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk.billing.plans import PLANS
from frontdesk.entities import BusinessHours, Message, OpenHours, PlanGrant, Sentiment
from frontdesk.errors import StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.mail.jobs import MailJob, QuotaMail
from frontdesk.tables.accounts import count_answers
from frontdesk.tables.conversations import LeaseLost
from frontdesk.tables.outcomes import Outcome
from frontdesk.tables.visitors import Visitors
from tests.unit.answer_desk import QUESTION, BrokenIndex, Desk, Script
from tests.unit.deployment import OPERATOR

FREE = PLANS["free"].answers or 0
OUTSIDE = "Who won the football world cup in 1974?"


def used(desk: Desk, at: datetime | None = None) -> int:
    return desk.accounts.read(desk.organization.id, at or datetime.now(UTC)).answers


def use(desk: Desk, number: int) -> None:
    now = datetime.now(UTC)
    desk.table.update(count_answers(desk.organization.id, now, number, shard=0))


def ask(desk: Desk, text: str = QUESTION, **worker: Any) -> Message:
    desk.say(text)
    desk.worker(billed=True, **worker).run(desk.ref)
    return desk.answers()[-1]


def warnings(desk: Desk) -> list[tuple[str, int]]:
    return [(job.plan, job.level) for job in desk.mail.jobs if isinstance(job, QuotaMail)]


def test_only_what_the_documents_answer_counts(desk: Desk) -> None:
    kinds = [ask(desk, text).kind for text in ("Hello!", OUTSIDE, QUESTION)]
    assert kinds == ["small_talk", "unknown", "answer"]
    assert ask(desk, index=BrokenIndex()).kind == "apology"
    assert ask(desk, "I want to talk to a person").kind == "handoff"
    assert used(desk) == 1


def test_an_answer_that_was_given_before_counts_again(desk: Desk) -> None:
    model = Script("A refund takes 5 to 10 working days [1].")
    for number in range(2):
        ref = Visitors(desk.table).open(desk.organization.id, f"guest {number}").ref
        desk.conversations.accept(ref, client_id=new_id(), text=QUESTION, per_minute=100)
        desk.worker(model, billed=True).run(ref)
    [message] = [m for m in desk.conversations.recent_messages(ref, 9) if m.role == "assistant"]
    assert message.cached
    assert used(desk) == 2


def test_a_turn_that_is_run_again_after_a_crash_counts_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise SystemExit

    desk.say()
    worker = desk.worker(billed=True)
    monkeypatch.setattr(type(worker), "_show", die)
    with pytest.raises(SystemExit):
        worker.run(desk.ref)
    monkeypatch.undo()
    desk.worker(billed=True).run(desk.ref)
    assert len(desk.answers()) == 1
    assert used(desk) == 1


def test_an_answer_that_is_not_stored_does_not_count(desk: Desk) -> None:
    desk.say()
    conversation = desk.conversations.acquire_lease(desk.ref, "me")
    assert conversation is not None
    asked = desk.conversations.recent_messages(desk.ref, 1)
    now = datetime.now(UTC)
    answer = Message(id=new_id(), role="assistant", text="Ten days.", at=now, kind="answer")
    outcome = Outcome(asked, (answer,))
    with pytest.raises(LeaseLost):
        desk.conversations.store_outcome(conversation, "somebody else", outcome)
    assert used(desk) == 0
    desk.conversations.store_outcome(conversation, "me", outcome)
    with pytest.raises(LeaseLost):
        desk.conversations.store_outcome(conversation, "me", outcome)
    assert used(desk) == 1


def test_an_answer_counts_in_the_month_it_is_of(desk: Desk) -> None:
    desk.say()
    conversation = desk.conversations.acquire_lease(desk.ref, "me")
    assert conversation is not None
    asked = desk.conversations.recent_messages(desk.ref, 1)
    before = datetime.now(UTC).replace(day=1) - timedelta(days=1)
    answer = Message(id=new_id(), role="assistant", text="Ten days.", at=before, kind="answer")
    desk.conversations.store_outcome(conversation, "me", Outcome(asked, (answer,)))
    assert (used(desk), used(desk, before)) == (0, 1)


def test_fifty_answers_at_once_are_fifty(desk: Desk) -> None:
    def answer(number: int) -> None:
        ref = Visitors(desk.table).open(desk.organization.id, f"guest {number}").ref
        desk.conversations.accept(ref, client_id=new_id(), text=QUESTION, per_minute=100)
        conversation = desk.conversations.acquire_lease(ref, "worker")
        assert conversation is not None
        asked = desk.conversations.recent_messages(ref, 1)
        now = datetime.now(UTC)
        said = Message(id=new_id(), role="assistant", text="Ten.", at=now, kind="answer")
        desk.conversations.store_outcome(conversation, "worker", Outcome(asked, (said,)))

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(answer, range(50)))
    assert used(desk) == 50


def test_past_the_last_answer_the_assistant_steps_back_and_offers_a_person(desk: Desk) -> None:
    use(desk, FREE)
    sad = Sentiment(label="NEGATIVE", score=-0.4, confidence=0.9)
    desk.moods.read_as[QUESTION] = sad
    model = Script("A refund takes 5 to 10 working days [1].")
    desk.say()
    desk.worker(model, billed=True).run(desk.ref)
    [answer] = desk.answers()
    assert answer.kind == "paused"
    assert [action.type for action in answer.suggested_actions] == ["person"]
    assert answer.sentiment == sad
    assert model.prompts == []
    assert used(desk) == FREE
    assert desk.frames("done")[0]["message"]["kind"] == "paused"
    assert desk.conversations.get(desk.ref).ungrouped == ()
    assert desk.is_idle()


def test_the_last_answer_is_still_given(desk: Desk) -> None:
    use(desk, FREE - 1)
    assert ask(desk).kind == "answer"
    assert ask(desk).kind == "paused"
    assert used(desk) == FREE


def test_who_asks_for_a_person_reaches_one_without_answers_left(desk: Desk) -> None:
    use(desk, FREE)
    answer = ask(desk, "I want to talk to a person")
    assert answer.kind == "handoff"
    assert desk.conversations.get(desk.ref).status == "waiting"
    desk.say()
    desk.worker(billed=True).run(desk.ref)
    assert "passed this on" in desk.answers()[-1].text


def test_out_of_hours_the_form_is_offered_without_answers_left(desk: Desk) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).strftime("%a").lower()
    hours = BusinessHours(
        hours=(OpenHours.model_validate({"day": tomorrow, "since": "09:00", "until": "17:00"}),)
    )
    desk.organizations.change(
        desk.organization.id,
        {"business_hours": hours.model_dump(mode="json")},
        by=OPERATOR,
        action="test",
    )
    use(desk, FREE)
    assert ask(desk).kind == "paused"
    answer = ask(desk, "I want to talk to a person")
    assert [action.type for action in answer.suggested_actions] == ["address"]


def test_a_customer_in_a_rage_reaches_a_person_and_is_told_one_thing(desk: Desk) -> None:
    use(desk, FREE)
    desk.moods.read_as[QUESTION] = Sentiment(
        label="NEGATIVE", score=-0.95, confidence=0.97, emotions={"anger": 0.9}
    )
    ask(desk)
    assert [answer.kind for answer in desk.answers()] == ["handoff"]


def test_where_nobody_is_billed_nothing_ends(desk: Desk) -> None:
    use(desk, 10**6)
    desk.say()
    desk.worker().run(desk.ref)
    assert desk.answers()[0].kind == "answer"
    assert warnings(desk) == []


def test_a_larger_plan_answers_again(desk: Desk) -> None:
    use(desk, FREE)
    desk.accounts.grant(desk.organization.id, PlanGrant(plan="starter"), OPERATOR)
    assert ask(desk).kind == "answer"


def test_the_team_is_told_once_when_most_answers_are_used(desk: Desk) -> None:
    use(desk, FREE * 8 // 10 - 2)
    ask(desk)
    assert warnings(desk) == []
    ask(desk)
    ask(desk)
    assert warnings(desk) == [("free", 80)]
    [mail] = [job for job in desk.mail.jobs if isinstance(job, QuotaMail)]
    assert mail.answers == FREE * 8 // 10
    assert mail.month == f"{datetime.now(UTC):%Y-%m}"


def test_the_team_is_told_when_the_last_answer_is_used(desk: Desk) -> None:
    use(desk, FREE - 1)
    ask(desk)
    ask(desk)
    assert warnings(desk) == [("free", 100)]


def test_a_warning_that_nobody_sent_is_made_up_for_when_nothing_is_answered(desk: Desk) -> None:
    use(desk, FREE + 7)
    assert ask(desk).kind == "paused"
    assert warnings(desk) == [("free", 100)]


def test_each_plan_has_warnings_of_its_own(desk: Desk) -> None:
    use(desk, FREE - 1)
    ask(desk)
    desk.accounts.grant(desk.organization.id, PlanGrant(plan="starter"), OPERATOR)
    use(desk, 2_000 - FREE - 1)
    ask(desk)
    ask(desk)
    assert warnings(desk) == [("free", 100), ("starter", 80)]


def test_the_customer_has_the_answer_before_the_team_is_told(desk: Desk) -> None:
    use(desk, FREE * 8 // 10 - 1)
    seen: list[int] = []

    class Box:
        def put(self, _: MailJob) -> None:
            seen.append(len(desk.frames("done")))

    desk.mail = Box()  # type: ignore[assignment]
    ask(desk)
    assert seen == [1]


def test_a_warning_that_could_not_be_queued_is_queued_when_the_turn_is_run_again(
    desk: Desk,
) -> None:
    use(desk, FREE * 8 // 10 - 1)
    box = desk.mail

    class Down:
        def put(self, _: MailJob) -> None:
            raise StoreUnavailable("down")

    desk.mail = Down()  # type: ignore[assignment]
    with pytest.raises(StoreUnavailable):
        ask(desk)
    assert len(desk.answers()) == 1
    desk.mail = box
    desk.worker(billed=True).run(desk.ref)
    assert warnings(desk) == [("free", 80)]
    assert len(desk.answers()) == 1
    assert used(desk) == FREE * 8 // 10


def test_far_from_the_end_the_account_is_read_once_for_each_turn(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    read = type(desk.accounts).read

    def counted(self: Any, organization_id: str, at: datetime) -> Any:
        reads.append(organization_id)
        return read(self, organization_id, at)

    monkeypatch.setattr(type(desk.accounts), "read", counted)
    ask(desk)
    assert len(reads) == 1
