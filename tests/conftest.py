"""Fixtures that every suite shares."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from moto import mock_aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from local.stack import Stack

from frontdesk.tables.client import Table

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


class OneAtATime:
    """A client whose calls wait for one another: moto's tables are not safe between threads."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._client = client
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            with self._lock:
                return found(*args, **kwargs)

        return call


@contextmanager
def empty_table() -> Iterator[Table]:
    """A table in moto."""
    with mock_aws():
        client = boto3.client("dynamodb")
        client.create_table(
            TableName="frontdesk",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"}
                for name in ("pk", "sk", "gsi1pk", "gsi2pk", "gsi3pk", "gsi1sk")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": [
                        {"AttributeName": f"{index}pk", "KeyType": "HASH"},
                        {"AttributeName": "gsi1sk", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index in ("gsi1", "gsi2", "gsi3")
            ],
        )
        yield Table(cast("DynamoDBClient", OneAtATime(client)), "frontdesk")


@pytest.fixture
def table() -> Iterator[Table]:
    """An empty table in moto."""
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
