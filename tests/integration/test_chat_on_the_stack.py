"""Questions and answers through API Gateway, SQS, Lambda and DynamoDB."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from frontdesk.ids import new_id
from local.chat_client import ChatClient
from local.stack import Stack

pytestmark = pytest.mark.stack

NewVisitor = Callable[..., ChatClient]
REFUND = "How long do refunds take?"


def answer_to(client: ChatClient, text: str, **options: Any) -> dict[str, Any]:
    """The finished answer, as a client sees it."""
    *_, last = client.ask(text, **options)
    if last["type"] == "resumed":
        last = {"message": last["messages"][-1]}
    message: dict[str, Any] = last["message"]
    return message


def test_an_answer_comes_in_numbered_pieces_with_its_source_and_mood(
    new_visitor: NewVisitor,
) -> None:
    visitor = new_visitor()
    frames = list(visitor.ask(REFUND))
    kinds = [frame["type"] for frame in frames]
    assert kinds[0] == "ack"
    assert kinds[-2:] == ["citations", "done"]
    assert set(kinds[1:-2]) == {"delta"}
    assert [frame["n"] for frame in frames if frame["type"] == "delta"] == list(
        range(1, len(kinds) - 2)
    )
    message = frames[-1]["message"]
    assert message["citations"][0]["title"]
    assert message["sentiment"]["label"] == "NEUTRAL"
    assert 0 < message["confidence"] <= 1


def test_a_citation_opens_at_its_passage(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    message = answer_to(visitor, REFUND)
    citation = message["citations"][0]
    passage = visitor.open_citation(message["id"], citation["number"])
    assert passage["page"] == citation.get("page", passage.get("page"))
    assert passage["text"]
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        visitor.open_citation(message["id"], 99)
    stranger = new_visitor()
    stranger.open_session()
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        stranger.open_citation(message["id"], citation["number"])


def test_a_message_sent_ten_times_is_answered_once(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    frame_id = new_id()
    visitor.connect()
    for _ in range(10):
        visitor.send({"action": "message", "id": frame_id, "text": REFUND})
    frames = [visitor.receive(20)]
    while Counter(frame["type"] for frame in frames)["ack"] < 10 or not finished(frames):
        frames.append(visitor.receive(20))
    assert len({frame["message_id"] for frame in frames if frame["type"] == "ack"}) == 1
    answer_to(visitor, "How many people can I invite?")
    history = visitor.open_session()["conversation"]["messages"]
    assert Counter(message["role"] for message in history) == {"customer": 2, "assistant": 2}


def finished(frames: list[dict[str, Any]]) -> bool:
    return any(frame["type"] == "done" for frame in frames)


def test_messages_fired_in_a_row_are_all_answered_in_order(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    visitor.connect()
    ids = [new_id() for _ in range(6)]
    for number, frame_id in enumerate(ids):
        visitor.send({"action": "message", "id": frame_id, "text": f"{REFUND} ({number})"})
    replied: list[str] = []
    while len(replied) < len(ids):
        frame = visitor.receive(30)
        if frame["type"] == "done":
            replied += frame["message"]["reply_to"]
    assert replied == ids


def test_an_answer_whose_reader_left_is_there_when_they_come_back(
    new_visitor: NewVisitor,
) -> None:
    visitor = new_visitor()
    frame_id = new_id()
    visitor.send({"action": "message", "id": frame_id, "text": REFUND})
    assert visitor.receive(20)["type"] == "ack"
    visitor.disconnect()
    again = new_visitor(visitor.visitor)
    again.connect()
    again.send({"action": "resume", "after": None})
    frames = [again.receive(20)]
    while not any(
        frame_id in message.get("reply_to", ())
        for frame in frames
        for message in [*frame.get("messages", ()), frame.get("message", {})]
    ):
        frames.append(again.receive(20))
    history = again.open_session()["conversation"]["messages"]
    assert [message["role"] for message in history] == ["customer", "assistant"]


def test_thirty_customers_at_once_each_get_their_own_answer(new_visitor: NewVisitor) -> None:
    visitors = [new_visitor() for _ in range(30)]
    for visitor in visitors:
        visitor.connect()

    def ask(number: int) -> dict[str, Any]:
        return answer_to(visitors[number], f"{REFUND} I am customer {number}.", seconds=120)

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(ask, range(30)))
    assert len({message["id"] for message in answers}) == 30
    assert {message["kind"] for message in answers} == {"answer"}


def test_a_connect_token_opens_one_socket(new_visitor: NewVisitor) -> None:
    ticket = new_visitor().open_session()["connect"]
    address = f"{ticket['url']}?token={ticket['token']}"
    with connect(address) as first:
        first.send(json.dumps({"action": "ping"}))
        assert json.loads(first.recv(timeout=10)) == {"type": "pong"}
        with pytest.raises(InvalidStatus, match="403"):
            connect(address)


@pytest.mark.parametrize(
    "query", ["", "?token=", "?token=ct_guess", "?token=%00", "?token=a&token=b"]
)
def test_without_a_good_token_there_is_no_socket(stack: Stack, query: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        connect(f"{stack.websocket_url}{query}")


def test_what_is_no_frame_gets_an_error_and_the_socket_lives_on(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    visitor.connect()
    for frame in ({}, {"action": "nothing"}, {"action": "message"}, {"action": 5}):
        visitor.send(frame)
        assert visitor.receive(10)["code"] == "invalid"
    visitor.send({"action": "ping"})
    assert visitor.receive(10) == {"type": "pong"}


def test_feedback_is_kept(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    message = answer_to(visitor, REFUND)
    visitor.send({"action": "feedback", "message_id": message["id"], "helpful": False})
    assert visitor.receive(10)["type"] == "noted"
    assert visitor.open_session()["conversation"]["messages"][-1]["helpful"] is False


def test_what_the_documents_do_not_know_is_said_so(new_visitor: NewVisitor) -> None:
    message = answer_to(new_visitor(), "What is the boiling point of tungsten?")
    assert message["kind"] == "unknown"
    assert message["citations"] == []
