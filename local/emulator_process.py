"""MiniStack in a process of its own. Started by `local.emulator`, not by hand.

    python -m local.emulator_process SOCKET LOCK SNAPSHOTS FUNCTIONS_LOG STRIPE

SOCKET and LOCK are descriptors that come with the process: the listening socket, and the lock on
the state. STRIPE is the file of Stripe's stand-in. Ends on SIGTERM, or when its standard
input ends, that is when its parent is gone.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from local import key_conditions
from local.emulator_app import STRIPE, EmulatorApp
from local.emulator_state import StateSaver
from local.layout import ROOT
from local.snapshots import Snapshots

# The table of plans, which the stand-in of Stripe takes its prices from, lies in a layer.
sys.path.insert(0, str(ROOT / "layers" / "core" / "python"))

SAVE_SECONDS = 15.0
"""How much a kill -9 may lose."""

_FINISH_SECONDS = 2.0
"""How long functions that run may go on when everything stops."""

_LOG_BYTES = 5_000_000


def main() -> None:
    """Serve until told to stop. Never returns: nothing may outlive the save."""
    listening, lock, snapshots, functions_log, stripe_file = sys.argv[1:]
    logging.captureWarnings(capture=True)
    _log_functions(Path(functions_log))
    saver = StateSaver(
        Snapshots(Path(snapshots)), port=int(os.environ["GATEWAY_PORT"]), keep_open=[int(lock)]
    )
    try:
        asyncio.run(_serve(int(listening), saver, Path(stripe_file)))
    finally:
        logging.shutdown()
        # The functions' processes are in our process group, and so are we.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
        os._exit(0)


async def _serve(listening: int, saver: StateSaver, stripe_file: Path) -> None:
    # Imported here because it reads the environment and starts logging when imported.
    from hypercorn.asyncio import serve  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack import app as ministack  # noqa: PLC0415

    from local.stripe import app as stripe  # noqa: PLC0415

    ministack.save_all = saver.save_at_exit
    key_conditions.install()
    logging.getLogger("hypercorn.access").setLevel(logging.WARNING)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    threading.Thread(
        target=_watch_parent, args=(partial(loop.call_soon_threadsafe, stopping.set),), daemon=True
    ).start()

    saving = asyncio.Lock()

    async def save() -> bool:
        async with saving:
            saver.open()
            return await asyncio.to_thread(saver.finish, saver.start())

    def touch() -> None:
        saver.touched = True

    async def save_now_and_then() -> None:
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            if saver.due:
                await save()

    async def told_to_stop() -> None:
        await stopping.wait()
        regular.cancel()
        await _let_functions_finish()
        # Two copies must not write at once.
        await saving.acquire()

    regular = asyncio.create_task(save_now_and_then())
    config = Config()
    config.bind = [f"fd://{listening}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.5
    config.loglevel = "WARNING"
    with stripe.running(stripe_file, f"{os.environ['AWS_ENDPOINT_URL']}{STRIPE}") as stand_in:
        app: Any = EmulatorApp(ministack.app, stripe=stand_in.app, save=save, touch=touch)
        await serve(app, config, shutdown_trigger=told_to_stop)


async def _let_functions_finish() -> None:
    from ministack.core import lambda_runtime  # noqa: PLC0415 - as above

    deadline = time.monotonic() + _FINISH_SECONDS
    while lambda_runtime.workers_in_use() and time.monotonic() < deadline:
        await asyncio.sleep(0.05)


def _watch_parent(stop: Any) -> None:  # noqa: ANN401 - a partial
    while os.read(0, 1024):
        pass
    stop()


def _log_functions(path: Path) -> None:
    """Write what functions log to a file as they log it. MiniStack keeps it to itself."""
    from ministack.core import lambda_runtime  # noqa: PLC0415 - as above

    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    lines = logging.getLogger("frontdesk.functions")
    lines.propagate = False
    lines.addHandler(handler)
    lines.setLevel(logging.INFO)

    def read_stderr(worker: Any) -> None:  # noqa: ANN401 - MiniStack's Worker has no types
        name = worker.config.get("Handler", worker.func_name).removesuffix(".handler")
        try:
            for line in worker._proc.stderr:  # noqa: SLF001
                text = line.rstrip("\n")
                lines.info("%s %s", name, text)
                worker._stderr_queue.put(text)  # noqa: SLF001
        except (OSError, ValueError, AttributeError):  # the worker was put away meanwhile
            return

    lambda_runtime.Worker._read_stderr = read_stderr  # noqa: SLF001 - there is no hook for it


if __name__ == "__main__":
    main()
