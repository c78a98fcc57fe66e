"""One customer's data: exported or erased on request."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from api.conversation_export import RESPONSE_BYTES
from api.credentials import Allowed, Principal
from api.services import AnyServices, Services
from api.text_fields import Email, Identifier
from frontdesk.access.tokens import hash_token
from frontdesk.entities import ConversationRef
from frontdesk.errors import Conflict, NotFound

router = APIRouter(prefix="/api/privacy", tags=["privacy"])

Officer = Annotated[Principal, Depends(Allowed("privacy:write"))]


class CustomerRequest(BaseModel):
    """Whose data: exactly one of an address, the site's own id, or a conversation."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"email": "sam@example.org"}]}
    )

    email: Email | None = None
    customer_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    conversation_id: Identifier | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "CustomerRequest":
        given = [self.email, self.customer_id, self.conversation_id]
        if sum(each is not None for each in given) != 1:
            raise ValueError("name exactly one of email, customer_id and conversation_id")
        return self


class CustomerRecord(BaseModel):
    """All that is stored of one conversation. `replays` are its questions, asked again later."""

    conversation: dict[str, Any]
    messages: list[dict[str, Any]]
    ticket: dict[str, Any] | None
    replays: list[dict[str, Any]]


class CustomerData(BaseModel):
    """All that is stored about a customer."""

    conversations: list[CustomerRecord]


class Erased(BaseModel):
    """How many conversations were removed, with everything that hung on them."""

    conversations: int


@router.post("/export")
def export_customer(body: CustomerRequest, services: AnyServices, team: Officer) -> CustomerData:
    """Everything that is stored about a customer."""
    records = [services.privacy.collect(ref) for ref in _refs(services, team, body)]
    found = [
        CustomerRecord(
            conversation=each.conversation,
            messages=each.messages,
            ticket=each.ticket,
            replays=each.replays,
        )
        for each in records
        if each is not None
    ]
    if not found:
        raise NotFound("Nothing is stored about this customer.")
    if sum(len(each.model_dump_json()) for each in found) > RESPONSE_BYTES:
        raise Conflict("This is too much for one answer. Export conversation by conversation.")
    services.audit.add(team.organization_id, team.actor, "privacy.export", target=_target(body))
    return CustomerData(conversations=found)


@router.post("/erase")
def erase_customer(body: CustomerRequest, services: AnyServices, team: Officer) -> Erased:
    """Remove everything that is stored about a customer. It cannot be undone; safe to repeat."""
    refs = _refs(services, team, body)
    if not refs:
        raise NotFound("Nothing is stored about this customer.")
    # Noted first: what was begun and broken off must be found in the log.
    services.audit.add(team.organization_id, team.actor, "privacy.erase", target=_target(body))
    for ref in refs:
        # Files first: they are found by the conversation.
        services.file_store.erase(ref)
        erasure = services.privacy.erase(ref)
        for socket in erasure.sockets:
            services.sockets.close(socket)
        if erasure.groups:
            services.uploads.request_question_refresh(team.organization_id, erasure.groups)
    return Erased(conversations=len(refs))


def _refs(services: Services, team: Principal, body: CustomerRequest) -> list[ConversationRef]:
    if body.conversation_id is None:
        return services.privacy.conversations(
            team.organization_id, email=body.email, customer_id=body.customer_id
        )
    ref = ConversationRef(
        organization_id=team.organization_id, conversation_id=body.conversation_id
    )
    return [ref] if services.privacy.holds(ref) else []


def _target(body: CustomerRequest) -> str:
    """The log outlives the customer's data, so it must not hold any."""
    return body.conversation_id or hash_token(body.email or body.customer_id or "")[:16]
