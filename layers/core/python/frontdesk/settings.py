"""What the environment tells a function. Read once, at init, and nowhere else.

Each function composes the parts it needs, so a function that is deployed without a variable it
depends on fails at once and by name.
"""

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Json

from frontdesk.entities import PaidPlan


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


class RankingSettings(Settings):
    """What orders passages: `words`, or beside them `minilm`, a cross-encoder from `models`."""

    reranker: Literal["words", "minilm"] = "words"
    models: Path = Path("/opt/models")


class ModelPrice(BaseModel):
    """What a model's provider asks, in US dollars per million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: Decimal = Field(ge=0)
    completion: Decimal = Field(ge=0)


class ModelSettings(SecretSettings):
    """Who writes answers: `extractive` or `openai:<model>`, and who steps in when that fails.

    `model_prices` is a JSON object that has a price by the same names, for those that are known.
    `prompt_tokens` is how long a prompt may be; with some 800 more for the answer it has to fit
    the context of both models.
    """

    model: str = "extractive"
    fallback_model: str = "extractive"
    model_prices: Json[dict[str, ModelPrice]] = Field(default_factory=dict)
    prompt_tokens: int = Field(default=6_000, ge=2_000)
    openai_base_url: str | None = None


class DraftingSettings(KnowledgeSettings, RankingSettings, ModelSettings):
    """What answers are made from, and by whom."""


class BillingSettings(Settings):
    """Whether plans are paid for: by `stripe`, or `none`, when everybody has everything."""

    billing: Literal["stripe", "none"] = "none"

    @property
    def billed(self) -> bool:
        """Whether plans limit anybody."""
        return self.billing != "none"


class StripeSettings(SecretSettings, BillingSettings):
    """How Stripe is reached.

    `stripe_prices` is a JSON object of price ids at Stripe by plan: one, or a list of which the
    first is sold and the others are known from before. `stripe_api_base` is another address than
    Stripe's own, without the `/v1`. With `stripe_tax` Stripe works out and adds taxes.
    """

    stripe_prices: Json[dict[PaidPlan, str | list[str]]] = Field(default_factory=dict)
    stripe_tax: bool = False
    stripe_api_base: str | None = None


class MailQueueSettings(Settings):
    """The queue of mails that are to be written and sent."""

    mail_queue_url: str


class CheckQueueSettings(Settings):
    """The queue of work for the function that asks the documents without a conversation."""

    checks_queue_url: str


class GatewaySettings(TableSettings, TurnSettings):
    """The WebSocket gateway."""

    connections_url: str
    messages_per_minute: int = 20
    organization_messages_per_minute: int = 6_000


class AnswerSettings(
    TableSettings, TurnSettings, MailQueueSettings, BillingSettings, DraftingSettings
):
    """The answer worker. Its queue is where it has failed turns come back from."""

    connections_url: str
    sentiment_function: str


class ApiSettings(TableSettings, MailQueueSettings, CheckQueueSettings, StripeSettings):
    """The HTTP API.

    `signing_secret` is the Secrets Manager secret with the keys that sign access tokens.
    `edge_token` is what CloudFront sends along, so that we know who stands in front of us.
    `site_url` is where the pages are.
    """

    site_url: str
    signing_secret: str
    documents_bucket: str
    files_bucket: str
    ingest_queue_url: str
    connections_url: str
    websocket_url: str
    checks_function: str
    edge_token: str = ""
    bcrypt_cost: int = 12
    sessions_per_minute: int = 30
    logins_per_minute: int = 10
    requests_per_minute: int = 600
    organization_requests_per_minute: int = 6_000


class MailSettings(TableSettings, MailQueueSettings):
    """The mail worker. It has what failed come back from its queue.

    `mailer` is `ses`, or a server: `smtp://user@host:587` or `smtps://user@host:465`, whose
    password is in the `secret`. `mail_from` is the sender; `site_url` is where links lead, and
    `api_url` where a click that ends notices does.
    """

    mailer: str = "ses"
    mail_from: str
    site_url: str
    api_url: str
    ses_configuration_set: str | None = None
    secret: str | None = None


class UpkeepSettings(TableSettings, BillingSettings, MailQueueSettings):
    """The hourly upkeep. What it finds overdue it puts into the queue of the billing worker."""

    billing_queue_url: str
    files_bucket: str


class IngestSettings(TableSettings, KnowledgeSettings, CheckQueueSettings, BillingSettings):
    """The ingest worker. It puts jobs of its own into the queue that feeds it.

    `checks_delay` is how many seconds after a change of the documents the checks are run: further
    changes until then are covered by the same run. `ingestions_per_organization` is how many files
    of one organisation are worked on at once.
    """

    documents_bucket: str
    ingest_queue_url: str
    ingestions_per_organization: int = 2
    checks_delay: int = 60


class ChecksSettings(TableSettings, CheckQueueSettings, DraftingSettings):
    """The playground, the checks and the replays. It puts batches into the queue that feeds it."""


class WebhookSettings(TableSettings, SecretSettings):
    """The Stripe webhook. It puts events into the queue that feeds the billing worker."""

    billing_queue_url: str


class BillingWorkerSettings(TableSettings, StripeSettings, MailQueueSettings):
    """The worker that does what Stripe's events ask for."""

    billing_queue_url: str


class SentimentSettings(Settings):
    """The sentiment classifier."""

    models: Path = Path("/opt/models")
