"""Tickets: the team's work on conversations. A conversation has at most one, under its own id.

It is always whose the conversation is: `Inbox` changes both in one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from frontdesk.entities import ConversationRef, Priority, Ticket, TicketCategory, TicketStatus
from frontdesk.errors import NotFound
from frontdesk.ids import new_id
from frontdesk.tables.client import Put, Table, Update
from frontdesk.tables.conversation_items import conversation_partition
from frontdesk.tables.lists import Listing, Page, read_page


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets are wanted; None means any."""

    status: TicketStatus | None = None
    category: TicketCategory | None = None
    assignee: str | None = None
    priority: Priority | None = None

    def wants(self, ticket: Ticket) -> bool:
        """Whether a ticket is one of them."""
        return all(
            wanted is None or wanted == found
            for wanted, found in (
                (self.status, ticket.status),
                (self.category, ticket.category),
                (self.assignee, ticket.assignee),
                (self.priority, ticket.priority),
            )
        )


class Tickets:
    """Reads tickets."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def get(self, organization_id: str, ticket_id: str) -> Ticket:
        """One ticket. Raises NotFound."""
        ref = ConversationRef(organization_id=organization_id, conversation_id=ticket_id)
        ticket = self.find(ref)
        if ticket is None:
            raise NotFound("There is no such ticket.")
        return ticket

    def find(self, ref: ConversationRef) -> Ticket | None:
        """The ticket of a conversation, if it has one."""
        item = self._table.get(ticket_key(ref))
        return Ticket.model_validate(item) if item else None

    def page(
        self, organization_id: str, wanted: TicketFilter, *, cursor: str | None, limit: int
    ) -> Page[Ticket]:
        """Tickets, the one that changed last first. Raises InvalidRequest."""
        tickets = f"ORG#{organization_id}#TICKETS"
        if wanted.assignee is not None:
            listing = Listing("gsi3", (f"{tickets}#OF#{wanted.assignee}",))
        elif wanted.status is not None:
            listing = Listing("gsi2", (f"{tickets}#{wanted.status}",))
        else:
            listing = Listing("gsi1", (tickets,))
        return read_page(
            self._table,
            listing,
            cursor=cursor,
            limit=limit,
            parse=Ticket.model_validate,
            keep=wanted.wants,
        )


def ticket_key(ref: ConversationRef) -> tuple[str, str]:
    """Where a conversation's ticket is stored."""
    return conversation_partition(ref), "TICKET"


def ticket_put(ticket: Ticket, *, expires_at: int) -> Put:
    """The write of a new ticket, for a transaction. There must be none yet."""
    ref = ConversationRef(organization_id=ticket.organization_id, conversation_id=ticket.id)
    return Put(
        ticket_key(ref),
        {
            **ticket.model_dump(mode="json", exclude_none=True),
            **_listed(ticket),
            "gsi1pk": f"ORG#{ticket.organization_id}#TICKETS",
            "expires_at": expires_at,
        },
        condition="attribute_not_exists(pk)",
    )


def ticket_update(ticket: Ticket, changes: Mapping[str, Any]) -> Update:
    """The write that changes a ticket if it still stands as read, for a transaction.

    Status and assignee decide which lists show it, so both must be as read. An assignee of None
    means nobody.
    """
    changed = ticket.model_copy(update=dict(changes))
    ref = ConversationRef(organization_id=ticket.organization_id, conversation_id=ticket.id)
    sets = {
        **{name: value for name, value in changes.items() if value is not None},
        **_listed(changed),
        "updated_at": datetime.now(UTC).isoformat(),
    }
    removes = ("assignee", "gsi3pk") if changed.assignee is None else ()
    before: dict[str, Any] = {"status_before": ticket.status}
    if ticket.assignee is not None:
        before["assignee_before"] = ticket.assignee
    return Update(
        ticket_key(ref),
        "SET "
        + ", ".join(f"#{name} = :{name}" for name in sets)
        + (" REMOVE " + ", ".join(removes) if removes else ""),
        {**sets, **before},
        names=tuple({*sets, "status"}),
        condition="#status = :status_before AND "
        + ("assignee = :assignee_before" if ticket.assignee else "attribute_not_exists(assignee)"),
    )


def _listed(ticket: Ticket) -> dict[str, str]:
    tickets = f"ORG#{ticket.organization_id}#TICKETS"
    return {
        "gsi1sk": new_id(),
        "gsi2pk": f"{tickets}#{ticket.status}",
        **({"gsi3pk": f"{tickets}#OF#{ticket.assignee}"} if ticket.assignee else {}),
    }
