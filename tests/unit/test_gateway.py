"""What the WebSocket gateway does with what it is sent."""

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat import gateway
from frontdesk.entities import Connection, ConversationRef, Message
from frontdesk.errors import StoreUnavailable
from frontdesk.ids import new_id, time_of
from frontdesk.realtime.frames import FRAME_BYTES, MessageFrame
from frontdesk.tables.client import Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import HOPELESS, Conversations
from frontdesk.tables.outcomes import Outcome
from frontdesk.tables.visitors import Visitors
from tests.unit.chat_routes import routes_on
from tests.unit.deployment import SentFrames


class ListedTurns:
    """A turn queue that keeps what it was given."""

    def __init__(self) -> None:
        self.refs: list[ConversationRef] = []
        self.broken = False

    def put(self, ref: ConversationRef) -> None:
        if self.broken:
            raise StoreUnavailable("broken")
        self.refs.append(ref)


class Line:
    """A connected visitor's end of the socket."""

    def __init__(self, table: Table, *, per_minute: int = 100) -> None:
        self.turns = ListedTurns()
        self.conversations = Conversations(table)
        self.connections = Connections(table)
        self.visitors = Visitors(table)
        self.ref = self.visitors.open("org", "visitor").ref
        self.sockets = SentFrames()
        self.routes = routes_on(table, self.turns, self.sockets, messages_per_minute=per_minute)
        self.connection = Connection(id="socket=", conversation=self.ref)
        self.connections.open(self.connection)

    def send_raw(self, body: str) -> dict[str, Any] | None:
        answer = gateway._frame(self.routes, self.connection.id, body)
        assert answer["statusCode"] == 200
        body_text = answer.get("body")
        return json.loads(str(body_text)) if body_text else None

    def send(self, **frame: object) -> dict[str, Any] | None:
        return self.send_raw(json.dumps(frame))

    def store(self, text: str, role: str = "assistant") -> Message:
        identifier = new_id()
        message = Message.model_validate(
            {"id": identifier, "role": role, "text": text, "at": time_of(identifier)}
        )
        waiting = self.conversations.acquire_lease(self.ref, "worker")
        assert waiting is not None
        found = [self.conversations.message(self.ref, each) for each in waiting.unanswered]
        self.conversations.store_outcome(
            self.conversations.get(self.ref), "worker", Outcome(found, [message])
        )
        self.conversations.release_lease(self.ref, "worker")
        return message


@pytest.fixture
def line(table: Table) -> Line:
    return Line(table)


def test_a_message_is_stored_and_queued_before_it_is_acknowledged(line: Line) -> None:
    frame_id = new_id()
    answer = line.send(action="message", id=frame_id, text="  Hello  ")
    [message] = line.conversations.recent_messages(line.ref, 9)
    assert answer == {"type": "ack", "id": frame_id, "message_id": message.id}
    assert message.text == "Hello"
    assert line.turns.refs == [line.ref]


def test_a_message_that_could_not_be_queued_is_not_acknowledged_and_a_repeat_mends_it(
    line: Line,
) -> None:
    frame_id = new_id()
    line.turns.broken = True
    refused = line.send(action="message", id=frame_id, text="Hello")
    assert refused is not None
    assert refused["code"] == "unavailable"
    assert refused["id"] == frame_id
    line.turns.broken = False
    answer = line.send(action="message", id=frame_id, text="Hello")
    assert answer is not None
    assert answer["type"] == "ack"
    assert line.turns.refs == [line.ref]
    assert len(line.conversations.recent_messages(line.ref, 9)) == 1


def test_what_is_said_in_one_window_is_shown_in_the_others_before_it_is_answered(
    line: Line, table: Table
) -> None:
    for window in ("other=", "gone="):
        line.connections.open(Connection(id=window, conversation=line.ref))
    line.sockets.gone.add("gone=")
    stranger = Connection(id="stranger=", conversation=line.visitors.open("org", "stranger").ref)
    line.connections.open(stranger)
    shown_when_queued: list[int] = []
    queue = line.turns.put

    def put(ref: ConversationRef) -> None:
        shown_when_queued.append(len(line.sockets.frames))
        queue(ref)

    line.turns.put = put  # type: ignore[method-assign]
    frame_id = new_id()
    for text in ("Hello", "Something else under the same id"):
        line.send(action="message", id=frame_id, text=text)
    assert shown_when_queued == [1, 2]
    [stored] = line.conversations.recent_messages(line.ref, 9)
    for to, text in line.sockets.frames:
        assert to == "other="
        posted = json.loads(text)
        assert (posted["type"], posted["status"]) == ("posted", "open")
        shown = posted["message"]
        assert (shown["id"], shown["client_id"]) == (stored.id, frame_id)
        assert (shown["role"], shown["text"]) == ("customer", "Hello")
    assert line.conversations.watch(line.ref).listeners == ["other=", "socket="]


