"""From a waiting message to a stored answer: the worker, its turns and its fallbacks."""

from collections.abc import Callable
from typing import Any

import pytest

from frontdesk.entities import Connection, QuestionGroup
from frontdesk.errors import IndexUnavailable, ModelUnavailable, StoreUnavailable
from frontdesk.tables.connections import Connections
from frontdesk.tables.organizations import change_hidden_versions
from tests.unit.answer_desk import QUESTION, BrokenIndex, Desk, Script


def test_without_a_model_the_answer_quotes_its_passage(desk: Desk) -> None:
    client_id = desk.say()
    desk.worker().run(desk.ref)
    [answer] = desk.answers()
    assert "5 to 10 working days" in answer.text
    assert (answer.model, answer.kind) == ("extractive", "answer")
    assert answer.reply_to == (client_id,)
    assert answer.citations[0].page == 1
    assert answer.confidence is not None
    assert answer.confidence > 0.5
    assert desk.is_idle()


def test_the_frames_tell_the_same_as_what_is_stored(desk: Desk) -> None:
    desk.say()
    desk.worker().run(desk.ref)
    [answer] = desk.answers()
    deltas = desk.frames("delta")
    assert [(frame["from"], frame["n"]) for frame in deltas] == [
        (n, n) for n in range(1, len(deltas) + 1)
    ]
    assert "".join(frame["text"] for frame in deltas).strip() == answer.text
    [citations], [done] = desk.frames("citations"), desk.frames("done")
    assert citations["citations"] == done["message"]["citations"]
    assert done["message"]["text"] == answer.text
    assert {frame["message_id"] for frame in deltas} == {answer.id}


def test_messages_that_wait_together_are_answered_as_one(desk: Desk) -> None:
    ids = [desk.say("Hello there"), desk.say(QUESTION), desk.say("I paid by card.")]
    desk.worker().run(desk.ref)
    [answer] = desk.answers()
    assert answer.reply_to == tuple(ids)
    assert "5 to 10" in answer.text


def test_a_message_that_comes_in_meanwhile_is_answered_before_the_worker_lets_go(
    desk: Desk,
) -> None:
    desk.say()
    interrupt = once(lambda: desk.say("How many people can I invite to a team?"))
    model = Script("It takes ", interrupt, "5 to 10 working days [1].")
    desk.worker(model).run(desk.ref)
    first, second = desk.answers()
    assert "How many people" in model.prompts[1].question
    assert first.reply_to != second.reply_to
    assert desk.is_idle()


def once(action: Callable[[], object]) -> Callable[[], None]:
    left = [action]

    def act() -> None:
        if left:
            left.pop()()

    return act


def test_a_worker_that_meets_a_held_lease_does_nothing(desk: Desk) -> None:
    desk.say()
    desk.conversations.acquire_lease(desk.ref, "someone else")
    desk.worker().run(desk.ref)
    assert desk.answers() == []
    assert desk.sent == {}


def test_running_again_answers_nothing_twice(desk: Desk) -> None:
    desk.say()
    for _ in range(3):
        desk.worker().run(desk.ref)
    assert len(desk.answers()) == 1
    assert len(desk.frames("done")) == 1


def test_a_worker_that_breaks_in_mid_answer_leaves_it_to_the_next(desk: Desk) -> None:
    desk.say()
    broken = Script("It takes 5 to 10 days [1]. Or", KeyError("a bug"))
    with pytest.raises(KeyError):
        desk.worker(broken).run(desk.ref)
    assert desk.answers() == []
    desk.worker(Script("It takes 5 to 10 working days [1].")).run(desk.ref)
    [answer] = desk.answers()
    # The new attempt goes under the same id, so that it replaces what was seen of the first.
    deltas = desk.frames("delta")
    assert {frame["message_id"] for frame in deltas} == {answer.id}
    begun_anew = [n for n, frame in enumerate(deltas) if frame["from"] == 1][-1]
    assert "".join(frame["text"] for frame in deltas[begun_anew:]) == answer.text


