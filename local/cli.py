"""The commands of `python -m local`."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn

import httpx
from rich.console import Console

from local import environment, mailbox, stack
from local.demo import QUESTION, DemoFailed, ask, upload
from local.errors import LocalError
from local.layout import Layout
from local.locks import holder_of
from local.progress import Progress
from local.sample.scripts import read_cast
from local.seed import OWNER_EMAIL, Sample
from local.stack import Stack
from local.warming import PAGE

_LOOK_SECONDS = 0.2
_STOP_SECONDS = 30.0
_READY_SECONDS = 300.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. The exit status is 0, 1 for what went wrong, 130 for Ctrl-C."""
    options = _parser().parse_args(arguments)
    environment.isolate(os.environ)
    layout = Layout.of(state_dir=options.state_dir)
    try:
        return int(options.command(layout, options) or 0)
    except (LocalError, DemoFailed) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Start the stack and keep it running until Ctrl-C or SIGTERM."""
    progress = Progress()
    with (
        _interruptible(),
        stack.start(
            layout.root,
            layout.state_dir,
            environment.port_from(os.environ),
            seed=options.sample,
            conversations=options.conversations,
            warm=PAGE,
            watch=True,
            progress=progress,
        ) as running,
    ):
        try:
            _welcome(running, progress, team=options.conversations)
            while running.emulator.alive:
                time.sleep(_LOOK_SECONDS)
            raise LocalError(f"MiniStack ended unexpectedly. See {layout.emulator_log}")
        except (KeyboardInterrupt, SystemExit):
            progress.say("\nStopping and saving …")
            # From here on everything ends by itself, and soon.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            return 0


def stop(layout: Layout, _options: argparse.Namespace) -> int:
    """Stop what `run` started, from another terminal."""
    holder = holder_of(layout.run_lock)
    if holder is None:
        print("Nothing is running.")
        return 0
    os.kill(holder["pid"], signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while holder_of(layout.run_lock) is not None:
        if time.monotonic() > deadline:
            raise LocalError(f"Process {holder['pid']} does not end.")
        time.sleep(_LOOK_SECONDS)
    print("Stopped.")
    return 0


def status(layout: Layout, _options: argparse.Namespace) -> int:
    """Say whether the stack runs, and where. The exit status is 3 when it does not."""
    holder = holder_of(layout.run_lock)
    if holder is None:
        print("Nothing is running.")
        return 3
    try:
        running = stack.read_running(layout)
    except LocalError:
        print(f"Starting (process {holder['pid']}).")
        return 0
    print(f"Running (process {holder['pid']}).")
    for name, url in _addresses(running).items():
        print(f"  {name:<16}{url}")
    return 0


def demo(layout: Layout, options: argparse.Namespace) -> int:
    """Ask one question, after uploading a file if one is named. Starts the stack if need be."""
    console = Console(highlight=False)
    with _interruptible(), _running_or_started(layout) as (running, sample):
        if options.pdf:
            upload(running["api_url"], sample, options.pdf.absolute(), console)
        ask(running["api_url"], running["endpoint_url"], sample, options.question, console)
    return 0


def logs(layout: Layout, _options: argparse.Namespace) -> int:
    """Follow the logs of the functions and of MiniStack."""
    files = [layout.functions_log, layout.emulator_log]
    layout.prepare()
    with contextlib.suppress(KeyboardInterrupt):
        subprocess.run(["tail", "-n", "40", "-F", *map(str, files)], check=False)
    return 0


def mail(layout: Layout, _options: argparse.Namespace) -> int:
    """Print the mail that was sent since the start, oldest first."""
    running = stack.read_running(layout)
    for message in mailbox.sent(running["endpoint_url"]):
        print(f"To: {', '.join(message.to)}\nSubject: {message.subject}\n\n{message.text}")
        print("-" * 72)
    return 0


def stripe_clock(layout: Layout, options: argparse.Namespace) -> int:
    """Put the clock of the stand-in of Stripe forward, so that subscriptions renew."""
    running = stack.read_running(layout)
    form = {"do": "days", "days": str(options.days)}
    answer = httpx.post(f"{running['endpoint_url']}/_stripe/", data=form, trust_env=False)
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise LocalError("The clock goes forward, by at most five years at a time.")
    print(f"{options.days} days later. What happened: {running['endpoint_url']}/_stripe/")
    return 0


def synth(layout: Layout, _options: argparse.Namespace) -> int:
    """Synthesize for this machine, unless nothing changed, and print where the result lies."""
    layout.prepare()
    folder = stack.synthesized(layout, os.environ, Progress())
    print(folder)
    return 0


@contextlib.contextmanager
def _running_or_started(layout: Layout) -> Iterator[tuple[Mapping[str, Any], Sample]]:
    if holder_of(layout.run_lock) is None:
        port = environment.port_from(os.environ)
        progress = Progress()
        with stack.start(layout.root, layout.state_dir, port, progress=progress) as started:
            assert started.sample is not None  # noqa: S101 - it was asked for
            yield stack.describe(started), started.sample
        return
    deadline = time.monotonic() + _READY_SECONDS
    while not layout.running.exists():
        if holder_of(layout.run_lock) is None or time.monotonic() > deadline:
            raise LocalError("The stack that was starting did not become ready.")
        time.sleep(_LOOK_SECONDS)
    yield stack.read_running(layout), stack.read_sample(layout)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Have SIGTERM and a closed terminal end the program as Ctrl-C does.

    Ctrl-C itself is switched on too: a shell that starts us in the background switches it off.
    """

    def end(_number: int, _frame: object) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        raise SystemExit(0)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _welcome(running: Stack, progress: Progress, *, team: bool) -> None:
    progress.say("\nFrontdesk is running:")
    for name, url in _addresses(stack.describe(running)).items():
        progress.address(name, url)
    if running.sample:
        progress.say(f"\nTeam key for scripts: {running.sample.team_key}")
        progress.say(f"Login: {OWNER_EMAIL}, password {running.sample.owner_password}")
        if team:
            others = [each for each in read_cast().team if each.email != OWNER_EMAIL]
            listed = ", ".join(f"{each.email} ({each.role})" for each in others if not each.left)
            progress.say(f"With the same password: {listed}")
    progress.say(
        "\nSaved code is pushed to the functions. Logs: make logs. Mail: make mail. Ctrl-C stops.\n"
    )


