"""The frames of docs/PROTOCOL.md."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    field_validator,
    model_validator,
)

from frontdesk.entities import (
    MESSAGE_LENGTH,
    AnswerKind,
    Attachment,
    Citation,
    HandoffReason,
    Message,
    Status,
    SuggestedAction,
    Summary,
)
from frontdesk.ids import as_ulid, is_ulid
from frontdesk.realtime.views import ConversationView, MessageView
from frontdesk.shown_text import is_blank, with_plain_breaks

MOST_ATTACHMENTS = 5
"""Files that go with one message."""

FRAME_BYTES = 32 * 1024
"""API Gateway's limit for a WebSocket frame."""

Identifier = Annotated[str, StringConstraints(min_length=26, max_length=26)]
Ulid = Annotated[Identifier, AfterValidator(as_ulid)]


class _Incoming(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


def _with_plain_breaks(given: object) -> object:
    return with_plain_breaks(given) if isinstance(given, str) else given


def _shows_something(text: str) -> str:
    if is_blank(text):
        raise ValueError("must show something")
    return text


CustomerText = Annotated[
    str,
    BeforeValidator(_with_plain_breaks),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MESSAGE_LENGTH),
    AfterValidator(_shows_something),
]
"""What a customer says."""


class MessageFrame(_Incoming):
    """The customer says something, or sends files without a word.

    `person`: what they want is a person, in whatever language.
    """

    action: Literal["message"]
    id: Ulid
    person: Annotated[bool, Field(strict=True)] = False
    text: Annotated[
        str,
        BeforeValidator(_with_plain_breaks),
        StringConstraints(strip_whitespace=True, max_length=MESSAGE_LENGTH),
    ] = ""
    attachments: Annotated[tuple[Identifier, ...], Field(max_length=MOST_ATTACHMENTS)] = ()

    @field_validator("attachments")
    @classmethod
    def _attachments_are_ulids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(map(is_ulid, value)):
            raise ValueError("must be ULIDs in upper case")
        return value

    @model_validator(mode="after")
    def _says_or_sends_something(self) -> "MessageFrame":
        if not self.attachments:
            _shows_something(self.text)
        return self


class ResumeFrame(_Incoming):
    """The customer is back and wants what was missed."""

    action: Literal["resume"]
    after: Ulid | None = None


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


class TypingFrame(_Incoming):
    """Somebody is typing: the customer, or somebody of the team in the conversation they watch."""

    action: Literal["typing"]


class SeenFrame(_Incoming):
    """The customer has had this message of the team on the screen, and what came before it."""

    action: Literal["seen"]
    message_id: Ulid


class PageFrame(_Incoming):
    """The customer has gone to another page, without a new session."""

    action: Literal["page"]
    url: str
    title: str = ""


class WatchFrame(_Incoming):
    """Somebody of the team has a conversation on the screen."""

    action: Literal["watch"]
    conversation_id: Ulid


class UnwatchFrame(_Incoming):
    """Somebody of the team has no conversation on the screen any more."""

    action: Literal["unwatch"]


IncomingFrame = Annotated[
    MessageFrame
    | ResumeFrame
    | StopFrame
    | PingFrame
    | FeedbackFrame
    | TypingFrame
    | SeenFrame
    | PageFrame
    | WatchFrame
    | UnwatchFrame,
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
    start: int | None
    end: int | None
    quote: str

    @classmethod
    def of(cls, citation: Citation) -> "PublicCitation":
        """Leave out what only the team needs."""
        return cls.model_validate(citation, from_attributes=True)


class PublicSentiment(BaseModel):
    """How a message sounds, as the customer may see it. The emotions are for the team."""

    label: Literal["NEGATIVE", "NEUTRAL", "POSITIVE"]
    score: float
    confidence: float


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
    cached: bool = False
    helpful: bool | None = None
    sentiment: PublicSentiment | None = None
    suggested_actions: tuple[SuggestedAction, ...] = ()
    attachments: tuple[Attachment, ...] = ()

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
    """There is another message.

    Of a person of the team; that one came or went, or is called in; or the customer's own, said in
    another window.
    """

    type: Literal["posted"] = "posted"
    message: PublicMessage
    status: Status


class WithdrawnFrame(BaseModel):
    """An answer that was being written will not come: somebody else has taken over."""

    type: Literal["withdrawn"] = "withdrawn"
    message_id: str


class StateFrame(BaseModel):
    """How the conversation stands now. Sent when that changes, and when no answer will come."""

    type: Literal["state"] = "state"
    status: Status


class TypedFrame(BaseModel):
    """Somebody is typing. `author` is their name."""

    type: Literal["typing"] = "typing"
    author: str


class ResumedFrame(BaseModel):
    """What was missed, and how the conversation stands."""

    type: Literal["resumed"] = "resumed"
    status: Status
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


ErrorCode = Literal[
    "invalid", "too_large", "rate_limited", "not_found", "busy", "refused", "unavailable"
]


class ErrorFrame(BaseModel):
    """The frame was not carried out."""

    type: Literal["error"] = "error"
    code: ErrorCode
    message: str
    id: str | None = None
    retry_after: int | None = None


class ConversationFrame(BaseModel):
    """To the team: a conversation is new, or has changed."""

    type: Literal["conversation"] = "conversation"
    conversation: ConversationView


class MessageAddedFrame(BaseModel):
    """To those of the team who watch the conversation: a message, note or record is new."""

    type: Literal["message"] = "message"
    conversation_id: str
    message: MessageView


class HandedOffFrame(BaseModel):
    """To the team: a person is needed."""

    type: Literal["handed_off"] = "handed_off"
    conversation: ConversationView
    reason: HandoffReason
    summary: Summary | None


class Watcher(BaseModel):
    """Somebody of the team."""

    id: str
    name: str


class Presence(Watcher):
    """Somebody of the team who watches a conversation, and whether they are writing a reply."""

    replying: bool


class WatchersFrame(BaseModel):
    """To the team: who watches a conversation, if anybody does."""

    type: Literal["watchers"] = "watchers"
    conversation_id: str
    agents: tuple[Presence, ...]


class TeamTypedFrame(BaseModel):
    """To those of the team who watch a conversation: somebody types. No `author`: the customer."""

    type: Literal["typing"] = "typing"
    conversation_id: str
    author: Watcher | None = None


class ReadFrame(BaseModel):
    """To all pages of one member: how far they have read a conversation, on whichever of them."""

    type: Literal["read"] = "read"
    conversation_id: str
    unread_messages: int
    read_until: str | None


OutgoingFrame = (
    AckFrame
    | DeltaFrame
    | CitationsFrame
    | DoneFrame
    | PostedFrame
    | WithdrawnFrame
    | StateFrame
    | TypedFrame
    | ConversationFrame
    | MessageAddedFrame
    | HandedOffFrame
    | WatchersFrame
    | TeamTypedFrame
    | ReadFrame
    | ResumedFrame
    | NotedFrame
    | PongFrame
    | ErrorFrame
)


def encode(frame: OutgoingFrame) -> str:
    """The frame as it travels: JSON without the fields that are null."""
    return frame.model_dump_json(exclude_none=True)
