"""The lists of conversations: views and their counts, orders, filters, and what is unread."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk.entities import (
    PRIORITIES,
    AgentConnection,
    Conversation,
    ConversationRef,
    Customer,
    Message,
    Role,
    Summary,
    VisitDetails,
    WebPage,
)
from frontdesk.errors import Conflict, InvalidRequest, NotFound
from frontdesk.escalation.rules import Escalation
from frontdesk.ids import new_id, time_of
from frontdesk.tables.client import Put, Table, Update
from frontdesk.tables.conversation_items import conversation_key, listed_attributes
from frontdesk.tables.conversation_lists import VIEWS, ConversationFilter, Sort, View
from frontdesk.tables.outcomes import Outcome
from frontdesk.tables.privacy import Privacy
from frontdesk.tables.reading import Reading, unread_of
from tests.unit.deployment import UNLIMITED, Deployment, is_problem
from tests.unit.test_inbox import ADA, BOB, Desk

ESCALATION = Escalation("asked", "question", Summary(wants="A parcel", mood="calm"))
SORTS: tuple[Sort, ...] = ("newest", "waiting_longest", "priority")


@pytest.fixture
def desk(table: Table) -> Desk:
    return Desk(table)


@pytest.fixture
def deployment(table: Table) -> Deployment:
    return Deployment(table, rates=UNLIMITED)


def walk(
    desk: Desk, wanted: ConversationFilter, sort: Sort = "newest", *, limit: int = 3
) -> list[Conversation]:
    found: list[Conversation] = []
    cursor: str | None = None
    while True:
        page = desk.lists.page("org", wanted, cursor=cursor, limit=limit, sort=sort)
        found += page.entries
        cursor = page.cursor
        if cursor is None:
            return found


def view(name: View, member: str = ADA.id) -> ConversationFilter:
    return ConversationFilter(view=name, member=member)


class Days:
    """Somebody's days at the desk: acts by chance."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.chance = random.Random(seed)
        self.refs: list[ConversationRef] = []
        self.read: dict[tuple[str, str], str] = {}

    def act(self) -> None:
        if len(self.refs) < 4 or self.chance.random() < 0.1:
            self.refs.append(self.desk.asked())
            return
        act = self.chance.choice(
            [
                *(self.say, self.say, self.answer, self.escalate, self.reply, self.take_over),
                *(self.hand_back, self.hand_off, self.resolve, self.assign, self.prioritize),
                *(self.snooze, self.mark, self.mark, self.release, self.erase, self.expire),
            ]
        )
        try:
            act(self.chance.choice(self.refs))
        except (Conflict, NotFound):
            return

    def say(self, ref: ConversationRef) -> None:
        self.desk.say(ref, self.chance.choice(["Thanks!", "It does not work at all"]))

    def answer(self, ref: ConversationRef, escalation: Escalation | None = None) -> None:
        desk = self.desk
        conversation = desk.conversations.acquire_lease(ref, "worker")
        if conversation is None or not conversation.unanswered:
            return
        asked = [desk.conversations.message(ref, each) for each in conversation.unanswered]
        identifier = new_id()
        said = Message(
            id=identifier, role="assistant", text="So", at=time_of(identifier), kind="answer"
        )
        replies = [] if conversation.status == "human" else [said]
        outcome = Outcome(asked, replies, escalation=escalation)
        desk.conversations.store_outcome(conversation, "worker", outcome)
        desk.conversations.release_lease(ref, "worker")

    def escalate(self, ref: ConversationRef) -> None:
        if self.desk.conversations.get(ref).status == "open":
            self.answer(ref, ESCALATION)

    def reply(self, ref: ConversationRef) -> None:
        self.desk.inbox.reply(ref, self.chance.choice([ADA, BOB]), "Hello", new_id())

    def take_over(self, ref: ConversationRef) -> None:
        self.desk.inbox.take_over(ref, self.chance.choice([ADA, BOB]))

    def hand_back(self, ref: ConversationRef) -> None:
        self.desk.inbox.hand_back(ref, ADA)

    def hand_off(self, ref: ConversationRef) -> None:
        self.desk.inbox.hand_off(ref, "asked")

    def resolve(self, ref: ConversationRef) -> None:
        self.desk.inbox.resolve(ref, "agent", ADA)

    def assign(self, ref: ConversationRef) -> None:
        self.desk.inbox.assign(ref, self.chance.choice([ADA.id, BOB.id, None]), ADA)

    def prioritize(self, ref: ConversationRef) -> None:
        self.desk.inbox.prioritize(ref, self.chance.choice(PRIORITIES))

    def snooze(self, ref: ConversationRef) -> None:
        hours = self.chance.choice([-1, 1, None])
        until = None if hours is None else datetime.now(UTC) + timedelta(hours=hours)
        self.desk.inbox.snooze(ref, until)

    def mark(self, ref: ConversationRef) -> None:
        member = self.chance.choice([ADA, BOB]).id
        message = self.chance.choice(self.desk.conversations.recent_messages(ref, 99)).id
        Reading(self.desk.table).read(ref, member, message)
        key = member, ref.conversation_id
        self.read[key] = max(message, self.read.get(key, ""))

    def release(self, ref: ConversationRef) -> None:
        self.desk.inbox.release(ref, BOB.id)

    def erase(self, ref: ConversationRef) -> None:
        if self.chance.random() < 0.3:
            Privacy(self.desk.table).erase(ref)
            self.refs.remove(ref)

    def expire(self, ref: ConversationRef) -> None:
        if self.chance.random() < 0.3:
            self.desk.table.update(
                Update(conversation_key(ref), "SET expires_at = :past", {"past": 1})
            )
            self.refs.remove(ref)

    def there(self) -> list[Conversation]:
        return [self.desk.conversations.get(ref) for ref in self.refs]

    def unread(self, conversation: Conversation, member: str) -> int:
        """Counted one by one."""
        read = self.read.get((member, conversation.id), "")
        messages = self.desk.conversations.recent_messages(conversation.ref, 200)
        return sum(each.role == "customer" and each.id > read for each in messages)


