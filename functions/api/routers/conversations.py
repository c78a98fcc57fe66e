"""Conversations, as the team sees and handles them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from api import conversation_files
from api.announcements import announce, tell_read
from api.connecting import ConnectInfo
from api.conversation_export import RESPONSE_BYTES, ExportedConversation, to_csv
from api.conversation_files import ExpectedFile, FileLink, NewFile, StoredFile
from api.credentials import Allowed, Principal
from api.drafts import question_of
from api.plan_limits import Entitled
from api.services import AnyServices, Services
from api.text_fields import Identifier, Line, MaybeText, Text
from api.transcripts import mail_transcript
from frontdesk.answers.markers import without_markers
from frontdesk.canned_replies import fill_in
from frontdesk.entities import (
    AnswerKind,
    Author,
    Citation,
    Conversation,
    ConversationRef,
    Priority,
    Status,
    Ticket,
)
from frontdesk.errors import InvalidRequest, NotFound, Refused
from frontdesk.ids import is_ulid, new_id
from frontdesk.realtime.frames import MOST_ATTACHMENTS, Presence
from frontdesk.realtime.views import ConversationView, MessageView
from frontdesk.tables.conversation_lists import (
    ConversationFilter,
    Sort,
    View,
    is_unread,
)
from frontdesk.tables.limits import limit_of_organization
from frontdesk.tables.lists import Page
from frontdesk.tables.reading import Mark, unread_of

router = APIRouter(prefix="/api/conversations", tags=["conversations"])

Reader = Annotated[Principal, Depends(Allowed("conversations:read"))]
Writer = Annotated[Principal, Depends(Allowed("conversations:write"))]
Sender = Annotated[Principal, Depends(Entitled("conversations:write", "transcripts"))]
Exporter = Annotated[Principal, Depends(Entitled("conversations:export", "exports"))]

_EXPORTED_MESSAGES = 1_000
_DRAFTED_FROM = 50

Mood = Literal["negative", "neutral", "positive"]

Label = Annotated[Line, StringConstraints(max_length=40, to_lower=True)]


class ConversationEntry(ConversationView):
    """A conversation, and what is new in it to the caller.

    `unread_messages` is how many of the customer's messages came after the one up to which the
    caller has read, which is `read_until`. `unread` says whether the view of that name has it: what
    the assistant answers, what a colleague has, and what is put off or resolved is not for the
    caller to read, whatever came later.
    """

    unread: bool
    unread_messages: int
    read_until: str | None


class ConversationPage(BaseModel):
    """Conversations in the order that was asked for.

    With a `cursor` there may be more, also when the page is short: ask again with it. `watchers`
    are those of the team who have one of these conversations on their screen, by its id.
    """

    conversations: list[ConversationEntry]
    watchers: dict[str, tuple[Presence, ...]]
    cursor: str | None


class ViewCount(BaseModel):
    """How many conversations a view has; with `more` at least so many."""

    count: int
    more: bool


class ViewCounts(BaseModel):
    """How many conversations each view has: `view` of the list shows the same."""

    waiting: ViewCount
    mine: ViewCount
    unassigned: ViewCount
    open: ViewCount
    snoozed: ViewCount
    resolved: ViewCount
    all: ViewCount
    unread: ViewCount


class UsedLabel(BaseModel):
    """A label, and how many conversations have it."""

    label: str
    count: int


class UsedLabels(BaseModel):
    """The labels of the newest conversations, the most frequent first.

    So many were `examined`; with `more` there are older ones.
    """

    labels: list[UsedLabel]
    examined: int
    more: bool


class FoundMessageView(BaseModel):
    """A message with all that was looked for, the part of it with that, and its conversation."""

    message: MessageView
    snippet: str
    conversation: ConversationEntry


class FoundMessagePage(BaseModel):
    """Messages, the newest first.

    With a `cursor` there may be more, also when the page is short: ask again with it. `partial`
    means that more words begin like the one that was given than could be looked for.
    """

    messages: list[FoundMessageView]
    cursor: str | None
    partial: bool


class ReadUntil(BaseModel):
    """The message up to which the caller has read: one of the conversation's."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"message_id": "01KB0M3VQ0C5T1J7Z8N4R2X9AE"}]},
    )

    message_id: Identifier


