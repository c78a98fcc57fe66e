"""Connect tokens and open sockets: of customers, and of the team.

A customer's socket belongs to one conversation. One of the team's belongs to the organisation, and
listens to the conversation that is open on the screen.
"""

import contextlib
import time
from collections.abc import Sequence

from frontdesk.access.roles import allows
from frontdesk.access.tokens import new_token
from frontdesk.entities import AgentConnection, Author, Connection, Conversation, ConversationRef
from frontdesk.errors import NotFound, Refused
from frontdesk.tables.client import (
    Check,
    ConditionFailed,
    Delete,
    Item,
    Key,
    Operation,
    Put,
    Table,
    Update,
)
from frontdesk.tables.conversation_items import (
    LISTENER,
    WATCHER,
    conversation_key,
    conversation_partition,
)
from frontdesk.tables.keys import grant_key
from frontdesk.tables.organizations import identity_key
from frontdesk.tables.sessions import family_key
from frontdesk.tables.token_keys import token_key
from frontdesk.tables.users import user_key

CONNECT_TOKEN_SECONDS = 60
_CONNECTION_SECONDS = 2 * 3600 + 600
"""API Gateway closes a WebSocket after two hours; ten minutes later we forget it."""

_AGENT_SECONDS = 150
"""An agent's page sends something every minute. Who has been silent for longer is not there."""

REPLYING_SECONDS = 16
"""Who has typed is taken to be writing a reply for so long. A page says so every three seconds."""

AGENTS_TOLD = 200
"""Sockets of one organisation's team that live notices go to."""