def test_an_answer_left_by_a_dead_worker_is_withdrawn_when_more_was_said_since(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.say()
    monkeypatch.setattr("frontdesk.tables.conversations.LEASE_SECONDS", -1.0)
    dead = desk.conversations.acquire_lease(desk.ref, "dead")
    monkeypatch.undo()
    assert dead is not None
    desk.say("Hello? Is a refund possible?")
    desk.worker().run(desk.ref)
    [answer] = desk.answers()
    [done] = desk.frames("done")
    assert answer.id != dead.answer_id
    assert done["withdrawn_id"] == dead.answer_id
    assert len(answer.reply_to) == 2


def test_a_worker_that_lost_its_lease_stores_and_finishes_nothing(desk: Desk) -> None:
    desk.say()

    def lose() -> None:
        from frontdesk.tables.client import Update
        from frontdesk.tables.conversation_items import conversation_partition

        desk.table.update(
            Update(
                (conversation_partition(desk.ref), "CONV"),
                "SET lease_owner = :other",
                {"other": "another"},
            )
        )

    desk.worker(Script("It takes ", lose, "5 to 10 working days [1].")).run(desk.ref)
    assert desk.answers() == []
    assert desk.frames("done") == []


def test_a_gone_connection_does_not_lose_the_answer(desk: Desk) -> None:
    desk.say()
    desk.gone.add("here")
    desk.worker().run(desk.ref)
    assert len(desk.answers()) == 1


def test_everyone_in_the_conversation_gets_the_answer(desk: Desk) -> None:
    Connections(desk.table).open(Connection(id="second tab", conversation=desk.ref))
    desk.say()
    desk.worker().run(desk.ref)
    assert desk.frames("done", "here") == desk.frames("done", "second tab")


def test_one_who_comes_in_mid_answer_gets_its_end(desk: Desk) -> None:
    desk.say()

    def join() -> None:
        Connections(desk.table).open(Connection(id="late", conversation=desk.ref))

    desk.worker(Script("It takes ", join, "5 to 10 working days [1].")).run(desk.ref)
    assert desk.frames("done", "late") == desk.frames("done", "here")
    assert len(desk.frames("done", "late")) == 1


def test_an_answer_is_stored_although_nobody_knows_who_listens(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.say()

    def fail(*_: object) -> None:
        raise StoreUnavailable("down")

    monkeypatch.setattr(desk.conversations, "watch", fail)
    desk.worker().run(desk.ref)
    assert desk.answers()[0].kind == "answer"


def test_a_failed_model_is_replaced_by_the_next_and_the_customer_sees_one_answer(
    desk: Desk,
) -> None:
    desk.say()
    first = Script("A refund takes days [1]. It", ModelUnavailable("cut off"), name="first")
    second = Script("It takes 5 to 10 working days [1].", name="second")
    desk.worker(first, second).run(desk.ref)
    [answer] = desk.answers()
    assert (answer.model, answer.fallbacks) == ("second", ("first",))
    assert answer.text == "It takes 5 to 10 working days [1]."
    deltas = desk.frames("delta")
    begun_anew = [n for n, frame in enumerate(deltas) if frame["from"] == 1][-1]
    assert "".join(frame["text"] for frame in deltas[begun_anew:]) == answer.text


def test_when_every_model_fails_the_documents_are_quoted(desk: Desk) -> None:
    desk.say()
    models = [Script(ModelUnavailable("down"), name=name) for name in ("first", "second")]
    desk.worker(*models).run(desk.ref)
    [answer] = desk.answers()
    assert (answer.model, answer.fallbacks) == ("extractive", ("first", "second"))
    assert "5 to 10 working days" in answer.text


def test_when_search_is_down_the_customer_gets_an_apology_and_not_silence(desk: Desk) -> None:
    desk.say()
    desk.worker(index=BrokenIndex()).run(desk.ref)
    [answer] = desk.answers()
    assert answer.kind == "apology"
    assert desk.frames("done")[0]["message"]["kind"] == "apology"


def test_what_the_documents_do_not_know_is_not_answered(desk: Desk) -> None:
    desk.say("Who won the football world cup in 1974?")
    model = Script("Germany won it [1].")
    desk.worker(model).run(desk.ref)
    [answer] = desk.answers()
    assert answer.kind == "unknown"
    assert model.prompts == []
    assert answer.citations == ()


def test_an_answer_that_its_passages_do_not_support_is_withdrawn(desk: Desk) -> None:
    desk.say()
    desk.worker(Script("Send 4,000 euros to Mr Miller in Zurich and wait 90 weeks [1].")).run(
        desk.ref
    )
    [answer] = desk.answers()
    assert answer.kind == "unknown"
    assert "Zurich" not in answer.text
    assert answer.citations == ()
    assert "Zurich" not in desk.frames("done")[0]["message"]["text"]


def test_a_citation_to_nothing_is_dropped(desk: Desk) -> None:
    desk.say()
    desk.worker(Script("A refund takes 5 to 10 working days [1] [9].")).run(desk.ref)
    [answer] = desk.answers()
    assert [citation.number for citation in answer.citations] == [1]
    assert "[9]" not in answer.text


def test_greetings_are_returned_without_a_search(desk: Desk) -> None:
    desk.say("Hi!")
    desk.worker(index=BrokenIndex()).run(desk.ref)
    [answer] = desk.answers()
    assert answer.kind == "small_talk"


def test_a_hidden_version_does_not_answer(desk: Desk) -> None:
    desk.table.update(change_hidden_versions(desk.organization.id, hide=[desk.version]))
    desk.say()
    desk.worker().run(desk.ref)
    assert desk.answers()[0].kind == "unknown"
    desk.table.update(change_hidden_versions(desk.organization.id, show=[desk.version]))
    desk.say()
    desk.worker().run(desk.ref)
    assert desk.answers()[1].kind == "answer"


def test_stop_keeps_what_was_written_so_far(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.heartbeat._LOOK_SECONDS", 0.01)
    desk.say()

    def press_stop_and_be_seen() -> None:
        desk.conversations.request_stop(desk.ref)
        seen = wait_for(lambda: any(name == "chat-heartbeat-stop" for name in seen_stops))
        assert seen

    seen_stops: list[str] = []
    from chat.heartbeat import Heartbeat

    look = Heartbeat.look

    def look_and_tell(self: Heartbeat, *arguments: Any) -> None:
        look(self, *arguments)
        if self.should_stop:
            seen_stops.append("chat-heartbeat-stop")

    monkeypatch.setattr(Heartbeat, "look", look_and_tell)
    desk.worker(Script("A refund takes ", press_stop_and_be_seen, "a hundred years [1].")).run(
        desk.ref
    )
    [answer] = desk.answers()
    assert answer.stopped
    assert answer.text == "A refund takes"


def wait_for(condition: Callable[[], bool]) -> bool:
    import threading

    tick = threading.Event()
    for _ in range(500):
        if condition():
            return True
        tick.wait(0.01)
    return False


def test_while_a_person_is_in_the_conversation_the_assistant_is_silent(desk: Desk) -> None:
    from frontdesk.tables.client import Update
    from frontdesk.tables.conversation_items import conversation_partition

    desk.say()
    desk.table.update(
        Update(
            (conversation_partition(desk.ref), "CONV"),
            "SET #status = :human",
            {"human": "human"},
            names=("status",),
        )
    )
    desk.worker().run(desk.ref)
    assert desk.answers() == []
    assert desk.sent == {"here": [{"type": "state", "status": "human"}]}
    assert desk.is_idle()


def ungrouped(desk: Desk) -> tuple[str, ...]:
    return desk.conversations.get(desk.ref).ungrouped


def gaps(desk: Desk) -> list[QuestionGroup]:
    return desk.questions.page_gaps(desk.organization.id, None, 10)[0]


UNKNOWN = "Who won the football world cup in 1974?"


def test_a_question_is_put_with_its_like_once_it_is_answered(desk: Desk) -> None:
    desk.say(UNKNOWN)
    desk.worker().run(desk.ref)
    desk.say("Who won the football world cup of 1974?")
    desk.worker().run(desk.ref)
    [gap] = gaps(desk)
    assert (gap.text, gap.asked, gap.unanswered) == (UNKNOWN, 2, 2)
    assert {each.message_id for each in gap.examples} == {each.id for each in desk.answers()}
    assert ungrouped(desk) == ()
    assert desk.is_idle()


def test_what_the_documents_answer_is_grouped_and_is_no_gap(desk: Desk) -> None:
    desk.say()
    desk.worker().run(desk.ref)
    [noted] = desk.questions.noted(desk.organization.id, [desk.answers()[0].id])
    group = desk.questions.get(desk.organization.id, noted.group_id or "")
    assert (group.text, group.asked, group.unanswered) == (QUESTION, 1, 0)
    assert gaps(desk) == []


def test_a_greeting_and_an_apology_are_no_questions(desk: Desk) -> None:
    desk.say("Hi!")
    desk.worker().run(desk.ref)
    desk.say()
    desk.worker(index=BrokenIndex()).run(desk.ref)
    answers = desk.answers()
    assert [each.kind for each in answers] == ["small_talk", "apology"]
    assert desk.questions.noted(desk.organization.id, [each.id for each in answers]) == []


def test_the_customer_has_the_answer_before_the_question_is_grouped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.say()
    worker = desk.worker()
    seen: list[int] = []
    group = worker.groups.group

    def look(*arguments: Any) -> None:
        seen.append(len(desk.frames("done")))
        assert arguments[2] is not None, "the vector of the turn is used"
        group(*arguments)

    monkeypatch.setattr(worker.groups, "group", look)
    worker.run(desk.ref)
    assert seen == [1]


@pytest.mark.parametrize(
    "failure", [IndexUnavailable("down"), StoreUnavailable("down"), KeyError()]
)
def test_a_question_that_could_not_be_grouped_comes_with_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    desk.say(UNKNOWN)
    worker = desk.worker()

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(worker.groups, "group", fail)
    worker.run(desk.ref)
    assert desk.answers()[0].kind == "unknown"
    assert desk.is_idle()
    assert len(ungrouped(desk)) == 1
    desk.say("Hi!")
    desk.worker().run(desk.ref)
    assert ungrouped(desk) == ()
    assert gaps(desk)[0].text == UNKNOWN


def test_what_a_dead_worker_left_is_grouped_although_nothing_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.say(UNKNOWN)
    worker = desk.worker()

    def die(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(worker.groups, "group", die)
    with pytest.raises(SystemExit):
        worker.run(desk.ref)
    desk.worker().run(desk.ref)
    assert len(desk.answers()) == 1
    assert gaps(desk)[0].asked == 1
    assert ungrouped(desk) == ()


def test_a_question_that_was_grouped_and_not_struck_off_is_not_counted_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.say(UNKNOWN)
    with monkeypatch.context() as broken:
        broken.setattr(desk.questions, "strike", lambda *_: None)
        desk.worker().run(desk.ref)
    assert len(ungrouped(desk)) == 1
    desk.worker().run(desk.ref)
    assert ungrouped(desk) == ()
    assert gaps(desk)[0].asked == 1