class Read(BaseModel):
    """Up to which message the caller has read, and how many of the customer's came later."""

    unread_messages: int
    read_until: str | None


class CustomerAttribute(BaseModel):
    """Something that is known of a customer.

    `vouched`: the organisation's site has signed it. Otherwise it may be anybody's invention.
    """

    name: str
    value: bool | int | float | str
    vouched: bool


class ConversationWithMessages(ConversationEntry):
    """A conversation with its newest messages, oldest first; `cursor` leads to older ones.

    `ticket` is there once a person was called in, with a summary of how things stood then.
    `browser` and `attributes` are what the customer's last visit told of them.
    """

    browser: str | None
    attributes: list[CustomerAttribute]
    ticket: Ticket | None
    messages: list[MessageView]
    cursor: str | None


class AgentMessage(BaseModel):
    """What somebody of the team writes, and files that are stored. The same `id` writes once.

    With files it may be without a text.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"id": "01KB0M3VQ0C5T1J7Z8N4R2X9AE", "text": "It is on its way to you."}]
        },
    )

    id: Identifier
    text: MaybeText = ""
    attachments: Annotated[tuple[Identifier, ...], Field(max_length=MOST_ATTACHMENTS)] = ()

    @model_validator(mode="after")
    def _says_or_sends_something(self) -> "AgentMessage":
        if not self.text and not self.attachments:
            raise ValueError("a text or a file is needed")
        return self


class Note(BaseModel):
    """Something for the team alone. The same `id` again writes nothing again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"id": "01KB0M3VQ0C5T1J7Z8N4R2X9AF", "text": "Called the warehouse."}]
        },
    )

    id: Identifier
    text: Text


class Assignment(BaseModel):
    """Whose it is; null makes it nobody's."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"assignee": "01KB0M3VQ0C5T1J7Z8N4R2X9AE"}]},
    )

    assignee: Identifier | None


class Labels(BaseModel):
    """All labels of a conversation."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"labels": ["vip", "late parcel"]}]}
    )

    labels: tuple[Label, ...] = Field(max_length=20)


class Snooze(BaseModel):
    """Until when nobody need look at it; null ends it. A message of the customer ends it too."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"until": "2030-01-07T09:00:00Z"}]}
    )

    until: AwareDatetime | None


class FilledReply(BaseModel):
    """A canned reply with its places filled in, to be looked over and sent."""

    text: str


class DraftedReply(BaseModel):
    """An answer from the documents, to be looked over and sent.

    `text` is for the customer; `answer` is the same with the marks of its `citations`. Both are
    null when the documents do not say (`kind` is `unknown`).
    """

    kind: AnswerKind
    text: str | None
    answer: str | None
    citations: tuple[Citation, ...]
    confidence: float | None
    model: str | None


class TranscriptOnItsWay(BaseModel):
    """The conversation goes to its customer by mail."""

    detail: str = "The conversation is on its way to the customer."


class ConversationChange(BaseModel):
    """What to change."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"priority": "urgent"}]}
    )

    priority: Priority


class ConversationExport(BaseModel):
    """Conversations with all their messages. With a `cursor` there is more: ask again with it."""

    conversations: list[ExportedConversation]
    cursor: str | None


async def wanted(
    team: Reader,
    *,
    status: Status | None = None,
    priority: Priority | None = None,
    assignee: Annotated[
        str | None,
        Query(max_length=26, description="The id of a member, `me`, or `unassigned`"),
    ] = None,
    mood: Mood | None = None,
    label: Annotated[str | None, Query(max_length=40)] = None,
    snoozed: bool | None = None,
    customer: Annotated[
        str | None, Query(min_length=1, max_length=254, description="Their id or address")
    ] = None,
    language: Annotated[
        str | None,
        Query(
            min_length=1, max_length=35, description="That of their browser: `de` is `de-AT` too"
        ),
    ] = None,
    page: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=200,
            description="A part of the address of the page they were on last",
        ),
    ] = None,
    text: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> ConversationFilter:
    """The filter that the query asks for."""
    return ConversationFilter(
        member=team.actor.id,
        status=status,
        priority=priority,
        assignee={"me": team.actor.id, "unassigned": None}.get(assignee or "", assignee),
        unassigned=assignee == "unassigned",
        mood=mood,
        label=label,
        snoozed=snoozed,
        customer=customer,
        language=language,
        page=page,
        text=text,
        since=_moment(since),
        until=_moment(until),
    )


