"""Fixtures that every suite shares."""

import functools
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.scheduler.loadfile import LoadFileScheduling

from frontdesk.tables.client import Table
from tests.aws import empty_table

if TYPE_CHECKING:
    from local.stack import Stack

pytest_plugins = ["tests.injection_tally"]

# How long an example takes says how busy the machine is.
settings.register_profile("frontdesk", deadline=None)
settings.load_profile("frontdesk")

# Nothing in a test run may reach a real account.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_REGION="us-east-1",
    POWERTOOLS_SERVICE_NAME="test",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests on the stack: they take longest, and mostly wait."""
    items.sort(key=lambda item: item.get_closest_marker("stack") is None)


class OneStack(LoadFileScheduling):  # type: ignore[misc]
    """Keeps a file of tests in one process, and all that need the stack in the same."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "stack" if _needs_the_stack(file) else file


@functools.cache
def _needs_the_stack(file: str) -> bool:
    return "mark.stack" in (Path(__file__).parents[1] / file).read_text()


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneStack:
    """One stack for the whole run: to start another takes as long as half of its tests."""
    return OneStack(config, log)


def pytest_collection_finish() -> None:
    """What was imported stays for the whole run: let no collection of garbage walk through it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture
def table() -> Iterator[Table]:
    """An empty table."""
    with empty_table() as made:
        yield made


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Stack"]:
    """The whole stack on MiniStack with the sample organisation, one for the whole run."""
    from local import stack as stacks
    from local.seed import give_business

    with stacks.start(state_dir=tmp_path_factory.mktemp("stack")) as running:
        # A whole run asks more than the Free plan answers.
        assert running.sample
        give_business(running.client("dynamodb"), running.outputs["TableName"], running.sample)
        yield running
