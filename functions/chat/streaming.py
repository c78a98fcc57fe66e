"""An answer on its way to everyone who listens."""

import threading
import time
from collections.abc import Callable, Iterable

from frontdesk.realtime.frames import DeltaFrame, OutgoingFrame, WithdrawnFrame, encode
from frontdesk.realtime.sockets import Sockets

_FLUSH_SECONDS = 0.05


class AnswerStream:
    """Numbers the pieces of one answer and sends them on, at most every 50 ms.

    Listeners may join while it runs: a new one first gets what was sent so far. A listener that is
    gone is dropped; the answer goes on. Safe to use from two threads.
    """

    def __init__(
        self,
        sockets: Sockets,
        message_id: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`message_id` is the id that the finished answer will have."""
        self._sockets = sockets
        self._message_id = message_id
        self._clock = clock
        self._lock = threading.Lock()
        self._listeners: list[str] = []
        self._gone: set[str] = set()
        self._sent = ""
        self._waiting = ""
        self._pieces = 0
        self._flushed_at = float("-inf")
        self._before_first: Callable[[], None] | None = None
        self._muted = False

    def before_first(self, action: Callable[[], None]) -> None:
        """Have `action` called once, before the first frame is sent: it may bring listeners."""
        self._before_first = action

    def listen(self, connection_ids: Iterable[str]) -> None:
        """Add those not yet listening."""
        with self._lock:
            for connection_id in connection_ids:
                if connection_id in self._listeners or connection_id in self._gone:
                    continue
                self._listeners.append(connection_id)
                if self._pieces and not self._muted:
                    self._send(connection_id, self._delta(1, self._sent))

    def mute(self) -> None:
        """Send nothing more: the conversation is somebody else's now."""
        with self._lock:
            self._muted = True

    def withdraw(self) -> None:
        """Have what was sent of the answer removed; it will not come. Works on a muted stream."""
        if not self._pieces:
            return
        text = encode(WithdrawnFrame(message_id=self._message_id))
        with self._lock:
            for connection_id in tuple(self._listeners):
                self._post(connection_id, text)

    def write(self, text: str) -> None:
        """Add text; it is sent now if the last sending was long enough ago."""
        self._begin()
        with self._lock:
            self._waiting += text
            if self._clock() - self._flushed_at >= _FLUSH_SECONDS:
                self._flush()

    def flush(self) -> None:
        """Send what waits."""
        with self._lock:
            self._flush()

    def restart(self) -> None:
        """Begin again, because another model takes over: the next piece replaces the others."""
        with self._lock:
            self._sent = self._waiting = ""
            self._pieces = 0

    def send(self, frame: OutgoingFrame) -> None:
        """Send any other frame to every listener."""
        self._begin()
        text = encode(frame)
        with self._lock:
            if self._muted:
                return
            for connection_id in tuple(self._listeners):
                self._post(connection_id, text)

    def _begin(self) -> None:
        action, self._before_first = self._before_first, None
        if action is not None:
            action()

    def _flush(self) -> None:
        if not self._waiting or self._muted:
            return
        self._pieces += 1
        text, self._waiting = self._waiting, ""
        self._sent += text
        frame = self._delta(self._pieces, text)
        for connection_id in tuple(self._listeners):
            self._send(connection_id, frame)
        self._flushed_at = self._clock()

    def _delta(self, first: int, text: str) -> DeltaFrame:
        return DeltaFrame(message_id=self._message_id, first=first, n=self._pieces, text=text)

    def _send(self, connection_id: str, frame: OutgoingFrame) -> None:
        self._post(connection_id, encode(frame))

    def _post(self, connection_id: str, text: str) -> None:
        if not self._sockets.send(connection_id, text):
            self._listeners.remove(connection_id)
            self._gone.add(connection_id)
