"""Connect tokens and open sockets."""

import time

from frontdesk.access.tokens import hash_token, new_token
from frontdesk.entities import Connection, Conversation, ConversationRef
from frontdesk.errors import Refused
from frontdesk.tables.client import ConditionFailed, Delete, Item, Put, Table, Update
from frontdesk.tables.conversations import conversation_partition

CONNECT_TOKEN_SECONDS = 60
_CONNECTION_SECONDS = 2 * 3600 + 600
"""API Gateway closes a WebSocket after two hours; ten minutes later we forget it."""


class Connections:
    """Issues and spends connect tokens, and remembers which sockets listen to a conversation."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def issue_token(self, conversation: Conversation) -> str:
        """A token that opens one socket on this conversation, once, within 60 seconds."""
        token = new_token("ct")
        self._table.put(
            Put(
                (f"TOKEN#{hash_token(token)}", "TOKEN"),
                {
                    **conversation.ref.model_dump(),
                    "retention_days": conversation.retention_days,
                    "begun": conversation.started_at is not None,
                    "expires_at": int(time.time()) + CONNECT_TOKEN_SECONDS,
                },
            )
        )
        return token

    def spend_token(self, token: str, connection_id: str) -> Connection:
        """Use a token up for the socket that is being opened.

        Raises Refused if it is unknown, used or expired. The expiry is part of the condition:
        DynamoDB's TTL may delete days late.
        """
        try:
            item = self._table.delete(
                Delete(
                    (f"TOKEN#{hash_token(token)}", "TOKEN"),
                    condition="attribute_exists(conversation_id) AND expires_at > :now",
                    values={"now": int(time.time())},
                )
            )
        except ConditionFailed as failure:
            raise Refused("The connect token is unknown, used or expired.") from failure
        return _connection(connection_id, item or {})

    def open(self, connection: Connection) -> None:
        """Remember a socket, both ways."""
        expires_at = int(time.time()) + _CONNECTION_SECONDS
        self._table.transact(
            Put(
                _socket_key(connection.id),
                {
                    **connection.conversation.model_dump(),
                    "retention_days": connection.retention_days,
                    "begun": connection.begun,
                    "expires_at": expires_at,
                },
            ),
            Put(_listener_key(connection), {"connection": connection.id, "expires_at": expires_at}),
        )

    def find(self, connection_id: str) -> Connection | None:
        """The socket, if it is open."""
        item = self._table.get(_socket_key(connection_id))
        if item is None:
            return None
        return _connection(connection_id, item)

    def close(self, connection: Connection) -> None:
        """Forget a socket. Safe to repeat."""
        self._table.transact(Delete(_socket_key(connection.id)), Delete(_listener_key(connection)))


def _connection(connection_id: str, item: Item) -> Connection:
    return Connection(
        id=connection_id,
        conversation=ConversationRef.model_validate(item),
        retention_days=item.get("retention_days", 365),
        begun=item.get("begun", True),
    )


def begun_update(connection: Connection) -> Update:
    """The write that notes, with the first message, that the conversation has begun."""
    return Update(
        _socket_key(connection.id),
        "SET begun = :begun, expires_at = if_not_exists(expires_at, :expires)",
        {"begun": True, "expires": int(time.time()) + _CONNECTION_SECONDS},
    )


def _socket_key(connection_id: str) -> tuple[str, str]:
    return f"SOCKET#{connection_id}", "SOCKET"


def _listener_key(connection: Connection) -> tuple[str, str]:
    return conversation_partition(connection.conversation), f"CONN#{connection.id}"
