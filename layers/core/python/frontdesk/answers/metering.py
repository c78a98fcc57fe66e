"""What language models are used for on the way to an answer: tokens, and what they cost."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal

from frontdesk.answers.chat_messages import MESSAGE_TOKENS, messages
from frontdesk.answers.ports import Anew, Completer, Completion, LanguageModel, Prompt, TokenUsage
from frontdesk.answers.tokens import TokenCounter, estimate_tokens
from frontdesk.entities import ModelPurpose, ModelUse
from frontdesk.errors import ModelUnavailable
from frontdesk.observability import logger
from frontdesk.settings import ModelPrice

_NANO_PER_TOKEN = Decimal(1000)
"""A US dollar per million tokens is 1000 billionths of a dollar per token."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What metering needs: prices by the models' names, and the counter that learns."""

    prices: Mapping[str, ModelPrice] = field(default_factory=dict)
    counter: TokenCounter = field(default_factory=TokenCounter)

    def cost(self, model: str, usage: TokenUsage) -> int | None:
        """What a call cost, in billionths of a US dollar; None if the price is not known."""
        price = self.prices.get(model)
        if price is None:
            return None
        dollars = price.prompt * usage.prompt_tokens + price.completion * usage.completion_tokens
        return round(dollars * _NANO_PER_TOKEN)


class Ledger:
    """The calls of language models for one answer.

    `failed` names the models whose short texts did not come, with what they were for.
    """

    def __init__(self, meter: Meter) -> None:
        """Nothing used yet."""
        self._meter = meter
        self._uses: list[ModelUse] = []
        self.failed: list[str] = []

    @property
    def uses(self) -> tuple[ModelUse, ...]:
        """The calls so far that were answered, if only in part: those are what providers bill."""
        return tuple(self._uses)

    def stream(self, model: LanguageModel, prompt: Prompt) -> Iterator[str | Anew]:
        """What `model` writes, noted. Raises ModelUnavailable as it does.

        An answer that breaks off, or that nobody reads to its end, is noted by our own count.
        """
        written: list[str] = []
        counted: TokenUsage | None = None
        try:
            with closing(iter(model.stream(prompt))) as pieces:  # type: ignore[type-var]
                for piece in pieces:
                    if isinstance(piece, TokenUsage):
                        counted = piece
                    else:
                        written.append(piece if isinstance(piece, str) else "")
                        yield piece
        finally:
            if counted or written:
                self._note(model.name, "answer", prompt, "".join(written), counted)

    def charged(self, model: Completer, purpose: ModelPurpose) -> Completer:
        """`model`, with its calls noted as made for `purpose`."""
        return _Charged(self, model, purpose)

    def complete(
        self,
        model: Completer,
        purpose: ModelPurpose,
        prompt: Prompt,
        *,
        max_tokens: int,
        seconds: float,
    ) -> Completion:
        """A short text of `model`, noted. Raises ModelUnavailable, noted as well."""
        try:
            completion = model.complete(prompt, max_tokens=max_tokens, seconds=seconds)
        except ModelUnavailable as error:
            logger.warning(
                "a model failed",
                extra={"model": model.name, "purpose": purpose, "cause": str(error)},
            )
            self.failed.append(f"{model.name} ({purpose})")
            raise
        self._note(model.name, purpose, prompt, completion.text, completion.usage)
        return completion

    def _note(
        self,
        model: str,
        purpose: ModelPurpose,
        prompt: Prompt,
        written: str,
        counted: TokenUsage | None,
    ) -> None:
        estimated = count_prompt(prompt)
        # Of a short prompt much is the chat template's, which says nothing of texts.
        if counted and purpose == "answer":
            self._meter.counter.learn(estimated, counted.prompt_tokens)
        usage = counted or TokenUsage(estimated, estimate_tokens(written))
        self._uses.append(
            ModelUse(
                model=model,
                purpose=purpose,
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                estimated=counted is None,
                cost_nano_usd=self._meter.cost(model, usage),
            )
        )


@dataclass(frozen=True, slots=True)
class _Charged:
    ledger: Ledger
    model: Completer
    purpose: ModelPurpose

    @property
    def name(self) -> str:
        return self.model.name

    def complete(self, prompt: Prompt, *, max_tokens: int, seconds: float) -> Completion:
        return self.ledger.complete(
            self.model, self.purpose, prompt, max_tokens=max_tokens, seconds=seconds
        )


def count_prompt(prompt: Prompt) -> int:
    """About how many tokens `prompt` has as it is sent; rather too many than too few."""
    return sum(estimate_tokens(each.text) + MESSAGE_TOKENS for each in messages(prompt))
