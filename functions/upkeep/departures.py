"""What members leave behind is given back, also where that was broken off when they left."""

from collections.abc import Callable

from frontdesk.entities import Conversation, Organization
from frontdesk.mail.jobs import HandoffMail, MailQueue
from frontdesk.tables.conversation_lists import ConversationFilter, ConversationLists
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.departures import Departures

_WAITING = ConversationFilter(status="waiting")
_LISTED = 100


def give_back_left(
    organization: Organization,
    departures: Departures,
    lists: ConversationLists,
    conversations: Conversations,
    mail: MailQueue,
    *,
    seconds_left: Callable[[], float],
) -> int:
    """Have others take what those had who left. Returns how many conversations.

    The team is told by mail. Safe to repeat, and to break off.
    """
    given = 0
    left = departures.of(organization.id)
    for departure in left:
        for ref in departures.give_back(organization.id, departure.member_id):
            _tell(conversations.get(ref), conversations, mail)
            given += 1
            if seconds_left() < 0:
                return given
        departures.settle(organization.id, departure)
    if left:
        # What was given back by somebody who then had no time to tell of it.
        waiting = lists.page(organization.id, _WAITING, cursor=None, limit=_LISTED)
        for conversation in waiting.entries:
            _tell(conversation, conversations, mail)
    return given


def _tell(conversation: Conversation, conversations: Conversations, mail: MailQueue) -> None:
    if conversation.untold is None or conversation.status != "waiting":
        return
    mail.put(
        HandoffMail(
            organization_id=conversation.organization_id,
            conversation_id=conversation.id,
            message_id=conversation.untold,
        )
    )
    conversations.tell_done(conversation.ref, conversation.untold)
