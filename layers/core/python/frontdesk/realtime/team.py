"""Shows the team what happens, as it happens."""

import time
from collections.abc import Iterable, Sequence

from frontdesk.entities import AgentConnection, Conversation, ConversationRef, Message, Ticket
from frontdesk.errors import Unavailable
from frontdesk.mail.jobs import HandoffMail, MailQueue
from frontdesk.observability import logger
from frontdesk.realtime.frames import (
    ConversationFrame,
    HandedOffFrame,
    MessageAddedFrame,
    OutgoingFrame,
    Presence,
    ReadFrame,
    TeamTypedFrame,
    Watcher,
    WatchersFrame,
    encode,
)
from frontdesk.realtime.sockets import Sockets
from frontdesk.realtime.views import ConversationView, MessageView
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations, Watched
from frontdesk.tables.reading import Unread
from frontdesk.tables.tickets import Tickets


class Team:
    """The team of any organisation, wherever its pages are open.

    What is shown is stored, so what cannot be delivered is never an error: a page that reconnects
    reads it. It is shown only to those whose login stands, as it is with the frames they send.
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
        return bool(self._here(self._connections.agents(organization_id)))

    def show(self, seen: Watched, messages: Sequence[Message] = ()) -> None:
        """Show a conversation as it stands to everybody, and new messages to those who watch it."""
        conversation = seen.conversation
        try:
            everybody = (
                self._connections.agents(conversation.organization_id)
                if conversation.started_at
                else []
            )
            here = {each.id for each in self._here([*seen.watchers, *everybody])}
        except Unavailable as error:
            logger.warning("team not shown", extra={"cause": type(error).__name__})
            return
        watchers = [each for each in seen.watchers if each.id in here]
        for message in messages:
            self._post(
                watchers,
                MessageAddedFrame(conversation_id=conversation.id, message=MessageView.of(message)),
            )
        self._post(
            [each for each in everybody if each.id in here],
            ConversationFrame(conversation=ConversationView.of(conversation)),
        )

    def show_to_watchers(self, seen: Watched) -> None:
        """Show a conversation as it stands to those who watch it, and to nobody else."""
        if not seen.watchers or seen.conversation.started_at is None:
            return
        try:
            here = self._here(seen.watchers)
        except Unavailable as error:
            logger.warning("team not shown", extra={"cause": type(error).__name__})
            return
        self._post(here, ConversationFrame(conversation=ConversationView.of(seen.conversation)))

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
                self._here(self._connections.agents(conversation.organization_id)),
                HandedOffFrame(
                    conversation=ConversationView.of(conversation),
                    reason=handoff.reason,
                    summary=ticket.summary if ticket else None,
                ),
            )
        self._conversations.tell_done(conversation.ref, record)

    def tell_read(self, ref: ConversationRef, member_id: str, unread: Unread) -> None:
        """Tell all pages of a member how far they have read a conversation."""
        theirs = self._connections.agents_of(ref.organization_id, member_id)
        self._post(
            self._here(theirs),
            ReadFrame(
                conversation_id=ref.conversation_id,
                unread_messages=unread.messages,
                read_until=unread.read_until,
            ),
        )

    def presence(self, organization_id: str) -> dict[str, tuple[Presence, ...]]:
        """Who of the team watches which conversation, by its id. It costs two reads."""
        return _by_conversation(self._here(self._connections.agents(organization_id)))

    def show_watchers(self, organization_id: str, conversation_ids: Iterable[str]) -> None:
        """Show the team who watches these conversations."""
        here = self._here(self._connections.agents(organization_id))
        watched = _by_conversation(here)
        for each in conversation_ids:
            self._post(here, WatchersFrame(conversation_id=each, agents=watched.get(each, ())))

    def show_typing(self, seen: Watched, agent: AgentConnection | None = None) -> None:
        """Show those who watch a conversation who types: somebody of them, or the customer."""
        author = Watcher(id=agent.agent.id, name=agent.agent.name) if agent else None
        watchers = self._here(seen.watchers)
        others = [each for each in watchers if agent is None or each.id != agent.id]
        frame = TeamTypedFrame(conversation_id=seen.conversation.id, author=author)
        self._post(others, frame)

    def hang_up(
        self, organization_id: str, user_id: str, *, only: str | None = None, but: str | None = None
    ) -> None:
        """Close the sockets of somebody whose logins have ended, or who may do other things now.

        All of them, or those of the login `only`, or those of every login `but` one. Should it
        fail they are shown nothing all the same.
        """
        try:
            theirs = self._connections.agents_of(organization_id, user_id)
            ended = [
                each for each in theirs if only in (None, each.family_id) and each.family_id != but
            ]
            for connection in ended:
                self._close(connection)
            watched = {each.watching for each in ended if each.watching}
            if watched:
                self.show_watchers(organization_id, watched)
        except Unavailable as error:
            logger.warning("sockets not closed", extra={"cause": type(error).__name__})

    def _here(self, agents: Sequence[AgentConnection]) -> list[AgentConnection]:
        """Those who may still see what happens. The sockets of others are closed."""
        standing = self._connections.standing(agents)
        left = {each.id: each for each in agents}
        for each in standing:
            left.pop(each.id, None)
        for each in left.values():
            self._close(each)
        return standing

    def _close(self, connection: AgentConnection) -> None:
        self._connections.close_agent(connection)
        self._sockets.close(connection.id)

    def _post(self, to: Sequence[AgentConnection], frame: OutgoingFrame) -> None:
        if not to:
            return
        text = encode(frame)
        for connection in to:
            if not self._sockets.send(connection.id, text):
                self._connections.close_agent(connection)


def _by_conversation(agents: Sequence[AgentConnection]) -> dict[str, tuple[Presence, ...]]:
    """Each member once for each conversation that one of their pages shows."""
    now = time.time()
    found: dict[str, dict[str, Presence]] = {}
    for each in agents:
        if each.watching is None:
            continue
        here = found.setdefault(each.watching, {})
        before = here.get(each.agent.id)
        replying = each.replying_until > now or (before is not None and before.replying)
        here[each.agent.id] = Presence(id=each.agent.id, name=each.agent.name, replying=replying)
    return {conversation_id: tuple(here.values()) for conversation_id, here in found.items()}