class Connections:
    """Issues and spends connect tokens, and remembers which sockets listen to a conversation."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def issue_token(self, conversation: Conversation, *, key: str | None = None) -> str:
        """A token that opens one socket on this conversation, once, within 60 seconds.

        `key` is the hash of the widget key that it is asked for with.
        """
        token = new_token("ct")
        self._table.put(
            Put(
                token_key("ct", token),
                {
                    **conversation.ref.model_dump(),
                    "retention_days": conversation.retention_days,
                    "begun": conversation.started_at is not None,
                    "key": key,
                    "vouched": conversation.customer.id is not None,
                    "connects": True,
                    "expires_at": int(time.time()) + CONNECT_TOKEN_SECONDS,
                },
            )
        )
        return token

    def issue_agent_token(self, organization_id: str, agent: Author, family_id: str) -> str:
        """A token that opens one socket for somebody of the team, once, within 60 seconds."""
        token = new_token("ct")
        self._table.put(
            Put(
                token_key("ct", token),
                {
                    "organization_id": organization_id,
                    "agent": agent.model_dump(),
                    "family_id": family_id,
                    "connects": True,
                    "expires_at": int(time.time()) + CONNECT_TOKEN_SECONDS,
                },
            )
        )
        return token

    def spend_token(self, token: str, connection_id: str) -> Connection | AgentConnection:
        """Use a token up for the socket that is being opened.

        Raises Refused if it is unknown, used or expired. The expiry is part of the condition:
        DynamoDB's TTL may delete days late.
        """
        try:
            item = self._table.delete(
                Delete(
                    token_key("ct", token),
                    condition="attribute_exists(connects) AND expires_at > :now",
                    values={"now": int(time.time())},
                )
            )
        except ConditionFailed as failure:
            raise Refused("The connect token is unknown, used or expired.") from failure
        return _connection(connection_id, item or {})

    def open(self, connection: Connection) -> None:
        """Remember a customer's socket, both ways.

        Raises Refused if the conversation is gone, or what it was opened with counts no more.
        """
        expires_at = int(time.time()) + _CONNECTION_SECONDS
        self._remember(
            Check(
                conversation_key(connection.conversation),
                "attribute_exists(pk) AND attribute_not_exists(erasing)",
            ),
            *(Check(key, "attribute_exists(pk)") for key in _opened_with(connection)),
            Put(
                _socket_key(connection.id),
                {
                    **connection.conversation.model_dump(),
                    "retention_days": connection.retention_days,
                    "begun": connection.begun,
                    "key": connection.key,
                    "vouched": connection.vouched,
                    "expires_at": expires_at,
                },
            ),
            Put(_listener_key(connection), {"connection": connection.id, "expires_at": expires_at}),
        )

    def open_agent(self, connection: AgentConnection) -> None:
        """Remember a socket of the team's, both ways. It is forgotten unless it is kept.

        Raises Refused if the login behind it has ended.
        """
        expires_at = int(time.time()) + _AGENT_SECONDS
        self._remember(
            *(Check(key, "attribute_exists(pk)") for key in _login_keys(connection)),
            Put(
                _socket_key(connection.id),
                {**connection.model_dump(exclude_none=True), "expires_at": expires_at},
            ),
            Put(_presence_key(connection), _presence(connection, expires_at)),
        )

    def _remember(self, *operations: Operation) -> None:
        try:
            self._table.transact(*operations)
        except ConditionFailed as failure:
            raise Refused("What this socket was meant for is over.") from failure

    def keep_agent(self, connection: AgentConnection) -> None:
        """Remember a socket of the team's for another while. Does nothing if it was forgotten."""
        expires_at = int(time.time()) + _AGENT_SECONDS
        keys = [_socket_key(connection.id), _presence_key(connection)]
        if connection.watching:
            keys.append(_watcher_key(connection, connection.watching))
        with contextlib.suppress(ConditionFailed):
            self._table.transact(
                *(
                    Update(
                        key,
                        "SET expires_at = :expires",
                        {"expires": expires_at},
                        condition="attribute_exists(pk)",
                    )
                    for key in keys
                )
            )

    def watch(self, connection: AgentConnection, conversation_id: str | None) -> AgentConnection:
        """Have a socket of the team's listen to a conversation, and to none that it did before.

        Raises NotFound if the organisation has no such conversation, or the socket was forgotten.
        """
        watching = connection.model_copy(update={"watching": conversation_id, "replying_until": 0})
        expires_at = int(time.time()) + _AGENT_SECONDS
        operations: list[Operation] = [
            Update(
                key,
                "SET watching = :conversation, expires_at = :expires REMOVE replying_until"
                if conversation_id
                else "SET expires_at = :expires REMOVE watching, replying_until",
                {
                    "expires": expires_at,
                    **({"conversation": conversation_id} if conversation_id else {}),
                },
                condition="attribute_exists(pk)",
            )
            for key in (_socket_key(connection.id), _presence_key(connection))
        ]
        if connection.watching and connection.watching != conversation_id:
            operations.append(Delete(_watcher_key(connection, connection.watching)))
        if conversation_id:
            ref = ConversationRef(
                organization_id=connection.organization_id, conversation_id=conversation_id
            )
            there = "attribute_exists(started_at) AND attribute_not_exists(erasing)"
            operations += [
                Check(conversation_key(ref), there),
                Put(_watcher_key(connection, conversation_id), _presence(connection, expires_at)),
            ]
        try:
            self._table.transact(*operations)
        except ConditionFailed as failure:
            raise NotFound("There is no such conversation.") from failure
        return watching

    def begin_reply(self, connection: AgentConnection) -> bool:
        """Note that somebody writes in the conversation they watch. False if it is known.

        It holds for REPLYING_SECONDS, and is noted again when half of them are over.
        """
        now = int(time.time())
        if connection.replying_until > now + REPLYING_SECONDS // 2:
            return False
        with contextlib.suppress(ConditionFailed):
            self._table.transact(
                *(
                    Update(
                        key,
                        "SET replying_until = :until",
                        {"until": now + REPLYING_SECONDS, "watching": connection.watching},
                        condition="watching = :watching",
                    )
                    for key in (_socket_key(connection.id), _presence_key(connection))
                )
            )
            return True
        return False

    def close_agent(self, connection: AgentConnection) -> None:
        """Forget a socket of the team's. Safe to repeat."""
        keys = [_socket_key(connection.id), _presence_key(connection)]
        if connection.watching:
            keys.append(_watcher_key(connection, connection.watching))
        self._table.transact(*map(Delete, keys))

    def agents(self, organization_id: str) -> list[AgentConnection]:
        """The sockets of the team that were open, at most AGENTS_TOLD. See `standing`."""
        now = time.time()
        items = self._table.query(
            f"ORG#{organization_id}#AGENTS", first="SOCKET#", last="SOCKET#~", limit=AGENTS_TOLD
        )
        return [AgentConnection.model_validate(item) for item in items if item["expires_at"] > now]

    def standing(self, agents: Sequence[AgentConnection]) -> list[AgentConnection]:
        """Those whose login has not ended, and whose role may read what customers say.

        One read, however many there are, up to fifty people.
        """
        keys = [key for agent in agents for key in _login_keys(agent)]
        found = self._table.get_many(keys) if keys else {}
        standing = []
        for agent in agents:
            user, family = (found.get(key) for key in _login_keys(agent))
            if user and family and allows(user["role"], "conversations:read"):
                standing.append(agent)
        return standing

    def agents_of(self, organization_id: str, user_id: str) -> list[AgentConnection]:
        """All sockets of one member of the team, with what they watch."""
        items = self._table.query(f"ORG#{organization_id}#AGENTS", first="SOCKET#", last="SOCKET#~")
        sockets = [
            _socket_key(item["connection"]) for item in items if item["agent"]["id"] == user_id
        ]
        found = self._table.get_many(sockets) if sockets else {}
        return [AgentConnection.model_validate(item) for item in found.values()]

    def find(self, connection_id: str) -> Connection | AgentConnection | None:
        """The socket, if it is open."""
        item = self._table.get(_socket_key(connection_id))
        if item is None:
            return None
        return _connection(connection_id, item)

    def admits(self, connection: Connection) -> bool:
        """Whether what a customer's socket was opened with still counts.

        That is the widget key, and where the site vouched for them, that it has a secret to do so.
        """
        keys = _opened_with(connection)
        return not keys or len(self._table.get_many(keys)) == len(keys)

    def close(self, connection: Connection) -> None:
        """Forget a socket. Safe to repeat."""
        self._table.transact(Delete(_socket_key(connection.id)), Delete(_listener_key(connection)))


