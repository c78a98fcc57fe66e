"""The team's side of conversations.

Every act reads the conversation, decides, and writes one transaction under the condition that what
it decided by is still so. What changes is recorded as a system message, and counted at its time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from frontdesk.entities import (
    Actor,
    Author,
    BeforeResolution,
    Conversation,
    ConversationRef,
    Event,
    Handoff,
    HandoffReason,
    Message,
    Priority,
    Rating,
    Resolution,
    ResolvedBy,
    Status,
    Ticket,
    TicketCategory,
)
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import new_id, time_of
from frontdesk.tables.audit import audit_put
from frontdesk.tables.client import (
    Check,
    ConditionFailed,
    Key,
    Operation,
    Put,
    Table,
    Update,
)
from frontdesk.tables.conversation_items import (
    conversation_key,
    conversation_partition,
    listed_attributes,
    message_key,
    message_put,
    preview_of,
)
from frontdesk.tables.conversation_lists import ConversationFilter, listing_of
from frontdesk.tables.counters import Tally
from frontdesk.tables.files import Files, attach_updates
from frontdesk.tables.handoffs import count_handoff, handoff_attributes, ticket_of_handoff
from frontdesk.tables.lifetimes import LASTING, Lifetimes
from frontdesk.tables.lists import Listing, Page, read_page
from frontdesk.tables.message_words import word_puts
from frontdesk.tables.tickets import ticket_key, ticket_update

_LOOKS = 5

_SAID_WITHIN = 50
"""Messages that are looked at for the last that was not a note or a record."""

_NOTHING_WAITS: dict[str, Any] = {"unanswered": [], "tries": 0}


@dataclass(slots=True)
class _Act:
    """What one act changes, beside `sets` and `removes` of the conversation itself."""

    sets: dict[str, Any] = field(default_factory=dict)
    removes: tuple[str, ...] = ()
    message: Message | None = None
    tally: Tally = field(default_factory=Tally)
    ticket: Put | Update | None = None
    also: list[Operation] = field(default_factory=list)
    unchanged_since: bool = False

    @property
    def assigns(self) -> bool:
        """Whether it says whose the conversation is."""
        return "assignee" in self.sets or "assignee" in self.removes


class Inbox:
    """What the team does with conversations."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
        self._files = Files(table)
        self._lifetimes = Lifetimes(table)

    def export(
        self,
        organization_id: str,
        wanted: ConversationFilter,
        *,
        begun: str,
        position: str | None,
        limit: int,
    ) -> Page[Conversation]:
        """Every conversation that was wanted when an export began, page by page.

        `begun` is an id made then, and `position` the cursor of the page before. First come those
        whose last message is older than `begun`, the newest first. Who was written to meanwhile
        has moved away from those: they come at the end, as they are by then, the oldest first, and
        one may come twice. Raises InvalidRequest.
        """
        entries: tuple[Conversation, ...] = ()
        if position is None or position < begun:
            page = read_page(
                self._table,
                listing_of(organization_id, wanted),
                cursor=position or begun,
                limit=limit,
                parse=Conversation.model_validate,
                keep=wanted.wants,
            )
            if page.cursor is not None:
                return page
            entries = page.entries

        def keep(conversation: Conversation) -> bool:
            started_at = conversation.started_at
            return (
                started_at is not None
                and started_at <= time_of(begun)
                and wanted.wants(conversation)
                and (wanted.until is None or self._was_within(conversation.ref, wanted, begun))
            )

        listing = listing_of(organization_id, wanted)
        later = read_page(
            self._table,
            Listing(listing.index, listing.partitions),
            cursor=begun if position is None else max(position, begun),
            limit=limit - len(entries),
            parse=Conversation.model_validate,
            keep=keep,
            newest_first=False,
        )
        return Page((*entries, *later.entries), later.cursor)

    def _was_within(self, ref: ConversationRef, wanted: ConversationFilter, moment: str) -> bool:
        """Whether the last message before `moment` lies in the wanted range."""
        messages, _ = self.messages(ref, before=moment, limit=_SAID_WITHIN)
        said = [each.at for each in messages if each.role in {"customer", "assistant", "agent"}]
        return bool(said) and (
            (wanted.since is None or wanted.since <= said[-1])
            and (wanted.until is None or said[-1] < wanted.until)
        )

    def silent(
        self, organization_id: str, *, first: str, last: str, limit: int
    ) -> list[Conversation]:
        """Open conversations whose last message's id lies in [first, last], the oldest first."""
        items = self._table.query_index(
            "gsi2",
            f"ORG#{organization_id}#CONVERSATIONS#open",
            first=first,
            last=last,
            limit=limit,
            newest_first=False,
        )
        return [Conversation.model_validate(item) for item in items]

    def messages(
        self, ref: ConversationRef, *, before: str | None, limit: int
    ) -> tuple[list[Message], str | None]:
        """The newest messages older than `before`, oldest first, and the cursor of older ones."""
        last = f"MSG#{before[:-1]}{chr(ord(before[-1]) - 1)}~" if before else "MSG#~"
        items = self._table.query(
            conversation_partition(ref),
            first="MSG#",
            last=last,
            limit=limit + 1,
            newest_first=True,
        )
        messages = [Message.model_validate(item) for item in reversed(items[:limit])]
        return messages, messages[0].id if len(items) > limit else None

    def take_over(self, ref: ConversationRef, author: Author) -> Message | None:
        """Answer in person from now on. None when it is so already.

        An answer the assistant is writing is not stored any more: its questions have left the line.
        """

        def decide(conversation: Conversation) -> _Act | None:
            if conversation.status == "human" and conversation.assignee == author.id:
                return None
            act = _Act()
            record = _record("taken_over", f"{author.name} has joined.", author)
            _come_in(act, conversation, author, record.at)
            act.message = record
            return act

        return self._carry_out(ref, decide)

    def reply(
        self,
        ref: ConversationRef,
        author: Author,
        text: str,
        client_id: str,
        attachments: Sequence[str] = (),
    ) -> Message:
        """Write to the customer, and take over if nobody has. The same `client_id` writes once.

        `attachments` are ids of files that the team has stored. Raises NotFound, Conflict.
        """
        message = _team_message("agent", text, author, client_id)
        if attachments:
            attached = self._files.to_attach(ref, attachments, "team")
            message = message.model_copy(update={"attachments": attached})

        def decide(conversation: Conversation) -> _Act:
            self._check_unwritten(ref, client_id)
            act = _Act(message=message)
            if conversation.status != "human":
                _come_in(act, conversation, author, message.at)
            _first_words(act, conversation, message.at)
            act.sets |= {
                "gsi1sk": message.id,
                "preview": preview_of(message),
                "last_role": "agent",
            }
            act.removes += ("gsi4sk",)
            act.tally.add("messages_agent", message.at)
            act.also += [
                _written_once(ref, message, conversation.expires_at),
                *attach_updates(ref, message.id, message.attachments),
            ]
            return act

        self._lifetimes.renew(ref)
        try:
            self._carry_out(ref, decide)
        except _Written as repeat:
            return self._repeated(ref, message, repeat.message_id)
        return message

    def note(self, ref: ConversationRef, author: Author, text: str, client_id: str) -> Message:
        """Write something down for the team alone. The same `client_id` writes once.

        Raises NotFound, Conflict.
        """
        message = _team_message("note", text, author, client_id)
        for _ in range(_LOOKS):
            conversation = self._settled(ref)
            try:
                self._table.transact(
                    _written_once(ref, message, conversation.expires_at),
                    Check(
                        conversation_key(ref),
                        f"{LASTING} AND attribute_not_exists(erasing)",
                        {"expires": conversation.expires_at},
                    ),
                    message_put(ref, message, conversation.expires_at),
                    *word_puts(ref, message, conversation.expires_at),
                )
            except ConditionFailed:
                try:
                    self._check_unwritten(ref, client_id)
                except _Written as repeat:
                    return self._repeated(ref, message, repeat.message_id)
                continue
            return message
        raise Conflict("The conversation keeps changing. Try again.")

    def _check_unwritten(self, ref: ConversationRef, client_id: str) -> None:
        """Raises _Written if somebody of the team wrote something under this id."""
        item = self._table.get(_once_key(ref, client_id))
        if item is not None:
            raise _Written(item["message_id"])

    def _repeated(self, ref: ConversationRef, message: Message, message_id: str) -> Message:
        """What was written first under the id of `message`. Raises Conflict."""
        item = self._table.get(message_key(ref, message_id))
        if item is None:
            raise Conflict("The message was removed just now.")
        first = Message.model_validate(item)
        if first.role != message.role:
            raise Conflict("Something else was written under this id.")
        return first

    def assign(self, ref: ConversationRef, assignee: str | None, author: Author) -> Message | None:
        """Make it somebody's, or nobody's. None when it is so already. Raises NotFound."""

        def decide(conversation: Conversation) -> _Act | None:
            if conversation.assignee == assignee:
                return None
            act = _Act(message=_record("assigned", "", author, detail=assignee))
            _assign(act, conversation, assignee)
            return act

        return self._carry_out(ref, decide)

    def release(self, ref: ConversationRef, member_id: str) -> Message | None:
        """Let nobody have a conversation that is a member's who left. None when it is not theirs.

        If they had come in, it waits for somebody else, with an open ticket, and the team is to be
        told. Raises Conflict.
        """

        def decide(conversation: Conversation) -> _Act | None:
            if conversation.assignee != member_id:
                return None
            came_in = conversation.status == "human"
            act = _Act(
                message=_record("handed_off", "", None, detail="left")
                if came_in
                else _record("assigned", "", None)
            )
            _assign(act, conversation, None)
            if came_in:
                at = _at(act)
                _stand(act, "waiting")
                _hand_off(act, "left", at)
                act.removes += ("snoozed_until",)
                _wait(act, conversation)
                act.sets["untold"] = act.message.id if act.message else None
                act.ticket = ticket_of_handoff(
                    conversation.model_copy(update={"assignee": None}),
                    self._ticket(ref),
                    at=at,
                    category="question",
                    priority=conversation.priority,
                )
            return act

        try:
            return self._carry_out(ref, decide)
        except NotFound:
            return None

    def hand_back(self, ref: ConversationRef, author: Author) -> Message | None:
        """Let the assistant answer again. None when it does. Raises NotFound, Conflict."""

        def decide(conversation: Conversation) -> _Act | None:
            if conversation.status == "open":
                return None
            if conversation.status == "resolved":
                raise Conflict(
                    "The conversation is resolved. A message of the customer reopens it."
                )
            act = _Act(message=_record("handed_back", "The assistant is back.", author))
            _stand(act, "open")
            _assign(act, conversation, None)
            act.removes += ("handoff", "gsi4sk")
            return act

        return self._carry_out(ref, decide)

    def hand_off(
        self,
        ref: ConversationRef,
        reason: HandoffReason,
        *,
        category: TicketCategory = "question",
    ) -> Message | None:
        """Call a person in: the conversation waits, with a ticket. None when it did already.

        There is one ticket for a conversation; one that was closed is opened again.
        """

        def decide(conversation: Conversation) -> _Act | None:
            ticket = self._ticket(ref)
            open_already = ticket is not None and ticket.status != "closed"
            settled = conversation.status in {"waiting", "human"} and open_already
            if settled and not (reason == "offline_message" and conversation.unanswered):
                return None
            act = _Act(message=None if settled else _record("handed_off", "", None, detail=reason))
            at = _at(act)
            if conversation.status not in {"waiting", "human"}:
                _reopen(act, conversation, at)
                _stand(act, "waiting")
                _hand_off(act, reason, at)
                _wait(act, conversation)
            if reason == "offline_message":
                # It is for people: the assistant answers nobody who is not there.
                act.sets |= _NOTHING_WAITS
            if not open_already:
                act.ticket = ticket_of_handoff(
                    conversation,
                    ticket,
                    at=at,
                    category=category,
                    priority=conversation.priority,
                )
            if act.message is not None:
                act.sets["untold"] = act.message.id
            return act

        return self._carry_out(ref, decide)

    def resolve(
        self,
        ref: ConversationRef,
        by: ResolvedBy,
        author: Author | None = None,
        *,
        silent_since: str | None = None,
        snoozed_until: datetime | None = None,
    ) -> Message | None:
        """End a conversation, and close its ticket. None when it has ended.

        With `silent_since`, the id of its last message, only if nothing was said meanwhile, and it
        was not put off for longer than `snoozed_until`, as that was read. Raises NotFound, and
        Conflict when there is nothing to resolve.
        """

        def decide(conversation: Conversation) -> _Act | None:
            if conversation.status == "resolved":
                return None
            if conversation.started_at is None:
                raise Conflict("Nobody has said anything yet.")
            if by == "customer" and conversation.first_response_at is None:
                raise Conflict("Nobody has answered yet.")
            if silent_since is not None and conversation.gsi1sk != silent_since:
                raise Conflict("Something was said meanwhile.")
            if silent_since is not None and conversation.snoozed_until != snoozed_until:
                raise Conflict("Somebody has put it off.")
            act = _Act(message=_record("resolved", "", author, detail=by))
            act.unchanged_since = silent_since is not None
            resolution = Resolution(by=by, at=_at(act))
            ticket = self._ticket(ref)
            _stand(act, "resolved")
            act.sets |= {
                **_NOTHING_WAITS,
                "resolution": resolution.model_dump(mode="json"),
                "before_resolution": BeforeResolution(
                    status=conversation.status,
                    assignee=conversation.assignee,
                    handoff=conversation.handoff,
                    waiting_since=conversation.gsi4sk,
                    unanswered=conversation.unanswered,
                    ticket=ticket.status if ticket else None,
                ).model_dump(mode="json", exclude_none=True),
            }
            act.removes += ("handoff", "gsi4sk")
            _count_resolution(act.tally, conversation, resolution, 1)
            if ticket is not None and ticket.status != "closed":
                act.ticket = ticket_update(ticket, {"status": "closed"})
            return act

        return self._carry_out(ref, decide)

    def reopen(self, ref: ConversationRef, author: Author) -> Message | None:
        """Take a resolution back: it stands as it did before. None when it is not resolved.

        The resolution does not count. The customer is told nothing but how it stands. If a person
        was in and has left the team since, it waits for somebody else. Raises NotFound, Conflict.
        """

        def decide(conversation: Conversation) -> _Act | None:
            if conversation.status != "resolved":
                return None
            act = _Act(message=_record("reopened", "", author))
            before = conversation.before_resolution or BeforeResolution(
                status="human" if conversation.assignee else "open"
            )
            act.removes += ("resolution", "before_resolution")
            if conversation.resolution is not None:
                _count_resolution(act.tally, conversation, conversation.resolution, -1)
            left = before.assignee is not None and conversation.assignee is None
            _stand(act, "waiting" if left and before.status == "human" else before.status)
            if before.unanswered:
                # Thanks may have come since.
                act.sets["unanswered"] = [*before.unanswered, *conversation.unanswered]
                act.unchanged_since = True
            if before.handoff is not None:
                act.sets["handoff"] = before.handoff.model_dump(mode="json")
            if before.waiting_since is not None:
                act.sets["gsi4sk"] = before.waiting_since
            elif act.sets["status"] == "waiting":
                _wait(act, conversation)
            ticket = self._ticket(ref)
            if ticket is not None and ticket.status == "closed" and before.ticket != "closed":
                act.ticket = ticket_update(ticket, {"status": before.ticket or "open"})
            return act

        return self._carry_out(ref, decide)

    def change_ticket(
        self, ref: ConversationRef, changes: Mapping[str, Any], by: Actor
    ) -> Message | None:
        """Change category, status, assignee or priority of a conversation's ticket.

        Its assignee is the conversation's too: what records that is returned. Raises NotFound,
        Conflict.
        """

        def decide(conversation: Conversation) -> _Act | None:
            ticket = self._ticket(ref)
            if ticket is None:
                raise NotFound("There is no such ticket.")
            if not changes:
                return None
            act = _Act(ticket=ticket_update(ticket, changes))
            assignee = changes.get("assignee", conversation.assignee)
            if assignee != conversation.assignee:
                author = Author(id=by.id, name=by.name)
                act.message = _record("assigned", "", author, detail=assignee)
                _assign(act, conversation, assignee)
            fields = ", ".join(sorted(changes))
            act.also.append(
                audit_put(
                    ref.organization_id,
                    by,
                    "tickets.update",
                    target=ref.conversation_id,
                    detail={"fields": fields},
                )
            )
            return act

        return self._carry_out(ref, decide)

    def prioritize(self, ref: ConversationRef, priority: Priority) -> None:
        """Say how urgent it is. Raises NotFound."""
        self._carry_out(ref, lambda _: _Act(sets={"priority": priority, "priority_set": True}))

    def label(self, ref: ConversationRef, labels: tuple[str, ...]) -> None:
        """Set the labels. Raises NotFound."""
        self._carry_out(ref, lambda _: _Act(sets={"labels": list(labels)}))

    def snooze(self, ref: ConversationRef, until: datetime | None) -> None:
        """Put it off until then, or no longer. Raises NotFound."""
        if until is None:
            self._carry_out(ref, lambda _: _Act(removes=("snoozed_until",)))
        else:
            self._carry_out(ref, lambda _: _Act(sets={"snoozed_until": until.isoformat()}))

    def rate(self, ref: ConversationRef, score: int, comment: str | None) -> Message | None:
        """The customer's verdict on how it went. None when it was given before.

        A second one on the same resolution replaces the first. Raises NotFound, and Conflict while
        it is not over.
        """

        def decide(conversation: Conversation) -> _Act | None:
            if conversation.status != "resolved" or conversation.resolution is None:
                raise Conflict("It is not over yet.")
            before = conversation.rating
            if before is not None and before.at < conversation.resolution.at:
                before = None
            if before is not None and (before.score, before.comment) == (score, comment):
                return None
            act = _Act(message=_record("rated", "", None, detail=str(score)))
            rating = Rating(score=score, comment=comment, at=_at(act))
            act.sets["rating"] = rating.model_dump(mode="json", exclude_none=True)
            act.tally.add(f"rated_{score}", rating.at)
            if before is not None:
                act.tally.add(f"rated_{before.score}", before.at, -1)
            return act

        return self._carry_out(ref, decide)

    def _get(self, ref: ConversationRef) -> Conversation:
        item = self._table.get(conversation_key(ref))
        if item is None or item.get("started_at") is None:
            raise NotFound("There is no such conversation.")
        return Conversation.model_validate(item)

    def _ticket(self, ref: ConversationRef) -> Ticket | None:
        item = self._table.get(ticket_key(ref))
        return Ticket.model_validate(item) if item else None

    def _follow(self, ref: ConversationRef, act: _Act) -> Operation:
        """The write by which the ticket, if there is one, is whose the conversation is."""
        ticket = self._ticket(ref)
        if ticket is None:
            return Check(ticket_key(ref), "attribute_not_exists(pk)")
        assignee = None if "assignee" in act.removes else act.sets["assignee"]
        if ticket.assignee == assignee:
            return Check(ticket_key(ref), "attribute_exists(pk)")
        return ticket_update(ticket, {"assignee": assignee})

    def _settled(self, ref: ConversationRef) -> Conversation:
        """The conversation, as something that ends with it can be added. Raises NotFound."""
        conversation = self._get(ref)
        if conversation.ends_at(conversation.expires_at):
            return conversation
        return self._lifetimes.settle(ref)

    def _carry_out(
        self, ref: ConversationRef, decide: Callable[[Conversation], _Act | None]
    ) -> Message | None:
        """Decide by how things stand, and write it if they still do. Returns what was recorded."""
        for _ in range(_LOOKS):
            conversation = self._settled(ref)
            act = decide(conversation)
            if act is None:
                return None
            records = [] if act.message is None else [act.message]
            ticket = self._follow(ref, act) if act.assigns and not act.ticket else act.ticket
            try:
                self._table.transact(
                    _update(conversation, act),
                    *([ticket] if ticket else []),
                    *act.also,
                    *(message_put(ref, record, conversation.expires_at) for record in records),
                    *(
                        word
                        for record in records
                        for word in word_puts(ref, record, conversation.expires_at)
                    ),
                    *act.tally.updates(ref.organization_id),
                )
            except ConditionFailed:
                continue
            return act.message
        raise Conflict("The conversation keeps changing. Try again.")


