"""Conversations of every kind, put into the table as they would be stored."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ulid import ULID

from frontdesk.entities import Author, Conversation, Message, MessageRole, Ticket
from frontdesk.ids import new_id
from frontdesk.tables.client import Put, Table
from frontdesk.tables.conversation_items import (
    conversation_key,
    customer_partition,
    listed_attributes,
    message_put,
)
from frontdesk.tables.message_words import word_puts
from frontdesk.tables.tickets import ticket_key

_EXPIRES_AT = 4_000_000_000


def ago(**past: float) -> datetime:
    """A moment so long ago, as `timedelta` takes it."""
    return datetime.now(UTC) - timedelta(**past)


def said(role: MessageRole, text: str, at: datetime, **more: Any) -> Message:
    """A message of that moment."""
    author = more.pop("author", None)
    return Message(
        id=str(ULID.from_timestamp(at.timestamp())),
        role=role,
        text=text,
        at=at,
        author=Author(id=new_id(), name=author) if author else None,
        **more,
    )


def put_conversation(
    table: Table, organization_id: str, messages: Sequence[Message], **fields: Any
) -> str:
    """Store a conversation with these messages, the oldest first. Returns its id."""
    spoken = [each for each in messages if each.role in {"customer", "assistant", "agent"}]
    asked = [each for each in messages if each.role == "customer"]
    summary = fields.pop("summary", None)
    defaults: dict[str, Any] = {
        "id": str(ULID.from_timestamp(messages[0].at.timestamp() - 1)),
        "organization_id": organization_id,
        "subject": asked[0].text[:160],
        "preview": spoken[-1].text[:160],
        "last_role": spoken[-1].role,
        "gsi1sk": spoken[-1].id,
        "started_at": messages[0].at,
        "customer_messages": len(asked),
        "customer_last_id": asked[-1].id,
        "mood": asked[-1].sentiment,
        "expires_at": _EXPIRES_AT,
        "items_expire_at": _EXPIRES_AT,
    }
    conversation = Conversation(**{**defaults, **fields})
    if conversation.status in {"waiting", "human"} and spoken[-1].role == "customer":
        conversation = conversation.model_copy(update={"gsi4sk": asked[-1].id})
    listed = listed_attributes(organization_id, conversation.status, conversation.priority)
    item = {
        **conversation.model_dump(mode="json", exclude_none=True, exclude={"erasing"}),
        **{name: value for name, value in listed.items() if value},
        "gsi1pk": f"ORG#{organization_id}#CONVERSATIONS",
    }
    if conversation.assignee:
        item["gsi3pk"] = f"ORG#{organization_id}#CONVERSATIONS#OF#{conversation.assignee}"
    ref = conversation.ref
    puts = [Put(conversation_key(ref), item)]
    for each in messages:
        puts.append(message_put(ref, each, _EXPIRES_AT))
        puts += word_puts(ref, each, _EXPIRES_AT)
    if summary:
        ticket = Ticket(
            id=ref.conversation_id,
            organization_id=organization_id,
            summary=summary,
            created_at=messages[-1].at,
            updated_at=messages[-1].at,
        )
        puts.append(
            Put(
                ticket_key(ref),
                {**ticket.model_dump(mode="json", exclude_none=True), "expires_at": _EXPIRES_AT},
            )
        )
    for known in (conversation.customer.id, conversation.customer.email):
        if known:
            puts.append(
                Put(
                    (customer_partition(organization_id, known), f"CONV#{ref.conversation_id}"),
                    {"conversation_id": ref.conversation_id},
                )
            )
    for start in range(0, len(puts), 50):
        table.transact(*puts[start : start + 50])
    return ref.conversation_id
