"""What goes into each function's zip and layers, put together without Docker."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from infra.lock import PLATFORM, PYTHON
from infra.settings import ROOT

_NOT_SHIPPED = ("__pycache__", "*.pyc", "requirements.txt", "*.md")
_PRUNED_FOLDERS = frozenset({"tests", "__pycache__", "bin"})
_PRUNED_SUFFIXES = frozenset({".pyi", ".pyx", ".pxd", ".c", ".h", ".pyc"})


def function_code(package: str) -> lambda_.Code:
    """functions/`package` as the package it is, without its neighbours."""
    only = ["/*", f"!/{package}/", *_NOT_SHIPPED]
    return lambda_.Code.from_asset(
        str(ROOT / "functions"), exclude=only, ignore_mode=cdk.IgnoreMode.GIT
    )


def core_code() -> lambda_.Code:
    """The code that functions share."""
    return lambda_.Code.from_asset(
        str(ROOT / "layers" / "core"),
        exclude=list(_NOT_SHIPPED),
        ignore_mode=cdk.IgnoreMode.GIT,
    )


def models_code(models: Sequence[str]) -> lambda_.Code:
    """The folders of `models`, to be found under /opt/models; what built them stays behind."""
    only = ["/*", "!/models/", "/models/*", *(f"!/models/{model}/" for model in models)]
    return lambda_.Code.from_asset(
        str(ROOT / "layers"),
        exclude=[*only, "*.py", "*.tsv", *_NOT_SHIPPED],
        ignore_mode=cdk.IgnoreMode.GIT,
    )


def dependencies_code(package: str) -> lambda_.Code:
    """The third-party packages locked for functions/`package`.

    The hash is that of what decides the result, so an unchanged lock is not installed again while
    the output folder is kept.
    """
    lock = lock_of(package)
    decisive = (lock.read_text(), PYTHON, PLATFORM, Path(__file__).read_text())
    return lambda_.Code.from_asset(
        str(lock.parent),
        asset_hash_type=cdk.AssetHashType.CUSTOM,
        asset_hash=hashlib.sha256("\0".join(decisive).encode()).hexdigest(),
        bundling=cdk.BundlingOptions(
            image=cdk.DockerImage.from_registry("docker-is-not-used"), local=_Install(lock)
        ),
    )


def lock_of(package: str) -> Path:
    """The lock file of functions/`package`."""
    return ROOT / "functions" / package / "requirements.txt"


def install(lock: Path, target: Path) -> None:
    """Install the wheels in `lock` for the functions' platform into `target`, and prune them.

    Raises CalledProcessError when that fails, also for a package that has no such wheel.
    """
    command = [
        *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps"),
        *("--only-binary=:all:", "--require-hashes"),
        *(f"--python-version={PYTHON}", f"--python-platform={PLATFORM}"),
        *("--requirement", str(lock), "--target", str(target)),
    ]
    # Standard output belongs to the CDK.
    subprocess.run(command, check=True, stdout=sys.stderr)  # noqa: S603 - no shell, own arguments
    prune(target)


def prune(folder: Path) -> None:
    """Remove what no function needs at run time: tests, type stubs, sources, scripts."""
    for parent, folders, files in os.walk(folder):
        for name in _PRUNED_FOLDERS.intersection(folders):
            shutil.rmtree(Path(parent, name))
            folders.remove(name)
        for name in files:
            if Path(name).suffix in _PRUNED_SUFFIXES:
                Path(parent, name).unlink()


@jsii.implements(cdk.ILocalBundling)
class _Install:
    """Stands in for the container that the CDK would start."""

    def __init__(self, lock: Path) -> None:
        self._lock = lock

    def try_bundle(self, output_dir: str, *_options: object, **_more: object) -> bool:
        """Install into `output_dir`; True tells the CDK that no container is needed."""
        install(self._lock, Path(output_dir, "python"))
        return True
