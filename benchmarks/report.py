"""`make bench`: everything that is measured, as one JSON object."""

import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks import bench_answer, bench_api, bench_imports, bench_index, bench_sentiment
from local import stack
from local.seed import give_business

_STORED = 100_000


def main() -> None:
    """Start a stack of its own, measure, and print."""
    with (
        tempfile.TemporaryDirectory() as folder,
        stack.start(state_dir=Path(folder)) as running,
    ):
        assert running.sample  # it was not left out
        give_business(running.client("dynamodb"), running.outputs["TableName"], running.sample)
        report = {
            "machine": {
                "cpu": platform.processor() or platform.machine(),
                "cores": os.cpu_count(),
                "python": platform.python_version(),
                "load": os.getloadavg()[0],
            },
            "imports": bench_imports.measure(running),
            "http api": bench_api.measure(running, stored=(100, _STORED)),
            "answer on the stack": bench_answer.on_the_stack(running),
            "answer in process": bench_answer.in_process(running),
            "one message, nothing else stored": bench_answer.shape(running, stored=0),
            f"one message among {_STORED:,} conversations": bench_answer.shape(
                running, stored=_STORED
            ),
        }
    report["sentiment"] = bench_sentiment.measure()
    report["index"] = bench_index.measure([1_000, 10_000, 100_000])
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
