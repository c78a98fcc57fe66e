"""File locks: the kernel lets go of them when their holder dies, however it dies."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.errors import LocalError

_LOOK_SECONDS = 0.1
_READ_ATTEMPTS = 10


class AlreadyRunning(LocalError):
    """Someone else runs this stack. `holder` is what they wrote down."""

    def __init__(self, holder: Mapping[str, Any]) -> None:
        self.holder = holder
        pid = holder["pid"]
        port = f" on port {holder['port']}" if "port" in holder else ""
        super().__init__(
            f"This checkout's stack is already running{port} (process {pid}). "
            "`make stop` stops it, `python -m local status` shows its addresses."
        )


@contextmanager
def run_lock(path: Path, holder: Mapping[str, Any]) -> Iterator[None]:
    """Hold `path` and write `holder` and our process id into it. Raises AlreadyRunning."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _try(descriptor):
            raise AlreadyRunning(_read(path))
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps({**holder, "pid": os.getpid()}).encode())
        yield
    finally:
        os.close(descriptor)


def holder_of(path: Path) -> Mapping[str, Any] | None:
    """Who holds `path`, with a `pid` in it, or None when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        return None if _try(descriptor) else _read(path)
    finally:
        os.close(descriptor)


def take_state_lock(path: Path, *, seconds: float) -> int:
    """Lock `path` and return its descriptor, to be handed to the emulator.

    The lock lasts until every process that has the descriptor is gone, so an emulator that outlives
    whoever started it keeps others from its files. Waits `seconds` for such a one to finish saving;
    raises LocalError after that.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + seconds
    while not _try(descriptor):
        if time.monotonic() > deadline:
            os.close(descriptor)
            raise LocalError(f"An emulator of an earlier run still uses {path.parent}.")
        time.sleep(_LOOK_SECONDS)
    return descriptor


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path) -> Mapping[str, Any]:
    for _ in range(_READ_ATTEMPTS):
        try:
            holder: Mapping[str, Any] = json.loads(path.read_text())
        except ValueError:  # it is about to be written
            time.sleep(_LOOK_SECONDS)
        else:
            return holder
    raise LocalError(f"{path} is locked by a process that does not say which it is.")
