"""What a widget asks for over HTTP: a session, the passage behind a citation, a word for later."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, status
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from api import conversation_files
from api.announcements import announce
from api.connecting import ConnectInfo
from api.conversation_files import ExpectedFile, FileLink, NewFile, StoredFile
from api.credentials import Visitor, client_address
from api.identity import Identity, read_identity
from api.problems import Unauthorized
from api.services import AnyServices, Services
from api.text_fields import PRINTABLE, SINGLE_LINE, Email, Identifier, Line, Text
from api.transcripts import limit_askers, mail_transcript
from frontdesk.access.origins import check_origin
from frontdesk.access.tokens import hash_token
from frontdesk.answers.harmless import harmless
from frontdesk.business_hours import is_open
from frontdesk.entities import (
    Conversation,
    ConversationRef,
    Customer,
    CustomerFiles,
    Organization,
    Status,
    VisitDetails,
)
from frontdesk.errors import NotFound, Refused
from frontdesk.ids import is_ulid, time_of
from frontdesk.realtime.frames import CustomerText, PublicMessage
from frontdesk.tables.limits import limit_of_organization
from frontdesk.visit_details import attributes_of, browser_of, language_of, page_of

_SESSION_MESSAGES = 50
_MOST_CATEGORIES = 10

Category = Annotated[
    str,
    SINGLE_LINE,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    PRINTABLE,
]
"""The category of a document, as it was uploaded with."""

router = APIRouter(prefix="/api/widget", tags=["widget"])


def _object(given: object) -> object:
    """What is no object is left out, as is what in it cannot be used."""
    return given if isinstance(given, dict) else None


class VisitedPage(BaseModel):
    """The page that the widget is on."""

    model_config = ConfigDict(extra="ignore")

    url: str
    title: str = ""


class SessionRequest(BaseModel):
    """Who asks: the organisation's widget key, and the visitor's token from an earlier session.

    `identity` is a JWT by which the organisation's own site vouches for the visitor. With
    `categories`, answers come from documents of those categories until the next session says
    otherwise. That is for answers that fit the page; it keeps nothing secret.

    The team sees `page`, the browser's `language` and `attributes` (at most 20, each one line of
    text, a number or a boolean, 2,000 characters in all). What of these cannot be used is left out.
    """

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={"examples": [{"key": "pk_Uq3Zr0aWm1b8cVxkLhT5yPnEoJdSfG27"}]},
    )

    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    visitor: Annotated[str, StringConstraints(pattern=r"^vt_[\w-]{32}$")] | None = None
    identity: Annotated[str, StringConstraints(min_length=1, max_length=2_000)] | None = None
    categories: Annotated[list[Category], Field(max_length=_MOST_CATEGORIES)] = []
    page: VisitedPage | None = None
    language: str | None = None
    attributes: Annotated[dict[str, Any] | None, BeforeValidator(_object)] = None


class WidgetLook(BaseModel):
    """How the widget presents itself. `away` is what to say while nobody answers in person."""

    name: str
    assistant: str
    greeting: str
    color: str
    text_color: str | None
    languages: tuple[str, ...]
    files: CustomerFiles
    open: bool
    away: str | None

    @classmethod
    def of(cls, organization: Organization) -> "WidgetLook":
        """As the organisation set it up, at this moment."""
        hours = organization.business_hours
        here = is_open(hours, datetime.now(UTC))
        return cls(
            name=organization.name,
            assistant=organization.assistant,
            greeting=organization.greeting,
            color=organization.color,
            text_color=organization.text_color,
            languages=organization.languages,
            files=organization.customer_files,
            open=here,
            away=None if here else hours.message,
        )


class ConversationState(BaseModel):
    """The conversation so far."""

    id: str
    status: Status
    messages: list[PublicMessage]
    answering: bool
    rating: int | None


class Session(BaseModel):
    """All a widget needs to begin."""

    visitor: str
    connect: ConnectInfo
    widget: WidgetLook
    conversation: ConversationState


class OfflineMessage(BaseModel):
    """A message for the team, and where to answer it. The same `id` again is the same message."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "01KB0M3VQ0C5T1J7Z8N4R2X9AE",
                    "text": "Can I change the delivery address of my order?",
                    "email": "sam@example.org",
                    "name": "Sam",
                }
            ]
        },
    )

    id: Identifier
    text: CustomerText
    email: Email
    name: Line | None = None


class Noted(BaseModel):
    """The message is stored, and the team will see it."""

    message_id: str