def _team_message(
    role: Literal["agent", "note"], text: str, author: Author, client_id: str
) -> Message:
    identifier = new_id()
    return Message(
        id=identifier,
        role=role,
        text=text,
        at=time_of(identifier),
        client_id=client_id,
        author=author,
    )


def _once_key(ref: ConversationRef, client_id: str) -> Key:
    return conversation_partition(ref), f"AID#{client_id}"


def _written_once(ref: ConversationRef, message: Message, expires_at: int) -> Put:
    """The write that holds only for the first message under its client's id."""
    return Put(
        _once_key(ref, str(message.client_id)),
        {"message_id": message.id, "expires_at": expires_at},
        condition="attribute_not_exists(pk)",
    )


class _Written(Exception):
    """The message was written before."""

    def __init__(self, message_id: str) -> None:
        super().__init__(message_id)
        self.message_id = message_id


def _come_in(act: _Act, conversation: Conversation, author: Author, at: datetime) -> None:
    """A person answers from now on, and the assistant does not."""
    if conversation.status not in {"waiting", "human"}:
        _hand_off(act, "took_over", at)
    _reopen(act, conversation, at)
    _stand(act, "human")
    _assign(act, conversation, author.id)
    act.sets |= _NOTHING_WAITS


def _reopen(act: _Act, conversation: Conversation, at: datetime) -> None:
    """It goes on, if it had been resolved."""
    if conversation.status == "resolved":
        act.sets["reopened_at"] = at.isoformat()
    act.removes += ("resolution", "before_resolution")


