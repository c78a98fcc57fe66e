"""Where a conversation's items are stored, and what several modules write of them."""

import hashlib

from frontdesk.entities import ConversationRef, Customer, Message, Priority, Status
from frontdesk.shown_text import cut
from frontdesk.tables.client import Key, Put

PREVIEW = 160
"""How much of its last message a list shows, in characters."""


LISTENER, WATCHER = "CONN#", "CONN-TEAM#"
"""Begin the sort keys of sockets, the customer's and the team's: next to each other and to CONV."""


def status_attributes(organization_id: str, status: Status) -> dict[str, str]:
    """The attributes that say how a conversation stands, for itself and for the lists."""
    return {"status": status, "gsi2pk": f"ORG#{organization_id}#CONVERSATIONS#{status}"}


def listed_attributes(
    organization_id: str, status: Status, priority: Priority
) -> dict[str, str | None]:
    """What status and priority say to the lists. None: the attribute has to go.

    Those with people are listed by how long their customer waits, and of those that are not
    resolved all but the many of medium priority by that.
    """
    with_people, unresolved = status in {"waiting", "human"}, status != "resolved"
    conversations = f"ORG#{organization_id}#CONVERSATIONS"
    return {
        "gsi2pk": f"{conversations}#{status}",
        "gsi4pk": waiting_partition(organization_id) if with_people else None,
        "gsi5pk": f"{conversations}#{priority}" if unresolved and priority != "medium" else None,
    }


def waiting_partition(organization_id: str) -> str:
    """The list of those whose customer waits for a person."""
    return f"ORG#{organization_id}#CONVERSATIONS#WAIT"


def conversation_partition(ref: ConversationRef) -> str:
    """The partition that holds a conversation and all that belongs to it."""
    return f"ORG#{ref.organization_id}#CONV#{ref.conversation_id}"


def front_of_line(count: int) -> str:
    """The first `count` places of the line, last first.

    DynamoDB takes them as they were before the update. MiniStack removes one after another, and so
    comes to the same only from the back.
    """
    return ", ".join(f"unanswered[{position}]" for position in reversed(range(count)))


def conversation_key(ref: ConversationRef) -> tuple[str, str]:
    """Where a conversation itself is stored."""
    return conversation_partition(ref), "CONV"


def preview_of(message: Message, length: int = PREVIEW) -> str:
    """What lists show of a message: what it says, or else the names of its files."""
    return cut(message.text or ", ".join(each.name for each in message.attachments), length)


def message_put(ref: ConversationRef, message: Message, expires_at: int) -> Put:
    """The write that stores a message until `expires_at` (seconds since the epoch)."""
    return Put(
        message_key(ref, message.id),
        {**message.model_dump(mode="json", exclude_none=True), "expires_at": expires_at},
    )


def message_key(ref: ConversationRef, message_id: str) -> tuple[str, str]:
    """Where a message is stored."""
    return conversation_partition(ref), f"MSG#{message_id}"


def led_by(ref: ConversationRef, customer: Customer) -> list[Key]:
    """Where it is stored that the id and the address of a customer lead to a conversation."""
    known = [each for each in (customer.id, customer.email) if each]
    keys = ((customer_partition(ref.organization_id, each), _led_to(ref)) for each in known)
    return list(dict.fromkeys(keys))


def customer_partition(organization_id: str, known: str) -> str:
    """The partition that lists the conversations of a customer known by an id or an address."""
    hashed = hashlib.sha256(known.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()
    return f"ORG#{organization_id}#CUSTOMER#{hashed}"


def _led_to(ref: ConversationRef) -> str:
    return f"CONV#{ref.conversation_id}"


def visitor_key(organization_id: str, visitor: str) -> tuple[str, str]:
    """Where it is stored to which conversation a visitor belongs."""
    return f"ORG#{organization_id}#VISITOR#{visitor}", "VISITOR"
