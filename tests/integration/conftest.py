"""Customers and teams of the stack."""

from collections.abc import Callable, Iterator

import pytest

from local.chat_client import ChatClient
from local.documents_client import DocumentsClient
from local.stack import Stack

NewVisitor = Callable[..., ChatClient]


@pytest.fixture
def new_visitor(stack: Stack) -> Iterator[NewVisitor]:
    """Makes visitors of the sample organisation's site, and sends them home in the end."""
    visitors: list[ChatClient] = []

    def make(visitor: str | None = None) -> ChatClient:
        assert stack.sample
        client = ChatClient(
            api_url=stack.api_url,
            key=stack.sample.widget_key,
            origin=stack.origin,
            visitor=visitor,
        )
        visitors.append(client)
        return client

    yield make
    for client in visitors:
        client.__exit__(None, None, None)


@pytest.fixture
def documents(stack: Stack) -> DocumentsClient:
    """The sample organisation's documents."""
    assert stack.sample
    return DocumentsClient(api_url=stack.api_url, team_key=stack.sample.team_key)