def _count_resolution(
    tally: Tally, conversation: Conversation, resolution: Resolution, number: int
) -> None:
    """Count a resolution, or with -1 take back that it was counted."""
    at = resolution.at
    tally.add(f"resolved_{resolution.by}", at, number)
    begun = conversation.reopened_at or conversation.started_at
    if begun is not None:
        tally.add_duration("resolution", at, (at - begun).total_seconds(), number)


def _hand_off(act: _Act, reason: HandoffReason, at: datetime) -> None:
    act.sets |= handoff_attributes(reason, at)
    count_handoff(act.tally, reason, at)


def _wait(act: _Act, conversation: Conversation) -> None:
    """The customer waits for a person, if not from an earlier message on, then from now."""
    if conversation.gsi4sk is None and act.message is not None:
        act.sets["gsi4sk"] = act.message.id


def _first_words(act: _Act, conversation: Conversation, at: datetime) -> None:
    """Note that somebody has answered, if this is the first answer."""
    if conversation.first_response_at is None and conversation.started_at is not None:
        act.sets["first_response_at"] = at.isoformat()
        seconds = (at - conversation.started_at).total_seconds()
        act.tally.add_duration("first_response", at, seconds)
    stored: Mapping[str, Any] | None = act.sets.get("handoff")
    handoff = Handoff.model_validate(stored) if stored else conversation.handoff
    if handoff is not None and handoff.answered_at is None:
        answered = handoff.model_copy(update={"answered_at": at})
        act.sets["handoff"] = answered.model_dump(mode="json")
        act.tally.add_duration("human_response", at, (at - handoff.at).total_seconds())


