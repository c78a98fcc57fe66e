"""The chat: a socket belongs to one conversation, and nothing a frame says changes that."""

import json
from typing import Any

import pytest

from chat import gateway
from frontdesk.entities import Connection, ConversationRef
from frontdesk.ids import new_id
from frontdesk.realtime.frames import INCOMING
from frontdesk.tables.client import Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.visitors import Visitors
from tests.unit.chat_routes import routes_on
from tests.unit.deployment import SentFrames

SECRET = "the other organisation's secret"


class Turns:
    def __init__(self) -> None:
        self.refs: list[ConversationRef] = []

    def put(self, ref: ConversationRef) -> None:
        self.refs.append(ref)


class Socket:
    """A socket in each of two organisations."""

    def __init__(self, table: Table) -> None:
        self.conversations, self.connections = Conversations(table), Connections(table)
        self.turns = Turns()
        self.sockets = SentFrames()
        self.routes = routes_on(table, self.turns, self.sockets)
        visitors = Visitors(table)
        self.mine = visitors.open("mine", "visitor").ref
        self.theirs = visitors.open("theirs", "visitor").ref
        self.secret_id = self.conversations.accept(
            self.theirs, client_id=new_id(), text=SECRET, per_minute=10
        ).message_id
        for identifier, ref in (("socket", self.mine), ("other socket", self.theirs)):
            self.connections.open(Connection(id=identifier, conversation=ref))

    def send(self, **frame: Any) -> dict[str, Any]:
        answer = gateway._frame(self.routes, "socket", json.dumps(frame))
        reply: dict[str, Any] = json.loads(str(answer.get("body", "{}")))
        return reply


@pytest.fixture
def socket(table: Table) -> Socket:
    return Socket(table)


def frames(socket: Socket) -> list[dict[str, Any]]:
    named = {
        "organization_id": "theirs",
        "conversation_id": socket.theirs.conversation_id,
        "connection_id": "other socket",
        "connection": "other socket",
    }
    return [
        {"action": "message", "id": new_id(), "text": "Hi", **named},
        {"action": "resume", "after": None, **named},
        {"action": "resume", "after": socket.secret_id, **named},
        {"action": "stop", **named},
        {"action": "feedback", "message_id": socket.secret_id, "helpful": True, **named},
        {"action": "ping", **named},
        {"action": "typing", **named},
        {"action": "seen", "message_id": socket.secret_id, **named},
        {"action": "page", "url": f"https://x.example/{socket.theirs.conversation_id}", **named},
        {"action": "watch", **named},
        {"action": "unwatch", **named},
    ]


def test_no_action_reaches_another_organisations_conversation(socket: Socket) -> None:
    before = socket.conversations.recent_messages(socket.theirs, 10)
    state = socket.conversations.get(socket.theirs)
    sent = frames(socket)
    for frame in sent:
        assert SECRET not in json.dumps(socket.send(**frame)), frame
    assert socket.conversations.recent_messages(socket.theirs, 10) == before
    assert socket.conversations.get(socket.theirs) == state
    assert {ref.organization_id for ref in socket.turns.refs} == {"mine"}


def test_every_action_there_is_was_tried(socket: Socket) -> None:
    schema = INCOMING.json_schema()
    assert {frame["action"] for frame in frames(socket)} == set(schema["discriminator"]["mapping"])


def test_feedback_on_another_organisations_message_finds_nothing(socket: Socket) -> None:
    answer = socket.send(action="feedback", message_id=socket.secret_id, helpful=True)
    assert answer["code"] == "not_found"


def test_a_connect_token_opens_the_conversation_it_was_issued_for_and_no_other(
    socket: Socket,
) -> None:
    token = socket.connections.issue_token(socket.conversations.get(socket.mine))
    event = {
        "requestContext": {"eventType": "CONNECT", "connectionId": "third"},
        "queryStringParameters": {
            "token": token,
            "organization_id": "theirs",
            "conversation_id": socket.theirs.conversation_id,
        },
    }
    assert gateway._connect(socket.connections, "third", event) == {"statusCode": 200}
    found = socket.connections.find("third")
    assert isinstance(found, Connection)
    assert found.conversation == socket.mine
