"""Fixtures that every suite shares."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

if TYPE_CHECKING:
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
        yield Table(client, "frontdesk")


@pytest.fixture
def table() -> Iterator[Table]:
    """An empty table in moto."""
    with empty_table() as made:
        yield made


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Stack"]:
    """The whole stack on MiniStack with the sample organisation, one for the whole run."""
    from local import stack as stacks

    with stacks.start(state_dir=tmp_path_factory.mktemp("stack")) as running:
        yield running
