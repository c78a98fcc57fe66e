"""Zip files that are the same whenever their contents are."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

_MODE = 0o644 << 16


def zip_files(files: Mapping[str, Path]) -> bytes:
    """A zip of `files`, from the name inside to the file outside."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = _MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def zip_folder(folder: Path) -> bytes:
    """A zip of everything below `folder`."""
    return zip_files(
        {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    )
