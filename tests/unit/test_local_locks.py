"""Who may run a stack."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.errors import LocalError
from local.layout import ROOT
from local.locks import AlreadyRunning, holder_of, run_lock, take_state_lock

HOLD = """
import sys, time
from pathlib import Path
from local.locks import run_lock
with run_lock(Path(sys.argv[1]), {"port": 4700}):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.lock"


def test_a_second_run_is_told_where_the_first_is(path: Path) -> None:
    with (
        run_lock(path, {"port": 4566}),
        pytest.raises(AlreadyRunning, match=rf"port 4566 \(process {os.getpid()}\)"),
        run_lock(path, {"port": 4567}),
    ):
        pass
    with run_lock(path, {}):
        pass


def test_nobody_holds_a_lock_that_was_let_go(path: Path) -> None:
    assert holder_of(path) is None
    with run_lock(path, {"port": 4566}):
        assert holder_of(path) == {"port": 4566, "pid": os.getpid()}
    assert holder_of(path) is None


def test_a_process_that_was_killed_holds_nothing(path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        assert holder_of(path) == {"port": 4700, "pid": process.pid}
        process.kill()
        process.wait()
    assert holder_of(path) is None


def test_the_state_is_locked_until_the_last_who_has_the_lock_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "state.lock"
    lock = take_state_lock(path, seconds=0)
    with subprocess.Popen(["sleep", "60"], pass_fds=[lock]) as emulator:
        os.close(lock)
        with pytest.raises(LocalError, match="earlier run"):
            take_state_lock(path, seconds=0.1)
        emulator.kill()
        emulator.wait()
        started = time.monotonic()
        os.close(take_state_lock(path, seconds=5))
        assert time.monotonic() - started < 5
