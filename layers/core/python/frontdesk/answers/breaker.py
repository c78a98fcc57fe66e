"""A model that keeps failing is left alone for a while, so that customers need not wait for it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Protocol

from frontdesk.answers.ports import Anew, Completer, Completion, LanguageModel, Prompt, TokenUsage
from frontdesk.errors import ModelUnavailable, PromptRefused
from frontdesk.observability import logger


class CircuitBreaker:
    """Opens after `failures` in a row, and lets one attempt through after `rest_seconds`.

    If that one fails as well, the next rest is twice as long, up to `longest_seconds`; if it
    succeeds, everything is as before. A model that answers, but not this prompt, works. Knows of
    this process only. Safe to share between threads.
    """

    def __init__(
        self,
        *,
        failures: int = 3,
        rest_seconds: float = 30.0,
        longest_seconds: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._first_rest = rest_seconds
        self._longest = longest_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._rest = rest_seconds
        self._open_until: float | None = None
        self._trying = False

    @property
    def resting(self) -> bool:
        """Whether nothing may be attempted now."""
        with self._lock:
            return self._open_until is not None and self._clock() < self._open_until

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """What runs inside decides by its errors. Raises ModelUnavailable instead while it rests.

        Left by anything but an Unavailable of ours, as when nobody wants the answer any more, it
        decides nothing.
        """
        probing = self._enter()
        try:
            yield
        except PromptRefused:
            self._succeed()
            raise
        except ModelUnavailable:
            self._fail(probing=probing)
            raise
        except BaseException:
            if probing:
                self._leave()
            raise
        else:
            self._succeed()

    def _enter(self) -> bool:
        """Whether this is the one attempt after a rest."""
        with self._lock:
            if self._open_until is None:
                return False
            if self._trying or self._clock() < self._open_until:
                raise ModelUnavailable("it has failed several times and rests")
            self._trying = True
            return True

    def _succeed(self) -> None:
        with self._lock:
            self._failed, self._rest = 0, self._first_rest
            self._open_until, self._trying = None, False

    def _fail(self, *, probing: bool) -> None:
        with self._lock:
            self._failed += 1
            if probing:
                self._rest = min(self._rest * 2, self._longest)
                self._trying = False
            elif self._open_until is not None or self._failed < self._most:
                return
            self._open_until = self._clock() + self._rest
        logger.warning("a model rests", extra={"seconds": self._rest})

    def _leave(self) -> None:
        with self._lock:
            self._trying = False


class WritingModel(LanguageModel, Completer, Protocol):
    """A model that writes answers and short texts."""


class GuardedModel:
    """A model behind circuit breakers.

    There is one for answers and one for short texts: a model too slow for these, which get two
    seconds, may still be quick enough for answers. While it rests from answers it rests from both.
    """

    def __init__(
        self, model: WritingModel, *, answers: CircuitBreaker, short_texts: CircuitBreaker
    ) -> None:
        self._model = model
        self._answers = answers
        self._short_texts = short_texts

    @property
    def name(self) -> str:
        """The model's name at the provider."""
        return self._model.name

    def stream(self, prompt: Prompt) -> Iterator[str | Anew | TokenUsage]:
        """See `LanguageModel.stream`. While the model rests it raises at once."""
        with self._answers.attempt(), closing(iter(self._model.stream(prompt))) as pieces:  # type: ignore[type-var]
            yield from pieces

    def complete(self, prompt: Prompt, *, max_tokens: int, seconds: float) -> Completion:
        """See `Completer.complete`. While the model rests it raises at once."""
        if self._answers.resting:
            raise ModelUnavailable("it has failed several times and rests")
        with self._short_texts.attempt():
            return self._model.complete(prompt, max_tokens=max_tokens, seconds=seconds)
