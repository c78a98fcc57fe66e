"""Frames of an answer under way."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chat.streaming import AnswerStream
from frontdesk.realtime.frames import PongFrame


class Board:
    """Sockets that keep what they were sent."""

    def __init__(self, gone: frozenset[str] = frozenset()) -> None:
        self.gone = set(gone)
        self.sent: dict[str, list[dict[str, Any]]] = {}

    def send(self, connection_id: str, text: str) -> bool:
        if connection_id in self.gone:
            return False
        self.sent.setdefault(connection_id, []).append(json.loads(text))
        return True

    def close(self, connection_id: str) -> None:
        self.gone.add(connection_id)


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def assembled(frames: list[dict[str, Any]]) -> str:
    """What a client shows, by the rules of docs/PROTOCOL.md."""
    text, last = "", 0
    for frame in frames:
        if frame["from"] == 1:
            text, last = frame["text"], frame["n"]
        elif frame["from"] == last + 1:
            text, last = text + frame["text"], frame["n"]
    return text


def test_the_first_piece_goes_out_at_once_and_the_next_ones_together() -> None:
    board, clock = Board(), Clock()
    stream = AnswerStream(board, "answer", clock=clock)
    stream.listen(["one"])
    for piece in ("a", "b", "c"):
        stream.write(piece)
    assert [frame["text"] for frame in board.sent["one"]] == ["a"]
    clock.now = 0.05
    stream.write("d")
    assert [frame["text"] for frame in board.sent["one"]] == ["a", "bcd"]
    assert [(frame["from"], frame["n"]) for frame in board.sent["one"]] == [(1, 1), (2, 2)]


def test_one_who_joins_late_gets_what_was_sent_so_far() -> None:
    board, clock = Board(), Clock()
    stream = AnswerStream(board, "answer", clock=clock)
    stream.listen(["early"])
    stream.write("Hello ")
    clock.now = 1
    stream.write("there ")
    stream.listen(["early", "late"])
    clock.now = 2
    stream.write("again")
    assert assembled(board.sent["late"]) == assembled(board.sent["early"]) == "Hello there again"
    assert board.sent["late"][0] | {"from": 1, "n": 2} == board.sent["late"][0]
    assert len(board.sent["early"]) == 3


def test_one_who_is_gone_is_not_tried_again() -> None:
    board, clock = Board(gone=frozenset({"gone"})), Clock()
    stream = AnswerStream(board, "answer", clock=clock)
    stream.listen(["gone", "here"])
    stream.write("a")
    board.gone.clear()
    stream.listen(["gone"])
    clock.now = 1
    stream.write("b")
    stream.send(PongFrame())
    assert list(board.sent) == ["here"]
    assert len(board.sent["here"]) == 3


def test_a_restart_replaces_what_was_sent() -> None:
    board, clock = Board(), Clock()
    stream = AnswerStream(board, "answer", clock=clock)
    stream.listen(["one"])
    stream.write("half an ans")
    stream.restart()
    clock.now = 1
    stream.write("The whole answer")
    assert assembled(board.sent["one"]) == "The whole answer"


@given(
    st.lists(
        st.tuples(st.text(min_size=1), st.sampled_from([0.0, 0.02, 0.06]), st.booleans()),
        max_size=30,
    )
)
def test_everyone_ends_up_with_the_same_text(steps: list[tuple[str, float, bool]]) -> None:
    board, clock = Board(), Clock()
    stream = AnswerStream(board, "answer", clock=clock)
    stream.listen(["first"])
    for number, (text, wait, joins) in enumerate(steps):
        stream.write(text)
        clock.now += wait
        if joins:
            stream.listen([f"joined {number}"])
    stream.flush()
    stream.listen(["last"])
    whole = "".join(text for text, _, _ in steps)
    for frames in board.sent.values():
        assert assembled(frames) == whole
