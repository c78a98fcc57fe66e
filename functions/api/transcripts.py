"""Has a conversation mailed to its customer, whoever asks for it."""

import hashlib

from api.services import Services
from frontdesk.entities import ConversationRef
from frontdesk.errors import Conflict, NotFound
from frontdesk.mail.jobs import TranscriptMail
from frontdesk.tables.limits import limit_of_organization

_AN_HOUR = 5
"""Per conversation, and per address: what is mailed is what somebody typed into a chat."""

_LOOKED_AT = 50


_AN_HOUR_FOR_A_BROWSER = 20
_AN_HOUR_FOR_ALL = 300
"""Per organisation, as far as customers ask: new conversations with other addresses are free."""


def limit_askers(services: Services, organization_id: str, browser: str) -> None:
    """Use one of what customers may ask for, so that nobody mails the world through a chat.

    `browser` is the network address of who asks. Raises RateLimited.
    """
    for subject, most in ((f"from:{browser}", _AN_HOUR_FOR_A_BROWSER), ("all", _AN_HOUR_FOR_ALL)):
        services.limits.use(
            limit_of_organization(
                organization_id, "transcripts", subject=subject, most=most, seconds=3600
            )
        )


def mail_transcript(services: Services, ref: ConversationRef) -> None:
    """Queue it, to the address that is known of the customer and to no other.

    The same part of a conversation is mailed to the same address once. Raises NotFound when nothing
    has been said, Conflict without an address, RateLimited.
    """
    conversation = services.conversations.get(ref)
    said = [m for m in services.conversations.recent_messages(ref, _LOOKED_AT) if m.public]
    if conversation.started_at is None or not said:
        raise NotFound("There is no such conversation.")
    address = conversation.customer.email
    if address is None:
        raise Conflict("No address of the customer is known.")
    hashed = hashlib.sha256(address.lower().encode()).hexdigest()
    for subject in (ref.conversation_id, hashed):
        services.limits.use(
            limit_of_organization(
                ref.organization_id, "transcripts", subject=subject, most=_AN_HOUR, seconds=3600
            )
        )
    services.mail.put(
        TranscriptMail(
            organization_id=ref.organization_id,
            conversation_id=ref.conversation_id,
            last_id=said[-1].id,
        )
    )
