"""Visitors, and the conversations they are led to."""

import time

import pytest

from frontdesk.entities import Customer
from frontdesk.errors import NotFound
from frontdesk.ids import new_id
from frontdesk.tables.client import Delete, Table
from frontdesk.tables.conversation_items import conversation_key
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.visitors import Visitors

ANNA = Customer(id="user-7", email="Anna@example.org", name="Anna")


@pytest.fixture
def visitors(table: Table) -> Visitors:
    return Visitors(table)


def test_a_visitor_has_one_conversation(visitors: Visitors) -> None:
    first = visitors.open("org", "visitor")
    assert visitors.open("org", "visitor").id == first.id
    assert visitors.find("org", "visitor") == first.ref
    assert visitors.open("org", "someone else").id != first.id
    assert visitors.open("other org", "visitor").id != first.id


def test_an_identity_leads_to_the_same_conversation_from_every_device(visitors: Visitors) -> None:
    phone = visitors.open("org", "phone", customer=ANNA)
    laptop = visitors.open("org", "laptop", customer=ANNA)
    assert phone.id == laptop.id
    assert visitors.find("org", "laptop") == visitors.find("org", "phone") == phone.ref
    assert visitors.open("other org", "laptop", customer=ANNA).id != phone.id
    assert visitors.open("org", "stranger").id != phone.id


def test_the_page_says_from_which_categories_to_answer(visitors: Visitors) -> None:
    conversation = visitors.open("org", "visitor")
    visitors.set_categories(conversation, ["Travel", "Money", "Money"])
    noted = visitors.open("org", "visitor")
    assert noted.categories == ("Money", "Travel")
    visitors.set_categories(noted, [])
    assert visitors.open("org", "visitor").categories == ()


def test_categories_of_a_conversation_that_is_gone_are_refused(
    visitors: Visitors, table: Table
) -> None:
    conversation = visitors.open("org", "visitor")
    table.delete(Delete(conversation_key(conversation.ref)))
    with pytest.raises(NotFound):
        visitors.set_categories(conversation, ["Money"])


def test_a_visitor_who_logs_in_leaves_the_anonymous_conversation(visitors: Visitors) -> None:
    before = visitors.open("org", "browser")
    after = visitors.open("org", "browser", customer=ANNA)
    assert after.id != before.id
    assert visitors.find("org", "browser") == after.ref


def test_a_customer_is_found_by_identity_and_by_address(visitors: Visitors) -> None:
    conversation = visitors.open("org", "browser", customer=ANNA)
    assert visitors.conversations_of("org", "user-7") == [conversation.ref]
    assert visitors.conversations_of("org", "anna@EXAMPLE.org") == [conversation.ref]
    assert visitors.conversations_of("other org", "user-7") == []


def test_a_conversation_that_is_gone_is_begun_anew(visitors: Visitors, table: Table) -> None:
    first = visitors.open("org", "visitor")
    table.delete(Delete(conversation_key(first.ref)))
    second = visitors.open("org", "visitor")
    assert second.id != first.id
    assert visitors.find("org", "visitor") == second.ref


def test_nothing_is_kept_longer_than_the_organisation_wants(
    visitors: Visitors, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = visitors.open("org", "visitor", retention_days=7)
    conversations = Conversations(table)
    conversations.accept(
        conversation.ref, client_id=new_id(), text="Hi", per_minute=10, retention_days=7
    )
    assert len(conversations.recent_messages(conversation.ref, 10)) == 1
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 8 * 86_400)
    assert conversations.recent_messages(conversation.ref, 10) == []
    with pytest.raises(NotFound):
        conversations.get(conversation.ref)
    with pytest.raises(NotFound):
        visitors.find("org", "visitor")


def test_a_longer_retention_reaches_a_conversation_when_its_visitor_comes_back(
    visitors: Visitors, table: Table
) -> None:
    first = visitors.open("org", "visitor", retention_days=7)
    again = visitors.open("org", "visitor", retention_days=30)
    assert (first.id, again.retention_days) == (again.id, 30)
    item = table.get(conversation_key(first.ref))
    assert item is not None
    assert item["expires_at"] > time.time() + 29 * 86_400


def test_an_identity_may_be_an_address(visitors: Visitors) -> None:
    both = Customer(id="sam@example.org", email="sam@example.org")
    conversation = visitors.open("org", "browser", customer=both)
    assert visitors.conversations_of("org", "sam@example.org") == [conversation.ref]
