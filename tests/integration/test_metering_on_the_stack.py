"""Answers are counted exactly while many are given at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from frontdesk.tables.accounts import Accounts
from frontdesk.tables.client import Table
from local.chat_client import ChatClient
from local.stack import Stack

pytestmark = pytest.mark.stack

AT_ONCE = 50


def test_the_account_has_each_answer_that_customers_received(
    stack: Stack, new_visitor: Callable[..., ChatClient]
) -> None:
    assert stack.sample
    accounts = Accounts(Table(stack.client("dynamodb"), stack.outputs["TableName"]))
    organization_id = stack.sample.organization_id
    began = datetime.now(UTC)

    def used() -> int:
        months = {(at.year, at.month): at for at in (began, datetime.now(UTC))}
        return sum(accounts.read(organization_id, at).answers for at in months.values())

    before = used()
    visitors = [new_visitor() for _ in range(AT_ONCE)]

    def ask(place: int) -> int:
        question = "How long do refunds take?" if place % 5 else "Who won the cup in 1974?"
        list(visitors[place].ask(question, seconds=120))
        messages = visitors[place].open_session()["conversation"]["messages"]
        return sum(message.get("kind") == "answer" for message in messages)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        received = sum(pool.map(ask, range(AT_ONCE)))
    assert received >= AT_ONCE // 2
    assert used() - before == received
