"""Replies that a team writes once and uses often, with places to fill in."""

import re

from frontdesk.entities import Author, Conversation, Organization
from frontdesk.errors import InvalidRequest

VARIABLES = (
    "customer.name",
    "customer.email",
    "agent.name",
    "organization.name",
    "conversation.id",
)
"""What may be filled in, written {{customer.name}}, or {{customer.name|there}} with what stands in
for it where it is not known."""

_PLACE = re.compile(r"\{\{\s*([\w.]+)\s*(?:\|([^{}]*))?\}\}")


def check_variables(text: str) -> None:
    """Raises InvalidRequest, naming what cannot be filled in."""
    unknown = sorted({name for name, _ in _PLACE.findall(text)} - set(VARIABLES))
    if unknown or "{{" in _PLACE.sub("", text):
        named = ", ".join(unknown) or "an unfinished {{"
        raise InvalidRequest(
            f"This cannot be filled in: {named}. There are {', '.join(VARIABLES)}, each in double "
            "braces, such as {{customer.name|there}}."
        )


def fill_in(
    text: str, *, conversation: Conversation, organization: Organization, agent: Author
) -> str:
    """`text` with its places filled in. What is not known leaves its stand-in, or nothing."""
    values = {
        "customer.name": conversation.customer.name,
        "customer.email": conversation.customer.email,
        "agent.name": agent.name,
        "organization.name": organization.name,
        "conversation.id": conversation.id,
    }
    return _PLACE.sub(lambda place: values.get(place[1]) or (place[2] or "").strip(), text)
