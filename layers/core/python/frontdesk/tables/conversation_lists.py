"""The lists of conversations that the team works with: which, in which order, how many."""

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from frontdesk.entities import Conversation, ConversationRef, Priority, Status
from frontdesk.errors import InvalidRequest
from frontdesk.ids import is_ulid, time_of
from frontdesk.shown_text import comparable
from frontdesk.tables.client import Index, Item, Table
from frontdesk.tables.conversation_items import (
    conversation_key,
    customer_partition,
    waiting_partition,
)
from frontdesk.tables.lists import EXAMINED, Listing, Page, Part, read_page, read_parts
from frontdesk.tables.reading import Mark, Reading, unread_of

View = Literal["waiting", "mine", "unassigned", "open", "snoozed", "resolved", "all", "unread"]
"""What a team looks at. `open` is all that is neither resolved nor put off; `waiting`, `mine`,
`unassigned` and `unread` are parts of it: a person is wanted; the caller's own; nobody's; a person
is wanted or in, it is nobody else's, and the customer has said what the caller has not read."""

VIEWS: tuple[View, ...] = get_args(View)

Sort = Literal["newest", "waiting_longest", "priority"]
"""By the last message; those first whose customer has waited longest for a person, the others by
the last message; by priority, what is resolved last."""

_STATUSES: tuple[Status, ...] = get_args(Status)
_UNRESOLVED: tuple[Status, ...] = ("open", "waiting", "human")
_WITH_PEOPLE: tuple[Status, ...] = ("waiting", "human")
_OF_VIEW: dict[View, tuple[Status, ...]] = {
    "waiting": ("waiting",),
    "mine": _UNRESOLVED,
    "unassigned": _UNRESOLVED,
    "open": _UNRESOLVED,
    "snoozed": _UNRESOLVED,
    "resolved": ("resolved",),
    "all": _STATUSES,
    "unread": _WITH_PEOPLE,
}

COUNTED = 300
"""How many conversations of a status are looked at to count the views."""

MOST_COUNTED = 99
"""How far what is resolved, and all, is counted."""

_MARKS = 100
"""How many conversations are looked at to count those with something unread."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; with `more` at least so many."""

    count: int
    more: bool


