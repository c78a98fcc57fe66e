"""How long each handler takes to import and to wire, in a fresh interpreter."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.summary import milliseconds

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
    "chat gateway": ("chat.gateway", "_wire"),
    "chat answer": ("chat.answer", "_wire"),
    "api": ("api.handler", "_wire"),
    "webhooks": ("webhooks.handler", "_wire"),
    "ingest": ("ingest.handler", "_wire"),
    "sentiment": ("sentiment.handler", "_wire"),
}


def measure(environment: dict[str, str], *, runs: int = 7) -> dict[str, object]:
    """Import alone, and import with initialisation. `environment` is that of the functions."""
    path = os.pathsep.join([str(ROOT / "functions"), str(ROOT / "layers" / "core" / "python")])
    variables = {**os.environ, **environment, "PYTHONPATH": path}
    report: dict[str, object] = {}
    for name, (module, wire) in HANDLERS.items():
        imports: list[float] = []
        totals: list[float] = []
        for _ in range(runs):
            finished = subprocess.run(
                [sys.executable, "-c", _PROGRAM, module, wire],
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


def environment_of(outputs: dict[str, str], endpoint: str, index: str) -> dict[str, str]:
    """What the functions of a stack on this machine find in their environment."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_LOG_LEVEL": "ERROR",
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        "FRONTDESK_TABLE": outputs["TableName"],
        "FRONTDESK_TURNS_QUEUE_URL": outputs["TurnsQueueUrl"],
        "FRONTDESK_INGEST_QUEUE_URL": outputs["IngestQueueUrl"],
        "FRONTDESK_DOCUMENTS_BUCKET": outputs["DocumentsBucket"],
        "FRONTDESK_WEBSOCKET_URL": outputs["WebSocketUrl"],
        "FRONTDESK_CONNECTIONS_URL": endpoint,
        "FRONTDESK_SENTIMENT_FUNCTION": outputs["SentimentFunction"],
        "FRONTDESK_SECRET": outputs["SecretArn"],
        "FRONTDESK_INDEX": index,
        "FRONTDESK_EMBEDDER": "minilm",
        "FRONTDESK_MODELS": str(ROOT / "layers" / "models"),
    }