def _stand(act: _Act, status: Status) -> None:
    act.sets["status"] = status


def _assign(act: _Act, conversation: Conversation, assignee: str | None) -> None:
    if assignee is None:
        act.removes += ("assignee", "gsi3pk")
        return
    act.sets |= {
        "assignee": assignee,
        "gsi3pk": f"ORG#{conversation.organization_id}#CONVERSATIONS#OF#{assignee}",
    }


def _list(conversation: Conversation, act: _Act) -> None:
    """Have the lists show what becomes of it."""
    if not act.sets.keys() & {"status", "priority"}:
        return
    status = act.sets.get("status", conversation.status)
    priority = act.sets.get("priority", conversation.priority)
    listed = listed_attributes(conversation.organization_id, status, priority)
    act.sets |= {name: value for name, value in listed.items() if value}
    act.removes += tuple(name for name, value in listed.items() if not value)


def _update(conversation: Conversation, act: _Act) -> Update | Check:
    """The conversation's own change, or none, if it stands as it was read."""
    _list(conversation, act)
    sets = {name: value for name, value in act.sets.items() if name not in act.removes}
    removes = tuple(name for name in dict.fromkeys(act.removes) if name not in act.sets)
    parts = [
        "SET " + ", ".join(f"#{name} = :{name}" for name in sets) if sets else "",
        "REMOVE " + ", ".join(f"#{name}" for name in removes) if removes else "",
    ]
    # A conversation that has been erased meanwhile must not come back as half of one.
    conditions = [
        "attribute_exists(started_at) AND attribute_not_exists(erasing)",
        "#status = :status_before",
        "(attribute_not_exists(#priority) OR #priority = :priority_before)",
        LASTING,
    ]
    values: dict[str, Any] = {
        **sets,
        "status_before": conversation.status,
        "priority_before": conversation.priority,
        "expires": conversation.expires_at,
    }
    for name, value in (
        ("assignee", conversation.assignee),
        ("first_response_at", conversation.first_response_at),
        ("handoff", conversation.handoff),
        ("rating", conversation.rating),
    ):
        conditions.append(f"attribute_{'not_' if value is None else ''}exists(#{name})")
    if conversation.assignee is not None:
        conditions.append("#assignee = :assignee_before")
        values["assignee_before"] = conversation.assignee
    if conversation.rating is not None:
        conditions.append("rating.#at = :rated_before")
        values["rated_before"] = conversation.rating.model_dump(mode="json")["at"]
    if act.unchanged_since:
        conditions.append("gsi1sk = :last_before")
        values["last_before"] = conversation.gsi1sk
        if conversation.snoozed_until is None:
            conditions.append("attribute_not_exists(snoozed_until)")
        else:
            conditions.append("snoozed_until = :snoozed_before")
            values["snoozed_before"] = conversation.snoozed_until.isoformat()
    names = {
        *sets,
        *removes,
        "status",
        "priority",
        "assignee",
        "first_response_at",
        "handoff",
        "rating",
    }
    if conversation.rating is not None:
        names.add("at")
    key, condition = conversation_key(conversation.ref), " AND ".join(conditions)
    if not sets and not removes:
        return Check(key, condition, values, names=tuple(names))
    return Update(
        key,
        " ".join(part for part in parts if part),
        values,
        names=tuple(names),
        condition=condition,
    )


def _record(
    event: Event, text: str, author: Author | None, *, detail: str | None = None
) -> Message:
    identifier = new_id()
    return Message(
        id=identifier,
        role="system",
        text=text,
        at=time_of(identifier),
        author=author,
        event=event,
        detail=detail,
    )


def _at(act: _Act) -> datetime:
    return act.message.at if act.message else datetime.now(UTC)
