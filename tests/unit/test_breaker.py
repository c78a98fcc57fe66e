"""A model that keeps failing is left alone for a while."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from frontdesk.answers.breaker import CircuitBreaker, GuardedModel
from frontdesk.answers.ports import Completion, Prompt, TokenUsage
from frontdesk.errors import ModelUnavailable, PromptRefused

PROMPT = Prompt("", (), (), "?")


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Line:
    """A model whose next failure can be set, and that knows how often it was asked."""

    name = "line"

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.asked = 0

    def stream(self, _prompt: Prompt) -> Iterator[str | TokenUsage]:
        self.asked += 1
        if self.failure:
            raise self.failure
        yield "Yes"
        yield "."

    def complete(self, _prompt: Prompt, **_limits: float) -> Completion:
        self.asked += 1
        if self.failure:
            raise self.failure
        return Completion("Yes.")


class Guarded:
    """A line behind breakers that open after three failures and rest for 30 s, at most 100."""

    def __init__(self) -> None:
        self.clock, self.line = Clock(), Line()

        def breaker() -> CircuitBreaker:
            return CircuitBreaker(
                failures=3, rest_seconds=30, longest_seconds=100, clock=self.clock
            )

        self.model = GuardedModel(self.line, answers=breaker(), short_texts=breaker())

    def ask(self, times: int = 1) -> int:
        """Ask for answers; how many of these questions reached the model."""
        before = self.line.asked
        for _ in range(times):
            with suppress(ModelUnavailable):
                list(self.model.stream(PROMPT))
        return self.line.asked - before

    def complete(self, times: int = 1) -> int:
        before = self.line.asked
        for _ in range(times):
            with suppress(ModelUnavailable):
                self.model.complete(PROMPT, max_tokens=9, seconds=2)
        return self.line.asked - before


@pytest.fixture
def guarded() -> Guarded:
    return Guarded()


def test_a_model_that_fails_three_times_running_is_not_asked_again(guarded: Guarded) -> None:
    guarded.line.failure = ModelUnavailable("down")
    assert guarded.ask(10) == 3
    with pytest.raises(ModelUnavailable, match="rests"):
        list(guarded.model.stream(PROMPT))


def test_an_answer_in_between_starts_the_count_anew(guarded: Guarded) -> None:
    for _ in range(5):
        guarded.line.failure = ModelUnavailable("down")
        assert guarded.ask(2) == 2
        guarded.line.failure = None
        assert guarded.ask() == 1


def test_after_its_rest_one_question_tries_and_an_answer_ends_it(guarded: Guarded) -> None:
    guarded.line.failure = ModelUnavailable("down")
    guarded.ask(3)
    guarded.clock.now = 29.9
    assert guarded.ask() == 0
    guarded.clock.now = 30
    guarded.line.failure = None
    assert guarded.ask(5) == 5


def test_while_one_question_tries_the_others_do_not_wait_with_it(guarded: Guarded) -> None:
    guarded.line.failure = ModelUnavailable("down")
    guarded.ask(3)
    guarded.clock.now = 30
    guarded.line.failure = None
    trying = guarded.model.stream(PROMPT)
    next(trying)
    assert guarded.ask(3) == 0
    assert list(trying) == ["."]
    assert guarded.ask() == 1


def test_each_try_in_vain_doubles_the_rest_up_to_a_limit(guarded: Guarded) -> None:
    guarded.line.failure = ModelUnavailable("down")
    guarded.ask(3)
    for rest in (30, 60, 100, 100):
        guarded.clock.now += rest - 0.1
        assert guarded.ask() == 0
        guarded.clock.now += 0.1
        assert guarded.ask(3) == 1


def test_after_it_recovered_a_rest_is_as_short_as_the_first(guarded: Guarded) -> None:
    guarded.line.failure = ModelUnavailable("down")
    guarded.ask(3)
    guarded.clock.now += 30
    guarded.ask()
    guarded.clock.now += 60
    guarded.line.failure = None
    guarded.ask()
    guarded.line.failure = ModelUnavailable("down again")
    assert guarded.ask(9) == 3
    guarded.clock.now += 30
    assert guarded.ask() == 1


def test_a_model_that_refuses_prompts_is_not_out_of_order(guarded: Guarded) -> None:
    guarded.line.failure = PromptRefused("too long")
    assert guarded.ask(10) == 10


def test_a_try_that_nobody_reads_to_its_end_leaves_room_for_the_next(guarded: Guarded) -> None:
    guarded.line.failure = ModelUnavailable("down")
    guarded.ask(3)
    guarded.clock.now = 30
    guarded.line.failure = None
    given_up = guarded.model.stream(PROMPT)
    next(given_up)
    assert isinstance(given_up, Iterator)
    given_up.close()  # type: ignore[attr-defined]
    assert guarded.ask() == 1


def test_a_bug_decides_nothing_and_is_not_hidden(guarded: Guarded) -> None:
    guarded.line.failure = KeyError("a bug")
    for _ in range(5):
        with pytest.raises(KeyError):
            list(guarded.model.stream(PROMPT))


def test_a_model_too_slow_for_short_texts_still_answers(guarded: Guarded) -> None:
    guarded.line.failure = ModelUnavailable("two seconds are over")
    assert guarded.complete(9) == 3
    guarded.line.failure = None
    assert guarded.ask() == 1
    assert guarded.complete() == 0
    guarded.clock.now = 30
    assert guarded.complete() == 1


def test_a_model_that_does_not_answer_is_not_asked_for_short_texts(guarded: Guarded) -> None:
    guarded.line.failure = ModelUnavailable("down")
    guarded.ask(3)
    assert guarded.complete(3) == 0
