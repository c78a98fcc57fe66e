"""Puts a Drafter together as the settings say: the same for customers, checks and evaluations."""

from frontdesk.answers.adapters import open_models, open_reranker, prices_by_name
from frontdesk.answers.confidence import Confidence
from frontdesk.answers.drafting import Drafter
from frontdesk.answers.grounding import Meaning
from frontdesk.answers.metering import Meter
from frontdesk.knowledge.ports import Embedder, PassageIndex
from frontdesk.secrets import ProviderKeys
from frontdesk.settings import DraftingSettings

_SAME_MEANING = 0.75
"""Cosine of MiniLM. Of three paraphrases with hardly a word of their source two pass; of twelve
inventions none, the nearest at .70. Other embedders' cosines were not measured."""


def open_drafter(
    settings: DraftingSettings, keys: ProviderKeys, *, embedder: Embedder, index: PassageIndex
) -> Drafter:
    """A Drafter over `index`.

    Raises ValueError for settings that name nothing, and RerankerUnavailable.
    """
    models = open_models(settings, keys)
    return Drafter(
        embedder=embedder,
        index=index,
        models=models,
        confidence=Confidence.fitted(settings.embedder, settings.reranker),
        # The fallback model, where there is one: it is the cheaper.
        helper=models[-1] if models else None,
        meter=Meter(prices_by_name(settings)),
        prompt_tokens=settings.prompt_tokens,
        cross_encoder=open_reranker(settings),
        meaning=Meaning(embedder, _SAME_MEANING) if settings.embedder == "minilm" else None,
    )
