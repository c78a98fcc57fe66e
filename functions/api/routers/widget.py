"""What a widget asks for over HTTP: a session, and the passage behind a citation."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.credentials import Visitor, client_address
from api.problems import Problem, Unauthorized
from api.services import AnyServices
from frontdesk.access.origins import check_origin
from frontdesk.access.tokens import hash_token, new_token
from frontdesk.errors import NotFound
from frontdesk.ids import is_ulid
from frontdesk.realtime.frames import PublicMessage
from frontdesk.tables.connections import CONNECT_TOKEN_SECONDS
from frontdesk.tables.limits import limit_of_organization

_SESSION_MESSAGES = 50

router = APIRouter(prefix="/api/widget", tags=["widget"])


class SessionRequest(BaseModel):
    """Who asks: the organisation's widget key, and the visitor's token from an earlier session."""

    model_config = ConfigDict(extra="ignore")

    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    visitor: Annotated[str, StringConstraints(pattern=r"^vt_[\w-]{32}$")] | None = None


class ConnectInfo(BaseModel):
    """Where to connect, once, within `expires_in` seconds."""

    url: str
    token: str
    expires_in: int


class WidgetLook(BaseModel):
    """How the widget presents itself."""

    name: str
    assistant: str
    greeting: str
    color: str


class ConversationState(BaseModel):
    """The conversation so far."""

    id: str
    status: str
    messages: list[PublicMessage]
    answering: bool


class Session(BaseModel):
    """All a widget needs to begin."""

    visitor: str
    connect: ConnectInfo
    widget: WidgetLook
    conversation: ConversationState


class CitedPassage(BaseModel):
    """The passage behind a citation."""

    number: int
    title: str
    headings: tuple[str, ...]
    page: int | None
    last_page: int | None
    text: str
    quote: str
    answered_at: datetime


@router.post(
    "/session",
    response_model_exclude_none=True,
    responses={status: {"model": Problem} for status in (401, 403, 422, 429, 503)},
)
def open_session(
    request: Request,
    body: SessionRequest,
    services: AnyServices,
    origin: Annotated[str | None, Header()] = None,
) -> Session:
    """Begin or continue a visitor's conversation."""
    grant = services.keys.find(body.key, "widget")
    if grant is None:
        raise Unauthorized("The widget key is not known, or it has been revoked.")
    organization = services.organizations.get(grant.organization_id)
    check_origin(origin, organization.allowed_origins)
    services.limits.use(
        limit_of_organization(
            organization.id,
            "sessions",
            subject=client_address(request),
            most=services.rates.sessions,
        )
    )
    token = body.visitor or new_token("vt")
    conversation = services.visitors.open(
        organization.id, hash_token(token), retention_days=organization.retention_days
    )
    ref = conversation.ref
    messages = services.conversations.recent_messages(ref, _SESSION_MESSAGES)
    return Session(
        visitor=token,
        connect=ConnectInfo(
            url=services.websocket_url,
            token=services.connections.issue_token(ref, conversation.retention_days),
            expires_in=CONNECT_TOKEN_SECONDS,
        ),
        widget=WidgetLook(
            name=organization.name,
            assistant=organization.assistant,
            greeting=organization.greeting,
            color=organization.color,
        ),
        conversation=ConversationState(
            id=conversation.id,
            status=conversation.status,
            messages=[PublicMessage.of(message) for message in messages if message.public],
            answering=bool(conversation.unanswered),
        ),
    )


@router.get(
    "/messages/{message_id}/citations/{number}",
    response_model_exclude_none=True,
    responses={status: {"model": Problem} for status in (401, 404, 422, 503)},
)
def open_citation(
    message_id: str, number: int, services: AnyServices, visitor: Visitor
) -> CitedPassage:
    """The passage behind a citation of one's own conversation, and of no other."""
    if not is_ulid(message_id):
        raise NotFound("There is no such message.")
    message = services.conversations.message(visitor, message_id)
    citation = next((each for each in message.citations if each.number == number), None)
    if citation is None:
        raise NotFound("The message has no such citation.")
    passage = services.documents.passage(
        visitor.organization_id, citation.document_id, citation.passage_id
    )
    return CitedPassage(
        number=number,
        title=citation.title,
        headings=passage.headings,
        page=citation.page,
        last_page=citation.last_page,
        text=passage.text,
        quote=citation.quote,
        answered_at=message.at,
    )
