"""What `make help` promises."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()


def make(*arguments: str) -> str:
    """What make prints, also when the tests are run by make: it would name its folders then."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.check_output(["make", *arguments], cwd=ROOT, text=True, env=environ)


def test_help_is_what_make_alone_does_and_names_every_target() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    listed = make().splitlines()
    names = {line.split()[1] for line in listed}
    assert names == set(phony.split()) - {"FORCE"}
    assert all(len(line.split()) > 3 for line in listed), "a target without an explanation"


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        ({}, []),
        ({"Q": 'Where is "my" $(order)?'}, ["--question", 'Where is "my" $(order)?']),
        ({"PDF": "a b.pdf", "Q": "Why?"}, ["--pdf", "a b.pdf", "--question", "Why?"]),
    ],
)
def test_demo_passes_on_what_it_is_given(given: dict[str, str], passed: list[str]) -> None:
    printer = f"py={sys.executable} -c 'import sys, json; print(json.dumps(sys.argv[1:]))'"
    variables = [f"{name}={value.replace('$', '$$')}" for name, value in given.items()]
    printed = make("--old-file=.venv/.installed", "demo", printer, *variables)
    assert json.loads(printed) == ["-m", "local", "demo", *passed]


def test_the_packages_are_installed_again_when_the_lock_changes() -> None:
    command = ["make", "--dry-run", "--what-if=requirements.lock", "status"]
    assert "local/install.sh" in subprocess.check_output(command, cwd=ROOT, text=True)
