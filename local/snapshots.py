"""The emulator's state on disk: whole snapshots, of which `current` points at the newest.

A snapshot is a folder of MiniStack's own state files. Each is written beside the others and becomes
current by one rename, so that a kill at any moment leaves one that is whole.
"""

import os
import re
import shutil
from pathlib import Path

_CODE = "lambda-blobs"
_PORT = "port"


class Snapshots:
    """The snapshots in one folder. One process may write at a time."""

    def __init__(self, folder: Path) -> None:
        """`folder` must exist."""
        self._folder = folder
        self._link = folder / "current"

    @property
    def empty(self) -> bool:
        """Whether nothing was ever saved."""
        return self.port_of(self.current()) is None

    def current(self) -> Path:
        """The newest whole snapshot; an empty one at first."""
        if not self._link.exists():
            self.complete(self.begin())
        return self._link.resolve()

    def move_to_port(self, port: int) -> None:
        """Have the addresses in the current snapshot name `port`.

        MiniStack looks queues up by their URL, which names the port that they were made on.
        """
        old = self.current()
        before = self.port_of(old)
        if before in {None, port}:
            return
        address = re.compile(rf"(localhost|127\.0\.0\.1):{before}(?!\d)")
        new = self.begin()
        shutil.copytree(old, new, copy_function=os.link, dirs_exist_ok=True)
        for file in new.glob("*.json"):
            text = file.read_text()
            file.unlink()
            file.write_text(address.sub(rf"\g<1>:{port}", text))
        (new / _PORT).unlink()
        self.write_port(new, port)
        self.complete(new)

    @staticmethod
    def write_port(snapshot: Path, port: int) -> None:
        """Note the port that the addresses in `snapshot` name."""
        (snapshot / _PORT).write_text(str(port))

    @staticmethod
    def port_of(snapshot: Path) -> int | None:
        """The port that the addresses in `snapshot` name, if it was noted."""
        file = snapshot / _PORT
        return int(file.read_text()) if file.exists() else None

    def begin(self) -> Path:
        """A new, empty folder to write a snapshot to."""
        numbers = [int(entry.name) for entry in self._folder.iterdir() if entry.name.isdigit()]
        begun = self._folder / str(max(numbers, default=0) + 1)
        begun.mkdir(mode=0o700)
        return begun

    def complete(self, snapshot: Path) -> None:
        """Make `snapshot` the current one and remove every other.

        A service that could not be saved this time keeps what it saved last.
        """
        if self._link.exists():
            _carry_over(self._link.resolve(), snapshot)
        fresh = self._folder / "current.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(snapshot.name)
        fresh.rename(self._link)
        self.discard_others()

    def discard_others(self) -> None:
        """Remove all but the current snapshot: old ones, and any that was never completed."""
        kept = self._link.resolve().name
        for entry in self._folder.iterdir():
            if entry.name.isdigit() and entry.name != kept:
                shutil.rmtree(entry)


def _carry_over(old: Path, new: Path) -> None:
    for file in old.glob("*.json"):
        if not (new / file.name).exists():
            os.link(file, new / file.name)
            if file.name == "lambda.json" and (old / _CODE).is_dir():
                shutil.copytree(old / _CODE, new / _CODE, copy_function=os.link, dirs_exist_ok=True)
