"""Shows the team what happens, as it happens."""

from collections.abc import Sequence

from frontdesk.entities import AgentConnection, Conversation, ConversationRef, Message, Ticket
from frontdesk.errors import NotFound, Unavailable
from frontdesk.mail.jobs import HandoffMail, MailQueue
from frontdesk.observability import logger
from frontdesk.realtime.frames import (
    ConversationFrame,
    HandedOffFrame,
    MessageAddedFrame,
    OutgoingFrame,
    TeamTypedFrame,
    Watcher,
    WatchersFrame,
    encode,
)
from frontdesk.realtime.sockets import Sockets
from frontdesk.realtime.views import ConversationView, MessageView
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations, Watched
from frontdesk.tables.tickets import Tickets


class Team:
    """The team of any organisation, wherever its pages are open.

    What is shown is stored, so what cannot be delivered is never an error: a page that reconnects
    reads it.
    """

    def __init__(
        self,
        *,
        connections: Connections,
        conversations: Conversations,
        tickets: Tickets,
        sockets: Sockets,
    ) -> None:
        """`sockets` are those of customers and team alike."""
        self._connections = connections
        self._conversations = conversations
        self._tickets = tickets
        self._sockets = sockets

    def somebody_is_here(self, organization_id: str) -> bool:
        """Whether anybody of the team has a page open."""
        return bool(self._connections.agents(organization_id))

    def show(self, seen: Watched, messages: Sequence[Message] = ()) -> None:
        """Show a conversation as it stands to everybody, and new messages to those who watch it."""
        conversation = seen.conversation
        for message in messages:
            self._post(
                seen.watchers,
                MessageAddedFrame(conversation_id=conversation.id, message=MessageView.of(message)),
            )
        if conversation.started_at is None:
            return
        try:
            everybody = self._connections.agents(conversation.organization_id)
        except Unavailable as error:
            logger.warning("team not shown", extra={"cause": type(error).__name__})
            return
        self._post(everybody, ConversationFrame(conversation=ConversationView.of(conversation)))

    def tell_handoff(self, conversation: Conversation, mail: MailQueue) -> None:
        """Tell the team, by mail and on their pages, that a person is needed, if it is so.

        Safe to repeat: the mail is sent once, and `untold` stays until both have gone out. Raises
        StoreUnavailable.
        """
        record, handoff = conversation.untold, conversation.handoff
        if record is None:
            return
        if handoff is not None and conversation.status == "waiting":
            mail.put(
                HandoffMail(
                    organization_id=conversation.organization_id,
                    conversation_id=conversation.id,
                    message_id=record,
                )
            )
            ticket: Ticket | None = self._tickets.find(conversation.ref)
            self._post(
                self._connections.agents(conversation.organization_id),
                HandedOffFrame(
                    conversation=ConversationView.of(conversation),
                    reason=handoff.reason,
                    summary=ticket.summary if ticket else None,
                ),
            )
        self._conversations.tell_done(conversation.ref, record)

    def show_watchers(self, ref: ConversationRef) -> None:
        """Show those who watch a conversation who does."""
        try:
            watchers = self._conversations.watch(ref).watchers
        except NotFound:
            return
        agents = {
            each.agent.id: Watcher(id=each.agent.id, name=each.agent.name) for each in watchers
        }
        frame = WatchersFrame(conversation_id=ref.conversation_id, agents=tuple(agents.values()))
        self._post(watchers, frame)

    def show_typing(self, seen: Watched, agent: AgentConnection | None = None) -> None:
        """Show those who watch a conversation who types: somebody of them, or the customer."""
        author = Watcher(id=agent.agent.id, name=agent.agent.name) if agent else None
        others = [each for each in seen.watchers if agent is None or each.id != agent.id]
        frame = TeamTypedFrame(conversation_id=seen.conversation.id, author=author)
        self._post(others, frame)

    def _post(self, to: Sequence[AgentConnection], frame: OutgoingFrame) -> None:
        if not to:
            return
        text = encode(frame)
        for connection in to:
            if not self._sockets.send(connection.id, text):
                self._connections.close_agent(connection)
