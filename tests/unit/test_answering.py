"""From a waiting message to a stored answer: the worker, its turns and its fallbacks."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chat.streaming import AnswerStream
from frontdesk.answers.breaker import CircuitBreaker, GuardedModel
from frontdesk.answers.metering import Meter
from frontdesk.answers.ports import Anew, Completion, Prompt, TokenUsage
from frontdesk.answers.replies import NOTHING_ASKED
from frontdesk.entities import Author, Connection, Message, ModelUse, QuestionGroup
from frontdesk.errors import IndexUnavailable, ModelUnavailable, StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.settings import ModelPrice
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import HOPELESS, MOST_TRIES
from frontdesk.tables.counters import Counters
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.organizations import change_hidden_versions
from frontdesk.tables.privacy import Privacy
from frontdesk.tables.visitors import Visitors
from tests.unit.answer_desk import PASSAGES, QUESTION, BrokenIndex, Desk, Scribe, Script


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


def test_files_without_a_word_are_no_question(desk: Desk) -> None:
    desk.say("")
    desk.worker().run(desk.ref)
    [answer] = desk.answers()
    assert (answer.kind, answer.text) == ("small_talk", NOTHING_ASKED)
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


def test_a_turn_that_fails_each_time_is_apologised_for_and_left_to_a_person(desk: Desk) -> None:
    client_id = desk.say()
    poisoned = Script("It takes 5 to 10 working days [1].", RecursionError("a bug"))
    for _ in range(MOST_TRIES):
        with pytest.raises(RecursionError):
            desk.worker(poisoned).run(desk.ref)
    for _ in range(3):
        desk.worker(poisoned).run(desk.ref)
    [apology] = desk.answers()
    assert (apology.kind, apology.reply_to) == ("apology", (client_id,))
    conversation = desk.conversations.get(desk.ref)
    assert (conversation.status, conversation.unanswered, conversation.tries) == ("waiting", (), 0)
    assert conversation.handoff is not None
    assert conversation.handoff.reason == "failed"
    assert len(poisoned.prompts) == MOST_TRIES
    [done] = desk.frames("done")
    assert done["message"]["id"] == apology.id
    assert desk.mail.jobs


def test_what_is_said_after_a_turn_was_given_up_has_its_own_tries(desk: Desk) -> None:
    desk.say()
    for _ in range(MOST_TRIES):
        with pytest.raises(KeyError):
            desk.worker(Script(KeyError("a bug"))).run(desk.ref)
    Inbox(desk.table).take_over(desk.ref, Author(id="anna", name="Anna"))
    desk.say("Are you there?")
    desk.worker(Script(KeyError("a bug"))).run(desk.ref)
    assert desk.answers() == []
    assert desk.conversations.get(desk.ref).status == "human"


def test_what_cannot_even_be_given_up_is_left_alone_in_the_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.say()

    def down(*_: object) -> None:
        raise StoreUnavailable("down")

    monkeypatch.setattr(desk.conversations, "recent_messages", down)
    for _ in range(HOPELESS - 1):
        with pytest.raises(StoreUnavailable):
            desk.worker().run(desk.ref)
    desk.worker().run(desk.ref)
    assert desk.conversations.get(desk.ref).lease_owner is None


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


def test_what_turns_out_to_be_a_thought_is_taken_back(desk: Desk) -> None:
    desk.say()
    thought = "A refund takes 5 to 10 working days [1]."
    said = "It is 5 to 10 working days [1]."
    desk.worker(Script(thought, Anew(), said)).run(desk.ref)
    [answer] = desk.answers()
    assert answer.text == said
    frames = desk.frames("delta")
    assert thought.startswith(frames[0]["text"])
    begun_anew = [n for n, frame in enumerate(frames) if frame["from"] == 1][-1]
    assert "".join(frame["text"] for frame in frames[begun_anew:]) == said


def test_when_every_model_fails_the_documents_are_quoted(desk: Desk) -> None:
    desk.say()
    models = [Script(ModelUnavailable("down"), name=name) for name in ("first", "second")]
    desk.worker(*models).run(desk.ref)
    [answer] = desk.answers()
    assert (answer.model, answer.fallbacks) == ("extractive", ("first", "second"))
    assert "5 to 10 working days" in answer.text


def test_what_an_answer_cost_is_stored_and_counted_and_not_told_to_the_customer(
    desk: Desk,
) -> None:
    desk.say()
    model = Script("It takes 5 to 10 working days [1].", TokenUsage(1_200, 40))
    price = ModelPrice(prompt=Decimal("0.25"), completion=Decimal(2))
    desk.worker(model, meter=Meter({"main": price})).run(desk.ref)
    [answer] = desk.answers()
    assert answer.usage == (
        ModelUse(
            model="main",
            purpose="answer",
            prompt_tokens=1_200,
            completion_tokens=40,
            cost_nano_usd=380_000,
        ),
    )
    assert counted(desk) == {
        "model_calls": 1,
        "prompt_tokens": 1_200,
        "completion_tokens": 40,
        "cost_nano_usd": 380_000,
    }
    sent = json.dumps(desk.sent["here"])
    assert "1200" not in sent
    assert "usage" not in sent
    assert "cost" not in sent


def counted(desk: Desk) -> dict[str, int]:
    """What was counted of language models today."""
    now = datetime.now(UTC)
    days = Counters(desk.table).read(desk.organization.id, now - timedelta(days=1), now, "day")
    together = Counter[str]()
    for day in days.values():
        together.update(day)
    named = ("model_calls", "prompt_tokens", "completion_tokens", "cost_nano_usd")
    return {name: number for name, number in together.items() if name.startswith(named)}


def test_a_model_that_broke_off_has_cost_something_too(desk: Desk) -> None:
    desk.say()
    first = Script("It might take", ModelUnavailable("cut off"), name="first")
    second = Script("It takes 5 to 10 working days [1].", TokenUsage(900, 30), name="second")
    desk.worker(first, second).run(desk.ref)
    [answer] = desk.answers()
    assert [(use.model, use.estimated) for use in answer.usage] == [
        ("first", True),
        ("second", False),
    ]
    assert counted(desk)["model_calls_unpriced"] == 2
    assert counted(desk)["model_calls_estimated"] == 1


def test_quotes_cost_nothing(desk: Desk) -> None:
    desk.say()
    desk.worker().run(desk.ref)
    assert desk.answers()[0].usage == ()
    assert counted(desk) == {}


def test_what_is_left_to_a_person_was_paid_for_all_the_same(desk: Desk) -> None:
    desk.say("I want to talk to a person.")
    desk.worker().run(desk.ref)
    desk.say()
    silent = Script("I don't know.", TokenUsage(900, 5))
    desk.worker(silent).run(desk.ref)
    assert counted(desk)["prompt_tokens"] == 900
    asked, last = desk.conversations.recent_messages(desk.ref, 2)
    assert (last.kind, last.usage[0].prompt_tokens) == ("handoff", 900)
    assert asked.sentiment is not None


def test_a_model_that_keeps_failing_is_left_alone_and_the_answer_says_so(desk: Desk) -> None:
    first = Script(ModelUnavailable("down"), name="first")
    guarded = GuardedModel(
        WithShortTexts(first), answers=CircuitBreaker(failures=1), short_texts=CircuitBreaker()
    )
    worker = desk.worker(guarded, Script("It takes 5 to 10 working days [1].", name="second"))
    for _ in range(2):
        desk.say()
        worker.run(desk.ref)
    assert len(first.prompts) == 1
    assert [answer.fallbacks for answer in desk.answers()] == [("first",)] * 2
    assert {answer.model for answer in desk.answers()} == {"second"}


class WithShortTexts:
    """A script that fails at short texts."""

    def __init__(self, script: Script) -> None:
        self.name = script.name
        self.stream = script.stream

    def complete(self, _prompt: Prompt, **_limits: float) -> Completion:
        raise ModelUnavailable("down")


def test_a_long_conversation_is_summarised_once_and_the_summary_kept(desk: Desk) -> None:
    talk_at_length(desk)
    helper = Scribe("The customer, Ana Novak, has a K-7 router.", "Another one.")
    model = Script("It takes 5 to 10 working days [1].")
    for _ in range(2):
        desk.say()
        desk.worker(model, helper=helper, prompt_tokens=2_000).run(desk.ref)
    assert len(helper.prompts) == 1
    assert [prompt.summary for prompt in model.prompts] == [
        "The customer, Ana Novak, has a K-7 router.",
        model.prompts[1].summary,
    ]
    assert model.prompts[1].summary.startswith("The customer, Ana Novak, has a K-7 router.")
    summary = desk.conversations.get(desk.ref).history_summary
    assert summary is not None
    assert summary.text == "The customer, Ana Novak, has a K-7 router."
    assert [use.purpose for use in desk.answers()[-2].usage] == ["summary", "answer"]


def test_a_summary_that_fails_is_recorded_and_quotes_take_its_place(desk: Desk) -> None:
    talk_at_length(desk)
    desk.say()
    model = Script("It takes 5 to 10 working days [1].")
    helper = Scribe(ModelUnavailable("slow"))
    desk.worker(model, helper=helper, prompt_tokens=2_000).run(desk.ref)
    answer = desk.answers()[-1]
    assert (answer.model, answer.fallbacks) == ("main", ("helper (summary)",))
    assert model.prompts[0].summary.startswith("Customer: My router")
    assert desk.conversations.get(desk.ref).history_summary is None


def talk_at_length(desk: Desk) -> None:
    """Fifteen messages of several lines, which the documents do not answer."""
    for number in range(15):
        desk.say(f"My router {number} of Ana Novak hums. {'It stands on the shelf. ' * 30}")
    desk.worker().run(desk.ref)


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


@pytest.mark.parametrize("finished", [True, False], ids=["erased", "being erased"])
def test_an_answer_under_way_falls_silent_when_its_conversation_is_erased(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, finished: bool
) -> None:
    monkeypatch.setattr("chat.heartbeat._LOOK_SECONDS", 0.01)
    desk.say()
    silent: list[bool] = []
    mute = AnswerStream.mute

    def mute_and_tell(stream: AnswerStream) -> None:
        mute(stream)
        silent.append(True)

    monkeypatch.setattr(AnswerStream, "mute", mute_and_tell)

    def erase() -> None:
        privacy = Privacy(desk.table)
        if finished:
            privacy.erase(desk.ref)
        else:
            privacy._close(desk.ref)
        assert wait_for(lambda: bool(silent))

    desk.worker(Script("A refund takes ", erase, "5 to 10 working days [1].")).run(desk.ref)
    assert "working days" not in json.dumps(desk.frames("delta"))
    assert desk.frames("done") == []


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


def test_answers_come_from_the_categories_that_the_page_names(desk: Desk) -> None:
    def ask() -> Message:
        desk.say()
        desk.worker().run(desk.ref)
        return desk.answers()[-1]

    visitors = Visitors(desk.table)
    visitors.set_categories(desk.conversations.get(desk.ref), ["Money"])
    assert ask().kind == "unknown"
    desk.add_passages(PASSAGES[:1], new_id(), category="Money")
    assert ask().kind == "answer"


def test_the_team_can_see_when_answers_went_wrong_for_what_they_depend_on(desk: Desk) -> None:
    def noted() -> tuple[bool, str | None]:
        found = desk.organizations.get(desk.organization.id)
        return found.assistant_failed_at > 0, found.assistant_failure

    desk.say()
    desk.worker().run(desk.ref)
    assert noted() == (False, None)
    desk.say()
    desk.worker(Script(ModelUnavailable("down"))).run(desk.ref)
    assert noted() == (True, "model")


def test_trouble_that_goes_on_is_noted_once_in_ten_minutes(desk: Desk) -> None:
    organization = desk.organizations.get(desk.organization.id)
    desk.organizations.note_failure(organization, "model")
    first = desk.organizations.get(organization.id)
    # Read before the first was noted, as another worker may have.
    desk.organizations.note_failure(organization, "answer")
    desk.organizations.note_failure(first, "answer")
    assert desk.organizations.get(organization.id) == first