def expected(days: Days, member: str) -> dict[View, list[str]]:
    """What the views should have, by looking at each conversation."""
    now = datetime.now(UTC)
    found: dict[View, list[str]] = {name: [] for name in VIEWS}
    for each in days.there():
        off = each.snoozed_until is not None and each.snoozed_until > now
        over = each.status == "resolved"
        wanted = each.status in {"waiting", "human"}
        shown: dict[View, bool] = {
            "waiting": each.status == "waiting" and not off,
            "mine": each.assignee == member and not over and not off,
            "unassigned": each.assignee is None and not over and not off,
            "open": not over and not off,
            "snoozed": off and not over,
            "resolved": over,
            "all": True,
            "unread": wanted
            and not off
            and each.assignee in {None, member}
            and days.unread(each, member) > 0,
        }
        for name, is_shown in shown.items():
            found[name] += [each.id] if is_shown else []
    return found


@pytest.mark.parametrize("seed", range(3))
def test_counts_lists_and_marks_agree_with_what_is_stored_after_whatever_happens(
    desk: Desk, seed: int
) -> None:
    days = Days(desk, seed)
    for _ in range(2):
        for _ in range(40):
            days.act()
        for member in (ADA.id, BOB.id):
            counts = desk.lists.counts("org", member)
            wanted = expected(days, member)
            assert counts.keys() == wanted.keys()
            for name, ids in wanted.items():
                assert (counts[name].count, counts[name].more) == (len(ids), False), name
                for sort in SORTS:
                    listed = [each.id for each in walk(desk, view(name, member), sort, limit=5)]
                    assert sorted(listed) == sorted(ids), (name, sort)
            marks = Reading(desk.table).marks(member, days.refs)
            for each in days.there():
                unread = unread_of(each, member, marks.get(each.id)).messages
                assert unread == days.unread(each, member)
        by_wait = [each.waiting_since for each in walk(desk, view("all"), "waiting_longest")]
        waiting = [
            each
            for each in days.there()
            if each.status in {"waiting", "human"} and each.waiting_since
        ]
        longest = sorted(each.waiting_since for each in waiting if each.waiting_since)
        assert by_wait[: len(longest)] == longest
        urgency = [
            -1 if each.status == "resolved" else PRIORITIES.index(each.priority)
            for each in walk(desk, view("all"), "priority")
        ]
        assert urgency == sorted(urgency, reverse=True)


