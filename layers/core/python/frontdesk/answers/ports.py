"""The ports to models that write, and to the one that only reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of the conversation."""

    role: Literal["customer", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a language model is given: instructions, data and history are kept apart.

    `sources` are passages already rendered with their citation number; they are data. `summary`
    is what was said before `history`, in short; it is data, too.
    """

    instructions: str
    sources: tuple[str, ...]
    history: tuple[Turn, ...]
    question: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens as the provider counted them."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Anew:
    """What a model has written so far is no part of the answer, which begins after this."""


class LanguageModel(Protocol):
    """Writes an answer, piece by piece."""

    @property
    def name(self) -> str:
        """Stored with the answer, so that one can see who wrote it."""
        ...

    def stream(self, prompt: Prompt, /) -> Iterator[str | Anew | TokenUsage]:
        """Yield the answer's text in pieces, none of them empty, and last the tokens it took.

        The tokens are left out when the provider does not count them.

        Raises ModelUnavailable, before the first piece or after any: refused, rate-limited past
        the retries, stalled past the timeout, or cut off before the provider said it was done.
        Closing the iterator closes the connection.
        """
        ...


@dataclass(frozen=True, slots=True)
class Completion:
    """A short text, and the tokens it took if the provider counts them."""

    text: str
    usage: TokenUsage | None = None


class Completer(Protocol):
    """Writes a short text at once: a question in other words, a summary."""

    @property
    def name(self) -> str:
        """Stored with what it is used for."""
        ...

    def complete(self, prompt: Prompt, /, *, max_tokens: int, seconds: float) -> Completion:
        """The whole text, which is never empty, of at most `max_tokens`.

        Gives up after `seconds`. Raises ModelUnavailable.
        """
        ...


class CrossEncoder(Protocol):
    """Reads a question and a passage together, and says how well the one answers the other."""

    def scores(self, question: str, texts: Sequence[str], /) -> list[float]:
        """A logit for each of `texts`, in order: 0 is even odds, and they compare across calls.

        Raises RerankerUnavailable.
        """
        ...