class Contact(BaseModel):
    """Where the customer can be answered by mail, and what they are called."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"email": "sam@example.org", "name": "Sam"}]},
    )

    email: Email
    name: Line | None = None


class TranscriptQueued(BaseModel):
    """The conversation is on its way by mail."""

    detail: str = "The conversation is on its way by mail."


class RatingGiven(BaseModel):
    """How it went: 1 (bad) to 5 (good), and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"score": 5, "comment": "Quick and friendly."}]},
    )

    score: Annotated[int, Field(ge=1, le=5, strict=True)]
    comment: Annotated[Text, StringConstraints(max_length=1_000)] | None = None


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
)
def open_session(
    request: Request,
    body: SessionRequest,
    services: AnyServices,
    origin: Annotated[str | None, Header()] = None,
    user_agent: Annotated[str | None, Header()] = None,
) -> Session:
    """Begin or continue a visitor's conversation."""
    grant = services.keys.find(body.key, "widget")
    if grant is None:
        raise Unauthorized("The widget key is not known, or it has been revoked.")
    standing = services.pool.submit(services.standings.of, grant.organization_id)
    organization = services.organizations.get(grant.organization_id)
    page = check_origin(origin, organization.allowed_origins)
    services.limits.use(
        limit_of_organization(
            organization.id,
            "sessions",
            subject=client_address(request),
            most=services.rates.sessions,
        )
    )
    identity = _vouched_for(services, organization, body.identity)
    retention_days = standing.result().retention_days(organization.retention_days)
    services.organizations.keep_for(organization, retention_days)
    services.organizations.note_seen(organization, page)
    visit = services.visitors.enter(
        organization.id,
        body.visitor,
        customer=identity.customer if identity else None,
        retention_days=retention_days,
    )
    conversation = visit.conversation
    services.visitors.set_categories(conversation, body.categories)
    ref = conversation.ref
    noted = services.visitors.note_details(conversation, _details(body, identity, user_agent))
    if noted is not conversation and noted.started_at is not None:
        services.team.show_to_watchers(services.conversations.watch(ref))
    messages = services.conversations.recent_messages(ref, _SESSION_MESSAGES)
    return Session(
        visitor=visit.token,
        connect=ConnectInfo(
            url=services.websocket_url,
            token=services.connections.issue_token(conversation, key=hash_token(body.key)),
        ),
        widget=WidgetLook.of(organization),
        conversation=ConversationState(
            id=conversation.id,
            status=conversation.status,
            messages=[PublicMessage.of(message) for message in messages if message.public],
            answering=bool(conversation.unanswered),
            rating=_rating(conversation),
        ),
    )


@router.get(
    "/messages/{message_id}/citations/{number}",
    response_model_exclude_none=True,
)
def open_citation(
    message_id: str, number: int, services: AnyServices, visitor: Visitor
) -> CitedPassage:
    """The passage behind a citation of one's own conversation, and of no other."""
    if not is_ulid(message_id):
        raise NotFound("There is no such message.")
    message = services.conversations.message(visitor.conversation, message_id)
    citation = next((each for each in message.citations if each.number == number), None)
    if citation is None:
        raise NotFound("The message has no such citation.")
    passage = services.documents.cited(visitor.conversation.organization_id, citation)
    return CitedPassage(
        number=number,
        title=citation.title,
        headings=tuple(map(harmless, passage.headings)),
        page=citation.page,
        last_page=citation.last_page,
        text=harmless(passage.text),
        quote=citation.quote,
        answered_at=message.at,
    )


@router.post("/messages", status_code=status.HTTP_201_CREATED)
def leave_message(body: OfflineMessage, services: AnyServices, visitor: Visitor) -> Noted:
    """Leave a message when nobody is there. The team gets a ticket, and answers by mail."""
    ref = visitor.conversation
    conversation = services.conversations.get(ref)
    _note_contact(services, conversation, visitor.customer, body)
    accepted = services.conversations.accept(
        ref,
        client_id=body.id,
        text=body.text,
        per_minute=services.rates.sessions,
        retention_days=conversation.retention_days,
    )
    record = None
    if not (accepted.repeated and _handed_off(services, ref, accepted.message_id)):
        record = services.inbox.hand_off(ref, "offline_message")
    said = accepted.message or services.conversations.message(ref, accepted.message_id)
    for message in (said, record):
        if message is not None:
            announce(services, ref, message)
    return Noted(message_id=accepted.message_id)


