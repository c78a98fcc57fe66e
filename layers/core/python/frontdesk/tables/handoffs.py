"""The writes by which a person is called into a conversation, for a transaction.

A conversation has one ticket, under its own id: the first hand-off makes it, a later one opens it
again. So there are never two, whoever calls and however often.
"""

from datetime import datetime
from typing import Any

from frontdesk.entities import (
    PRIORITIES,
    Conversation,
    Handoff,
    HandoffReason,
    Priority,
    Summary,
    Ticket,
    TicketCategory,
)
from frontdesk.tables.client import Put, Update
from frontdesk.tables.counters import Tally
from frontdesk.tables.tickets import ticket_put, ticket_update


def ticket_of_handoff(
    conversation: Conversation,
    ticket: Ticket | None,
    *,
    at: datetime,
    category: TicketCategory,
    priority: Priority,
    summary: Summary | None = None,
) -> Put | Update:
    """The write of the ticket. `ticket` is as it stands; that it still does is a condition."""
    if ticket is None:
        return ticket_put(
            Ticket(
                id=conversation.id,
                organization_id=conversation.organization_id,
                category=category,
                priority=priority,
                assignee=conversation.assignee,
                subject=conversation.subject,
                summary=summary,
                created_at=at,
                updated_at=at,
            ),
            expires_at=conversation.expires_at,
        )
    changes: dict[str, Any] = {
        "status": "open",
        "priority": higher(ticket.priority, priority),
        "assignee": conversation.assignee,
    }
    if summary is not None:
        changes["summary"] = summary.model_dump()
    return ticket_update(ticket, changes)


def higher(one: Priority, other: Priority) -> Priority:
    """The more urgent of two priorities."""
    return max(one, other, key=PRIORITIES.index)


def handoff_attributes(reason: HandoffReason, at: datetime) -> dict[str, Any]:
    """What a conversation remembers of it: that a person was called in or came."""
    return {"handoff": Handoff(reason=reason, at=at).model_dump(mode="json", exclude_none=True)}


def count_handoff(tally: Tally, reason: HandoffReason, at: datetime) -> None:
    """Count it."""
    tally.add("handoffs", at)
    tally.add(f"handoff_{reason}", at)