@dataclass(frozen=True, slots=True)
class LabelCount:
    """A label, and how many of the conversations that were looked at have it."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class LabelsInUse:
    """The labels of the newest `examined` conversations, the most frequent first.

    With `more` there are older ones that were not looked at.
    """

    labels: tuple[LabelCount, ...]
    examined: int
    more: bool


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Which conversations are wanted; None means any.

    `text` is looked for in what a list shows: subject, last message, customer. `customer` is their
    id or address, `language` that of their browser ("de" is "de-AT" too), and `page` a part of the
    address of the page they were on last. `unassigned` are those that are nobody's. The range is
    that of the last message, `until` excluded. A `view` is that of `member`.
    """

    view: View | None = None
    member: str = ""
    status: Status | None = None
    priority: Priority | None = None
    assignee: str | None = None
    unassigned: bool = False
    mood: str | None = None
    label: str | None = None
    snoozed: bool | None = None
    customer: str | None = None
    language: str | None = None
    page: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Those that may be among them."""
        of_view = _OF_VIEW[self.view or "all"]
        return tuple(each for each in of_view if self.status in (None, each))

    def wants(self, conversation: Conversation) -> bool:
        """Whether a conversation is one of them, its range aside."""
        mood = conversation.mood.label.lower() if conversation.mood else None
        return all(
            wanted is None or wanted == found
            for wanted, found in (
                (self.status, conversation.status),
                (self.priority, conversation.priority),
                (self.assignee, conversation.assignee),
                (self.mood, mood),
            )
        ) and (
            (self.label is None or comparable(self.label) in map(comparable, conversation.labels))
            and (not self.unassigned or conversation.assignee is None)
            and (self.snoozed is None or self.snoozed == is_snoozed(conversation))
            and (self.customer is None or _is_of(conversation, self.customer))
            and (self.language is None or _speaks(conversation, self.language))
            and (self.page is None or _is_on(conversation, self.page))
            and (self.text is None or comparable(self.text) in _shown(conversation))
            and (self.view is None or in_view(conversation, self.view, self.member))
        )

    def covers(self, conversation: Conversation) -> bool:
        """Whether its last message lies in the range."""
        last = time_of(conversation.gsi1sk)
        return (self.since is None or self.since <= last) and (
            self.until is None or last < self.until
        )


class ConversationLists:
    """Reads them."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
        self._reading = Reading(table)

    def page(
        self,
        organization_id: str,
        wanted: ConversationFilter,
        *,
        cursor: str | None,
        limit: int,
        sort: Sort = "newest",
    ) -> Page[Conversation]:
        """Conversations in that order, at the price of EXAMINED at most. Raises InvalidRequest.

        In a page of the view `unread` those are left out that were read.
        """
        if wanted.customer is not None:
            page = self._of_customer(organization_id, wanted, cursor=cursor, limit=limit, sort=sort)
        elif sort == "newest":
            page = read_page(
                self._table,
                listing_of(organization_id, wanted),
                cursor=cursor,
                limit=limit,
                parse=Conversation.model_validate,
                keep=wanted.wants,
            )
        else:
            page = read_parts(
                self._table,
                _by_waiting(organization_id, wanted)
                if sort == "waiting_longest"
                else _by_priority(organization_id, wanted),
                cursor=cursor,
                limit=limit,
                parse=Conversation.model_validate,
            )
        if wanted.view != "unread":
            return page
        return Page(tuple(self._unread(wanted.member, page.entries)), page.cursor)

    def counts(
        self, organization_id: str, member: str, *, pool: Executor | None = None
    ) -> dict[View, Count]:
        """How many conversations each view of a member's has.

        They are counted in the lists as those are now: up to COUNTED of each status and of the
        member's own, up to MOST_COUNTED of what is resolved and of all, six queries side by side in
        `pool`, and one read of the member's marks.
        """
        conversations = f"ORG#{organization_id}#CONVERSATIONS"

        def read(listed: tuple[Index, str, int]) -> list[Item]:
            index, partition, most = listed
            return self._table.query_index(index, partition, limit=most + 1)

        lists: list[tuple[Index, str, int]] = [
            *(("gsi2", f"{conversations}#{each}", COUNTED) for each in _UNRESOLVED),
            ("gsi3", f"{conversations}#OF#{member}", COUNTED),
            ("gsi2", f"{conversations}#resolved", MOST_COUNTED),
            ("gsi1", conversations, MOST_COUNTED),
        ]
        *found, theirs, resolved, everything = (map if pool is None else pool.map)(read, lists)
        unresolved = [
            Conversation.model_validate(item) for items in found for item in items[:COUNTED]
        ]
        cut = any(len(items) > COUNTED for items in found)
        waiting_cut = len(found[_UNRESOLVED.index("waiting")]) > COUNTED
        own = {each.id: each for each in unresolved}
        own |= {each.id: each for each in map(Conversation.model_validate, theirs[:COUNTED])}

        def count(view: View, among: Iterable[Conversation], *, more: bool) -> Count:
            return Count(sum(in_view(each, view, member) for each in among), more)

        return {
            "waiting": count("waiting", unresolved, more=waiting_cut),
            "mine": count("mine", own.values(), more=cut and len(theirs) > COUNTED),
            "unassigned": count("unassigned", unresolved, more=cut),
            "open": count("open", unresolved, more=cut),
            "snoozed": count("snoozed", unresolved, more=cut),
            "resolved": _bounded(resolved),
            "all": _bounded(everything),
            "unread": self._count_unread(member, unresolved, more=cut),
        }

    def labels(self, organization_id: str) -> LabelsInUse:
        """The labels in use, as far as the newest EXAMINED conversations tell. One query."""
        items = self._table.query_index(
            "gsi1", f"ORG#{organization_id}#CONVERSATIONS", limit=EXAMINED + 1
        )
        counted: dict[str, int] = {}
        for item in items[:EXAMINED]:
            for label in item.get("labels", []):
                counted[label] = counted.get(label, 0) + 1
        return LabelsInUse(
            tuple(
                LabelCount(label, counted[label])
                for label in sorted(counted, key=lambda each: (-counted[each], each))
            ),
            examined=min(len(items), EXAMINED),
            more=len(items) > EXAMINED,
        )

    def _count_unread(
        self, member: str, unresolved: Iterable[Conversation], *, more: bool
    ) -> Count:
        listed = sorted(
            (each for each in unresolved if in_view(each, "unread", member)),
            key=lambda each: each.gsi1sk,
            reverse=True,
        )
        unread = self._unread(member, listed[:_MARKS])
        return Count(len(unread), more or len(listed) > _MARKS)

    def _unread(self, member: str, among: Iterable[Conversation]) -> list[Conversation]:
        conversations = list(among)
        marks = self._reading.marks(member, [each.ref for each in conversations])
        return [each for each in conversations if is_unread(each, member, marks.get(each.id))]

    def _of_customer(
        self,
        organization_id: str,
        wanted: ConversationFilter,
        *,
        cursor: str | None,
        limit: int,
        sort: Sort,
    ) -> Page[Conversation]:
        """The conversations of one customer, found by what they are known by."""
        if sort != "newest":
            raise InvalidRequest("One customer's conversations come with the newest first.")
        if cursor is not None and not is_ulid(cursor):
            raise InvalidRequest("The cursor is not one of ours.")
        partition = customer_partition(organization_id, str(wanted.customer))
        keys = [
            conversation_key(
                ConversationRef(
                    organization_id=organization_id, conversation_id=item["conversation_id"]
                )
            )
            for item in self._table.query(partition, limit=EXAMINED, newest_first=True)
        ]
        found = self._table.get_many(keys) if keys else {}
        listed = sorted(
            (
                each
                for each in map(Conversation.model_validate, found.values())
                if each.started_at is not None
                and not each.erasing
                and wanted.wants(each)
                and wanted.covers(each)
                and (cursor is None or each.gsi1sk < cursor)
            ),
            key=lambda each: each.gsi1sk,
            reverse=True,
        )
        return Page(
            tuple(listed[:limit]), listed[limit - 1].gsi1sk if len(listed) > limit else None
        )


