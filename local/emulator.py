"""Starts MiniStack, waits for it, talks to it and stops it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

from local import environment
from local.errors import LocalError
from local.layout import Layout
from local.locks import take_state_lock
from local.snapshots import Snapshots

_LISTEN_QUEUE = 512
_START_SECONDS = 60.0
_EARLIER_RUN_SECONDS = 30.0
_STOP_SECONDS = 20.0
_LOOK_SECONDS = 0.02


class Emulator:
    """A running MiniStack, and the processes of the functions in it."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
        """`process` leads a process group of its own."""
        self._process = process
        self._log = log
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=_START_SECONDS, trust_env=False
        )
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @property
    def pid(self) -> int:
        """Its process id, which is that of its process group too."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Return when it serves. Raises LocalError when it ends, or is not ready in a minute."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if not self.alive:
                raise LocalError(f"MiniStack ended at once:\n{self._end_of_log()}")
            try:
                if self._http.get("/_ministack/health", timeout=1.0).is_success:
                    return
            except httpx.TransportError:
                time.sleep(_LOOK_SECONDS)
        raise LocalError(f"MiniStack is not ready after a minute:\n{self._end_of_log()}")

    def save(self) -> None:
        """Save the state now. Until this is called once, nothing is saved. Raises LocalError."""
        if not self._http.post("/_frontdesk/save").is_success:
            raise LocalError(f"MiniStack could not save its state:\n{self._end_of_log()}")

    def publish_site(self, distribution: str) -> str:
        """Serve the distribution of that domain name below the address this returns."""
        host = distribution.replace(".cloudfront.net", ".cloudfront.localhost")
        self._http.put("/_frontdesk/site", content=f"{host}:{self.port}").raise_for_status()
        return f"{self.url}/site"

    def send_stripe_events(self, url: str) -> dict[str, str]:
        """Have the stand-in of Stripe send its events to `url`.

        Returns the keys to use, by their field in the stack's secret.
        """
        answer = self._http.put("/_stripe/control/webhook", json={"url": url})
        answer.raise_for_status()
        return {f"stripe_{name}": str(key) for name, key in answer.json().items()}

    def stop(self) -> None:
        """Have it save and end, and see to it that no process is left."""
        self._http.close()
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _end_of_log(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n".join([f"  {line}" for line in lines[-12:]] + [f"  (all of it: {self._log})"])


@contextlib.contextmanager
def running(layout: Layout, port: int, environ: Mapping[str, str]) -> Iterator[Emulator]:
    """A MiniStack on `port` of 127.0.0.1, or on any free port for 0, with the state in `layout`.

    Raises LocalError when the port is taken or MiniStack does not start.
    """
    lock = take_state_lock(layout.state_lock, seconds=_EARLIER_RUN_SECONDS)
    try:
        with _listen(port) as listening:
            process = _start(layout, listening, lock, environ)
            emulator = Emulator(process, listening.getsockname()[1], layout.emulator_log)
    finally:
        os.close(lock)
    try:
        emulator.wait_until_ready()
        yield emulator
    finally:
        emulator.stop()


def _start(
    layout: Layout, listening: socket.socket, lock: int, environ: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    _empty(layout.temporary)
    port = listening.getsockname()[1]
    snapshots = Snapshots(layout.snapshots)
    if snapshots.empty:
        # Objects of a first start that was interrupted: no bucket that holds them is known.
        _empty(layout.objects)
    snapshots.move_to_port(port)
    state = snapshots.current()
    snapshots.discard_others()
    _keep_one_older(layout.emulator_log)
    _keep_one_older(layout.functions_log)
    layout.functions_log.touch()
    command = [
        *(sys.executable, "-m", "local.emulator_process"),
        *(str(listening.fileno()), str(lock), str(layout.snapshots), str(layout.functions_log)),
        str(layout.stripe),
    ]
    with layout.emulator_log.open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=layout.root,
            env=environment.for_emulator(environ, layout, port, state),
            # Never written to: it ends when this process does, and then the emulator does.
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[listening.fileno(), lock],
            # A group of its own: Ctrl-C reaches us alone, and we can end the functions with it.
            start_new_session=True,
        )


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        listening.close()
        raise LocalError(
            f"Port {port} is taken by another program. "
            f"FRONTDESK_PORT chooses another one: FRONTDESK_PORT={port + 1} make run"
        ) from error
    listening.listen(_LISTEN_QUEUE)
    return listening


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)


def _keep_one_older(log: Path) -> None:
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
