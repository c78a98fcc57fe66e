"""Reads files in a process of its own, which is ended when a file takes too much.

What a parser does with a hostile file cannot be interrupted from within: a regular expression of
pypdf hears no signal, and memory that is gone is gone for the whole worker. So the process that
reads has a limit of memory, no credentials, and somebody who ends it when its time is over.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from frontdesk.errors import Unavailable, UnreadableDocument
from frontdesk.knowledge.ports import Passage
from ingest.reading import Reading, Task

SECONDS = 300.0
"""For reading one document. The longest that are taken need a third of that."""

MEMORY = 1_400 * 2**20
"""Bytes of address space. The worker itself, beside it, needs 300 MB of the 2,048 it has."""

_START_SECONDS = 60.0
_GRACE_SECONDS = 2.0
_KEPT_MEMORY = 400 * 2**20
"""A process that has needed more does not read another file, so as to give it back."""

_TOO_LONG = "Reading the document took too long. Split it into smaller files."
_TOO_MUCH = (
    "Reading the document took too much memory, or broke off. "
    "Split it into smaller files, or save it in another format."
)


class ReadingBroke(Exception):
    """Our own code failed on a file. Says where, and nothing of what the file holds."""


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    connection: Connection


class Reader:
    """Reads one file after another, in a process that is started when it is needed."""

    def __init__(
        self, *, tokenizer: Path | None = None, seconds: float = SECONDS, memory: int = MEMORY
    ) -> None:
        """`tokenizer` is the folder of the one to count with; without, tokens are estimated."""
        self._tokenizer = tokenizer
        self._seconds = seconds
        self._memory = memory
        self._child: _Child | None = None

    def read(
        self,
        data: bytes,
        task: Task,
        *,
        seconds_left: Callable[[], float],
        on_page: Callable[[int, int], None],
    ) -> Reading:
        """What the file holds. See `Reads`. Raises Unavailable if no process can be started."""
        if self._child is not None and self._child.process.poll() is not None:
            self.close()
        self._child = self._child or self._started()
        seconds = min(self._seconds, seconds_left())
        answer: dict[str, Any] | None = None
        try:
            answer = self._ask(self._child, data, {**asdict(task), "seconds": seconds}, on_page)
        except (EOFError, OSError) as error:
            raise UnreadableDocument(_TOO_MUCH) from error
        finally:
            # What it still says would be taken for the answer to the next file.
            if answer is None or answer["memory"] > _KEPT_MEMORY:
                self.close()
        return _reading(answer, task)

    def _ask(
        self, child: _Child, data: bytes, task: dict[str, Any], on_page: Callable[[int, int], None]
    ) -> dict[str, Any]:
        """What the process answers at last. Raises UnreadableDocument, EOFError, OSError."""
        over = time.monotonic() + task["seconds"] + _GRACE_SECONDS
        child.connection.send_bytes(json.dumps(task).encode())
        child.connection.send_bytes(data)
        while (answer := _answer(child.connection, over)) is not None:
            if "page" not in answer:
                return answer
            on_page(answer["page"], answer["of"])
        raise UnreadableDocument(_TOO_LONG)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._child is not None:
            self._child.process.kill()
            self._child.process.wait()
            self._child.connection.close()
            self._child = None

    def _started(self) -> _Child:
        """A process that is ready to read."""
        ours, theirs = Pipe()
        kept = ("PATH", "LD_LIBRARY_PATH", "LANG", "TZ")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - ourselves, with a path and two numbers
                [
                    *(sys.executable, "-m", "ingest.reader_process", str(theirs.fileno())),
                    *(str(self._memory), str(self._tokenizer or "")),
                ],
                env={**environment, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        try:
            if _answer(ours, time.monotonic() + _START_SECONDS) == {"ready": True}:
                return _Child(process, ours)
        except (EOFError, OSError):
            pass
        process.kill()
        process.wait()
        ours.close()
        raise Unavailable("the process that reads documents does not start")


def _answer(connection: Connection, over: float) -> dict[str, Any] | None:
    """What the process says next, None if nothing until `over`. Raises EOFError, OSError."""
    if not connection.poll(max(0.0, over - time.monotonic())):
        return None
    answer: dict[str, Any] = json.loads(connection.recv_bytes())
    return answer


def _reading(answer: dict[str, Any], task: Task) -> Reading:
    if "refused" in answer:
        raise UnreadableDocument(answer["refused"])
    if "broke" in answer:
        raise ReadingBroke(answer["broke"])
    if "exhausted" in answer:
        raise UnreadableDocument(_TOO_MUCH)
    passages = [
        Passage(
            document_id=task.document_id,
            version=task.version,
            ordinal=ordinal,
            title=answer["title"],
            category=task.category,
            language=answer["language"],
            **{**fields, "headings": tuple(fields["headings"])},
        )
        for ordinal, fields in enumerate(answer["passages"])
    ]
    return Reading(passages, answer["title"], answer["pages"], tuple(answer["warnings"]))
