"""The things Frontdesk stores, as the rest of the code sees them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MESSAGE_LENGTH = 4_000
"""Longest message a customer can send, in characters."""


class Entity(BaseModel):
    """Base: immutable, and tolerant of attributes that a newer version wrote."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Organization(Entity):
    """A customer of Frontdesk, with the settings its assistant works by."""

    id: str
    name: str
    assistant: str = "Assistant"
    tone: str = "friendly, plain and brief"
    greeting: str = "Hello! How can I help you?"
    color: str = "#0f766e"
    allowed_origins: tuple[str, ...] = ()
    confidence_threshold: float | None = None
    passages: int = Field(default=3, ge=1, le=10)


class ConversationRef(Entity):
    """Where a conversation lives. Both halves come from a credential, never from a request."""

    organization_id: str
    conversation_id: str


class Conversation(Entity):
    """One customer's thread.

    `unanswered` lists the customer's messages that wait, in the order they were stored.
    `lease_owner` may answer until `lease_until` (seconds since the epoch). `answer_id` is the id
    that the answer under way will get. A `stop_at` later than the newest waiting message means
    that the customer pressed Stop.
    """

    id: str
    organization_id: str
    status: Literal["open", "waiting", "human", "resolved"] = "open"
    priority: Literal["low", "medium", "high", "urgent"] = "medium"
    unanswered: tuple[str, ...] = ()
    lease_owner: str | None = None
    lease_until: float = 0.0
    answer_id: str | None = None
    stop_at: str = ""

    @property
    def ref(self) -> ConversationRef:
        """Where it lives."""
        return ConversationRef(organization_id=self.organization_id, conversation_id=self.id)


class Sentiment(Entity):
    """How a message sounds: score in [-1, 1], confidence in [0, 1]."""

    label: Literal["NEGATIVE", "NEUTRAL", "POSITIVE"]
    score: float
    confidence: float


class SuggestedAction(Entity):
    """Something the customer can do next with one click."""

    type: Literal["ask", "person"]
    text: str


class Citation(Entity):
    """A passage that an answer cites as [number].

    `quote` is the sentence of the passage that is closest to what cites it. `page` and `last_page`
    are those of the passage.
    """

    number: int
    passage_id: str
    document_id: str
    title: str
    headings: tuple[str, ...] = ()
    page: int | None = None
    last_page: int | None = None
    quote: str


AnswerKind = Literal["answer", "unknown", "small_talk", "apology"]


class Message(Entity):
    """One message of a conversation. Fields below `text` that do not apply stay None or empty."""

    id: str
    role: Literal["customer", "assistant", "agent", "note", "system"]
    text: str
    at: datetime
    client_id: str | None = None
    reply_to: tuple[str, ...] = ()
    sentiment: Sentiment | None = None
    citations: tuple[Citation, ...] = ()
    confidence: float | None = None
    kind: AnswerKind | None = None
    model: str | None = None
    fallbacks: tuple[str, ...] = ()
    stopped: bool = False
    helpful: bool | None = None
    suggested_actions: tuple[SuggestedAction, ...] = ()


class Connection(Entity):
    """An open WebSocket."""

    id: str
    conversation: ConversationRef


class Progress(Entity):
    """How far a piece of work has come."""

    done: int
    total: int


DocumentStatus = Literal[
    "awaiting_upload", "uploaded", "extracting", "embedding", "ready", "failed", "deleting"
]


class Document(Entity):
    """A document of an organisation.

    `version` is the ingestion that answers questions now. `pending_version` is the newest upload
    and differs from it while that one is being worked on. What is left of `retired_versions` is
    still to be removed. `passages`, `pages` and `warnings` (what of it could not be read) describe
    `version`.
    """

    id: str
    organization_id: str
    title: str
    filename: str
    category: str | None = None
    size: int
    status: DocumentStatus = "awaiting_upload"
    progress: Progress | None = None
    version: str | None = None
    pending_version: str
    retired_versions: tuple[str, ...] = ()
    pages: int | None = None
    passages: int | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None
    created_at: datetime
    updated_at: datetime
