"""A stand-in for an OpenAI-compatible server: plays scripted replies over real HTTP."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any, Literal

from tests.http_server import StandInServer, running


def chunk(
    text: str | None = None,
    *,
    finish: str | None = None,
    usage: tuple[int, int] | None = None,
) -> bytes:
    """A server-sent event with a chat completion chunk, as OpenAI writes it."""
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "stand-in-2026",
        "choices": [],
        "usage": None,
    }
    if usage:
        body["usage"] = {
            "prompt_tokens": usage[0],
            "completion_tokens": usage[1],
            "total_tokens": sum(usage),
        }
    else:
        delta = {} if text is None else {"content": text}
        body["choices"] = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return event(json.dumps(body, ensure_ascii=False))


def event(data: str) -> bytes:
    """A server-sent event."""
    return f"data: {data}\n\n".encode()


DONE = event("[DONE]")


@dataclass(frozen=True)
class Refusal:
    """An answer that is not a stream. Clients that try again are told to do so at once."""

    status: int
    error: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=lambda: {"Retry-After-Ms": "1"})


@dataclass(frozen=True)
class Streamed:
    """A stream of `pieces`, each sent by itself, and what the server does after the last.

    end: closes the stream properly. cut: drops the connection. stall: stays silent. trickle: keeps
    sending comments. listen: waits until the client hangs up.
    """

    pieces: Sequence[bytes]
    then: Literal["end", "cut", "stall", "trickle", "listen"] = "end"


@dataclass(frozen=True)
class Written:
    """A whole text in one JSON answer, as for a request that asks for no stream.

    With `trickling` it comes byte by byte and never ends.
    """

    text: str | None
    finish: str = "stop"
    usage: tuple[int, int] | None = None
    trickling: bool = False

    @property
    def body(self) -> bytes:
        body: dict[str, Any] = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "stand-in-2026",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": self.text},
                    "finish_reason": self.finish,
                }
            ],
        }
        if self.usage:
            body["usage"] = {
                "prompt_tokens": self.usage[0],
                "completion_tokens": self.usage[1],
                "total_tokens": sum(self.usage),
            }
        return json.dumps(body, ensure_ascii=False).encode()


Reply = Refusal | Streamed | Written


class StandIn:
    """The server: plays `replies` in turn, the last one for ever, and keeps what it was sent."""

    def __init__(self, replies: Iterable[Reply]) -> None:
        self.replies = list(replies)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hung_up = Event()
        self.over = Event()
        self.url = ""

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Server(StandInServer):
    def __init__(self, stand_in: StandIn) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stand_in = stand_in
        stand_in.url = f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        stand_in = self.server.stand_in
        length = int(self.headers["Content-Length"])
        stand_in.requests.append(json.loads(self.rfile.read(length)))
        stand_in.headers.append({k.lower(): v for k, v in self.headers.items()})
        reply = stand_in.next_reply()
        if self.path != "/v1/chat/completions":
            self.refuse(Refusal(404))
        elif isinstance(reply, Refusal):
            self.refuse(reply)
        elif isinstance(reply, Written):
            self.write_whole(reply)
        else:
            self.send_stream(reply)

    def refuse(self, reply: Refusal) -> None:
        body = json.dumps({"error": reply.error}).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def write_whole(self, reply: Written) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if not reply.trickling:
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        while not self.server.stand_in.over.wait(0.02):
            self.send_chunk(b" ")

    def send_stream(self, reply: Streamed) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in reply.pieces:
            self.send_chunk(piece)
        if reply.then == "end":
            self.send_chunk(b"")
            return
        self.close_connection = True
        stand_in = self.server.stand_in
        if reply.then == "stall":
            stand_in.over.wait(10)
        elif reply.then == "trickle":
            while not stand_in.over.wait(0.02):
                self.send_chunk(b": still thinking\n\n")
        elif reply.then == "listen":
            self.connection.settimeout(10)
            if self.connection.recv(1) == b"":
                stand_in.hung_up.set()

    def send_chunk(self, data: bytes) -> None:
        try:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        except ConnectionError:
            self.server.stand_in.over.set()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - inherited name
        pass


@contextmanager
def serving(*replies: Reply) -> Iterator[StandIn]:
    """A stand-in on a free port of this machine."""
    stand_in = StandIn(replies)
    with running(_Server(stand_in)):
        try:
            yield stand_in
        finally:
            stand_in.over.set()