def test_a_message_is_answered_although_it_cannot_be_shown_elsewhere(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise StoreUnavailable("down")

    monkeypatch.setattr(line.routes.customers.conversations, "watch", down)
    answer = line.send(action="message", id=new_id(), text="Hello")
    assert answer is not None
    assert answer["type"] == "ack"
    assert line.turns.refs == [line.ref]


@pytest.mark.usefixtures("young_minute")
def test_too_many_messages_are_told_when_to_come_back(table: Table) -> None:
    line = Line(table, per_minute=1)
    line.send(action="message", id=new_id(), text="one")
    frame_id = new_id()
    answer = line.send(action="message", id=frame_id, text="two")
    assert answer is not None
    assert (answer["code"], answer["id"]) == ("rate_limited", frame_id)
    assert 1 <= answer["retry_after"] <= 60


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{",
        "true",
        '"message"',
        "{}",
        '{"action": 7}',
        '{"id": "\\ud800", "action": "x"}',
        '{"action": "drop table"}',
        '{"action": "message"}',
        '{"action": "message", "id": "x", "text": "hi"}',
        '{"action": "message", "id": "01arz3ndektsv4rrffq69g5fav", "text": "hi"}',
        '{"action": "message", "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "text": "   "}',
        '{"action": "message", "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "text": 5}',
        '{"action": "message", "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "text": "%s"}' % ("a" * 4001),
        '{"action": "resume", "after": "yesterday"}',
        '{"action": "feedback", "message_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "helpful": "yes"}',
        "[" * 20_000,
        '{"action": "message", "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "text": "a\\ud800b"}',
    ],
)
def test_what_is_no_frame_gets_a_clear_error_and_stores_nothing(line: Line, body: str) -> None:
    answer = line.send_raw(body)
    assert answer is not None
    assert (answer["type"], answer["code"]) == ("error", "invalid")
    assert line.conversations.recent_messages(line.ref, 9) == []
    assert line.turns.refs == []


def test_a_frame_over_32_kb_is_refused_unread(line: Line) -> None:
    answer = line.send(action="message", id=new_id(), text="é" * FRAME_BYTES)
    assert answer is not None
    assert answer["code"] == "too_large"


