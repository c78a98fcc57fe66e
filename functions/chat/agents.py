"""What the gateway does with the frames of the team."""

from dataclasses import dataclass

from frontdesk.access.roles import allows
from frontdesk.entities import AgentConnection, ConversationRef
from frontdesk.errors import InvalidRequest, NotFound, Refused
from frontdesk.realtime.frames import (
    ConversationFrame,
    IncomingFrame,
    OutgoingFrame,
    PingFrame,
    PongFrame,
    TypedFrame,
    TypingFrame,
    UnwatchFrame,
    WatchFrame,
    encode,
)
from frontdesk.realtime.sockets import Sockets
from frontdesk.realtime.team import Team
from frontdesk.realtime.views import ConversationView
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.sessions import Sessions


@dataclass(frozen=True, slots=True)
class AgentGateway:
    """What the team's frames need. What the team writes and does goes through the HTTP API."""

    connections: Connections
    conversations: Conversations
    sessions: Sessions
    sockets: Sockets
    team: Team

    def handle(self, connection: AgentConnection, frame: IncomingFrame) -> OutgoingFrame | None:
        """Carry out one frame and return the reply, if it has one. Raises FrontdeskError.

        The login is looked up every time: whoever has been logged out, has left the team or may
        read conversations no more sees and does nothing.
        """
        user = self.sessions.user_of(
            connection.organization_id, connection.agent.id, connection.family_id
        )
        if user is None or not allows(user.role, "conversations:read"):
            self.close(connection)
            raise Refused("This login has ended. Log in again.")
        match frame:
            case PingFrame():
                self.connections.keep_agent(connection)
                return PongFrame()
            case WatchFrame():
                return self._watch(connection, frame.conversation_id)
            case UnwatchFrame():
                self._watch(connection, None)
            case TypingFrame():
                if not allows(user.role, "conversations:write"):
                    raise Refused(f"The role {user.role} does not allow this.")
                self._type(connection)
            case _:
                raise InvalidRequest("The team does this through the HTTP API.")
        return None

    def close(self, connection: AgentConnection) -> None:
        """Forget a socket, and show the others that its owner has gone. Safe to repeat."""
        self.connections.close_agent(connection)
        if connection.watching:
            self.team.show_watchers(connection.organization_id, [connection.watching])

    def _watch(
        self, connection: AgentConnection, conversation_id: str | None
    ) -> ConversationFrame | None:
        """Answers with the conversation, which may have changed since the page asked for it."""
        self.connections.watch(connection, conversation_id)
        changed = {each for each in (connection.watching, conversation_id) if each}
        if changed:
            self.team.show_watchers(connection.organization_id, changed)
        if conversation_id is None:
            return None
        try:
            conversation = self.conversations.get(_ref(connection, conversation_id))
        except NotFound:
            return None
        if conversation.started_at is None:
            return None
        return ConversationFrame(conversation=ConversationView.of(conversation))

    def _type(self, connection: AgentConnection) -> None:
        if connection.watching is None:
            raise InvalidRequest("Watch the conversation first.")
        seen = self.conversations.watch(_ref(connection, connection.watching))
        text = encode(TypedFrame(author=connection.agent.name))
        for listener in seen.listeners:
            self.sockets.send(listener, text)
        self.team.show_typing(seen, connection)
        if self.connections.begin_reply(connection):
            self.team.show_watchers(connection.organization_id, [connection.watching])


def _ref(connection: AgentConnection, conversation_id: str) -> ConversationRef:
    return ConversationRef(
        organization_id=connection.organization_id, conversation_id=conversation_id
    )
