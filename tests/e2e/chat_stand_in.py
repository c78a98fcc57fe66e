"""The server's side of docs/PROTOCOL.md, played by a test inside the browser's network."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page, Route, WebSocketRoute

from frontdesk.ids import new_id
from tests.e2e.until import until

Frame = dict[str, Any]

CITATION = {
    "number": 1,
    "document_id": "01J0000000000000000000000D",
    "title": "Billing guide",
    "headings": ["Refunds", "How long it takes"],
    "page": 3,
    "last_page": 3,
    "quote": "Your bank needs three days.",
}

VISITOR = "vt_" + "v" * 32


def answer(text: str, **changes: Any) -> Frame:
    """A finished answer."""
    return {
        "id": new_id(),
        "role": "assistant",
        "text": text,
        "at": "2026-11-23T10:00:00.123Z",
        "citations": [],
        "confidence": 0.9,
        "kind": "answer",
        "stopped": False,
        "model": "extractive",
        "helpful": None,
        "suggested_actions": [],
        **changes,
    }


class ChatStandIn:
    """Keeps what the widget asked and sent; says only what the test has it say."""

    def __init__(self, page: Page, *, acknowledge: bool = True) -> None:
        """With `acknowledge`, messages are acknowledged at once and `ping` is answered.

        Identities in `stale` are answered with 401.
        """
        self.page = page
        self.acknowledge = acknowledge
        self.sessions: list[Mapping[str, Any]] = []
        self.visits: list[Mapping[str, Any]] = []
        self.urls: list[str] = []
        self.sockets: list[WebSocketRoute] = []
        self.frames: list[Frame] = []
        self.history: list[Frame] = []
        self.visitor = VISITOR
        self.status = "open"
        self.stale: set[str] = set()
        self.answering = False
        self.color = "#0f766e"
        self.refusal: tuple[int, dict[str, str]] | None = None
        self.reply: Callable[[Frame], None] | None = None
        page.route("https://api.test/api/widget/session", self._session)
        page.route_web_socket("wss://chat.test/**", self._connect)

    def sent(self, action: str) -> list[Frame]:
        """The widget's frames of one kind."""
        return [frame for frame in self.frames if frame["action"] == action]

    def say(self, **frame: Any) -> None:
        """Send a frame on the newest connection."""
        self.sockets[-1].send(json.dumps(frame))

    def stream(self, message_id: str, *pieces: str) -> None:
        """Send pieces 1 to n of an answer."""
        for n, text in enumerate(pieces, start=1):
            self.say(**{"type": "delta", "message_id": message_id, "from": n, "n": n, "text": text})

    def drop(self) -> None:
        """Cut the newest connection."""
        self.sockets[-1].close(code=1011)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the browser work until `condition` holds."""
        until(self.page, condition, otherwise=f"; frames so far: {self.frames}")

    def _session(self, route: Route) -> None:
        headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
        if route.request.method == "OPTIONS":
            route.fulfill(status=204, headers=headers)
            return
        asked = dict(route.request.post_data_json or {})
        self.visits.append({name: asked.pop(name, None) for name in ("page", "language")})
        self.sessions.append(asked)
        refusal = self.refusal
        if self.sessions[-1].get("identity") in self.stale:
            refusal = (401, {})
        if refusal:
            status, more = refusal
            more = {"Access-Control-Expose-Headers": "Retry-After", **more}
            route.fulfill(status=status, headers={**headers, **more}, json={"detail": "No."})
            return
        session = {
            "visitor": self.visitor,
            "connect": {
                "url": "wss://chat.test/prod",
                "token": f"ct_{len(self.sessions)}",
                "expires_in": 60,
            },
            "widget": {
                "name": "Harbor",
                "files": "with_people",
                "assistant": "Robin",
                "greeting": "Hello! Ask me anything.",
                "color": self.color,
            },
            "conversation": {
                "id": f"01J{self.visitor[3:26].upper()}",
                "status": self.status,
                "messages": self.history,
                "answering": self.answering,
            },
        }
        route.fulfill(status=200, headers=headers, json=session)

    def _connect(self, socket: WebSocketRoute) -> None:
        self.urls.append(socket.url)
        self.sockets.append(socket)
        socket.on_message(self._receive)

    def _receive(self, data: str | bytes) -> None:
        frame: Frame = json.loads(data)
        self.frames.append(frame)
        if frame["action"] == "ping":
            self.say(type="pong")
        elif self.reply:
            self.reply(frame)
        elif self.acknowledge and frame["action"] == "message":
            self.say(type="ack", id=frame["id"], message_id=new_id())
