"""Counts the calls that botocore clients make, and how many follow one another."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Call:
    """One request to AWS."""

    name: str
    start: float
    end: float = float("inf")


@dataclass(slots=True)
class CallLog:
    """Records every call of the clients it is attached to."""

    calls: list[Call] = field(default_factory=list)
    _open: threading.local = field(default_factory=threading.local)

    def attach(self, client: Any) -> Any:  # noqa: ANN401 - any botocore client
        """Record the calls of `client`, and return it."""
        client.meta.events.register("before-call", self._begin)
        client.meta.events.register("after-call", self._finish)
        client.meta.events.register("after-call-error", self._finish)
        return client

    def _begin(self, model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's
        call = Call(model.name, time.perf_counter())
        self.calls.append(call)
        self._open.call = call

    def _finish(self, **_: object) -> None:
        # A call that was under way when the log was attached has no beginning here.
        call: Call | None = getattr(self._open, "call", None)
        if call is not None:
            call.end = time.perf_counter()

    def counts(self) -> dict[str, int]:
        """How often each operation was called."""
        return dict(Counter(call.name for call in self.calls))

    def seconds(self) -> float:
        """How long at least one call was under way."""
        total, reached = 0.0, float("-inf")
        for call in sorted(self.calls, key=lambda call: call.start):
            total += max(0.0, call.end - max(call.start, reached))
            reached = max(reached, call.end)
        return total

    def depth(self, before: float = float("inf")) -> int:
        """The longest chain of calls over by `before`, each begun after the last one ended."""
        chains: list[tuple[float, int]] = []
        for call in sorted(self.calls, key=lambda call: call.start):
            if call.end <= before:
                length = 1 + max((n for end, n in chains if end <= call.start), default=0)
                chains.append((call.end, length))
        return max((length for _, length in chains), default=0)
