"""Conversations and messages as the team sees them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from frontdesk.entities import (
    AnswerKind,
    Citation,
    Conversation,
    Customer,
    Event,
    Handoff,
    Message,
    MessageRole,
    Priority,
    Rating,
    Resolution,
    Sentiment,
    Status,
)

_MADE = frozenset({"waiting", "last_id"})


class ConversationView(BaseModel):
    """A conversation as a list shows it.

    `assignee` is the id of a member of the team, `last_id` that of the last message, `mood` how the
    customer's last message sounded and `mood_score` how the last ones did together, in [-1, 1].
    """

    id: str
    status: Status
    priority: Priority
    subject: str
    preview: str
    last_role: Literal["customer", "assistant", "agent"] | None
    last_id: str
    mood: Sentiment | None
    mood_score: float | None
    labels: tuple[str, ...]
    snoozed_until: datetime | None
    rating: Rating | None
    assignee: str | None
    customer: Customer
    handoff: Handoff | None
    resolution: Resolution | None
    started_at: datetime | None
    first_response_at: datetime | None
    waiting: bool

    @classmethod
    def of(cls, conversation: Conversation) -> "ConversationView":
        """Without what is only for the worker."""
        return cls(
            **{name: getattr(conversation, name) for name in cls.model_fields.keys() - _MADE},
            waiting=bool(conversation.unanswered),
            last_id=conversation.gsi1sk,
        )


class MessageView(BaseModel):
    """A message as the team sees it: notes and records are among them."""

    id: str
    role: MessageRole
    text: str
    at: datetime
    author: str | None
    event: Event | None
    detail: str | None
    client_id: str | None
    sentiment: Sentiment | None
    citations: tuple[Citation, ...]
    confidence: float | None
    kind: AnswerKind | None
    model: str | None
    stopped: bool
    cached: bool
    helpful: bool | None

    @classmethod
    def of(cls, message: Message) -> "MessageView":
        """As the team sees it."""
        return cls(
            **{name: getattr(message, name) for name in cls.model_fields if name != "author"},
            author=message.author.name if message.author else None,
        )
