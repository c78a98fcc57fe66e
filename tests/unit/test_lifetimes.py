"""How long conversations are kept, and with each all that belongs to it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from frontdesk.access.tokens import hash_token
from frontdesk.entities import Actor, Author, Customer, Message, Organization
from frontdesk.errors import NotFound, StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.tables.accounts import Accounts, Standings
from frontdesk.tables.answer_cache import AnswerCache, KeptAnswer
from frontdesk.tables.client import Item, Table, _plain
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.lifetimes import Lifetimes
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.outcomes import Outcome
from frontdesk.tables.privacy import Privacy
from frontdesk.tables.questions import Questions
from frontdesk.tables.tickets import TicketFilter, Tickets
from frontdesk.tables.visitors import Visitors
from upkeep.retention import shorten_retention

NOOR = Author(id="noor", name="Noor")
_SYSTEM = Actor(type="system", id="upkeep", name="Frontdesk")
ANNA = Customer(id="user-7", email="anna@example.org", name="Anna")
_DAY = 86_400


class Desk:
    """A conversation that has something of everything, and a clock."""

    def __init__(self, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
        self.table = table
        self.visitors, self.conversations = Visitors(table), Conversations(table)
        self.inbox, self.questions = Inbox(table), Questions(table)
        self.lifetimes, self.organizations = Lifetimes(table), Organizations(table)
        self.days = 0.0
        real = time.time
        monkeypatch.setattr("time.time", lambda: real() + self.days * _DAY)
        self.organizations.create(Organization(id="org", name="One", retention_days=30))

    def converse(self) -> None:
        phone, laptop = (
            self.visitors.enter("org", None, customer=ANNA, retention_days=30) for _ in range(2)
        )
        self.tokens, self.ref = (phone.token, laptop.token), phone.conversation.ref
        self.write()
        conversation = self.conversations.acquire_lease(self.ref, "worker")
        assert conversation is not None
        asked = self.conversations.message(self.ref, conversation.unanswered[0])
        key = new_id()
        answer = Message(
            id=new_id(), role="assistant", text="No.", at=datetime.now(UTC), kind="unknown",
            kept_as=key,
        )  # fmt: skip
        self.conversations.store_outcome(conversation, "worker", Outcome([asked], [answer]))
        AnswerCache(self.table).put("org", key, KeptAnswer(text="No.", citations=()), days=20)
        self.conversations.release_lease(self.ref, "worker")
        [noted] = self.questions.noted("org", [answer.id])
        self.group_id = new_id()
        self.questions.begin_group("org", self.group_id, noted)
        self.inbox.hand_off(self.ref, "asked")
        self.inbox.note(self.ref, NOOR, "Called the warehouse.", new_id())

    def write(self) -> None:
        self.conversations.accept(
            self.ref, client_id=new_id(), text="Any news?", per_minute=99, retention_days=30
        )

    def reply(self) -> None:
        self.inbox.reply(self.ref, NOOR, "Not yet.", new_id())

    def come_by(self) -> None:
        self.visitors.enter("org", self.tokens[0], customer=ANNA, retention_days=30)

    def shorten(self, days: int) -> int:
        self.organizations.change(
            "org", {"retention_days": days}, by=_SYSTEM, action="organization.update"
        )
        return self.upkeep()

    def upkeep(self) -> int:
        return shorten_retention(
            self.organizations.get("org"),
            Standings(Accounts(self.table), billed=False),
            self.organizations,
            self.lifetimes,
            seconds_left=lambda: 100.0,
        )

    def stored(self) -> dict[str, Item]:
        """All that is stored of conversations, whether it has ended or not, by kind."""
        items: list[Item] = []
        pages = self.table._client.get_paginator("scan").paginate(TableName="frontdesk")

        for page in pages:
            items += [_plain(each) for each in page["Items"]]
        kinds = ("#CONV#", "#VISITOR#", "#CUSTOMER#", "#QUESTIONS", "#ANSWERS")
        return {
            f"{item['pk']} {item['sk']}": item
            for item in items
            if any(kind in item["pk"] for kind in kinds)
        }

    def ends(self) -> set[int]:
        return {item["expires_at"] for key, item in self.stored().items() if "ANSWER#" not in key}

    def is_whole(self) -> bool:
        """Whether each way to it and all of it is there."""
        privacy = Privacy(self.table)
        found = [
            privacy.conversations("org", email=ANNA.email, customer_id=None),
            privacy.conversations("org", email=None, customer_id=ANNA.id),
            *([self.visitors.find("org", hash_token(each))] for each in self.tokens),
        ]
        tickets = Tickets(self.table).page("org", TicketFilter(status="open"), cursor=None, limit=9)
        return (
            all(each == [self.ref] for each in found)
            and len(tickets.entries) == 1
            and self.conversations.recent_messages(self.ref, 99)[0].text == "Any news?"
            and self.questions.get("org", self.group_id).text == "Any news?"
        )


@pytest.fixture
def desk(table: Table, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(table, monkeypatch)
    desk.converse()
    return desk


@pytest.mark.parametrize("touch", [Desk.write, Desk.reply, Desk.come_by])
def test_all_that_belongs_to_a_conversation_lives_as_long_as_it(
    desk: Desk, touch: Callable[[Desk], None]
) -> None:
    for days in range(0, 70, 23):
        desk.days = days
        touch(desk)
        assert desk.is_whole()
        [until] = desk.ends()
        assert time.time() + 29 * _DAY < until <= time.time() + 30 * _DAY


def test_it_all_ends_together_and_the_visitor_begins_anew(desk: Desk) -> None:
    desk.days = 30
    assert Privacy(desk.table).conversations("org", email=ANNA.email, customer_id=None) == []
    with pytest.raises(NotFound):
        desk.conversations.get(desk.ref)
    with pytest.raises(NotFound):
        desk.write()
    with pytest.raises(NotFound):
        desk.questions.get("org", desk.group_id)
    # What DynamoDB has not removed yet is in nobody's way.
    again = desk.visitors.enter("org", desk.tokens[0], customer=ANNA)
    assert again.conversation.id != desk.ref.conversation_id
    assert desk.visitors.find("org", hash_token(again.token)) == again.conversation.ref


def test_a_shorter_retention_counts_for_what_is_stored(desk: Desk) -> None:
    newcomer = desk.visitors.open("org", "somebody who said nothing", retention_days=30)
    said_at = time.time()
    desk.days = 1
    assert desk.shorten(3) == 2
    assert all(item["expires_at"] <= said_at + 3 * _DAY for item in desk.stored().values())
    assert desk.is_whole()
    assert desk.upkeep() == 0
    assert desk.conversations.get(newcomer.ref).retention_days == 3
    desk.write()
    assert desk.conversations.get(desk.ref).expires_at <= time.time() + 3 * _DAY
    assert desk.shorten(1) == 2
    desk.days = 2.5
    with pytest.raises(NotFound):
        desk.conversations.get(desk.ref)


def test_a_retention_that_was_longer_for_a_while_is_made_shorter_again(desk: Desk) -> None:
    desk.shorten(3)
    desk.upkeep()
    organization = desk.organizations.get("org")
    assert organization.kept_for == 3
    desk.organizations.keep_for(organization, 30)
    late = desk.visitors.open("org", "between two rounds", retention_days=30)
    assert desk.upkeep() == 1
    assert desk.conversations.get(late.ref).retention_days == 3


@pytest.mark.parametrize("last", [0, 3, 8])
def test_a_change_that_was_broken_off_is_finished_by_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    updates = Table.update_each
    written = 0

    def broken_off(self: Table, operations: list[object]) -> None:
        nonlocal written
        for operation in operations:
            if written == last:
                raise StoreUnavailable("the function was ended")
            written += 1
            updates(self, [operation])  # type: ignore[list-item]

    with monkeypatch.context() as patch:
        patch.setattr(Table, "update_each", broken_off)
        with pytest.raises(StoreUnavailable):
            desk.shorten(3)
    desk.inbox.note(desk.ref, NOOR, "Nothing is added that ends at another time.", new_id())
    assert len(desk.ends()) == 1
    assert desk.upkeep() == 1
    [until] = desk.ends()
    assert until <= time.time() + 3 * _DAY