def in_view(conversation: Conversation, view: View, member: str) -> bool:
    """Whether a member's view shows a conversation. For `unread`: unless it is read."""
    if conversation.status not in _OF_VIEW[view]:
        return False
    if view in {"all", "resolved"}:
        return True
    if view == "snoozed" or is_snoozed(conversation):
        return view == "snoozed" and is_snoozed(conversation)
    whose = {"mine": (member,), "unassigned": (None,), "unread": (None, member)}.get(view)
    return whose is None or conversation.assignee in whose


def is_unread(conversation: Conversation, member: str, mark: Mark | None) -> bool:
    """Whether a conversation is one of a member's view `unread`, given their mark there.

    That view, its count and what an entry says all ask this.
    """
    unread = unread_of(conversation, member, mark)
    return unread.messages > 0 and in_view(conversation, "unread", member)


def listing_of(organization_id: str, wanted: ConversationFilter) -> Listing:
    """The narrowest list that holds all that is wanted, by the last message."""
    conversations = f"ORG#{organization_id}#CONVERSATIONS"
    index: Index
    partitions: tuple[str, ...]
    if wanted.assignee is not None:
        index, partitions = "gsi3", (f"{conversations}#OF#{wanted.assignee}",)
    elif wanted.statuses != _STATUSES:
        index, partitions = "gsi2", tuple(f"{conversations}#{each}" for each in wanted.statuses)
    else:
        index, partitions = "gsi1", (conversations,)
    return Listing(index, partitions, wanted.since, wanted.until)


def is_snoozed(conversation: Conversation) -> bool:
    """Whether nobody need look at it for now."""
    until = conversation.snoozed_until
    return until is not None and until > datetime.now(UTC)


def _by_waiting(organization_id: str, wanted: ConversationFilter) -> list[Part[Conversation]]:
    """Whose customer waits for a person, the longest first; then the others."""

    def waits(conversation: Conversation) -> bool:
        return conversation.status in _WITH_PEOPLE and conversation.gsi4sk is not None

    return [
        Part(
            Listing(
                "gsi4",
                (waiting_partition(organization_id),)
                if set(wanted.statuses) & set(_WITH_PEOPLE)
                else (),
            ),
            lambda each: wanted.wants(each) and wanted.covers(each),
            newest_first=False,
        ),
        Part(
            listing_of(organization_id, wanted),
            lambda each: wanted.wants(each) and not waits(each),
        ),
    ]


def _by_priority(organization_id: str, wanted: ConversationFilter) -> list[Part[Conversation]]:
    """The most urgent first; what is resolved last."""
    conversations = f"ORG#{organization_id}#CONVERSATIONS"
    unresolved = tuple(each for each in wanted.statuses if each != "resolved")

    def of(priority: Priority) -> Part[Conversation]:
        def keep(conversation: Conversation) -> bool:
            return (
                conversation.priority == priority
                and conversation.status != "resolved"
                and wanted.wants(conversation)
            )

        partitions: tuple[str, ...] = ()
        if unresolved and wanted.priority in (None, priority):
            partitions = (f"{conversations}#{priority}",)
            if priority == "medium":
                partitions = tuple(f"{conversations}#{each}" for each in unresolved)
        index: Index = "gsi2" if priority == "medium" else "gsi5"
        return Part(Listing(index, partitions, wanted.since, wanted.until), keep)

    resolved = (f"{conversations}#resolved",) if "resolved" in wanted.statuses else ()
    return [
        of("urgent"),
        of("high"),
        of("medium"),
        of("low"),
        Part(Listing("gsi2", resolved, wanted.since, wanted.until), wanted.wants),
    ]


def _bounded(items: list[Item]) -> Count:
    return Count(min(len(items), MOST_COUNTED), more=len(items) > MOST_COUNTED)


def _is_of(conversation: Conversation, customer: str) -> bool:
    known = conversation.customer
    return customer == known.id or (
        known.email is not None and comparable(customer.strip()) == comparable(known.email)
    )


def _speaks(conversation: Conversation, language: str) -> bool:
    found, wanted = (conversation.language or "").lower(), language.lower()
    return found == wanted or found.startswith(f"{wanted}-")


def _is_on(conversation: Conversation, page: str) -> bool:
    found = conversation.page
    return found is not None and comparable(page) in comparable(found.url)


def _shown(conversation: Conversation) -> str:
    customer = conversation.customer
    return comparable(
        "\n".join(
            part
            for part in (
                conversation.id,
                conversation.subject,
                conversation.preview,
                customer.name,
                customer.email,
                customer.id,
            )
            if part
        )
    )
