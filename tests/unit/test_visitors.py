"""Visitors, and the conversations they are led to."""

import time
from typing import Any

import pytest

from frontdesk.access.tokens import hash_token
from frontdesk.entities import Customer
from frontdesk.errors import NotFound
from frontdesk.ids import new_id
from frontdesk.tables.client import Delete, Key, Table
from frontdesk.tables.conversation_items import conversation_key
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.privacy import Privacy
from frontdesk.tables.visitors import MOST_TOKENS, Visit, Visitors

ANNA = Customer(id="user-7", email="Anna@example.org", name="Anna")


BEN = Customer(id="user-8", email="ben@example.org", name="Ben")


@pytest.fixture
def visitors(table: Table) -> Visitors:
    return Visitors(table)


def led_to(visitors: Visitors, visit: Visit) -> str | None:
    """Where the token of a visit leads now."""
    try:
        return visitors.find("org", hash_token(visit.token)).conversation_id
    except NotFound:
        return None


def test_a_visitor_has_one_conversation(visitors: Visitors) -> None:
    first = visitors.enter("org", None)
    again = visitors.enter("org", first.token)
    assert (again.token, again.conversation.id) == (first.token, first.conversation.id)
    assert led_to(visitors, first) == first.conversation.id
    others = [visitors.enter("org", None), visitors.enter("other org", first.token)]
    assert all(other.token != first.token for other in others)
    assert all(other.conversation.id != first.conversation.id for other in others)


def test_nobody_chooses_their_token(visitors: Visitors) -> None:
    chosen = "vt_" + "a" * 32
    visit = visitors.enter("org", chosen)
    assert visit.token != chosen
    assert visitors.enter("org", chosen, customer=ANNA).token != chosen
    with pytest.raises(NotFound):
        visitors.find("org", hash_token(chosen))


def test_an_identity_leads_to_the_same_conversation_from_every_device(visitors: Visitors) -> None:
    phone = visitors.enter("org", None, customer=ANNA)
    laptop = visitors.enter("org", None, customer=ANNA)
    assert phone.conversation.id == laptop.conversation.id
    assert led_to(visitors, laptop) == led_to(visitors, phone) == phone.conversation.id
    elsewhere = visitors.enter("other org", laptop.token, customer=ANNA)
    assert elsewhere.conversation.id != phone.conversation.id


def test_customers_who_share_a_browser_come_to_their_own_conversations(visitors: Visitors) -> None:
    anna = visitors.enter("org", None, customer=ANNA)
    ben = visitors.enter("org", anna.token, customer=BEN)
    assert led_to(visitors, anna) is None
    again = visitors.enter("org", ben.token, customer=ANNA)
    assert again.conversation.id == anna.conversation.id != ben.conversation.id
    assert led_to(visitors, ben) is None
    late = visitors.enter("org", anna.token, customer=BEN)
    assert late.conversation.id == led_to(visitors, late) == ben.conversation.id
    assert led_to(visitors, again) == anna.conversation.id


def test_a_token_alone_does_not_open_the_conversation_of_a_customer(visitors: Visitors) -> None:
    anna = visitors.enter("org", None, customer=ANNA)
    stranger = visitors.enter("org", anna.token)
    assert stranger.token != anna.token
    assert stranger.conversation.id != anna.conversation.id
    assert stranger.conversation.customer == Customer()


def test_who_logs_in_or_out_leaves_what_was_said_before_behind(visitors: Visitors) -> None:
    before = visitors.enter("org", None)
    anna = visitors.enter("org", before.token, customer=ANNA)
    assert anna.conversation.id != before.conversation.id
    assert led_to(visitors, before) is None
    after = visitors.enter("org", before.token)
    assert after.conversation.id not in {before.conversation.id, anna.conversation.id}


def test_of_many_browsers_of_a_customer_the_last_ones_are_remembered(visitors: Visitors) -> None:
    visits = [visitors.enter("org", None, customer=ANNA) for _ in range(MOST_TOKENS + 3)]
    assert len(visits[-1].conversation.visitors) == 1 + MOST_TOKENS
    assert [led_to(visitors, each) is None for each in visits] == [True] * 3 + [False] * MOST_TOKENS
    back = visitors.enter("org", visits[0].token, customer=ANNA)
    assert back.conversation.id == visits[0].conversation.id


def test_two_browsers_at_once_are_both_remembered(visitors: Visitors, table: Table) -> None:
    read, others = table.get, [None, None]
    visitors.enter("org", None, customer=ANNA)

    def slow(key: Key) -> Any:
        found = read(key)
        if key[1] == "CONV" and others:
            others.pop()
            table.get = read  # type: ignore[method-assign]
            visitors.enter("org", None, customer=ANNA)
            table.get = slow  # type: ignore[method-assign]
        return found

    table.get = slow  # type: ignore[method-assign]
    last = visitors.enter("org", None, customer=ANNA)
    table.get = read  # type: ignore[method-assign]
    assert len(last.conversation.visitors) == 1 + 4
    assert led_to(visitors, last) == last.conversation.id


def test_what_a_customer_has_typed_stays_where_their_site_says_nothing(visitors: Visitors) -> None:
    nameless = Customer(id="user-7")
    conversation = visitors.enter("org", None, customer=nameless).conversation
    visitors.set_customer(conversation, Customer(id="user-7", email="anna@home.example"))
    again = visitors.enter("org", None, customer=nameless).conversation
    assert again.customer.email == "anna@home.example"
    assert visitors.enter("org", None, customer=ANNA).conversation.customer == ANNA


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


def test_a_customer_is_found_by_identity_and_by_address(visitors: Visitors) -> None:
    conversation = visitors.enter("org", None, customer=ANNA).conversation
    assert visitors.conversations_of("org", "user-7") == [conversation.ref]
    assert visitors.conversations_of("org", "anna@EXAMPLE.org") == [conversation.ref]
    assert visitors.conversations_of("other org", "user-7") == []


@pytest.mark.parametrize("customer", [None, ANNA])
def test_a_conversation_that_is_gone_is_begun_anew(
    visitors: Visitors, table: Table, customer: Customer | None
) -> None:
    first = visitors.enter("org", None, customer=customer)
    table.delete(Delete(conversation_key(first.conversation.ref)))
    second = visitors.enter("org", first.token, customer=customer)
    assert second.conversation.id != first.conversation.id
    assert led_to(visitors, second) == second.conversation.id
    assert led_to(visitors, first) is None or customer is None


def test_a_customer_who_is_back_while_they_are_erased_begins_anew(
    visitors: Visitors, table: Table
) -> None:
    first = visitors.enter("org", None, customer=ANNA)
    privacy = Privacy(table)
    delete_many, back = table.delete_many, []

    def comes_back(keys: Any) -> None:
        back.append(visitors.enter("org", first.token, customer=ANNA))
        delete_many(keys)

    table.delete_many = comes_back  # type: ignore[method-assign]
    privacy.erase(first.conversation.ref)
    table.delete_many = delete_many  # type: ignore[method-assign]
    privacy.erase(first.conversation.ref)
    assert led_to(visitors, first) is None
    [second] = back
    assert second.conversation.id != first.conversation.id
    later = visitors.enter("org", second.token, customer=ANNA)
    assert (later.token, later.conversation.id) == (second.token, second.conversation.id)


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
    conversation = visitors.enter("org", None, customer=both).conversation
    assert visitors.conversations_of("org", "sam@example.org") == [conversation.ref]
