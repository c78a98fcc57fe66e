"""The process in which files are read: see `reader`, which starts it and talks to it."""

import contextlib
import json
import resource
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from frontdesk.errors import UnreadableDocument
from ingest.reading import Reading, Task, read
from ingest.tokens import estimate_tokens

_PAGE_SECONDS = 0.5
_CPU_SECONDS = 60
"""More than a file may take at all: ends a process whose worker is gone."""

_OF_A_PASSAGE = ("text", "headings", "page", "last_page", "start", "end")


def main() -> None:
    """Answer one file after another, until nobody asks any more."""
    descriptor, memory, tokenizer = sys.argv[1:]
    connection = Connection(int(descriptor))
    count_tokens = _counter(tokenizer)
    # Systems that know no such limit are not those that customers' files are read on.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _say(connection, {"ready": True})
    while True:
        try:
            task = json.loads(connection.recv_bytes())
            data = connection.recv_bytes()
        except EOFError:
            return
        _say(connection, _answer(connection, task, data, count_tokens))


def _answer(
    connection: Connection, task: dict[str, Any], data: bytes, count_tokens: Callable[[str], int]
) -> dict[str, Any]:
    """What reading a file came to."""
    seconds = task.pop("seconds")
    over = time.monotonic() + seconds
    used = int(time.process_time() + seconds) + _CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (used, resource.RLIM_INFINITY))
    said = 0.0

    def on_page(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= _PAGE_SECONDS:
            said = time.monotonic()
            _say(connection, {"page": done, "of": total})

    try:
        reading = read(
            data,
            Task(**task),
            count_tokens=count_tokens,
            seconds_left=lambda: over - time.monotonic(),
            on_page=on_page,
        )
        answer = _told(reading)
    except UnreadableDocument as error:
        answer = {"refused": str(error)}
    except MemoryError:
        answer = {"exhausted": True}
    except Exception as error:  # noqa: BLE001 - told to the worker, which logs it and tries again
        # The text of an error may quote the document.
        frames = traceback.extract_tb(error.__traceback__)
        where = " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in frames[::-1])
        answer = {"broke": f"{type(error).__name__} at {where}"}
    return {**answer, "memory": _peak_memory()}


def _told(reading: Reading) -> dict[str, Any]:
    return {
        "title": reading.title,
        "language": reading.passages[0].language,
        "pages": reading.pages,
        "warnings": reading.warnings,
        "passages": [
            {name: getattr(passage, name) for name in _OF_A_PASSAGE} for passage in reading.passages
        ],
    }


def _peak_memory() -> int:
    """Bytes. Of Linux not by `getrusage`: there a process inherits the peak of the one before."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1_024


def _counter(tokenizer: str) -> Callable[[str], int]:
    if not tokenizer:
        return estimate_tokens
    # Ships with laptops only.
    from frontdesk.knowledge.minilm_tokens import MiniLmTokenizer  # noqa: PLC0415

    return MiniLmTokenizer(Path(tokenizer)).count_tokens


def _say(connection: Connection, answer: dict[str, Any]) -> None:
    connection.send_bytes(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
