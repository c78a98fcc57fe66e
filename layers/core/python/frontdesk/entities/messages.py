"""Messages of a conversation, and what hangs on them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from frontdesk.entities.base import Entity
from frontdesk.file_types import FileType

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
    """What the customer can do next with one click.

    `ask` sends the text as a question, `person` calls a person, `address` opens the form for an
    address, `link` opens `url` (http, https or mailto).
    """

    type: Literal["ask", "person", "address", "link"]
    text: str
    url: str | None = None


class Citation(Entity):
    """A passage that an answer cites as [number].

    `quote` is the sentence of the passage that is closest to what cites it. `page` and `last_page`
    are those of the passage; `start` and `end` where it lies in the document's extracted text, in
    characters. `last_passage_id` is there when what is cited goes on over the passages that follow:
    it is the last of them.
    """

    number: int
    passage_id: str
    last_passage_id: str | None = None
    document_id: str
    title: str
    headings: tuple[str, ...] = ()
    page: int | None = None
    last_page: int | None = None
    start: int | None = None
    end: int | None = None
    quote: str


ModelPurpose = Literal["answer", "rewrite", "summary"]
"""What a language model was called for: the text itself, the query, the summary of the history."""


class ModelUse(Entity):
    """One call of a language model, the tokens it took and what they cost.

    `estimated`: the server did not count them, so we did. `cost_nano_usd` is in billionths of a
    US dollar, which makes sums exact; None where the settings have no price for the model.
    """

    model: str
    purpose: ModelPurpose
    prompt_tokens: int
    completion_tokens: int
    estimated: bool = False
    cost_nano_usd: int | None = None


AnswerKind = Literal["answer", "unknown", "small_talk", "apology", "handoff", "paused"]
"""`handoff`: that a person is called in, and what happens next. `paused`: the plan has no answers
left this month, so nothing was looked up."""

MessageRole = Literal["customer", "assistant", "agent", "note", "system"]

Event = Literal[
    "taken_over", "handed_back", "handed_off", "assigned", "resolved", "reopened", "rated"
]
"""What a system message records."""


class Author(Entity):
    """Who of the team wrote a message or did what it records."""

    id: str
    name: str


class Attachment(Entity):
    """A file that was sent with a message."""

    id: str
    name: str
    type: FileType
    size: int


class Message(Entity):
    """One message of a conversation. Fields below `at` that do not apply stay None or empty.

    A system message records an `event`; the customer sees it if it has a text. `detail` says more
    of the event: by whom a conversation was resolved, why it was handed off, or how many points it
    was given. `wants_person` is set on a customer's message that was sent to reach a person.
    `usage` lists the calls of language models that an answer took, those in vain included.
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
    usage: tuple[ModelUse, ...] = ()
    stopped: bool = False
    cached: bool = False
    kept_as: str | None = None
    helpful: bool | None = None
    suggested_actions: tuple[SuggestedAction, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def public(self) -> bool:
        """Whether the customer may see it: notes and silent records are the team's alone."""
        return self.role != "note" and (self.role != "system" or bool(self.text))
