"""What the settings open: real models of the SDK, guarded, priced, against a stand-in server."""

from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from frontdesk.answers.adapters import open_models, prices_by_name
from frontdesk.answers.confidence import Confidence
from frontdesk.answers.drafting import Drafter, Inquiry, Unheard
from frontdesk.answers.metering import Ledger, Meter
from frontdesk.answers.ports import Prompt
from frontdesk.entities import Message, Organization
from frontdesk.errors import ModelUnavailable
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.sqlite_index import SqliteIndex
from frontdesk.secrets import ProviderKeys
from frontdesk.settings import ModelSettings
from tests.contract.openai_stand_in import (
    DONE,
    Refusal,
    StandIn,
    Streamed,
    Written,
    chunk,
    serving,
)

PROMPT = Prompt("Answer from the sources.", (), (), "How long does a refund take?")
WHOLE = Streamed([chunk("Five days."), chunk(finish="stop"), chunk(usage=(120, 7)), DONE])
MODELS = Path(__file__).parents[2] / "layers" / "models"
PASSAGE = Passage(
    document_id="guide",
    version="1",
    ordinal=0,
    text="Refunds are paid back to the card you paid with. A refund takes 5 to 10 working days.",
    title="Guide",
)
TALK = tuple(
    Message(
        id=f"{number:026}",
        role="assistant" if number % 2 else "customer",
        text=f"Message {number}. {'It hums all day and all night and nobody knows why. ' * 9}",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    for number in range(24)
)
KEYS = ProviderKeys(openai_api_key=SecretStr("sk-secret"))


def settings(stand_in: StandIn, **others: str) -> ModelSettings:
    return ModelSettings.read(
        {
            "FRONTDESK_SECRET": "s",
            "FRONTDESK_MODEL": "openai:big",
            "FRONTDESK_FALLBACK_MODEL": "openai:small",
            "FRONTDESK_OPENAI_BASE_URL": stand_in.url,
            "FRONTDESK_MODEL_PRICES": '{"openai:big": {"prompt": 1.25, "completion": 10}}',
            **others,
        }
    )


def test_main_and_fallback_model_are_asked_by_the_names_they_were_set_by() -> None:
    with serving(WHOLE) as stand_in:
        for model in open_models(settings(stand_in), KEYS):
            list(model.stream(PROMPT))
        assert [request["model"] for request in stand_in.requests] == ["big", "small"]


def test_a_model_that_is_its_own_fallback_is_opened_once() -> None:
    with serving(WHOLE) as stand_in:
        chosen = settings(stand_in, FRONTDESK_FALLBACK_MODEL="openai:big")
        assert [model.name for model in open_models(chosen, KEYS)] == ["big"]
        nobody = settings(
            stand_in, FRONTDESK_MODEL="extractive", FRONTDESK_FALLBACK_MODEL="extractive"
        )
        assert open_models(nobody, KEYS) == ()


@pytest.mark.parametrize("name", ["big", "openai:", "other:big"])
def test_a_model_of_nobody_is_refused_at_the_start(name: str) -> None:
    with serving(WHOLE) as stand_in, pytest.raises(ValueError, match="openai:<model>"):
        open_models(settings(stand_in, FRONTDESK_MODEL=name), KEYS)


def test_what_the_server_counts_is_charged_at_the_set_price() -> None:
    with serving(WHOLE, WHOLE, Written("Refund time?", usage=(40, 5))) as stand_in:
        chosen = settings(stand_in)
        big, small = open_models(chosen, KEYS)
        ledger = Ledger(Meter(prices_by_name(chosen)))
        assert "".join(map(str, ledger.stream(big, PROMPT))) == "Five days."
        list(ledger.stream(small, PROMPT))
        ledger.charged(small, "rewrite").complete(PROMPT, max_tokens=20, seconds=2)
    charged = [(use.model, use.purpose, use.prompt_tokens) for use in ledger.uses]
    assert charged == [("big", "answer", 120), ("small", "answer", 120), ("small", "rewrite", 40)]
    price = Decimal("1.25") * 120 + 10 * 7
    assert [use.cost_nano_usd for use in ledger.uses] == [int(price * 1000), None, None]


def test_a_server_that_keeps_failing_is_tried_again_and_then_left_alone() -> None:
    with serving(Refusal(500)) as stand_in:
        big, small = open_models(settings(stand_in), KEYS)
        for _ in range(3):
            with pytest.raises(ModelUnavailable, match="500"):
                list(big.stream(PROMPT))
        assert len(stand_in.requests) == 6, "each was tried twice"
        with pytest.raises(ModelUnavailable, match="rests"):
            list(big.stream(PROMPT))
        assert len(stand_in.requests) == 6
        with pytest.raises(ModelUnavailable, match="500"):
            list(small.stream(PROMPT))
        assert stand_in.requests[-1]["model"] == "small"


def test_a_long_talk_and_a_failing_main_model_still_end_in_a_paid_and_cited_answer(
    tmp_path: Path,
) -> None:
    answer = Streamed(
        [
            chunk("A refund takes 5 to 10 working days [1]."),
            chunk(finish="stop"),
            chunk(usage=(900, 14)),
            DONE,
        ]
    )
    summary = Written("Ana Novak has a router that hums.", usage=(700, 9))
    with (
        serving(summary, Refusal(500), Refusal(500), answer) as stand_in,
        closing(SqliteIndex(tmp_path / "index.sqlite")) as index,
    ):
        embedder = MiniLmEmbedder(MODELS / "minilm")
        [vector] = embedder.embed([PASSAGE.searchable_text])
        index.upsert("harbor", [PASSAGE], [vector])
        chosen = settings(stand_in, FRONTDESK_PROMPT_TOKENS="2000")
        models = open_models(chosen, KEYS)
        drafter = Drafter(
            embedder=embedder,
            index=index,
            models=models,
            confidence=Confidence.fitted("minilm"),
            helper=models[-1],
            meter=Meter(prices_by_name(chosen)),
            prompt_tokens=chosen.prompt_tokens,
        )
        inquiry = Inquiry(
            Organization(id="harbor", name="Harbor"), frozenset(), PROMPT.question, TALK
        )
        draft = drafter.draft(inquiry, Unheard(), Unheard())
    assert draft.kind == "answer"
    assert [citation.document_id for citation in draft.citations] == ["guide"]
    assert (draft.model, draft.fallbacks) == ("small", ("big",))
    assert [(use.model, use.purpose) for use in draft.usage] == [
        ("small", "summary"),
        ("small", "answer"),
    ]
    assert draft.summary is not None
    assert draft.summary.until in {message.id for message in TALK}
    asked = [request["model"] for request in stand_in.requests]
    assert asked == ["small", "big", "big", "small"]
    told = stand_in.requests[-1]["messages"]
    assert "Ana Novak has a router that hums." in told[1]["content"]
    assert "It hums" not in told[1]["content"].partition("\n\n")[0]
