"""Conversations, as the team sees and handles them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import AwareDatetime, BaseModel, ConfigDict

from api.announcements import announce
from api.conversation_export import RESPONSE_BYTES, to_csv
from api.conversation_views import ConversationView, MessageView
from api.credentials import Allowed, Principal
from api.services import AnyServices, Services
from api.text_fields import Identifier, Text
from frontdesk.entities import Author, Conversation, ConversationRef, Priority, Status
from frontdesk.errors import InvalidRequest, NotFound
from frontdesk.ids import is_ulid
from frontdesk.tables.inbox import ConversationFilter
from frontdesk.tables.lists import Page

router = APIRouter(prefix="/api/conversations", tags=["conversations"])

Reader = Annotated[Principal, Depends(Allowed("conversations:read"))]
Writer = Annotated[Principal, Depends(Allowed("conversations:write"))]
Exporter = Annotated[Principal, Depends(Allowed("conversations:export"))]

_EXPORTED_MESSAGES = 1_000

Mood = Literal["negative", "neutral", "positive"]


class ConversationPage(BaseModel):
    """Conversations, the one with the newest message first.

    With a `cursor` there may be more, also when the page is short: ask again with it.
    """

    conversations: list[ConversationView]
    cursor: str | None


class ConversationWithMessages(ConversationView):
    """A conversation with its newest messages, oldest first; `cursor` leads to older ones."""

    messages: list[MessageView]
    cursor: str | None


class AgentMessage(BaseModel):
    """What somebody of the team writes. The same `id` again writes nothing again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"id": "01KB0M3VQ0C5T1J7Z8N4R2X9AE", "text": "It is on its way to you."}]
        },
    )

    id: Identifier
    text: Text


class Note(BaseModel):
    """Something for the team alone."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Called the warehouse."}]}
    )

    text: Text


class Assignment(BaseModel):
    """Whose it is; null makes it nobody's."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"assignee": "01KB0M3VQ0C5T1J7Z8N4R2X9AE"}]},
    )

    assignee: Identifier | None


class ConversationChange(BaseModel):
    """What to change."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"priority": "urgent"}]}
    )

    priority: Priority


class ExportedConversation(ConversationView):
    """A conversation with its messages, oldest first. Older ones are missing unless `complete`."""

    messages: list[MessageView]
    complete: bool


class ConversationExport(BaseModel):
    """Conversations with all their messages. With a `cursor` there is more: ask again with it."""

    conversations: list[ExportedConversation]
    cursor: str | None


def wanted(
    *,
    status: Status | None = None,
    priority: Priority | None = None,
    assignee: Annotated[str | None, Query(max_length=26)] = None,
    mood: Mood | None = None,
    text: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> ConversationFilter:
    """The filter that the query asks for."""
    return ConversationFilter(
        status=status,
        priority=priority,
        assignee=assignee,
        mood=mood,
        text=text,
        since=_moment(since),
        until=_moment(until),
    )


Wanted = Annotated[ConversationFilter, Depends(wanted)]
Cursor = Annotated[str | None, Query(max_length=26, description="From the page before")]


@router.get("")
def list_conversations(
    services: AnyServices,
    team: Reader,
    wanted: Wanted,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> ConversationPage:
    """Conversations that match the filters."""
    page = services.inbox.page(team.organization_id, wanted, cursor=cursor, limit=limit)
    return ConversationPage(
        conversations=[ConversationView.of(each) for each in page.entries], cursor=page.cursor
    )


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
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> ConversationExport | Response:
    """Conversations that match the filters, with all their messages. It is noted who exported."""
    page = services.inbox.page(team.organization_id, wanted, cursor=cursor, limit=limit)
    found, following = _that_fit(services, page)
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
        return Response(
            to_csv((each, each.messages) for each in found), media_type="text/csv", headers=headers
        )
    return ConversationExport(conversations=found, cursor=following)


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
    return ConversationWithMessages(
        **dict(ConversationView.of(conversation)),
        messages=[MessageView.of(message) for message in messages],
        cursor=older,
    )


@router.patch("/{conversation_id}")
def change_conversation(
    conversation_id: str, body: ConversationChange, services: AnyServices, team: Writer
) -> ConversationView:
    """Say how urgent a conversation is."""
    ref = _ref(team, conversation_id)
    services.inbox.prioritize(ref, body.priority)
    return ConversationView.of(_found(services, ref))


@router.post("/{conversation_id}/replies", status_code=status.HTTP_201_CREATED)
def reply(
    conversation_id: str, body: AgentMessage, services: AnyServices, team: Writer
) -> MessageView:
    """Answer the customer, and take the conversation over if nobody has."""
    ref = _ref(team, conversation_id)
    message = services.inbox.reply(ref, _author(team), body.text, body.id)
    announce(services, ref, message)
    return MessageView.of(message)


@router.post("/{conversation_id}/notes", status_code=status.HTTP_201_CREATED)
def note(conversation_id: str, body: Note, services: AnyServices, team: Writer) -> MessageView:
    """Write something down that the customer never sees."""
    ref = _ref(team, conversation_id)
    return MessageView.of(services.inbox.note(ref, _author(team), body.text))


@router.put("/{conversation_id}/assignee")
def assign(
    conversation_id: str, body: Assignment, services: AnyServices, team: Writer
) -> ConversationView:
    """Make a conversation somebody's, or nobody's."""
    ref = _ref(team, conversation_id)
    if body.assignee is not None:
        services.users.get(team.organization_id, body.assignee)
    services.inbox.assign(ref, body.assignee, _author(team))
    return ConversationView.of(_found(services, ref))


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


@router.post("/{conversation_id}/resolve")
def resolve(conversation_id: str, services: AnyServices, team: Writer) -> ConversationView:
    """End a conversation, and close its ticket."""
    ref = _ref(team, conversation_id)
    announce(services, ref, services.inbox.resolve(ref, "agent", _author(team)))
    return ConversationView.of(_found(services, ref))


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


def _moment(given: datetime | None) -> datetime | None:
    """Raises InvalidRequest for a time that no id can carry."""
    if given is not None and not 1970 <= given.year <= 9000:
        raise InvalidRequest("There is nothing at that time.")
    return given
