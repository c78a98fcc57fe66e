"""What the injection suite adds up is printed at the end of the run, of however many processes."""

from collections import Counter
from typing import Any

import pytest

TALLY = pytest.StashKey[Counter[str]]()


@pytest.fixture
def tally(pytestconfig: pytest.Config) -> Counter[str]:
    """How many attacks were tried, in how many answers, and how many got through, by place."""
    return pytestconfig.stash.setdefault(TALLY, Counter())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of pytest-xdist hands what it counted to the one that prints."""
    if hasattr(session.config, "workeroutput"):
        counted: Counter[str] = session.config.stash.get(TALLY, Counter())
        session.config.workeroutput["tally"] = dict(counted)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    counted = getattr(node, "workeroutput", {}).get("tally", {})
    node.config.stash.setdefault(TALLY, Counter()).update(counted)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    counted: Counter[str] = config.stash.get(TALLY, Counter())
    if not counted:
        return
    terminalreporter.section("injection")
    for place in ("message", "document"):
        terminalreporter.write_line(
            f"by {place}: {counted[f'{place} attacks']} attacks in {counted[f'{place} answers']}"
            f" answers, {counted[f'{place} through']} got through"
        )
