"""The frames of docs/PROTOCOL.md."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, field_validator

from frontdesk.entities import (
    MESSAGE_LENGTH,
    AnswerKind,
    Citation,
    Message,
    Sentiment,
    SuggestedAction,
)
from frontdesk.ids import is_ulid

FRAME_BYTES = 32 * 1024
"""API Gateway's limit for a WebSocket frame."""

Identifier = Annotated[str, StringConstraints(min_length=26, max_length=26)]


class _Incoming(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class MessageFrame(_Incoming):
    """The customer says something."""

    action: Literal["message"]
    id: Identifier
    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MESSAGE_LENGTH)
    ]

    @field_validator("id")
    @classmethod
    def _id_is_a_ulid(cls, value: str) -> str:
        if not is_ulid(value):
            raise ValueError("must be a ULID in upper case")
        return value


class ResumeFrame(_Incoming):
    """The customer is back and wants what was missed."""

    action: Literal["resume"]
    after: Identifier | None = None

    @field_validator("after")
    @classmethod
    def _after_is_a_ulid(cls, value: str | None) -> str | None:
        if value is not None and not is_ulid(value):
            raise ValueError("must be a ULID in upper case")
        return value


class StopFrame(_Incoming):
    """The customer has seen enough of the answer."""

    action: Literal["stop"]


class PingFrame(_Incoming):
    """Keeps the connection open."""

    action: Literal["ping"]


class FeedbackFrame(_Incoming):
    """The customer judges an answer."""

    action: Literal["feedback"]
    message_id: Identifier
    helpful: Annotated[bool, Field(strict=True)]


IncomingFrame = Annotated[
    MessageFrame | ResumeFrame | StopFrame | PingFrame | FeedbackFrame,
    Field(discriminator="action"),
]
INCOMING: TypeAdapter[IncomingFrame] = TypeAdapter(IncomingFrame)


class PublicCitation(BaseModel):
    """A citation as the customer sees it."""

    number: int
    document_id: str
    title: str
    headings: tuple[str, ...]
    page: int | None
    last_page: int | None
    quote: str

    @classmethod
    def of(cls, citation: Citation) -> "PublicCitation":
        """Leave out what only the team needs."""
        return cls.model_validate(citation, from_attributes=True)


class PublicMessage(BaseModel):
    """A message as the customer sees it."""

    id: str
    role: Literal["customer", "assistant", "agent", "system"]
    text: str
    at: datetime
    author: str | None = None
    client_id: str | None = None
    reply_to: tuple[str, ...] = ()
    citations: tuple[PublicCitation, ...] = ()
    confidence: float | None = None
    kind: AnswerKind | None = None
    model: str | None = None
    stopped: bool = False
    helpful: bool | None = None
    sentiment: Sentiment | None = None
    suggested_actions: tuple[SuggestedAction, ...] = ()

    @classmethod
    def of(cls, message: Message) -> "PublicMessage":
        """What of `message` is the customer's to see. Notes never are: filter them out before."""
        return cls.model_validate(
            {
                **message.model_dump(exclude={"citations", "fallbacks", "author"}),
                "author": message.author.name if message.author else None,
                "citations": [PublicCitation.of(citation) for citation in message.citations],
            }
        )


class AckFrame(BaseModel):
    """The message is stored."""

    type: Literal["ack"] = "ack"
    id: str
    message_id: str


class DeltaFrame(BaseModel):
    """Pieces `first` to `n` of an answer."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    type: Literal["delta"] = "delta"
    message_id: str
    first: int = Field(alias="from", ge=1)
    n: int
    text: str


class CitationsFrame(BaseModel):
    """The sources of the answer being written."""

    type: Literal["citations"] = "citations"
    message_id: str
    citations: tuple[PublicCitation, ...]


class DoneFrame(BaseModel):
    """The finished answer."""

    type: Literal["done"] = "done"
    message: PublicMessage
    withdrawn_id: str | None = None


class PostedFrame(BaseModel):
    """A person of the team wrote something, or came or went."""

    type: Literal["posted"] = "posted"
    message: PublicMessage


class ResumedFrame(BaseModel):
    """What was missed."""

    type: Literal["resumed"] = "resumed"
    messages: tuple[PublicMessage, ...]
    answering: bool
    more: bool


class NotedFrame(BaseModel):
    """The feedback is stored."""

    type: Literal["noted"] = "noted"
    message_id: str
    helpful: bool


class PongFrame(BaseModel):
    """The connection is alive."""

    type: Literal["pong"] = "pong"


ErrorCode = Literal["invalid", "too_large", "rate_limited", "not_found", "busy", "unavailable"]


class ErrorFrame(BaseModel):
    """The frame was not carried out."""

    type: Literal["error"] = "error"
    code: ErrorCode
    message: str
    id: str | None = None
    retry_after: int | None = None


OutgoingFrame = (
    AckFrame
    | DeltaFrame
    | CitationsFrame
    | DoneFrame
    | PostedFrame
    | ResumedFrame
    | NotedFrame
    | PongFrame
    | ErrorFrame
)


def encode(frame: OutgoingFrame) -> str:
    """The frame as it travels: JSON without the fields that are null."""
    return frame.model_dump_json(exclude_none=True)
