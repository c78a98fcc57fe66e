"""How long to wait for a server, whatever it would like."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2


def asked_wait(headers: Mapping[str, str]) -> float:
    """The seconds that a server asks us to wait, in any of the ways that the SDK heeds."""
    with suppress(ValueError):
        return float(headers.get("retry-after-ms", "")) / 1000
    after = headers.get("retry-after", "")
    with suppress(ValueError):
        return float(after)
    with suppress(ValueError):
        return parsedate_to_datetime(after).timestamp() - time.time()
    return 0.0


def bounded(stream: "httpx2.SyncByteStream", deadline: float) -> "httpx2.SyncByteStream":
    """`stream`, which fails at what comes after `deadline`, by the monotonic clock.

    A read timeout alone never ends a stream that trickles, or sends comments to keep alive.
    """
    import httpx2  # noqa: PLC0415 - comes with the SDK, which takes a second to import

    class Bounded(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for chunk in stream:
                yield chunk
                if time.monotonic() > deadline:
                    raise httpx2.ReadTimeout("it takes too long")

        def close(self) -> None:
            stream.close()

    return Bounded()
