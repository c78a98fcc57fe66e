"""What models are used for on the way to an answer, and what it costs."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from pydantic import ValidationError

from frontdesk.answers.adapters import prices_by_name
from frontdesk.answers.metering import Ledger, Meter, count_prompt
from frontdesk.answers.ports import Completion, Prompt, TokenUsage
from frontdesk.errors import ModelUnavailable
from frontdesk.settings import ModelPrice, ModelSettings

PROMPT = Prompt("Answer from the sources.", (), (), "How long does a refund take?")
PRICES = {"main": ModelPrice(prompt=Decimal("0.25"), completion=Decimal(2))}


class Counting:
    """A model that says two words and reports tokens, if it has any to report."""

    def __init__(self, usage: TokenUsage | None = None, name: str = "main") -> None:
        self.name = name
        self.usage = usage
        self.failure: Exception | None = None

    def stream(self, _prompt: Prompt) -> Iterator[str | TokenUsage]:
        yield "Five "
        if self.failure:
            raise self.failure
        yield "days."
        if self.usage:
            yield self.usage

    def complete(self, _prompt: Prompt, **_limits: float) -> Completion:
        if self.failure:
            raise self.failure
        return Completion("Five days.", self.usage)


def test_what_the_server_counts_is_what_it_costs() -> None:
    ledger = Ledger(Meter(PRICES))
    assert list(ledger.stream(Counting(TokenUsage(1_200, 40)), PROMPT)) == ["Five ", "days."]
    [use] = ledger.uses
    assert (use.prompt_tokens, use.completion_tokens, use.estimated) == (1_200, 40, False)
    # 1,200 at 0.25 and 40 at 2 US dollars per million.
    assert use.cost_nano_usd == 300_000 + 80_000


def test_a_tenth_of_a_cent_per_million_is_not_lost() -> None:
    meter = Meter({"m": ModelPrice(prompt=Decimal("0.001"), completion=Decimal(0))})
    assert meter.cost("m", TokenUsage(1, 0)) == 1


def test_a_model_without_a_price_costs_nobody_knows_what() -> None:
    ledger = Ledger(Meter(PRICES))
    list(ledger.stream(Counting(TokenUsage(1_200, 40), name="other"), PROMPT))
    assert ledger.uses[0].cost_nano_usd is None


def test_what_the_server_does_not_count_is_estimated_and_says_so() -> None:
    ledger = Ledger(Meter(PRICES))
    list(ledger.stream(Counting(), PROMPT))
    [use] = ledger.uses
    assert use.estimated
    assert use.prompt_tokens == count_prompt(PROMPT) > 10
    assert 2 <= use.completion_tokens <= 6
    assert use.cost_nano_usd


def test_an_answer_that_breaks_off_is_paid_for_as_well() -> None:
    ledger, model = Ledger(Meter(PRICES)), Counting(TokenUsage(1_200, 40))
    model.failure = ModelUnavailable("cut off")
    with pytest.raises(ModelUnavailable):
        list(ledger.stream(model, PROMPT))
    assert [use.estimated for use in ledger.uses] == [True]


def test_an_answer_that_was_stopped_is_paid_for_as_far_as_it_came() -> None:
    ledger = Ledger(Meter(PRICES))
    pieces = ledger.stream(Counting(TokenUsage(1_200, 40)), PROMPT)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    [use] = ledger.uses
    assert use.estimated
    assert use.completion_tokens < 4


def test_a_model_that_refuses_at_once_costs_nothing() -> None:
    class Refusing(Counting):
        def stream(self, _prompt: Prompt) -> Iterator[str | TokenUsage]:
            raise ModelUnavailable("down")
            yield ""

    ledger = Ledger(Meter(PRICES))
    with pytest.raises(ModelUnavailable):
        list(ledger.stream(Refusing(), PROMPT))
    assert ledger.uses == ()


def test_short_texts_are_noted_with_what_they_are_for() -> None:
    ledger = Ledger(Meter(PRICES))
    helper = ledger.charged(Counting(TokenUsage(90, 6)), "rewrite")
    assert helper.complete(PROMPT, max_tokens=9, seconds=2).text == "Five days."
    assert [(use.model, use.purpose) for use in ledger.uses] == [("main", "rewrite")]
    assert ledger.failed == []


def test_a_short_text_that_does_not_come_is_recorded() -> None:
    ledger, model = Ledger(Meter()), Counting(name="small")
    model.failure = ModelUnavailable("slow")
    with pytest.raises(ModelUnavailable):
        ledger.charged(model, "summary").complete(PROMPT, max_tokens=9, seconds=2)
    assert ledger.failed == ["small (summary)"]
    assert ledger.uses == ()


def test_the_counter_learns_from_what_servers_report() -> None:
    meter = Meter()
    before = meter.counter.count("some words " * 50)
    for _ in range(20):
        list(Ledger(meter).stream(Counting(TokenUsage(count_prompt(PROMPT) * 2, 5)), PROMPT))
    assert meter.counter.count("some words " * 50) > 1.8 * before


def test_prices_are_set_by_the_names_that_the_models_are_set_by() -> None:
    settings = ModelSettings.read(
        {
            "FRONTDESK_SECRET": "s",
            "FRONTDESK_MODEL": "openai:big:free",
            "FRONTDESK_FALLBACK_MODEL": "extractive",
            "FRONTDESK_MODEL_PRICES": '{"openai:big:free": {"prompt": 0.05, "completion": 2},'
            '"openai:unused": {"prompt": 1, "completion": 1}}',
        }
    )
    prices = prices_by_name(settings)
    assert prices == {"big:free": ModelPrice(prompt=Decimal("0.05"), completion=Decimal(2))}


@pytest.mark.parametrize(
    "prices", ["5", "{", '{"openai:x": {"prompt": -1, "completion": 1}}', '{"openai:x": {}}']
)
def test_prices_that_are_none_are_refused_at_the_start(prices: str) -> None:
    with pytest.raises(ValidationError):
        ModelSettings.read({"FRONTDESK_SECRET": "s", "FRONTDESK_MODEL_PRICES": prices})
