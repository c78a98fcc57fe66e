"""Tells the customer what the team wrote, wherever the customer is."""

from api.services import Services
from frontdesk.entities import Connection, ConversationRef, Message
from frontdesk.errors import Unavailable
from frontdesk.mail.jobs import ReplyMail
from frontdesk.observability import logger
from frontdesk.realtime.frames import PostedFrame, PublicMessage, encode


def announce(services: Services, ref: ConversationRef, message: Message | None) -> None:
    """Send a stored message to the customer's sockets, or by mail when there is none.

    It is stored: what cannot be delivered now comes with the next resume, and is no error.
    """
    if message is None or not message.public:
        return
    try:
        conversation, listeners = services.conversations.watch(ref)
        frame = encode(PostedFrame(message=PublicMessage.of(message)))
        reached = False
        for listener in listeners:
            if services.sockets.send(listener, frame):
                reached = True
            else:
                services.connections.close(Connection(id=listener, conversation=ref))
        if not reached and message.role == "agent" and conversation.customer.email:
            services.mail.put(
                ReplyMail(
                    organization_id=ref.organization_id,
                    conversation_id=ref.conversation_id,
                    message_id=message.id,
                )
            )
    except Unavailable as error:
        logger.warning("customer not told", extra={"cause": type(error).__name__})
