"""What the gateway does with the frames of customers. It does nothing slow."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chat.jobs import TurnQueue
from frontdesk.entities import Connection, ConversationRef, VisitDetails
from frontdesk.errors import FrontdeskError, InvalidRequest, NotFound, RateLimited, Refused
from frontdesk.observability import logger
from frontdesk.realtime.frames import (
    FRAME_BYTES,
    AckFrame,
    ErrorCode,
    ErrorFrame,
    FeedbackFrame,
    IncomingFrame,
    MessageFrame,
    NotedFrame,
    OutgoingFrame,
    PageFrame,
    PingFrame,
    PongFrame,
    PostedFrame,
    PublicMessage,
    ResumedFrame,
    ResumeFrame,
    SeenFrame,
    StopFrame,
    TypingFrame,
    UnwatchFrame,
    WatchFrame,
    encode,
)
from frontdesk.realtime.listeners import Listeners
from frontdesk.realtime.team import Team
from frontdesk.tables.connections import begun_update
from frontdesk.tables.conversations import HOPELESS, Accepted, Conversations, TooManyUnanswered
from frontdesk.tables.limits import Limits, limit_of_organization
from frontdesk.tables.visitors import Visitors
from frontdesk.visit_details import page_of

_RESUME_MESSAGES = 50
_RESUME_OVERLAP_SECONDS = 120.0
"""An answer's id is made when work on it begins, and it may be finished a minute later; a client
that holds a younger message must still get it."""

_RESUMED_BYTES = FRAME_BYTES - 1024

_PAGES = 20
"""Times a minute that a customer may be noted to go to another page."""

_SEEN = 30
"""Times a minute that it is noted how far a customer has read. A widget says so once a message."""

_TYPED = 40
"""Times a minute that somebody may be shown to type. A widget says so every three seconds."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """What the routes need."""

    conversations: Conversations
    visitors: Visitors
    limits: Limits
    team: Team
    turns: TurnQueue
    listeners: Listeners
    messages_per_minute: int
    organization_messages_per_minute: int = 6_000

    def handle(self, connection: Connection, frame: IncomingFrame) -> OutgoingFrame | None:
        """Carry out one frame and return the reply, if it has one. Raises FrontdeskError."""
        match frame:
            case MessageFrame():
                return self._message(connection, frame)
            case ResumeFrame():
                return self._resume(connection, frame)
            case StopFrame():
                self.conversations.request_stop(connection.conversation)
            case FeedbackFrame():
                self.conversations.judge(
                    connection.conversation, frame.message_id, helpful=frame.helpful
                )
                return NotedFrame(message_id=frame.message_id, helpful=frame.helpful)
            case PingFrame():
                return PongFrame()
            case TypingFrame():
                self._type(connection)
            case SeenFrame():
                self._see(connection, frame)
            case PageFrame():
                self._go_to(connection, frame)
            case WatchFrame() | UnwatchFrame():
                raise InvalidRequest("Only the team watches conversations.")
        return None

    def _message(self, connection: Connection, frame: MessageFrame) -> AckFrame:
        """Store, show in other windows, queue, acknowledge, in this order.

        A repeat is queued again too: the first attempt may have died between storing and queueing.
        """
        accepted = self.conversations.accept(
            connection.conversation,
            client_id=frame.id,
            text=frame.text,
            per_minute=self.messages_per_minute,
            organization_per_minute=self.organization_messages_per_minute,
            retention_days=connection.retention_days,
            first=None if connection.begun else begun_update(connection),
            wants_person=frame.person,
            attachments=frame.attachments,
        )
        self._show_elsewhere(connection, accepted)
        self.turns.put(connection.conversation)
        return AckFrame(id=frame.id, message_id=accepted.message_id)

    def _show_elsewhere(self, connection: Connection, accepted: Accepted) -> None:
        """Have the customer's other windows show a message before its answer.

        It is stored: where it cannot be shown now, `resume` brings it.
        """
        ref = connection.conversation
        try:
            seen = self.conversations.watch(ref)
            if set(seen.listeners) <= {connection.id}:
                return
            message = accepted.message or self.conversations.message(ref, accepted.message_id)
            posted = PostedFrame(message=PublicMessage.of(message), status=seen.conversation.status)
            self.listeners.post(seen, posted, but=connection.id)
        except FrontdeskError as error:
            logger.warning("not shown elsewhere", extra={"cause": type(error).__name__})

    def _type(self, connection: Connection) -> None:
        """Show it to whoever of the team is in the conversation. Too much of it is ignored."""
        ref = connection.conversation
        if not self._within(ref, "typing", _TYPED):
            return
        seen = self.conversations.watch(ref)
        if seen.conversation.status == "human":
            self.team.show_typing(seen)

    def _see(self, connection: Connection, frame: SeenFrame) -> None:
        """Note how far the customer has read, and show it to who watches. Too much is ignored."""
        ref = connection.conversation
        if not self._within(ref, "seen", _SEEN):
            return
        if self.conversations.note_seen(ref, frame.message_id):
            self.team.show_to_watchers(self.conversations.watch(ref))

    def _go_to(self, connection: Connection, frame: PageFrame) -> None:
        """Note on which page the customer is, and show it to who watches. Too much is ignored."""
        ref = connection.conversation
        page = page_of(frame.url, frame.title, datetime.now(UTC))
        if page is None or not self._within(ref, "pages", _PAGES):
            return
        seen = self.conversations.watch(ref)
        noted = self.visitors.note_details(seen.conversation, VisitDetails(page=page))
        if noted is not seen.conversation:
            self.team.show_to_watchers(replace(seen, conversation=noted))

    def _within(self, ref: ConversationRef, name: str, most: int) -> bool:
        """Use up one of what a conversation may have in a minute; False if there is none left."""
        limit = limit_of_organization(
            ref.organization_id, name, subject=ref.conversation_id, most=most
        )
        try:
            self.limits.use(limit)
        except RateLimited:
            return False
        return True

    def _resume(self, connection: Connection, frame: ResumeFrame) -> ResumedFrame:
        conversation = self.conversations.get(connection.conversation)
        messages = self.conversations.messages_after(
            connection.conversation,
            frame.after,
            overlap_seconds=_RESUME_OVERLAP_SECONDS,
            limit=_RESUME_MESSAGES,
        )
        waiting = bool(conversation.unanswered)
        if waiting and conversation.lease_until < time.time() and conversation.tries < HOPELESS:
            self.turns.put(connection.conversation)
        public = [PublicMessage.of(message) for message in messages if message.public]
        kept = _newest_that_fit(public)
        more = len(kept) < len(public) or len(messages) == _RESUME_MESSAGES
        return ResumedFrame(
            status=conversation.status, messages=tuple(kept), answering=waiting, more=more
        )


def _newest_that_fit(messages: list[PublicMessage]) -> list[PublicMessage]:
    kept: list[PublicMessage] = []
    room = _RESUMED_BYTES
    for message in reversed(messages):
        room -= len(message.model_dump_json(exclude_none=True).encode()) + 1
        if room < 0:
            break
        kept.append(message)
    return kept[::-1]


def problem(error: FrontdeskError, frame_id: str | None) -> ErrorFrame:
    """The one map from our errors to WebSocket errors."""
    code: ErrorCode
    match error:
        case RateLimited():
            return ErrorFrame(
                code="rate_limited",
                message=str(error),
                id=frame_id,
                retry_after=error.retry_after,
            )
        case TooManyUnanswered():
            code = "busy"
        case NotFound():
            code = "not_found"
        case Refused():
            code = "refused"
        case InvalidRequest():
            code = "invalid"
        case _:
            return ErrorFrame(
                code="unavailable",
                message="Something on our side did not answer. Please try again.",
                id=frame_id,
            )
    return ErrorFrame(code=code, message=str(error), id=frame_id)


def reply_body(frame: OutgoingFrame | None) -> dict[str, object]:
    """The Lambda proxy answer that carries `frame` back on the same socket."""
    return {"statusCode": 200} if frame is None else {"statusCode": 200, "body": encode(frame)}
