"""What the usual stack does with the same file: LangChain, MiniLM and Chroma, the three best.

It is installed into an environment of its own, so that nothing of it can come near the product.
The embeddings are those of the committed MiniLM, the same as ours.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_ENVIRONMENT = _ROOT / ".local" / "peer"
_PACKAGES = (
    "chromadb==1.5.9",
    "langchain-chroma==1.1.0",
    "langchain-text-splitters==1.1.3",
    "numpy",
    "onnxruntime",
    "pydantic",
    "tokenizers",
)


def evaluate(file: Path) -> dict[str, Any]:
    """Run the peer on `file`, installing it first if need be. Raises CalledProcessError."""
    python = _ENVIRONMENT / "bin" / "python"
    if not python.is_file():
        _run(sys.executable, "-m", "venv", str(_ENVIRONMENT))
    _run(str(python), "-m", "pip", "install", "--quiet", *_PACKAGES)
    script = Path(__file__).with_name("peer_langchain.py")
    answer = _run(str(python), str(script), str(file), str(_ROOT / "layers/models/minilm"))
    report: dict[str, Any] = json.loads(answer)
    return report


def _run(*command: str) -> str:
    # Chroma would tell its makers.
    core = str(_ROOT / "layers" / "core" / "python")
    environ = {**os.environ, "PYTHONPATH": core, "ANONYMIZED_TELEMETRY": "False"}
    return subprocess.run(  # noqa: S603 - our own interpreter and script
        command, check=True, stdout=subprocess.PIPE, text=True, env=environ
    ).stdout
