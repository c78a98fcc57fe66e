"""The one place where settings decide who stands behind the knowledge ports."""

from pathlib import Path

from pydantic import SecretStr

from frontdesk.knowledge.ports import Embedder, PassageIndex
from frontdesk.secrets import ProviderKeys
from frontdesk.settings import KnowledgeSettings

# Each adapter is imported where it is chosen: a function pays only for the one it uses, and the
# cloud functions do not ship the others' packages.
# ruff: noqa: PLC0415


def open_embedder(settings: KnowledgeSettings, keys: ProviderKeys) -> Embedder:
    """The embedder that `settings.embedder` names. Raises ValueError for an unknown one."""
    kind, _, name = settings.embedder.partition(":")
    if kind == "minilm":
        from frontdesk.knowledge.minilm import MiniLmEmbedder

        return MiniLmEmbedder(settings.models / "minilm")
    if kind == "openai" and name:
        from frontdesk.knowledge.openai_embedder import OpenAiEmbedder

        return OpenAiEmbedder(
            api_key=_required(keys.openai_api_key, "openai_api_key"),
            base_url=settings.openai_base_url,
            model=name,
        )
    raise ValueError(f"FRONTDESK_EMBEDDER is {settings.embedder!r}: use minilm or openai:<model>")


def tokenizer_folder(settings: KnowledgeSettings) -> Path | None:
    """Where the tokenizer of that embedder is, None where it is not at hand."""
    return settings.models / "minilm" if settings.embedder == "minilm" else None


def open_index(settings: KnowledgeSettings, keys: ProviderKeys) -> PassageIndex:
    """The index that `settings.index` names. Raises ValueError for an unknown one."""
    kind, _, name = settings.index.partition(":")
    if kind == "sqlite" and name:
        from frontdesk.knowledge.sqlite_index import SqliteIndex

        return SqliteIndex(Path(name))
    if kind == "pinecone" and name:
        from frontdesk.knowledge.pinecone_index import PineconeIndex

        return PineconeIndex(
            api_key=_required(keys.pinecone_api_key, "pinecone_api_key"), name=name
        )
    raise ValueError(f"FRONTDESK_INDEX is {settings.index!r}: use sqlite:<path> or pinecone:<name>")


def _required(key: SecretStr | None, name: str) -> str:
    if key is None:
        raise ValueError(f"the secret holds no {name}")
    return key.get_secret_value()
