"""Locks each function's packages for the functions' platform (`python infra/lock.py`).

What is locked for a function is a part of requirements.lock, so that what is tested ships.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "3.13"
PLATFORM = "aarch64-manylinux_2_28"

GROUPS = ("api", "chat", "checks", "ingest", "mail", "sentiment", "upkeep", "webhooks")
"""Dependency groups of pyproject.toml, named like the folders of functions/."""

# tokenizers asks for the hub's client to download tokenizers by name. We load ours from a file,
# and leave 20 MB and a dozen packages out.
_LEFT_OUT = "huggingface-hub ; python_version < '3'\n"


def main() -> int:
    """Write functions/<name>/requirements.txt for every function."""
    with tempfile.TemporaryDirectory() as folder:
        overrides = Path(folder, "overrides.txt")
        overrides.write_text(_LEFT_OUT)
        for group in GROUPS:
            target = Path("functions", group, "requirements.txt")
            print(target)
            subprocess.run(_command(group, target, overrides), check=True, cwd=ROOT)  # noqa: S603 - no shell
    return 0


def _command(group: str, target: Path, overrides: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--group", group),
        *("--constraint", "requirements.lock", "--override", str(overrides)),
        *("--python-version", PYTHON, "--python-platform", PLATFORM, "--only-binary", ":all:"),
        *("--generate-hashes", "--no-header", "--no-annotate", "--quiet"),
        *("--output-file", str(target)),
    ]


if __name__ == "__main__":
    sys.exit(main())
