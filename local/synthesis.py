"""Runs the CDK app, when something it depends on has changed."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local import environment, sources
from local.errors import LocalError
from local.layout import Layout

PLACEHOLDER_PORT = 64566
PLACEHOLDER_INDEX = "/frontdesk-placeholder/index.sqlite"
"""Synthesized in place of a stack's own port and index, so that one synthesis serves every stack of
a checkout. `local.assembly` puts in the real ones."""

_KEPT = 5


def fingerprint(root: Path, environ: Mapping[str, str]) -> str:
    """What the template depends on, as a hash."""
    chosen = environment.choices(environ)
    # Layer and function code may depend on it, and so may the installed CDK.
    chosen["python"] = sys.version
    chosen["root"] = str(root)
    return sources.digest(sources.template_sources(root), root=root, extra=chosen)


def cached(layout: Layout, environ: Mapping[str, str]) -> Path | None:
    """The folder of an assembly that is up to date, if there is one."""
    folder = layout.assemblies / fingerprint(layout.root, environ)[:20]
    if not (folder / "manifest.json").exists():
        return None
    os.utime(folder)
    return folder


def synthesize(layout: Layout, environ: Mapping[str, str]) -> Path:
    """Run the CDK app and return the folder of its assembly. Raises LocalError.

    Runs at the same time do not disturb each other: the first to finish is kept.
    """
    folder = layout.assemblies / fingerprint(layout.root, environ)[:20]
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
    layout.assemblies.mkdir(parents=True, exist_ok=True)
    try:
        _run(layout, environ, unfinished)
        with contextlib.suppress(OSError):  # someone else was faster
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    _discard_old(layout.assemblies)
    return folder


def _run(layout: Layout, environ: Mapping[str, str], target: Path) -> None:
    child = {
        **environment.for_synthesis(environ),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{PLACEHOLDER_PORT}",
        "CDK_OUTDIR": str(target),
    }
    child.setdefault("FRONTDESK_INDEX", f"sqlite:{PLACEHOLDER_INDEX}")
    result = subprocess.run(
        [sys.executable, str(layout.root / "infra" / "app.py")],
        cwd=layout.root,
        env=child,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    layout.synthesis_log.write_text(result.stdout)
    if result.returncode != 0:
        end = "\n".join(f"  {line}" for line in result.stdout.splitlines()[-15:])
        raise LocalError(f"The CDK app failed (all of it: {layout.synthesis_log}):\n{end}")


def _discard_old(folder: Path) -> None:
    assemblies = sorted(folder.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
    for old in [entry for entry in assemblies if "." not in entry.name][_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
