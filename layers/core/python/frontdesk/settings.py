"""What the environment tells a function. Read once, at init, and nowhere else.

Each function composes the parts it needs, so a function that is deployed without a variable it
depends on fails at once and by name.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Base. Variables are named FRONTDESK_<FIELD>; an empty one counts as missing.

    pydantic-settings does this too, at 50 ms of every cold start.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """The settings in `environ`. Raises ValidationError, which names what is missing."""
        variables = {name: environ.get(f"FRONTDESK_{name.upper()}") for name in cls.model_fields}
        return cls.model_validate({name: value for name, value in variables.items() if value})


class TableSettings(Settings):
    """The DynamoDB table."""

    table: str


class TurnSettings(Settings):
    """The queue of conversations that wait for an answer."""

    turns_queue_url: str


class SecretSettings(Settings):
    """The Secrets Manager secret that holds the provider keys, as a JSON object."""

    secret: str


class KnowledgeSettings(SecretSettings):
    """Which index and embedder stand behind the ports.

    `index` is `sqlite:<path>` or `pinecone:<index name>`; `embedder` is `minilm` or
    `openai:<model>`; `models` is the folder of the ONNX models.
    """

    index: str
    embedder: str
    models: Path = Path("/opt/models")
    openai_base_url: str | None = None


class ModelSettings(SecretSettings):
    """Who writes answers: `extractive` or `openai:<model>`, and who steps in when that fails."""

    model: str = "extractive"
    fallback_model: str = "extractive"
    openai_base_url: str | None = None


class GatewaySettings(TableSettings, TurnSettings):
    """The WebSocket gateway."""

    messages_per_minute: int = 20


class AnswerSettings(TableSettings, KnowledgeSettings, ModelSettings):
    """The answer worker."""

    connections_url: str
    sentiment_function: str


class ApiSettings(TableSettings):
    """The HTTP API."""

    documents_bucket: str
    ingest_queue_url: str
    websocket_url: str
    sessions_per_minute: int = 30


class IngestSettings(TableSettings, KnowledgeSettings):
    """The ingest worker."""

    documents_bucket: str


class WebhookSettings(TableSettings, SecretSettings):
    """The Stripe webhook."""


class SentimentSettings(Settings):
    """The sentiment classifier."""

    models: Path = Path("/opt/models")
