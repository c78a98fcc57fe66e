"""The files that decide what the stack is, and what they contain."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})
_NOT_SHIPPED_SUFFIXES = frozenset({".pyc", ".md"})
_NOT_SHIPPED_NAMES = frozenset({"requirements.txt", ".DS_Store"})


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below `folder` in a stable order, without caches and hidden files."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _SKIPPED_FOLDERS:
            continue
        if path.is_dir():
            yield from files_below(path)
        elif path.suffix != ".pyc":
            yield path


def template_sources(root: Path) -> Iterator[Path]:
    """What the template and the functions' code are made of."""
    for name in ("infra", "functions", "layers/core"):
        yield from files_below(root / name)
    yield from (root / name for name in ("cdk.json", "requirements.lock"))


def digest(files: Iterable[Path], *, root: Path, extra: Mapping[str, str]) -> str:
    """A hash of the names and contents of `files`, and of `extra`. Missing files count as such."""
    total = hashlib.sha256()

    def add(*parts: bytes) -> None:
        for part in parts:
            total.update(len(part).to_bytes(8, "big") + part)

    for path in files:
        content = path.read_bytes() if path.exists() else b"missing"
        add(str(path.relative_to(root)).encode(), content)
    for name, value in sorted(extra.items()):
        add(name.encode(), value.encode())
    return total.hexdigest()


def function_files(root: Path, package: str) -> dict[str, Path]:
    """What a function's zip holds: its package and nothing of its neighbours."""
    folder = root / "functions"
    return _shipped(folder, folder / package)


def core_files(root: Path) -> dict[str, Path]:
    """What the core layer's zip holds."""
    folder = root / "layers" / "core"
    return _shipped(folder, folder)


def _shipped(folder: Path, below: Path) -> dict[str, Path]:
    return {
        str(path.relative_to(folder)): path
        for path in files_below(below)
        if path.suffix not in _NOT_SHIPPED_SUFFIXES and path.name not in _NOT_SHIPPED_NAMES
    }