def test_a_customer_waits_from_their_first_unanswered_message_until_a_person_replies(
    desk: Desk,
) -> None:
    ref = desk.asked("Where is my parcel?")
    asked = desk.conversations.get(ref).waiting_since
    assert asked is not None
    desk.answer(ref)
    assert desk.conversations.get(ref).waiting_since is None
    desk.inbox.hand_off(ref, "asked")
    called = desk.conversations.get(ref).waiting_since
    assert called is not None
    desk.say(ref, "Is anybody there?")
    desk.answer(ref)
    desk.inbox.take_over(ref, ADA)
    assert desk.conversations.get(ref).waiting_since == called
    desk.inbox.reply(ref, ADA, "I am.", new_id())
    assert desk.conversations.get(ref).waiting_since is None
    desk.say(ref, "Good.")
    since = desk.conversations.get(ref).waiting_since
    desk.say(ref, "It has not come.")
    assert desk.conversations.get(ref).waiting_since == since
    desk.inbox.resolve(ref, "agent", ADA)
    assert desk.conversations.get(ref).waiting_since is None


def test_whoever_says_how_urgent_it_is_loses_no_answer_under_way(desk: Desk) -> None:
    ref = desk.asked()
    conversation = desk.conversations.acquire_lease(ref, "worker")
    assert conversation is not None
    desk.inbox.prioritize(ref, "urgent")
    asked = [desk.conversations.message(ref, each) for each in conversation.unanswered]
    answer = Message(id=new_id(), role="assistant", text="So", at=datetime.now(UTC), kind="answer")
    outcome = Outcome(asked, [answer], escalation=ESCALATION)
    desk.conversations.store_outcome(conversation, "worker", outcome)
    assert desk.texts(ref)[-1] == "So"
    [first, *_] = walk(desk, view("waiting"), "priority")
    assert (first.id, first.priority) == (ref.conversation_id, "urgent")


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("cursor", ["x", "01KB0M3VQ0C5T1J7Z8N4R2X9A", "9" + "0" * 26, "0", ""])
def test_a_cursor_that_is_none_of_ours_is_refused(desk: Desk, sort: Sort, cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        desk.lists.page("org", view("all"), cursor=cursor, limit=5, sort=sort)


def store(desk: Desk, number: int) -> None:
    """Conversations that wait, with a customer who asked and labels."""
    puts = []
    for _ in range(number):
        identifier = new_id()
        listed = listed_attributes("org", "waiting", "high")
        puts.append(
            Put(
                (f"ORG#org#CONV#{identifier}", "CONV"),
                {
                    "id": identifier,
                    "organization_id": "org",
                    "status": "waiting",
                    "priority": "high",
                    "labels": ["vip"],
                    "started_at": datetime.now(UTC).isoformat(),
                    "gsi1pk": "ORG#org#CONVERSATIONS",
                    **{name: value for name, value in listed.items() if value},
                    "gsi1sk": identifier,
                    "gsi4sk": identifier,
                    "customer_messages": 1,
                    "customer_last_id": identifier,
                    "unanswered": [],
                },
            )
        )
    desk.table.put_many(puts)


def test_lists_counts_and_labels_cost_the_same_however_many_conversations_there_are(
    desk: Desk,
) -> None:
    calls: list[str] = []
    events = desk.table._client.meta.events
    events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    reads: list[Callable[[], object]] = [
        *(
            lambda sort=sort: desk.lists.page(
                "org", view("waiting"), cursor=None, limit=50, sort=sort
            )
            for sort in SORTS
        ),
        lambda: desk.lists.counts("org", ADA.id),
        lambda: desk.lists.labels("org"),
    ]
    costs: list[list[int]] = []
    for more in (60, 700):
        store(desk, more)
        costs.append([])
        for read in reads:
            calls.clear()
            read()
            costs[-1].append(len(calls))
    assert costs[0] == costs[1] == [1, 1, 2, 7, 1]
    counts = desk.lists.counts("org", ADA.id)
    assert (counts["waiting"].count, counts["waiting"].more) == (300, True)
    assert (counts["all"].count, counts["all"].more) == (99, True)
    assert (counts["mine"].count, counts["mine"].more) == (0, False)
    labels = desk.lists.labels("org")
    assert [(each.label, each.count) for each in labels.labels] == [("vip", 500)]
    assert (labels.examined, labels.more) == (500, True)


@pytest.mark.parametrize("sort", SORTS)
def test_what_keeps_its_place_is_listed_once_whatever_moves_between_two_pages(
    desk: Desk, sort: Sort
) -> None:
    refs = {ref.conversation_id: ref for ref in (desk.asked() for _ in range(9))}
    for ref in refs.values():
        desk.inbox.hand_off(ref, "asked")
    page = desk.lists.page("org", view("waiting"), cursor=None, limit=3, sort=sort)
    found = [each.id for each in page.entries]
    below = sorted(refs.keys() - set(found))
    # The one that the cursor names leaves; of those below, one moves up and one becomes urgent.
    moved = {found[-1], below[1], below[3]}
    desk.inbox.resolve(refs[found[-1]], "agent", ADA)
    desk.say(refs[below[1]], "Anybody?")
    desk.inbox.prioritize(refs[below[3]], "urgent")
    while page.cursor:
        page = desk.lists.page("org", view("waiting"), cursor=page.cursor, limit=3, sort=sort)
        found += [each.id for each in page.entries]
    assert len(found) == len(set(found))
    assert refs.keys() - set(found) <= moved


def test_a_mark_ends_with_its_conversation_and_keeps_what_came_later_unread(desk: Desk) -> None:
    ref = desk.asked("One", "Two", "Three")
    reading, messages = Reading(desk.table), desk.conversations.recent_messages(ref, 9)
    assert reading.read(ref, ADA.id, messages[1].id).messages == 1
    assert reading.read(ref, ADA.id, messages[0].id).read_until == messages[1].id
    assert reading.read(ref, ADA.id, messages[2].id).messages == 0
    desk.say(ref, "Four")
    [mark] = reading.marks(ADA.id, [ref]).values()
    assert unread_of(desk.conversations.get(ref), ADA.id, mark).messages == 1
    with pytest.raises(NotFound):
        reading.read(ref, ADA.id, new_id())
    Privacy(desk.table).erase(ref)
    assert reading.marks(ADA.id, [ref]) == {}
    with pytest.raises(NotFound):
        reading.read(ref, ADA.id, messages[2].id)


def test_what_was_over_before_somebody_came_is_not_new_to_them(desk: Desk) -> None:
    before, newcomer = desk.asked(), new_id()
    after = desk.asked()
    unread = [
        unread_of(desk.conversations.get(ref), newcomer, None).messages for ref in (before, after)
    ]
    assert unread == [0, 1]


def listed(deployment: Deployment, headers: dict[str, str], **query: Any) -> Any:
    answer = deployment.http.get("/api/conversations", headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["conversations"]


def test_the_inbox_shows_its_first_screen_with_two_calls(deployment: Deployment) -> None:
    ada, ben = deployment.login(deployment.one, "agent"), deployment.login(deployment.one, "agent")
    ref = deployment.asked(deployment.one, "Hello", "Anybody?")
    mine = deployment.asked(deployment.one)
    path = f"/api/conversations/{mine.conversation_id}/take-over"
    assert deployment.http.post(path, headers=ada).status_code == 200
    deployment.services.inbox.hand_off(ref, "asked")
    entries = {each["id"]: each for each in listed(deployment, ada, view="open")}
    entry = entries[ref.conversation_id]
    assert (entry["unread"], entry["unread_messages"], entry["read_until"]) == (True, 2, None)
    assert entry["waiting_since"] is not None
    counts = deployment.http.get("/api/conversations/counts", headers=ada).json()
    shown = {name: each["count"] for name, each in counts.items()}
    assert shown == {
        "waiting": 1,
        "mine": 1,
        "unassigned": 1,
        "open": 2,
        "snoozed": 0,
        "resolved": 0,
        "all": 2,
        "unread": 2,
    }
    path = f"/api/conversations/{ref.conversation_id}"
    last = deployment.http.get(path, headers=ada).json()["messages"][1]["id"]
    answer = deployment.http.post(f"{path}/read", json={"message_id": last}, headers=ada)
    assert answer.json() == {"unread_messages": 0, "read_until": last}
    assert [each["id"] for each in listed(deployment, ada, view="unread")] == [mine.conversation_id]
    assert [each["id"] for each in listed(deployment, ben, view="unread")] == [ref.conversation_id]
    assert deployment.http.get(path, headers=ada).json()["read_until"] == last


def test_entries_view_and_count_agree_on_what_is_unread_whatever_the_conversation_is(
    deployment: Deployment,
) -> None:
    services, one = deployment.services, deployment.one
    old = deployment.asked(one)
    services.inbox.hand_off(old, "asked")
    continued = deployment.asked(one, "Before")
    services.inbox.hand_off(continued, "asked")
    ada, ben = deployment.login(one, "agent"), deployment.login(one, "agent")

    def say(ref: ConversationRef) -> None:
        services.conversations.accept(ref, client_id=new_id(), text="And now?", per_minute=1000)

    def act(headers: dict[str, str], ref: ConversationRef, act: str, **body: Any) -> None:
        path = f"/api/conversations/{ref.conversation_id}/{act}"
        answer = deployment.http.post(path, headers=headers, json=body or None)
        assert answer.status_code == 200, answer.text

    def check(headers: dict[str, str], *unread: ConversationRef) -> dict[str, Any]:
        """Only `unread` are so, for the list of all, one by one, the view and its count."""
        wanted = {ref.conversation_id for ref in unread}
        entries = {each["id"]: each for each in listed(deployment, headers, view="all")}
        for identifier, entry in entries.items():
            path = f"/api/conversations/{identifier}"
            alone = deployment.http.get(path, headers=headers).json()
            own = ("unread", "unread_messages", "read_until")
            assert [alone[name] for name in own] == [entry[name] for name in own]
        assert {each for each, entry in entries.items() if entry["unread"]} == wanted
        for sort in SORTS:
            shown = listed(deployment, headers, view="unread", sort=sort)
            assert {each["id"] for each in shown} == wanted
            assert all(each["unread"] for each in shown)
        counts = deployment.http.get("/api/conversations/counts", headers=headers).json()
        assert counts["unread"] == {"count": len(wanted), "more": False}
        return entries

    check(ada)
    say(continued)
    bots, waiting, hers, his, later, woken, over, read = (deployment.asked(one) for _ in range(8))
    for ref in (waiting, later, woken, over, read):
        services.inbox.hand_off(ref, "asked")
    act(ada, hers, "take-over")
    act(ben, his, "take-over")
    now = datetime.now(UTC)
    services.inbox.snooze(later, now + timedelta(hours=1))
    services.inbox.snooze(woken, now - timedelta(hours=1))
    act(ben, over, "resolve")
    last = services.conversations.recent_messages(read, 9)[0].id
    act(ada, read, "read", message_id=last)

    entries = check(ada, continued, waiting, hers, woken)
    assert check(ben, continued, waiting, his, woken, read).keys() == entries.keys()
    assert {entries[each.conversation_id]["status"] for each in (bots, waiting, his, over)} == {
        *("open", "waiting", "human", "resolved")
    }
    # What was not theirs to read is counted once it becomes so; what they read is not.
    act(ben, his, "hand-back")
    services.inbox.hand_off(his, "asked")
    say(read)
    services.inbox.snooze(woken, now + timedelta(hours=1))
    check(ada, continued, waiting, hers, his, read)
    act(ada, read, "read", message_id=services.conversations.recent_messages(read, 1)[-1].id)
    check(ada, continued, waiting, hers, his)


def test_filters_name_the_caller_nobody_or_a_customer(deployment: Deployment) -> None:
    ada = deployment.login(deployment.one, "agent")
    services, organization = deployment.services, deployment.one.organization_id
    nobodys, hers = (deployment.asked(deployment.one) for _ in range(2))
    deployment.http.post(f"/api/conversations/{hers.conversation_id}/take-over", headers=ada)
    services.visitors.set_customer(
        services.conversations.get(nobodys), Customer(email="mia@example.org")
    )
    services.visitors.set_customer(
        services.conversations.get(hers), Customer(id="c-1", email="MIA@example.org")
    )
    services.visitors.set_customer(
        services.visitors.open(organization, "silent"), Customer(email="mia@example.org")
    )

    def ids(**query: Any) -> list[str]:
        return [each["id"] for each in listed(deployment, ada, **query)]

    both = [hers.conversation_id, nobodys.conversation_id]
    assert ids(assignee="me") == [hers.conversation_id]
    assert ids(assignee="unassigned") == [nobodys.conversation_id]
    assert ids(customer="mia@example.org") == both
    assert ids(customer="Mia@Example.org ", status="open") == [nobodys.conversation_id]
    assert ids(customer="c-1") == [hers.conversation_id]
    assert ids(customer="nobody@example.org") == []
    page = WebPage(url="https://shop.example/Pricing?x=1", at=datetime.now(UTC))
    details = VisitDetails(page=page, language="de-AT")
    services.visitors.note_details(services.conversations.get(hers), details)
    assert ids(language="de") == ids(language="DE-at") == ids(page="/pricing") == both[:1]
    assert ids(language="d") == ids(page="/checkout") == []
    answer = deployment.http.get(
        "/api/conversations", headers=ada, params={"customer": "c-1", "sort": "priority"}
    )
    assert is_problem(answer, 400)


def test_the_other_pages_of_a_member_are_told_what_was_read_and_nobody_else(
    deployment: Deployment,
) -> None:
    ref = deployment.asked(deployment.one)
    ada, ben = (deployment.login(deployment.one, "agent") for _ in range(2))
    for name, headers in (("hers", ada), ("his", ben)):
        connected = deployment.http.post("/api/conversations/connect", headers=headers).json()
        page = deployment.services.connections.spend_token(connected["token"], name)
        assert isinstance(page, AgentConnection)
        deployment.services.connections.open_agent(page)
    message = deployment.services.conversations.recent_messages(ref, 1)[0].id
    path = f"/api/conversations/{ref.conversation_id}/read"
    deployment.http.post(path, json={"message_id": message}, headers=ada)
    told = [
        (socket, json.loads(text))
        for socket, text in deployment.sockets.frames
        if json.loads(text)["type"] == "read"
    ]
    assert told == [
        (
            "hers",
            {
                "type": "read",
                "conversation_id": ref.conversation_id,
                "unread_messages": 0,
                "read_until": message,
            },
        )
    ]


def test_the_marks_of_a_member_go_when_they_leave_and_those_of_others_stay(
    deployment: Deployment,
) -> None:
    ref = deployment.asked(deployment.one)
    roles: tuple[Role, ...] = ("owner", "agent", "viewer")
    owner, ada, ben = (deployment.login(deployment.one, role) for role in roles)
    message = deployment.services.conversations.recent_messages(ref, 1)[0].id
    path = f"/api/conversations/{ref.conversation_id}/read"
    ids = []
    for headers in (ada, ben):
        answer = deployment.http.post(path, json={"message_id": message}, headers=headers)
        assert answer.status_code == 200
        me = deployment.http.get("/api/auth/me", headers=headers).json()
        ids.append(me["user"]["id"])
    reading = deployment.services.reading
    deployment.http.patch(f"/api/team/members/{ids[0]}", json={"role": "viewer"}, headers=owner)
    assert reading.marks(ids[0], [ref])
    for gone, stays in (ids, (ids[1], None)):
        deployment.http.delete(f"/api/team/members/{gone}", headers=owner)
        assert reading.marks(gone, [ref]) == {}
        assert stays is None or reading.marks(stays, [ref])