def _addresses(running: Mapping[str, Any]) -> Mapping[str, str]:
    return {
        "about": f"{running['site_url']}/index.html",
        "chat": f"{running['site_url']}/chat.html",
        "desk": f"{running['site_url']}/dashboard.html",
        "prices": f"{running['site_url']}/pricing.html",
        "API": running["api_url"],
        "WebSocket": running["websocket_url"],
        "API health": f"{running['api_url']}/health",
        "Stripe stand-in": f"{running['endpoint_url']}/_stripe/",
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--state-dir", type=Path, default=None, help="instead of .local")
    commands = parser.add_subparsers(required=True)
    added: dict[str, argparse.ArgumentParser] = {}
    for command in (run, demo, stop, status, logs, mail, stripe_clock, synth):
        text, name = (command.__doc__ or "").splitlines()[0], command.__name__.replace("_", "-")
        added[name] = commands.add_parser(name, help=text, description=text)
        added[name].set_defaults(command=command)
    added["run"].add_argument(
        "--no-sample", dest="sample", action="store_false", help="without the sample organisation"
    )
    added["run"].add_argument(
        "--no-conversations",
        dest="conversations",
        action="store_false",
        help="with the sample organisation, but without its team and conversations",
    )
    added["stripe-clock"].add_argument("--days", type=int, default=31)
    added["demo"].add_argument("-q", "--question", default=QUESTION)
    added["demo"].add_argument("--pdf", type=Path, help="a file to upload first")
    return parser