def test_an_error_does_not_repeat_what_was_said(line: Line) -> None:
    answer = line.send(action="message", id="secret words", text="secret words")
    assert answer is not None
    assert "secret" not in answer["message"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.text(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(json.dumps)
)
def test_no_body_makes_the_gateway_fail(line: Line, body: str) -> None:
    answer = line.send_raw(body)
    assert answer is not None
    assert answer["type"] == "error"


def test_resume_brings_what_was_missed_in_order(line: Line) -> None:
    line.send(action="message", id=new_id(), text="question")
    held = line.store("held")
    line.send(action="message", id=new_id(), text="another")
    line.store("missed")
    answer = line.send(action="resume", after=held.id)
    assert answer is not None
    texts = [message["text"] for message in answer["messages"]]
    assert texts[-2:] == ["another", "missed"]
    assert (answer["answering"], answer["more"]) == (False, False)


def test_resume_wakes_an_answer_that_got_stuck(line: Line) -> None:
    line.send(action="message", id=new_id(), text="question")
    line.turns.refs.clear()
    answer = line.send(action="resume", after=None)
    assert answer is not None
    assert answer["answering"]
    assert line.turns.refs == [line.ref]


def test_resume_leaves_alone_what_nobody_could_even_give_up(line: Line) -> None:
    line.send(action="message", id=new_id(), text="question")
    for _ in range(HOPELESS):
        assert line.conversations.acquire_lease(line.ref, "worker")
        line.conversations.abandon_lease(line.ref, "worker")
    line.turns.refs.clear()
    line.send(action="resume", after=None)
    assert line.turns.refs == []


def test_resume_leaves_an_answer_that_is_being_written_alone(line: Line) -> None:
    line.send(action="message", id=new_id(), text="question")
    line.turns.refs.clear()
    line.conversations.acquire_lease(line.ref, "worker")
    assert line.conversations.get(line.ref).lease_until > time.time()
    line.send(action="resume", after=None)
    assert line.turns.refs == []


def test_a_long_history_is_cut_to_a_frame_from_its_old_end(line: Line) -> None:
    for number in range(12):
        line.send(action="message", id=new_id(), text=f"{number} " + "ü" * 3_900)
    answer = line.send(action="resume", after=None)
    assert answer is not None
    assert len(json.dumps(answer, ensure_ascii=False).encode()) <= FRAME_BYTES
    assert answer["more"]
    assert answer["messages"][-1]["text"].startswith("11 ")


def test_notes_are_not_the_customers_to_see(line: Line) -> None:
    line.send(action="message", id=new_id(), text="question")
    line.store("between us", role="note")
    answer = line.send(action="resume", after=None)
    assert answer is not None
    assert [message["text"] for message in answer["messages"]] == ["question"]


def test_feedback_on_someone_elses_answer_is_not_found(line: Line, table: Table) -> None:
    line.send(action="message", id=new_id(), text="question")
    answer = line.store("answer")
    other = line.visitors.open("org", "other visitor").ref
    line.connections.open(Connection(id="other=", conversation=other))
    body = json.dumps({"action": "feedback", "message_id": answer.id, "helpful": False})
    refused = gateway._frame(line.routes, "other=", body)
    assert json.loads(str(refused["body"]))["code"] == "not_found"
    assert line.send(action="feedback", message_id=answer.id, helpful=True) == {
        "type": "noted",
        "message_id": answer.id,
        "helpful": True,
    }
    assert line.conversations.message(line.ref, answer.id).helpful is True


def test_a_socket_nobody_knows_is_told_to_connect_again(line: Line) -> None:
    answer = gateway._frame(line.routes, "stranger=", '{"action": "stop"}')
    assert json.loads(str(answer["body"]))["code"] == "not_found"


def test_a_connect_token_works_once(line: Line) -> None:
    token = line.connections.issue_token(line.conversations.get(line.ref))
    event = {"queryStringParameters": {"token": token}}
    assert gateway._connect(line.connections, "new=", event) == {"statusCode": 200}
    assert gateway._connect(line.connections, "newer=", event) == {"statusCode": 403}
    assert line.connections.find("newer=") is None


@pytest.mark.parametrize(
    "event", [{}, {"queryStringParameters": None}, {"queryStringParameters": {"token": "ct_guess"}}]
)
def test_without_a_token_nobody_connects(line: Line, event: dict[str, Any]) -> None:
    assert gateway._connect(line.connections, "new=", event) == {"statusCode": 403}


def test_an_expired_connect_token_is_refused_although_it_still_lies_there(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = line.connections.issue_token(line.conversations.get(line.ref))
    later = time.time() + 61
    monkeypatch.setattr("frontdesk.tables.connections.time.time", lambda: later)
    event = {"queryStringParameters": {"token": token}}
    assert gateway._connect(line.connections, "new=", event) == {"statusCode": 403}


def test_the_first_message_of_a_conversation_is_stored_without_looking_first(line: Line) -> None:
    calls: list[str] = []
    events = line.conversations._table._client.meta.events
    events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    fresh = Connection(id="fresh", conversation=line.ref, begun=False)
    line.connections.open(fresh)
    for text in ("one", "two"):
        found = line.connections.find("fresh")
        assert isinstance(found, Connection)
        calls.clear()
        line.routes.customers.handle(found, MessageFrame(action="message", id=new_id(), text=text))
        # Who else listens is looked up when it is stored.
        assert calls == ["TransactWriteItems", "Query"]


def test_a_first_message_in_two_tabs_begins_one_conversation(line: Line) -> None:
    for tab in ("left", "right"):
        fresh = Connection(id=tab, conversation=line.ref, begun=False)
        line.connections.open(fresh)
        frame = MessageFrame(action="message", id=new_id(), text=tab)
        line.routes.customers.handle(fresh, frame)
    assert line.conversations.get(line.ref).subject == "left"
    assert len(line.conversations.recent_messages(line.ref, 9)) == 2
