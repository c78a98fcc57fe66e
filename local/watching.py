"""Watches the checkout and brings the running stack up to date when a file is saved."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.pushing import Pusher, syntax_error
from local.sources import files_below

POLL_SECONDS = 0.25

Stamps = Mapping[Path, tuple[int, int]]


def stamps(folders: Collection[Path]) -> Stamps:
    """When each file below `folders` was changed, in nanoseconds, and its size in bytes."""
    found: dict[Path, tuple[int, int]] = {}
    for folder in folders:
        if not folder.is_dir():
            continue
        for path in files_below(folder):
            try:
                status = path.stat()
            except FileNotFoundError:  # an editor that writes by renaming
                continue
            found[path] = (status.st_mtime_ns, status.st_size)
    return found


def differences(before: Stamps, after: Stamps) -> set[Path]:
    """The files that are new, gone or changed."""
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


class Watcher:
    """Notices saved files and pushes them. Says in one line what it did."""

    def __init__(
        self,
        root: Path,
        pusher: Pusher,
        publish_site: Callable[[], Collection[str]],
        tell: Callable[[str], None],
    ) -> None:
        """`publish_site` uploads the pages and returns the names of those that changed."""
        self._root = root
        self._pusher = pusher
        self._publish_site = publish_site
        self._tell = tell
        self._folders = [root / name for name in ("functions", "layers/core", "web", "infra")]
        self._seen = stamps(self._folders)

    def run(self, until: threading.Event) -> None:
        """Watch until the event is set."""
        while not until.wait(POLL_SECONDS):
            self.look()

    def look(self) -> None:
        """Push what changed since the last look, if anything."""
        now = stamps(self._folders)
        changed = differences(self._seen, now)
        if not changed:
            return
        while True:  # until everything that is being saved is saved
            time.sleep(POLL_SECONDS / 2)
            later = stamps(self._folders)
            if later == now:
                break
            now = later
        changed = differences(self._seen, now)
        self._seen = now
        started = time.monotonic()
        try:
            done = self._push(changed)
        except (ClientError, BotoCoreError, OSError, ValueError) as error:
            self._tell(f"could not push {_names(changed, self._root)}: {error}")
            return
        if done:
            self._tell(f"{done} in {time.monotonic() - started:.1f} s")

    def _push(self, changed: Collection[Path]) -> str:
        broken = [
            f"{path.relative_to(self._root)}, {problem}"
            for path in sorted(changed)
            if path.suffix == ".py" and (problem := syntax_error(path))
        ]
        if broken:
            self._tell("not pushed: " + "; ".join(broken))
            return ""
        below = [path.relative_to(self._root).parts for path in changed]
        if any(parts[0] == "infra" for parts in below):
            self._tell("infra/ changed: stop and start again to deploy it")
        packages = {parts[1] for parts in below if parts[0] == "functions"} & self._pusher.packages
        core = any(parts[0] == "layers" for parts in below)
        done = []
        if packages or core:
            pushed = self._pusher.push(packages, core=core)
            done.append("pushed " + ", ".join([*(["the core layer"] if core else []), *pushed]))
        if any(parts[0] == "web" for parts in below):
            pages = self._publish_site()
            if pages:
                done.append(f"published {', '.join(sorted(pages)[:3])}{' …' * (len(pages) > 3)}")
        return "; ".join(done)


def _names(paths: Collection[Path], root: Path) -> str:
    return ", ".join(sorted(str(path.relative_to(root)) for path in paths)[:3])
