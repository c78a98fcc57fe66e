"""What is shipped: locked, complete, small, and made without Docker."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from infra.lock import GROUPS
from infra.settings import ROOT
from infra.sizes import measure

HERE = Path(__file__).parent


def _pins(lock: Path) -> dict[str, set[str]]:
    """Versions by name; the lock for everything holds some names twice, by Python version."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock.read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def _asked_for(group: str) -> set[str]:
    groups: dict[str, list[Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())[
        "dependency-groups"
    ]
    names: set[str] = set()
    for entry in groups[group]:
        if isinstance(entry, dict):
            names |= _asked_for(entry["include-group"])
        else:
            match = re.match(r"[\w.-]+", entry)
            assert match is not None
            names.add(match[0].lower())
    return names


def _lock(package: str) -> Path:
    return ROOT / "functions" / package / "requirements.txt"


@pytest.mark.parametrize("package", GROUPS)
def test_a_function_ships_the_versions_that_are_tested(package: str) -> None:
    tested = _pins(ROOT / "requirements.lock")
    shipped = _pins(_lock(package))
    assert shipped
    for name, versions in shipped.items():
        assert versions <= tested[name], name


@pytest.mark.parametrize("package", GROUPS)
def test_a_lock_holds_all_that_its_group_asks_for(package: str) -> None:
    assert _asked_for(package) <= set(_pins(_lock(package)))


@pytest.mark.parametrize("package", GROUPS)
def test_a_lock_names_no_registry_and_hashes_every_package(package: str) -> None:
    text = _lock(package).read_text()
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize(
    ("package", "modules"),
    [
        ("api", ["api.handler", "frontdesk.billing.stripe_gateway"]),
        (
            "chat",
            [
                *("chat.gateway", "chat.answer", "frontdesk.knowledge.openai_embedder"),
                *("frontdesk.knowledge.pinecone_index", "frontdesk.answers.openai_model"),
            ],
        ),
        (
            "checks",
            [
                *("checks.handler", "frontdesk.knowledge.openai_embedder"),
                *("frontdesk.knowledge.pinecone_index", "frontdesk.answers.openai_model"),
            ],
        ),
        (
            "ingest",
            [
                *("ingest.handler", "frontdesk.knowledge.openai_embedder"),
                "frontdesk.knowledge.pinecone_index",
            ],
        ),
        ("mail", ["mail.handler"]),
        ("sentiment", ["sentiment.handler"]),
        ("upkeep", ["upkeep.handler"]),
        ("webhooks", ["webhooks.handler", "webhooks.worker"]),
    ],
)
def test_a_function_imports_only_what_it_ships(package: str, modules: list[str]) -> None:
    """With what the virtual environment has and the lock has not hidden from it."""
    shipped = ",".join(sorted(_pins(_lock(package))))
    done = subprocess.run(
        [sys.executable, str(HERE / "import_shipped.py"), shipped, *modules],
        check=False,
        capture_output=True,
        text=True,
        env={
            "PYTHONPATH": os.pathsep.join(
                [str(ROOT / "functions"), str(ROOT / "layers/core/python")]
            ),
            "POWERTOOLS_SERVICE_NAME": package,
        },
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.bundle
def test_functions_are_bundled_without_docker_and_stay_within_budget(tmp_path: Path) -> None:
    """The real thing, as `cdk synth` runs it: no docker and no node can be found on PATH."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "infra" / "app.py")],
        check=False,
        capture_output=True,
        text=True,
        env={
            **{name: os.environ[name] for name in os.environ if name.startswith(("UV_", "SSL_"))},
            "HOME": os.environ.get("HOME", str(tmp_path)),
            "PATH": str(tmp_path),
            "FRONTDESK_STAGE": "prod",
            "CDK_OUTDIR": str(tmp_path / "out"),
        },
    )
    assert done.returncode == 0, done.stderr
    sizes = measure(tmp_path / "out", "frontdesk-prod")
    assert len(sizes) == 10
    for size in sizes:
        # Something was installed: the smallest has pydantic's compiled core and Powertools.
        assert 10_000_000 < size.total <= size.budget, size
    built = [str(file) for file in (tmp_path / "out").rglob("*.so")]
    assert built
    assert not [file for file in built if "x86_64" in file]
    assert not list((tmp_path / "out").rglob("botocore"))
