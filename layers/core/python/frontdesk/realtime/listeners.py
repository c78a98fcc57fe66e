"""Shows a customer what happens, in every window that is open on the conversation."""

from frontdesk.entities import Connection
from frontdesk.realtime.frames import OutgoingFrame, encode
from frontdesk.realtime.sockets import Sockets
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Watched


class Listeners:
    """The customers' sockets."""

    def __init__(self, connections: Connections, sockets: Sockets) -> None:
        """`sockets` are those that `connections` remembers."""
        self._connections = connections
        self._sockets = sockets

    def hang_up(self, connection: Connection) -> None:
        """Close a socket, and forget it."""
        self._connections.close(connection)
        self._sockets.close(connection.id)

    def post(self, seen: Watched, frame: OutgoingFrame, *, but: str | None = None) -> bool:
        """Send a frame to all that listen to a conversation, `but` one. Whether any took it.

        Those that are gone are forgotten.
        """
        text, reached = encode(frame), False
        for listener in seen.listeners:
            if listener == but:
                continue
            if self._sockets.send(listener, text):
                reached = True
            else:
                gone = Connection(id=listener, conversation=seen.conversation.ref)
                self._connections.close(gone)
        return reached
