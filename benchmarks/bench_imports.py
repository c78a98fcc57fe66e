"""How long each handler takes to import and to wire, in a fresh interpreter."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.summary import milliseconds
from local.environment import CREDENTIALS, REGION
from local.stack import Stack

ROOT = Path(__file__).resolve().parent.parent
_PROGRAM = """
import sys, time
begin = time.perf_counter()
import importlib
module = importlib.import_module(sys.argv[1])
imported = time.perf_counter()
getattr(module, sys.argv[2])()
print(imported - begin, time.perf_counter() - begin)
"""
HANDLERS = {
    "chat gateway": ("chat.gateway", "ChatGatewayFunction"),
    "chat answer": ("chat.answer", "ChatAnswerFunction"),
    "api": ("api.handler", "ApiFunction"),
    "webhooks": ("webhooks.handler", "WebhooksFunction"),
    "checks": ("checks.handler", "ChecksFunction"),
    "ingest": ("ingest.handler", "IngestFunction"),
    "mail": ("mail.handler", "MailFunction"),
    "upkeep": ("upkeep.handler", "UpkeepFunction"),
    "sentiment": ("sentiment.handler", "SentimentFunction"),
}
"""Each handler's module, and the output that names its function."""


def measure(stack: Stack, *, runs: int = 7) -> dict[str, object]:
    """Import alone, and import with initialisation, each in the environment of its function."""
    path = os.pathsep.join([str(ROOT / "functions"), str(ROOT / "layers" / "core" / "python")])
    report: dict[str, object] = {}
    for name, (module, function) in HANDLERS.items():
        configuration = stack.client("lambda").get_function_configuration(
            FunctionName=stack.outputs[function]
        )
        variables = {
            **os.environ,
            **CREDENTIALS,
            **configuration["Environment"]["Variables"],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": stack.endpoint_url,
            "PYTHONPATH": path,
        }
        imports: list[float] = []
        totals: list[float] = []
        for _ in range(runs):
            finished = subprocess.run(
                [sys.executable, "-c", _PROGRAM, module, "_wire"],
                env=variables,
                check=True,
                capture_output=True,
                text=True,
            )
            imported, total = map(float, finished.stdout.split())
            imports.append(imported)
            totals.append(total)
        report[name] = {"import": milliseconds(imports), "import and init": milliseconds(totals)}
    return report
