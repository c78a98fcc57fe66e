"""What decides an answer beside the question and the documents: settings and code."""

import hashlib
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_DECISIVE = ("answers", "entities", "knowledge")
_SUFFIXES = frozenset({".py", ".json"})


def fingerprint(*settings: str, package: Path = _PACKAGE) -> str:
    """Another string for other settings, prompts, parameters or code of the answer path.

    Reads the sources, so that nobody has to remember to count up a version. A few milliseconds.
    """
    digest = hashlib.sha256("\0".join(settings).encode())
    for folder in _DECISIVE:
        for file in sorted((package / folder).rglob("*")):
            if file.suffix in _SUFFIXES:
                digest.update(f"\0{file.relative_to(package)}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
