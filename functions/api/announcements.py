"""Tells customer and team what somebody of the team did, wherever they are."""

from api.services import Services
from frontdesk.entities import ConversationRef, Message
from frontdesk.errors import Unavailable
from frontdesk.mail.jobs import ReplyMail
from frontdesk.observability import logger
from frontdesk.realtime.frames import PostedFrame, PublicMessage, StateFrame
from frontdesk.tables.conversations import Watched
from frontdesk.tables.reading import Unread


def announce(services: Services, ref: ConversationRef, message: Message | None) -> None:
    """Send a stored message to the customer and the team, or mail a reply to who has left.

    It is stored: what cannot be delivered now comes with the next look, and is no error.
    """
    try:
        seen = services.conversations.watch(ref)
        if message is not None and message.role != "note":
            _tell_customer(services, ref, seen, message)
        services.team.show(seen, [] if message is None else [message])
        services.team.tell_handoff(seen.conversation, services.mail)
    except Unavailable as error:
        logger.warning("not announced", extra={"cause": type(error).__name__})


def tell_read(services: Services, ref: ConversationRef, member_id: str, unread: Unread) -> None:
    """Tell the other pages of a member what they have read. What is missed comes with the list."""
    try:
        services.team.tell_read(ref, member_id, unread)
    except Unavailable as error:
        logger.warning("not told", extra={"cause": type(error).__name__})


def _tell_customer(
    services: Services, ref: ConversationRef, seen: Watched, message: Message
) -> None:
    status = seen.conversation.status
    reached = services.listeners.post(
        seen,
        PostedFrame(message=PublicMessage.of(message), status=status)
        if message.public
        else StateFrame(status=status),
    )
    if not reached and message.role == "agent" and seen.conversation.customer.email:
        services.mail.put(
            ReplyMail(
                organization_id=ref.organization_id,
                conversation_id=ref.conversation_id,
                message_id=message.id,
            )
        )
