"""A customer without a browser: speaks docs/PROTOCOL.md over real HTTP and WebSocket."""

import json
from collections.abc import Iterator
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from frontdesk.ids import new_id

Frame = dict[str, Any]

_HTTP_SECONDS = 30.0


class ChatClient:
    """One visitor of an organisation's site. A context manager; connects when first needed."""

    def __init__(self, *, api_url: str, key: str, origin: str, visitor: str | None = None) -> None:
        """`api_url` ends in /api. `visitor` is the token of an earlier session."""
        self._http = httpx.Client(base_url=api_url, timeout=_HTTP_SECONDS)
        self._key = key
        self._origin = origin
        self._socket: ClientConnection | None = None
        self.visitor = visitor
        self.session: dict[str, Any] = {}

    def __enter__(self) -> "ChatClient":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.disconnect()
        self._http.close()

    def open_session(self) -> dict[str, Any]:
        """Ask for a session, new or continued. Raises httpx.HTTPStatusError."""
        body = {"key": self._key} | ({"visitor": self.visitor} if self.visitor else {})
        answer = self._http.post("/widget/session", json=body, headers={"Origin": self._origin})
        answer.raise_for_status()
        self.session = answer.json()
        self.visitor = self.session["visitor"]
        return self.session

    def connect(self) -> None:
        """Get a session and open a socket with its token."""
        self.disconnect()
        ticket = self.open_session()["connect"]
        self._socket = connect(f"{ticket['url']}?token={quote(ticket['token'])}", open_timeout=30)

    def disconnect(self) -> None:
        """Drop the socket, without a word."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, frame: Frame) -> None:
        """Send one frame."""
        if self._socket is None:
            self.connect()
        assert self._socket is not None  # noqa: S101 - connect() sets it or raises
        self._socket.send(json.dumps(frame))

    def receive(self, seconds: float) -> Frame:
        """The next frame. Raises TimeoutError after `seconds`, ConnectionClosed when it is gone."""
        if self._socket is None:
            raise RuntimeError("not connected")
        frame: Frame = json.loads(self._socket.recv(timeout=seconds))
        return frame

    def ask(
        self, text: str, *, seconds: float = 60.0, frame_id: str | None = None
    ) -> Iterator[Frame]:
        """Say something and yield every frame until the answer is done.

        A lost connection is opened again, and a silent one is asked to resume, as the widget does.
        Raises TimeoutError when nothing has come for `seconds`.
        """
        frame_id = frame_id or new_id()
        message = {"action": "message", "id": frame_id, "text": text}
        self.send(message)
        asked_again = False
        while True:
            try:
                frame = self.receive(seconds / 2)
            except ConnectionClosed:
                self.connect()
                self.send(message)
                continue
            except TimeoutError:
                if asked_again:
                    raise
                asked_again = True
                self.send({"action": "resume", "after": None})
                continue
            asked_again = False
            yield frame
            if _answers(frame, frame_id):
                return

    def open_citation(self, message_id: str, number: int) -> dict[str, Any]:
        """The passage behind a citation. Raises httpx.HTTPStatusError."""
        answer = self._http.get(
            f"/widget/messages/{message_id}/citations/{number}",
            headers={
                "Authorization": f"Bearer {self.visitor}",
                "X-Frontdesk-Key": self._key,
            },
        )
        answer.raise_for_status()
        passage: dict[str, Any] = answer.json()
        return passage


def _answers(frame: Frame, frame_id: str) -> bool:
    """Whether this frame ends the wait for an answer to `frame_id`."""
    match frame:
        case {"type": "done", "message": {"reply_to": replies}}:
            return frame_id in replies
        case {"type": "resumed", "messages": messages}:
            return any(frame_id in message.get("reply_to", ()) for message in messages)
        case {"type": "state", "status": "human" | "waiting"}:
            return True
        case {"type": "error", "id": identifier}:
            return bool(identifier == frame_id)
    return False
