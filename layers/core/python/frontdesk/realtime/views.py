"""Conversations and messages as the team sees them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from frontdesk.entities import (
    AnswerKind,
    Attachment,
    Citation,
    Conversation,
    Customer,
    Event,
    Handoff,
    Message,
    MessageRole,
    ModelPurpose,
    ModelUse,
    Priority,
    Rating,
    Resolution,
    Sentiment,
    Status,
    WebPage,
)

_MADE = frozenset({"waiting", "last_id"})
_MADE_OF_MESSAGE = frozenset({"author", "usage"})

NANO = 1_000_000_000
"""Costs are stored in billionths of a US dollar."""


class ConversationView(BaseModel):
    """A conversation as a list shows it.

    `assignee` is the id of a member of the team, `last_id` that of the last message, `mood` how the
    customer's last message sounded and `mood_score` how the last ones did together, in [-1, 1].
    `waiting`: the customer has written what is not answered yet; `waiting_since` is since when they
    wait, for the assistant or for the person who was called in. `customer_messages` is how many
    they have written, and `customer_read` the id up to which they have seen what the team wrote.
    `page` is where the customer was last, and `language` that of their browser.
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
    page: WebPage | None
    language: str | None
    handoff: Handoff | None
    resolution: Resolution | None
    started_at: datetime | None
    first_response_at: datetime | None
    waiting: bool
    waiting_since: datetime | None
    customer_messages: int
    customer_read: str | None

    @classmethod
    def of(cls, conversation: Conversation) -> "ConversationView":
        """Without what is only for the worker."""
        return cls(
            **{name: getattr(conversation, name) for name in cls.model_fields.keys() - _MADE},
            waiting=bool(conversation.unanswered),
            last_id=conversation.gsi1sk,
        )


class ModelUseView(BaseModel):
    """One call of a language model, the tokens it took and what it cost.

    `purpose` is what it was for: the answer, the query, a summary of the conversation. `estimated`:
    the server did not count, so we did. `cost_usd` is null where no price is set.
    """

    model: str
    purpose: ModelPurpose
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    cost_usd: float | None

    @classmethod
    def of(cls, use: ModelUse) -> "ModelUseView":
        """In US dollars."""
        cost = use.cost_nano_usd
        return cls(
            **use.model_dump(exclude={"cost_nano_usd"}),
            cost_usd=None if cost is None else cost / NANO,
        )


class MessageView(BaseModel):
    """A message as the team sees it: notes and records are among them.

    `fallbacks` are the models that failed or were left alone before `model` wrote the answer;
    `usage` lists the calls of language models that it took.
    """

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
    fallbacks: tuple[str, ...]
    usage: tuple[ModelUseView, ...]
    stopped: bool
    cached: bool
    helpful: bool | None
    attachments: tuple[Attachment, ...]

    @classmethod
    def of(cls, message: Message) -> "MessageView":
        """As the team sees it."""
        return cls(
            **{name: getattr(message, name) for name in cls.model_fields.keys() - _MADE_OF_MESSAGE},
            usage=tuple(map(ModelUseView.of, message.usage)),
            author=message.author.name if message.author else None,
        )
