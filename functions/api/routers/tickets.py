"""Tickets: the team's work on conversations."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from api.announcements import announce
from api.credentials import Allowed, Principal
from api.services import AnyServices
from api.text_fields import Identifier
from frontdesk.entities import ConversationRef, Priority, Ticket, TicketCategory, TicketStatus
from frontdesk.errors import NotFound
from frontdesk.ids import is_ulid
from frontdesk.tables.tickets import TicketFilter

router = APIRouter(prefix="/api/tickets", tags=["tickets"])

Reader = Annotated[Principal, Depends(Allowed("tickets:read"))]
Writer = Annotated[Principal, Depends(Allowed("tickets:write"))]


class TicketPage(BaseModel):
    """Tickets, the one that changed last first. With a `cursor` there may be more."""

    tickets: list[Ticket]
    cursor: str | None


class TicketChange(BaseModel):
    """What to change; what is left out stays. An `assignee` of null makes it nobody's."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"status": "pending", "category": "billing"}]},
    )

    # A factory, unlike a default, is not in the schema: nothing stands in for what was left out.
    category: TicketCategory = Field(default_factory=lambda: "other")
    status: TicketStatus = Field(default_factory=lambda: "open")
    priority: Priority = Field(default_factory=lambda: "medium")
    assignee: Identifier | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """What was sent."""
        return self.model_dump(include=self.model_fields_set)


@router.get("")
def list_tickets(
    services: AnyServices,
    team: Reader,
    *,
    status: TicketStatus | None = None,
    category: TicketCategory | None = None,
    assignee: Annotated[str | None, Query(max_length=26)] = None,
    priority: Priority | None = None,
    cursor: Annotated[str | None, Query(max_length=26)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> TicketPage:
    """Tickets that match the filters."""
    wanted = TicketFilter(status, category, assignee, priority)
    page = services.tickets.page(team.organization_id, wanted, cursor=cursor, limit=limit)
    return TicketPage(tickets=list(page.entries), cursor=page.cursor)


@router.get("/{ticket_id}")
def get_ticket(ticket_id: str, services: AnyServices, team: Reader) -> Ticket:
    """One ticket. It has the id of its conversation."""
    return services.tickets.get(team.organization_id, _checked(ticket_id))


@router.patch("/{ticket_id}")
def change_ticket(
    ticket_id: str, body: TicketChange, services: AnyServices, team: Writer
) -> Ticket:
    """Change a ticket. Closing it does not resolve its conversation; its assignee is the same."""
    ref = ConversationRef(organization_id=team.organization_id, conversation_id=_checked(ticket_id))
    if body.assignee is not None:
        services.users.get(team.organization_id, body.assignee)
    record = services.inbox.change_ticket(ref, body.changes, team.actor)
    if record is not None:
        announce(services, ref, record)
    return services.tickets.get(team.organization_id, ref.conversation_id)


def _checked(ticket_id: str) -> str:
    if not is_ulid(ticket_id):
        raise NotFound("There is no such ticket.")
    return ticket_id