@router.post("/files", status_code=status.HTTP_201_CREATED)
def expect_customer_file(body: NewFile, services: AnyServices, visitor: Visitor) -> ExpectedFile:
    """Get a form to upload a file with, which can then go with a message.

    Where and when the organisation takes files: by default once a person is called in.
    """
    ref = visitor.conversation
    allowed = services.organizations.get(ref.organization_id).customer_files
    status = services.conversations.get(ref).status
    if allowed == "never" or (allowed == "with_people" and status not in {"waiting", "human"}):
        raise Refused("Files are not taken here at the moment.")
    return conversation_files.expect(services, ref, body, "customer")


@router.post("/files/{file_id}/complete")
def complete_customer_file(file_id: str, services: AnyServices, visitor: Visitor) -> StoredFile:
    """Say that a file is uploaded. It is kept if it is what it says it is. Safe to repeat."""
    return conversation_files.complete(services, visitor.conversation, file_id, "customer")


@router.get("/files/{file_id}")
def open_customer_file(file_id: str, services: AnyServices, visitor: Visitor) -> FileLink:
    """Where to download a file of one's own conversation, for a minute."""
    return conversation_files.link(services, visitor.conversation, file_id, "customer")


@router.put("/contact", status_code=status.HTTP_204_NO_CONTENT)
def leave_address(body: Contact, services: AnyServices, visitor: Visitor) -> None:
    """Say where to answer by mail. Safe to repeat."""
    ref = visitor.conversation
    _note_contact(services, services.conversations.get(ref), visitor.customer, body)
    announce(services, ref, None)


@router.post("/transcript", status_code=status.HTTP_202_ACCEPTED)
def ask_for_transcript(
    request: Request, services: AnyServices, visitor: Visitor
) -> TranscriptQueued:
    """Have one's conversation mailed to the address one has left, where this is offered."""
    organization_id = visitor.conversation.organization_id
    if not services.standings.of(organization_id).has("transcripts"):
        # What an organisation pays for is no customer's business.
        raise Refused("Conversations are not mailed here.")
    limit_askers(services, organization_id, client_address(request))
    mail_transcript(services, visitor.conversation)
    return TranscriptQueued()


@router.post("/resolve", status_code=status.HTTP_204_NO_CONTENT)
def confirm_resolution(services: AnyServices, visitor: Visitor) -> None:
    """The customer says that the question is solved. Safe to repeat."""
    ref = visitor.conversation
    announce(services, ref, services.inbox.resolve(ref, "customer"))


@router.post("/rating", status_code=status.HTTP_204_NO_CONTENT)
def rate_conversation(body: RatingGiven, services: AnyServices, visitor: Visitor) -> None:
    """The customer says how it went, once it is over. The last word counts."""
    ref = visitor.conversation
    announce(services, ref, services.inbox.rate(ref, body.score, body.comment))


def _rating(conversation: Conversation) -> int | None:
    """The points given to how it ended this time."""
    rating, resolution = conversation.rating, conversation.resolution
    return rating.score if rating and resolution and rating.at >= resolution.at else None


def _note_contact(
    services: Services,
    conversation: Conversation,
    vouched: Customer | None,
    typed: Contact | OfflineMessage,
) -> None:
    """Note what somebody typed, except over what the organisation's site vouches for."""
    known = conversation.customer
    services.visitors.set_customer(
        conversation,
        Customer(
            id=known.id,
            email=(vouched and vouched.email) or typed.email,
            name=(vouched and vouched.name) or typed.name or known.name,
        ),
    )


def _handed_off(services: Services, ref: ConversationRef, message_id: str) -> bool:
    """Whether the ticket has changed since a message: a late repeat reopens nothing."""
    ticket = services.tickets.find(ref)
    return ticket is not None and ticket.updated_at >= time_of(message_id)


def _details(
    body: SessionRequest, identity: Identity | None, user_agent: str | None
) -> VisitDetails:
    """What of a request says something of the customer."""
    page = body.page
    return VisitDetails(
        page=page_of(page.url, page.title, datetime.now(UTC)) if page else None,
        language=language_of(body.language or ""),
        browser=browser_of(user_agent or ""),
        attributes=None if body.attributes is None else attributes_of(body.attributes),
        vouched_attributes=identity.attributes if identity else None,
    )


def _vouched_for(
    services: Services, organization: Organization, identity: str | None
) -> Identity | None:
    """The customer that an identity stands for. Raises Unauthorized."""
    if identity is not None:
        return read_identity(identity, services.organizations.identity_secrets(organization.id))
    if organization.identity_required:
        raise Unauthorized("This organisation serves only visitors whom its site vouches for.")
    return None
