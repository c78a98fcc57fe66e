"""Packages of npm that tests need."""

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
_SECONDS = 300


def npm_archive(package: str, sha512: str, folder: Path) -> Path:
    """Download `package`, a name with its version, into `folder`. Returns the archive, checked.

    Raises ValueError if it is another one, OSError or SubprocessError if it cannot be had.
    """
    printed = run(str(BIN / "npm"), "pack", package, "--silent", "--pack-destination", str(folder))
    archive = folder / printed.strip().splitlines()[-1]
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != sha512:
        archive.unlink()
        raise ValueError(f"{package} is not what it was")
    return archive


def run(*command: str) -> str:
    """Run a command and return what it printed. Raises SubprocessError."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)
    return done.stdout
