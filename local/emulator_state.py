"""Saves the emulator's state while it runs. Runs inside the emulator's process."""

import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Collection
from pathlib import Path
from typing import Any

from local.snapshots import Snapshots

_GIVE_UP_SECONDS = 60

logger = logging.getLogger("frontdesk.state")


class StateSaver:
    """Takes snapshots of a running MiniStack.

    A forked copy of the process does the writing: it holds the state of one moment, and requests
    are served meanwhile. Nothing is saved before `open` is called, so that a deployment that was
    interrupted leaves no trace.
    """

    def __init__(self, snapshots: Snapshots, *, port: int, keep_open: Collection[int]) -> None:
        """`port` is where MiniStack listens.

        `keep_open` are descriptors the copy must not close, such as that of a lock.
        """
        self._snapshots = snapshots
        self._port = port
        self._keep_open = frozenset({0, 1, 2, *keep_open})
        self._opened = False
        self.touched = False

    @property
    def due(self) -> bool:
        """Whether there may be something new to save."""
        return self._opened and self.touched

    def open(self) -> None:
        """From here on the state is worth keeping."""
        self._opened = True

    def start(self) -> int:
        """Begin a snapshot of this very moment; the process id of the copy that writes it.

        To be called between two requests, that is on the event loop.
        """
        self.touched = False
        child = os.fork()
        if child == 0:
            self._write_and_exit()
        return child

    @staticmethod
    def finish(child: int) -> bool:
        """Wait for `start`'s copy. False when it failed; the snapshot before it stays current."""
        _, status = os.waitpid(child, 0)
        if status != 0:
            logger.error("a snapshot failed with status %s", status)
        return status == 0

    def save_at_exit(self, _services: object = None) -> None:
        """Save, if there is anything to. Takes the place of MiniStack's own `save_all`."""
        if self.due:
            self.finish(self.start())

    def _write_and_exit(self) -> None:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
                signal.signal(number, signal.SIG_DFL)
            # A thread of the original may have held a lock that the copy waits for.
            signal.alarm(_GIVE_UP_SECONDS)
            # A connection is only closed when the copy lets go of it too.
            for name in os.listdir("/dev/fd"):  # noqa: PTH208 - names, not paths
                if int(name) not in self._keep_open:
                    _close(int(name))
            logging.disable(logging.INFO)
            _forget_passing_state()
            snapshot = self._snapshots.begin()
            _write(snapshot)
            self._snapshots.write_port(snapshot, self._port)
            self._snapshots.complete(snapshot)
            code = 0
        except BaseException:  # noqa: BLE001 - the copy must never run on as a second emulator
            traceback.print_exc()
        finally:
            os._exit(code)


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        return


def _write(folder: Path) -> None:
    """Have MiniStack write its state to `folder` instead of where it was started with."""
    from ministack import app  # noqa: PLC0415 - only in the emulator's process
    from ministack.core import persistence  # noqa: PLC0415

    persistence.STATE_DIR = str(folder)
    functions = _service("lambda_svc")
    if functions is not None:
        functions.CODE_BLOB_DIR = str(folder / "lambda-blobs")
    persistence.save_all(app._build_persistence_save_dict())  # noqa: SLF001 - has no public name


def _forget_passing_state() -> None:
    """Drop what means nothing after a restart. Only ever called in the copy."""
    queues = _service("sqs")
    if queues is not None:
        for _, queue in queues._queues.all_items():  # noqa: SLF001 - has no public name
            _put_back(queue["messages"])
    logs = _service("cloudwatch_logs")
    if logs is not None:
        logs._log_records.clear()  # noqa: SLF001
        for _, group in logs._log_groups.all_items():  # noqa: SLF001
            group["streams"] = {}


def _put_back(messages: list[dict[str, Any]]) -> None:
    """Undo the receiving of messages whose workers will be gone.

    Without this they stay invisible for up to a quarter of an hour, and count as failed attempts.
    """
    now = time.time()
    for message in messages:
        if message.get("receipt_handle") and message.get("visible_at", 0) > now:
            message["visible_at"] = now
            message["receive_count"] -= 1
            message["receipt_handle"] = None


def _service(name: str) -> Any:  # noqa: ANN401 - MiniStack has no types
    return sys.modules.get(f"ministack.services.{name}")
