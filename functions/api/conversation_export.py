"""Conversations as CSV, for spreadsheets."""

import csv
import io
from collections.abc import Iterable

from frontdesk.realtime.views import ConversationView, MessageView

RESPONSE_BYTES = 4_000_000
"""As much as one answer holds. Lambda takes 6 MB, of which CSV and base64 cost a part."""

_COLUMNS = (
    *("conversation", "status", "priority", "customer", "email", "message", "at", "role"),
    *("author", "text", "mood", "confidence", "kind", "helpful"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(conversations: Iterable[tuple[ConversationView, Iterable[MessageView]]]) -> str:
    """One line a message (RFC 4180). What a spreadsheet would take for a formula is made text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for conversation, messages in conversations:
        for message in messages:
            row = (
                conversation.id,
                conversation.status,
                conversation.priority,
                conversation.customer.name,
                conversation.customer.email,
                message.id,
                message.at.isoformat(),
                message.role,
                message.author,
                message.text,
                message.sentiment.label.lower() if message.sentiment else None,
                message.confidence,
                message.kind,
                message.helpful,
            )
            writer.writerow([_harmless(value) for value in row])
    return out.getvalue()


def _harmless(value: object) -> object:
    """OWASP, CSV injection: a quote in front keeps the cell from being evaluated."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
