"""What the injection suite adds up is printed at the end of the run."""

from collections import Counter

import pytest

TALLY = pytest.StashKey[Counter[str]]()


@pytest.fixture
def tally(pytestconfig: pytest.Config) -> Counter[str]:
    """How many attacks were tried, in how many answers, and how many got through, by place."""
    return pytestconfig.stash.setdefault(TALLY, Counter())


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    counted = config.stash.get(TALLY, None)
    if not counted:
        return
    terminalreporter.section("injection")
    for place in ("message", "document"):
        terminalreporter.write_line(
            f"by {place}: {counted[f'{place} attacks']} attacks in {counted[f'{place} answers']}"
            f" answers, {counted[f'{place} through']} got through"
        )
