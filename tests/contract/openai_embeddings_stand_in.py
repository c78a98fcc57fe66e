"""A stand-in for an OpenAI-compatible embeddings server, over real HTTP.

A text's vector is a function of its words, so equal texts have equal vectors, whatever the batch.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

from tests.http_server import StandInServer, running

API_KEY = "sk-test-key"
_TEXTS_PER_REQUEST = 2048
_TOKENS_PER_TEXT = 8192
_TOKENS_PER_REQUEST = 300_000


@dataclass(frozen=True)
class Failure:
    """What happens to a request instead of an answer: a status and body, or silence."""

    status: int = 0
    body: object = None
    silent_seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=lambda: {"Retry-After-Ms": "1"})


class StandIn:
    """Answers with vectors of `dimensions` numbers, `scale` long, after playing `failures`."""

    def __init__(self, dimensions: int, scale: float) -> None:
        self.dimensions = dimensions
        self.scale = scale
        self.failures: list[Failure] = []
        self.requests: list[dict[str, Any]] = []
        self.over = Event()
        self.url = ""

    def vector(self, text: str, dimensions: int) -> list[float]:
        values = [0.0] * dimensions
        for word in text.lower().split():
            values[int.from_bytes(blake2b(word.encode()).digest()[:4]) % dimensions] += self.scale
        return values

    def answer(self, body: dict[str, Any]) -> tuple[int, object]:
        self.requests.append(body)
        texts = body["input"]
        # The worst case: every byte a token.
        tokens = [len(text.encode()) for text in texts]
        if (
            not all(texts)
            or len(texts) > _TEXTS_PER_REQUEST
            or max(tokens) > _TOKENS_PER_TEXT
            or sum(tokens) > _TOKENS_PER_REQUEST
        ):
            return 400, {"error": {"code": "invalid_request_error", "message": "input"}}
        dimensions = body.get("dimensions", self.dimensions)
        data = [
            {"object": "embedding", "index": place, "embedding": self.vector(text, dimensions)}
            for place, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": sum(tokens), "total_tokens": sum(tokens)}
        # Servers may answer in any order; `index` tells.
        return 200, {"object": "list", "data": data[::-1], "model": body["model"], "usage": usage}


class _Server(StandInServer):
    def __init__(self, stand_in: StandIn) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stand_in = stand_in
        stand_in.url = f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        stand_in = self.server.stand_in
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        failure = stand_in.failures.pop(0) if stand_in.failures else None
        if failure:
            stand_in.over.wait(failure.silent_seconds)
            if failure.status:
                self._send(failure.status, failure.body, failure.headers)
            else:
                self.close_connection = True
        elif self.path != "/v1/embeddings":
            self._send(404, {"error": {"message": self.path}}, {})
        elif self.headers["Authorization"] != f"Bearer {API_KEY}":
            self._send(401, {"error": {"code": "invalid_api_key", "message": API_KEY}}, {})
        else:
            self._send(*stand_in.answer(body), {})

    def _send(self, status: int, body: object, headers: Mapping[str, str]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - inherited name
        pass


@contextmanager
def serving(*, dimensions: int = 64, scale: float = 1.0) -> Iterator[StandIn]:
    """A stand-in on a free port of this machine."""
    stand_in = StandIn(dimensions, scale)
    with running(_Server(stand_in)):
        try:
            yield stand_in
        finally:
            stand_in.over.set()
