"""Answers are counted exactly while many are given at once."""

import time
from datetime import UTC, datetime

import pytest

from chat.jobs import SqsTurnQueue
from frontdesk.entities import ConversationRef
from frontdesk.ids import new_id
from frontdesk.tables.accounts import Accounts
from frontdesk.tables.client import Table
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.visitors import Visitors
from local.stack import Stack

pytestmark = pytest.mark.stack

AT_ONCE = 50
SECONDS = 240


def test_the_account_has_each_answer_of_fifty_conversations_at_once(stack: Stack) -> None:
    assert stack.sample
    organization_id = stack.sample.organization_id
    table = Table(stack.client("dynamodb"), stack.outputs["TableName"])
    accounts, conversations, visitors = Accounts(table), Conversations(table), Visitors(table)
    turns = SqsTurnQueue(stack.client("sqs"), stack.outputs["TurnsQueueUrl"])
    began = datetime.now(UTC)

    def used() -> int:
        months = {(at.year, at.month): at for at in (began, datetime.now(UTC))}
        return sum(accounts.read(organization_id, at).answers for at in months.values())

    def said_to(ref: ConversationRef) -> list[str]:
        messages = conversations.recent_messages(ref, 9)
        return [message.kind or "" for message in messages if message.role == "assistant"]

    before = used()
    refs = [visitors.open(organization_id, new_id()).ref for _ in range(AT_ONCE)]
    for number, ref in enumerate(refs):
        question = "How long do refunds take?" if number % 5 else "Who won the cup in 1974?"
        conversations.accept(ref, client_id=new_id(), text=question, per_minute=100)
    for ref in (*refs, *refs):
        # Twice: the queue may deliver twice, and whoever is second must not count again.
        turns.put(ref)
    until = time.monotonic() + SECONDS
    while not all(map(said_to, refs)) and time.monotonic() < until:
        time.sleep(1)
    said = [kind for ref in refs for kind in said_to(ref)]
    assert len(said) == AT_ONCE
    assert said.count("answer") == AT_ONCE * 4 // 5
    assert used() - before == said.count("answer")
