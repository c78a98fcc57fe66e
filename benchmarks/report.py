"""`make bench`: what is measured, as one JSON object."""

import argparse
import json
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    bench_answer,
    bench_api,
    bench_imports,
    bench_inbox,
    bench_index,
    bench_pages,
    bench_sentiment,
)
from local import stack
from local.environment import CREDENTIALS, REGION
from local.seed import give_business
from local.warming import PAGE

_STORED = 100_000


def _on_the_stack(
    measure: Callable[[stack.Stack], dict[str, object]], *, warm: int = 1
) -> dict[str, object]:
    """Start a stack of its own, and measure there."""
    with (
        tempfile.TemporaryDirectory() as folder,
        stack.start(state_dir=Path(folder), warm=warm) as running,
    ):
        assert running.sample  # it was not left out
        give_business(running.client("dynamodb"), running.outputs["TableName"], running.sample)
        return measure(running)


def _answers() -> dict[str, object]:
    def measure(running: stack.Stack) -> dict[str, object]:
        return {
            "imports": bench_imports.measure(running),
            "http api": bench_api.measure(running, stored=(100, _STORED)),
            "answer on the stack": bench_answer.on_the_stack(running),
            "answer in process": bench_answer.in_process(running),
            "one message, nothing else stored": bench_answer.shape(running, stored=0),
            f"one message among {_STORED:,} conversations": bench_answer.shape(
                running, stored=_STORED
            ),
        }

    return _on_the_stack(measure)


def _models() -> dict[str, object]:
    return {
        "sentiment": bench_sentiment.measure(),
        "index": bench_index.measure([1_000, 10_000, 100_000]),
    }


def _pages() -> dict[str, object]:
    measured = _on_the_stack(bench_pages.on_the_stack, warm=PAGE)
    return {"page weight": bench_pages.weights()} | measured


def _inbox() -> dict[str, object]:
    return {
        "reads and writes": bench_inbox.routes(),
        "first screen of the inbox": bench_inbox.first_screen(),
        "list of 5,000": bench_inbox.scrolling(),
    }


_PARTS = {"answers": _answers, "models": _models, "pages": _pages, "inbox": _inbox}


def main() -> None:
    """Measure the parts that are named, or all, and print."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("parts", nargs="*", choices=[[], *_PARTS], help="all when none is named")
    named = parser.parse_args().parts or list(_PARTS)
    logging.disable(logging.INFO)
    # Nothing here may reach a real account.
    os.environ.update(CREDENTIALS, AWS_DEFAULT_REGION=REGION)
    report: dict[str, object] = {
        "machine": {
            "cpu": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "load": os.getloadavg()[0],
        }
    }
    for name in named:
        report |= _PARTS[name]()
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
