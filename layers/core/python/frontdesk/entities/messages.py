"""Messages of a conversation, and what hangs on them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from frontdesk.entities.base import Entity

MESSAGE_LENGTH = 4_000
"""Longest message a customer can send, in characters."""


class Sentiment(Entity):
    """How a message sounds: score in [-1, 1], confidence in [0, 1].

    `emotions` are the likeliest ones behind it, by name, each with its probability.
    """

    label: Literal["NEGATIVE", "NEUTRAL", "POSITIVE"]
    score: float
    confidence: float
    emotions: dict[str, float] = Field(default_factory=dict)


class SuggestedAction(Entity):
    """What the customer can do next with one click: ask, reach a person, leave an address."""

    type: Literal["ask", "person", "address"]
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


AnswerKind = Literal["answer", "unknown", "small_talk", "apology", "handoff"]
"""`handoff`: that a person is called in, and what happens next."""

MessageRole = Literal["customer", "assistant", "agent", "note", "system"]

Event = Literal[
    "taken_over", "handed_back", "handed_off", "assigned", "resolved", "reopened", "rated"
]
"""What a system message records."""


class Author(Entity):
    """Who of the team wrote a message or did what it records."""

    id: str
    name: str


class Message(Entity):
    """One message of a conversation. Fields below `at` that do not apply stay None or empty.

    A system message records an `event`; the customer sees it if it has a text. `detail` says more
    of the event: by whom a conversation was resolved, why it was handed off, or how many points it
    was given. `wants_person` is set on a customer's message that was sent to reach a person.
    `cached` is set on an answer that was given before and is given again; `kept_as` is where one is
    kept to be given again.
    """

    id: str
    role: MessageRole
    text: str
    at: datetime
    author: Author | None = None
    event: Event | None = None
    detail: str | None = None
    client_id: str | None = None
    wants_person: bool = False
    reply_to: tuple[str, ...] = ()
    sentiment: Sentiment | None = None
    citations: tuple[Citation, ...] = ()
    confidence: float | None = None
    kind: AnswerKind | None = None
    model: str | None = None
    fallbacks: tuple[str, ...] = ()
    stopped: bool = False
    cached: bool = False
    kept_as: str | None = None
    helpful: bool | None = None
    suggested_actions: tuple[SuggestedAction, ...] = ()

    @property
    def public(self) -> bool:
        """Whether the customer may see it: notes and silent records are the team's alone."""
        return self.role != "note" and (self.role != "system" or bool(self.text))