Wanted = Annotated[ConversationFilter, Depends(wanted)]
Cursor = Annotated[str | None, Query(max_length=26, description="From the page before")]
ListCursor = Annotated[str | None, Query(max_length=27, description="From the page before")]
ExportCursor = Annotated[str | None, Query(max_length=52, description="From the page before")]


@router.get("")
def list_conversations(
    services: AnyServices,
    team: Reader,
    wanted: Wanted,
    *,
    view: Annotated[View, Query(description="A list that `counts` counts")] = "all",
    sort: Annotated[
        Sort,
        Query(
            description="By the last message; those first whose customer has waited longest for a "
            "person; or the most urgent first, and what is resolved last"
        ),
    ] = "newest",
    cursor: ListCursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> ConversationPage:
    """Conversations that match the filters.

    A page costs the same in any organisation: it looks at up to 500 entries of the lists that fit
    the filters best, and reads the caller's marks of those that it shows.
    """
    page = services.lists.page(
        team.organization_id, replace(wanted, view=view), cursor=cursor, limit=limit, sort=sort
    )
    marks = services.reading.marks(team.actor.id, [each.ref for each in page.entries])
    return ConversationPage(
        conversations=[_entry(team, each, marks.get(each.id)) for each in page.entries],
        watchers=_watchers(services, team, page.entries),
        cursor=page.cursor,
    )


@router.get("/counts")
def count_conversations(services: AnyServices, team: Reader) -> ViewCounts:
    """How many conversations each view has, for the caller.

    Counted in the lists as they are now, so it cannot drift; `more` says that a count was cut off.
    Seven queries side by side and one batch read at most, in any organisation.
    """
    counts = services.lists.counts(team.organization_id, team.actor.id, pool=services.pool)
    return ViewCounts.model_validate(counts, from_attributes=True)


@router.get("/search")
def search_messages(
    services: AnyServices,
    team: Reader,
    text: Annotated[
        str,
        Query(
            min_length=1,
            max_length=100,
            description="Words that a message must have all of; the last may be the beginning of "
            "one. Case and accents do not matter.",
        ),
    ],
    *,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> FoundMessagePage:
    """Messages of customers, the assistant and the team, and notes, by their words.

    A page costs at most 60 queries of 50 small items each, beside the messages that are read, in
    any organisation; with several words or a whole one usually two or three.
    """
    page = services.message_words.find(team.organization_id, text, cursor=cursor, limit=limit)
    refs = {each.ref.conversation_id: each.ref for each in page.messages}
    conversations = services.conversations.get_many(list(refs.values()))
    marks = services.reading.marks(team.actor.id, list(refs.values()))
    return FoundMessagePage(
        messages=[
            FoundMessageView(
                message=MessageView.of(each.message),
                snippet=each.snippet,
                conversation=_entry(team, found, marks.get(found.id)),
            )
            for each in page.messages
            if (found := conversations.get(each.ref.conversation_id)) and not found.erasing
        ],
        cursor=page.cursor,
        partial=page.partial,
    )


@router.get("/labels")
def list_labels(services: AnyServices, team: Reader) -> UsedLabels:
    """The labels that the newest 500 conversations have, with how many have each. One query."""
    labels = services.lists.labels(team.organization_id)
    return UsedLabels.model_validate(labels, from_attributes=True)


@router.get(
    "/export",
    response_model=ConversationExport,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def export_conversations(
    services: AnyServices,
    team: Exporter,
    wanted: Wanted,
    *,
    format: Literal["json", "csv"] = "json",  # noqa: A002 - the word that callers expect
    cursor: ExportCursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> ConversationExport | Response:
    """Conversations that match the filters, with all their messages. It is noted who exported.

    All that were there at the first page come; one that was written to since then may come twice,
    the second time as it is then.
    """
    begun, position = _export_position(cursor)
    page = services.inbox.export(
        team.organization_id, wanted, begun=begun, position=position, limit=limit
    )
    found, last = _that_fit(services, page)
    following = f"{begun}{last}" if last else None
    services.audit.add(
        team.organization_id,
        team.actor,
        "conversations.export",
        detail={"count": str(len(found)), "format": format},
    )
    if format == "csv":
        headers = {"Content-Disposition": 'attachment; filename="conversations.csv"'}
        if following:
            headers["X-Cursor"] = following
        return Response(to_csv(found), media_type="text/csv", headers=headers)
    return ConversationExport(conversations=found, cursor=following)


@router.post("/connect", status_code=status.HTTP_201_CREATED)
def connect(services: AnyServices, team: Reader) -> ConnectInfo:
    """A token with which a page of the team opens its WebSocket, as docs/PROTOCOL.md tells."""
    if team.family_id is None:
        raise Refused("A key cannot do this: somebody has to be logged in.")
    token = services.connections.issue_agent_token(
        team.organization_id, _author(team), team.family_id
    )
    return ConnectInfo(url=services.websocket_url, token=token)


@router.get("/{conversation_id}")
def get_conversation(
    conversation_id: str,
    services: AnyServices,
    team: Reader,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> ConversationWithMessages:
    """One conversation with its newest messages, notes and records."""
    if cursor is not None and not is_ulid(cursor):
        raise InvalidRequest("The cursor is not one of ours.")
    ref = _ref(team, conversation_id)
    conversation = _found(services, ref)
    messages, older = services.inbox.messages(ref, before=cursor, limit=limit)
    mark = services.reading.marks(team.actor.id, [ref]).get(ref.conversation_id)
    return ConversationWithMessages(
        **dict(_entry(team, conversation, mark)),
        browser=conversation.browser,
        attributes=_attributes(conversation),
        ticket=services.tickets.find(ref),
        messages=[MessageView.of(message) for message in messages],
        cursor=older,
    )


@router.post("/{conversation_id}/read")
def read(conversation_id: str, body: ReadUntil, services: AnyServices, team: Reader) -> Read:
    """Note that the caller has read up to a message. What was read stays read.

    Their other pages are told by the socket.
    """
    ref = _ref(team, conversation_id)
    unread = services.reading.read(ref, team.actor.id, body.message_id)
    tell_read(services, ref, team.actor.id, unread)
    return Read(unread_messages=unread.messages, read_until=unread.read_until)


@router.patch("/{conversation_id}")
def change_conversation(
    conversation_id: str, body: ConversationChange, services: AnyServices, team: Writer
) -> ConversationView:
    """Say how urgent a conversation is."""
    ref = _ref(team, conversation_id)
    services.inbox.prioritize(ref, body.priority)
    return _shown(services, ref)


@router.post("/{conversation_id}/replies", status_code=status.HTTP_201_CREATED)
def reply(
    conversation_id: str, body: AgentMessage, services: AnyServices, team: Writer
) -> MessageView:
    """Answer the customer, and take the conversation over if nobody has."""
    ref = _ref(team, conversation_id)
    message = services.inbox.reply(ref, _author(team), body.text, body.id, body.attachments)
    announce(services, ref, message)
    return MessageView.of(message)


@router.post("/{conversation_id}/files", status_code=status.HTTP_201_CREATED)
def expect_file(
    conversation_id: str, body: NewFile, services: AnyServices, team: Writer
) -> ExpectedFile:
    """Get a form to upload a file with, which can then go with a reply."""
    ref = _ref(team, conversation_id)
    _found(services, ref)
    return conversation_files.expect(services, ref, body, "team")


@router.post("/{conversation_id}/files/{file_id}/complete")
def complete_file(
    conversation_id: str, file_id: str, services: AnyServices, team: Writer
) -> StoredFile:
    """Say that a file is uploaded. It is kept if it is what it says it is. Safe to repeat."""
    return conversation_files.complete(services, _ref(team, conversation_id), file_id, "team")


@router.get("/{conversation_id}/files/{file_id}")
def open_file(conversation_id: str, file_id: str, services: AnyServices, team: Reader) -> FileLink:
    """Where to download a file of either side, for a minute."""
    return conversation_files.link(services, _ref(team, conversation_id), file_id, "team")


@router.post("/{conversation_id}/transcript", status_code=status.HTTP_202_ACCEPTED)
def send_transcript(
    conversation_id: str, services: AnyServices, team: Sender
) -> TranscriptOnItsWay:
    """Mail a conversation to its customer, without notes and records."""
    mail_transcript(services, _ref(team, conversation_id))
    return TranscriptOnItsWay()


@router.post("/{conversation_id}/notes", status_code=status.HTTP_201_CREATED)
def note(conversation_id: str, body: Note, services: AnyServices, team: Writer) -> MessageView:
    """Write something down that the customer never sees."""
    ref = _ref(team, conversation_id)
    written = services.inbox.note(ref, _author(team), body.text, body.id)
    announce(services, ref, written)
    return MessageView.of(written)


@router.put("/{conversation_id}/assignee")
def assign(
    conversation_id: str, body: Assignment, services: AnyServices, team: Writer
) -> ConversationView:
    """Make a conversation somebody's, or nobody's."""
    ref = _ref(team, conversation_id)
    if body.assignee is not None:
        services.users.get(team.organization_id, body.assignee)
    announce(services, ref, services.inbox.assign(ref, body.assignee, _author(team)))
    return ConversationView.of(_found(services, ref))


@router.put("/{conversation_id}/labels")
def label(
    conversation_id: str, body: Labels, services: AnyServices, team: Writer
) -> ConversationView:
    """Set a conversation's labels."""
    ref = _ref(team, conversation_id)
    services.inbox.label(ref, tuple(dict.fromkeys(body.labels)))
    return _shown(services, ref)


@router.put("/{conversation_id}/snooze")
def snooze(
    conversation_id: str, body: Snooze, services: AnyServices, team: Writer
) -> ConversationView:
    """Put a conversation off."""
    ref = _ref(team, conversation_id)
    services.inbox.snooze(ref, _moment(body.until))
    return _shown(services, ref)


@router.get("/{conversation_id}/canned-replies/{reply_id}")
def fill_in_canned_reply(
    conversation_id: str, reply_id: str, services: AnyServices, team: Reader
) -> FilledReply:
    """A canned reply as it reads in this conversation. It is not sent."""
    ref = _ref(team, conversation_id)
    conversation = _found(services, ref)
    reply = services.canned_replies.get(team.organization_id, reply_id)
    return FilledReply(
        text=fill_in(
            reply.text,
            conversation=conversation,
            organization=services.organizations.get(team.organization_id),
            agent=_author(team),
        )
    )


@router.post("/{conversation_id}/draft")
def draft_reply(conversation_id: str, services: AnyServices, team: Writer) -> DraftedReply:
    """Have the documents asked what the customer asked last. Nothing is stored, sent or counted.

    503 if no answer came in time.
    """
    ref = _ref(team, conversation_id)
    conversation = _found(services, ref)
    messages = services.conversations.recent_messages(ref, _DRAFTED_FROM)
    question = question_of(conversation, messages)
    services.limits.use(
        limit_of_organization(ref.organization_id, "drafts", most=services.rates.drafts)
    )
    found = services.playground.ask(question)
    answer = None if found.kind == "unknown" else found.text
    return DraftedReply(
        kind=found.kind,
        text=None if answer is None else without_markers(answer).strip(),
        answer=answer,
        citations=found.citations,
        confidence=found.confidence,
        model=found.model,
    )


@router.post("/{conversation_id}/take-over")
def take_over(conversation_id: str, services: AnyServices, team: Writer) -> ConversationView:
    """Answer in person from now on; the assistant falls silent."""
    ref = _ref(team, conversation_id)
    announce(services, ref, services.inbox.take_over(ref, _author(team)))
    return ConversationView.of(_found(services, ref))


@router.post("/{conversation_id}/hand-back")
def hand_back(conversation_id: str, services: AnyServices, team: Writer) -> ConversationView:
    """Let the assistant answer again."""
    ref = _ref(team, conversation_id)
    announce(services, ref, services.inbox.hand_back(ref, _author(team)))
    return ConversationView.of(_found(services, ref))


@router.post("/{conversation_id}/reopen")
def reopen(conversation_id: str, services: AnyServices, team: Writer) -> ConversationView:
    """Take back that a conversation was resolved: it stands as it did before. Safe to repeat.

    The customer sees no message of it.
    """
    ref = _ref(team, conversation_id)
    announce(services, ref, services.inbox.reopen(ref, _author(team)))
    return ConversationView.of(_found(services, ref))


@router.post("/{conversation_id}/resolve")
def resolve(conversation_id: str, services: AnyServices, team: Writer) -> ConversationView:
    """End a conversation, and close its ticket."""
    ref = _ref(team, conversation_id)
    announce(services, ref, services.inbox.resolve(ref, "agent", _author(team)))
    return ConversationView.of(_found(services, ref))


def _entry(team: Principal, conversation: Conversation, mark: Mark | None) -> ConversationEntry:
    unread = unread_of(conversation, team.actor.id, mark)
    return ConversationEntry(
        **dict(ConversationView.of(conversation)),
        unread=is_unread(conversation, team.actor.id, mark),
        unread_messages=unread.messages,
        read_until=unread.read_until,
    )


def _ref(team: Principal, conversation_id: str) -> ConversationRef:
    if not is_ulid(conversation_id):
        raise NotFound("There is no such conversation.")
    return ConversationRef(organization_id=team.organization_id, conversation_id=conversation_id)


def _found(services: Services, ref: ConversationRef) -> Conversation:
    """The conversation, once its customer has said something."""
    conversation = services.conversations.get(ref)
    if conversation.started_at is None:
        raise NotFound("There is no such conversation.")
    return conversation


def _shown(services: Services, ref: ConversationRef) -> ConversationView:
    """The conversation as it is after a change that no message records, shown to the team too."""
    announce(services, ref, None)
    return ConversationView.of(_found(services, ref))


def _watchers(
    services: Services, team: Principal, conversations: Iterable[Conversation]
) -> dict[str, tuple[Presence, ...]]:
    present = services.team.presence(team.organization_id)
    return {each.id: present[each.id] for each in conversations if each.id in present}


def _attributes(conversation: Conversation) -> list[CustomerAttribute]:
    """Those that are vouched for first; they stand above others of the same name."""
    vouched = conversation.vouched_attributes
    others = {name: value for name, value in conversation.attributes.items() if name not in vouched}
    return [
        CustomerAttribute(name=name, value=value, vouched=given is vouched)
        for given in (vouched, others)
        for name, value in given.items()
    ]


def _author(team: Principal) -> Author:
    return Author(id=team.actor.id, name=team.actor.name)


def _that_fit(
    services: Services, page: Page[Conversation]
) -> tuple[list[ExportedConversation], str | None]:
    """The conversations of a page that fit one answer, and where to go on.

    One that is too large by itself comes with its newest messages.
    """
    found: list[ExportedConversation] = []
    room = RESPONSE_BYTES
    last: str | None = None
    for conversation in page.entries:
        stored = services.conversations.recent_messages(conversation.ref, _EXPORTED_MESSAGES)
        messages: list[MessageView] = []
        size = 0
        for message in map(MessageView.of, reversed(stored)):
            size += len(message.model_dump_json())
            if size > RESPONSE_BYTES:
                break
            messages.append(message)
        if found and size > room:
            return found, last
        room -= size
        last = conversation.gsi1sk
        found.append(
            ExportedConversation(
                **dict(ConversationView.of(conversation)),
                messages=messages[::-1],
                complete=len(messages) == len(stored) < _EXPORTED_MESSAGES,
            )
        )
    return found, page.cursor


def _export_position(cursor: str | None) -> tuple[str, str | None]:
    """When an export began, and how far it is. Raises InvalidRequest."""
    if cursor is None:
        return new_id(), None
    begun, position = cursor[:26], cursor[26:]
    if not is_ulid(begun) or not is_ulid(position):
        raise InvalidRequest("The cursor is not one of ours.")
    return begun, position


def _moment(given: datetime | None) -> datetime | None:
    """Raises InvalidRequest for a time that no id can carry."""
    if given is not None and not 1970 <= given.year <= 9000:
        raise InvalidRequest("There is nothing at that time.")
    return given
