"""The one place where settings decide who writes answers, and who reads passages for them."""

from collections.abc import Mapping

from frontdesk.answers.breaker import CircuitBreaker, GuardedModel
from frontdesk.answers.ports import CrossEncoder
from frontdesk.secrets import ProviderKeys
from frontdesk.settings import ModelPrice, ModelSettings, RankingSettings

EXTRACTIVE = "extractive"
"""Not a language model: the worker quotes the passages itself, and always can."""

_STALL_SECONDS = 8.0
_TOTAL_SECONDS = 30.0
_RETRIES = 1
"""Two models that each stall and then stream to the end of their time, and two short texts before
them, fit the worker's 90 s."""


def open_models(settings: ModelSettings, keys: ProviderKeys) -> tuple[GuardedModel, ...]:
    """The models to try in turn; after the last one come quotes. Raises ValueError."""
    return tuple(_open(name, settings, keys) for name in _wanted(settings))


def prices_by_name(settings: ModelSettings) -> Mapping[str, ModelPrice]:
    """The prices of the models in use, by the names that the models give themselves."""
    known = settings.model_prices
    return {_name(wanted): known[wanted] for wanted in _wanted(settings) if wanted in known}


def open_reranker(settings: RankingSettings) -> CrossEncoder | None:
    """The cross-encoder, None where words alone decide. Raises RerankerUnavailable."""
    if settings.reranker == "words":
        return None
    from frontdesk.answers.cross_encoder import MiniLmCrossEncoder  # noqa: PLC0415 - needs ONNX

    return MiniLmCrossEncoder(
        settings.models / "reranker", settings.models / "minilm" / "tokenizer.json"
    )


def _wanted(settings: ModelSettings) -> tuple[str, ...]:
    named = (settings.model, settings.fallback_model)
    return tuple(dict.fromkeys(name for name in named if name != EXTRACTIVE))


def _name(setting: str) -> str:
    kind, _, name = setting.partition(":")
    if kind != "openai" or not name:
        raise ValueError(f"the model is {setting!r}: use extractive or openai:<model>")
    return name


def _open(setting: str, settings: ModelSettings, keys: ProviderKeys) -> GuardedModel:
    name = _name(setting)
    if keys.openai_api_key is None and settings.openai_base_url is None:
        raise ValueError(f"the model is {setting!r}, but the secret holds no openai_api_key")
    from frontdesk.answers.openai_model import OpenAiModel  # noqa: PLC0415 - only where chosen

    # A local server such as Ollama wants no key, and the SDK wants one.
    key = keys.openai_api_key.get_secret_value() if keys.openai_api_key else "none"
    model = OpenAiModel(
        api_key=key,
        model=name,
        base_url=settings.openai_base_url,
        stall_seconds=_STALL_SECONDS,
        total_seconds=_TOTAL_SECONDS,
        max_retries=_RETRIES,
    )
    model.warm_up()
    return GuardedModel(model, answers=CircuitBreaker(), short_texts=CircuitBreaker())
