"""Fixtures that every suite shares."""

import gc
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

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
