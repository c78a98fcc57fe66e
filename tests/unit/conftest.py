"""Unit tests reach no network: what they need stands beside them."""

from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket

from frontdesk.tables.client import Table
from tests.unit.deployment import Deployment


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Event loops talk to themselves over Unix sockets; nothing else may."""
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture
def deployment(table: Table) -> Deployment:
    """The HTTP API with two organisations."""
    return Deployment(table)
