"""The language model port."""

from collections.abc import Iterator
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

    `sources` are passages already rendered with their citation number; they are data.
    """

    instructions: str
    sources: tuple[str, ...]
    history: tuple[Turn, ...]
    question: str


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens as the provider counted them."""

    model: str
    prompt_tokens: int
    completion_tokens: int


class LanguageModel(Protocol):
    """Writes an answer, piece by piece."""

    @property
    def name(self) -> str:
        """Stored with the answer, so that one can see who wrote it."""
        ...

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Yield the answer's text in pieces, none of them empty.

        Raises ModelUnavailable, before the first piece or after any: refused, rate-limited past
        the retries, stalled past the timeout, or cut off before the provider said it was done.
        Closing the iterator closes the connection.
        """
        ...