def _connection(connection_id: str, item: Item) -> Connection | AgentConnection:
    if "agent" in item:
        return AgentConnection.model_validate({**item, "id": connection_id})
    return Connection(
        id=connection_id,
        conversation=ConversationRef.model_validate(item),
        retention_days=item.get("retention_days", 365),
        begun=item.get("begun", True),
        key=item.get("key"),
        vouched=item.get("vouched", False),
    )


def begun_update(connection: Connection) -> Update:
    """The write that notes, with the first message, that the conversation has begun."""
    return Update(
        _socket_key(connection.id),
        "SET begun = :begun, expires_at = if_not_exists(expires_at, :expires)",
        {"begun": True, "expires": int(time.time()) + _CONNECTION_SECONDS},
    )


def _opened_with(connection: Connection) -> list[Key]:
    keys = [grant_key(connection.key)] if connection.key else []
    if connection.vouched:
        keys.append(identity_key(connection.conversation.organization_id))
    return keys


def _login_keys(connection: AgentConnection) -> tuple[Key, Key]:
    organization_id, user_id = connection.organization_id, connection.agent.id
    return (
        user_key(organization_id, user_id),
        family_key(organization_id, user_id, connection.family_id),
    )


def _socket_key(connection_id: str) -> tuple[str, str]:
    return f"SOCKET#{connection_id}", "SOCKET"


def _listener_key(connection: Connection) -> tuple[str, str]:
    return conversation_partition(connection.conversation), f"{LISTENER}{connection.id}"


def _presence_key(connection: AgentConnection) -> tuple[str, str]:
    return f"ORG#{connection.organization_id}#AGENTS", f"SOCKET#{connection.id}"


def _watcher_key(connection: AgentConnection, conversation_id: str) -> tuple[str, str]:
    ref = ConversationRef(
        organization_id=connection.organization_id, conversation_id=conversation_id
    )
    return conversation_partition(ref), f"{WATCHER}{connection.id}"


def _presence(connection: AgentConnection, expires_at: int) -> dict[str, object]:
    return {
        **connection.model_dump(exclude={"watching"}),
        "connection": connection.id,
        "expires_at": expires_at,
    }
