"""Conversations as CSV, for spreadsheets."""

import csv
import io
import unicodedata
from collections.abc import Iterable

from frontdesk.realtime.views import ConversationView, MessageView


class ExportedConversation(ConversationView):
    """A conversation with its messages, oldest first. Older ones are missing unless `complete`."""

    messages: list[MessageView]
    complete: bool


RESPONSE_BYTES = 4_000_000
"""As much as one answer holds. Lambda takes 6 MB, of which CSV and base64 cost a part."""

_COLUMNS = (
    *("conversation", "status", "priority", "customer", "email", "message", "at", "role"),
    *("author", "text", "mood", "confidence", "kind", "helpful", "complete", "files"),
)
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs, as Unicode has it, that show nothing."""

_FORMULA = frozenset("=+-@\N{MINUS SIGN}")

_MARK = "\ufeff"
"""The byte order mark: without it Excel on Windows takes UTF-8 for Windows-1252."""


def to_csv(conversations: Iterable[ExportedConversation]) -> str:
    """One line a message (RFC 4180). What a spreadsheet would take for a formula is made text.

    Where `complete` is false, older messages of the conversation are missing.
    """
    out = io.StringIO()
    out.write(_MARK)
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for conversation in conversations:
        for message in conversation.messages:
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
                conversation.complete,
                ", ".join(each.name for each in message.attachments),
            )
            writer.writerow([_harmless(value) for value in row])
    return out.getvalue()


def _harmless(value: object) -> object:
    """OWASP, CSV injection: a quote in front keeps the cell from being evaluated."""
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def _is_formula(text: str) -> bool:
    """Whether a spreadsheet may evaluate it: by its first character that shows.

    Spaces, marks of the byte order and of direction and the like in front are dropped by some
    programs, and wide, small and raised forms of the signs are taken for the signs. What begins
    with a tab or a return is taken to be meant badly.
    """
    shown = next((each for each in text if not _is_blank(each)), "")
    return text.startswith(("\t", "\r")) or unicodedata.normalize("NFKC", shown)[:1] in _FORMULA


def _is_blank(character: str) -> bool:
    # Cf: zero width and direction; Mn: variation selectors, and a joiner that shows nothing.
    category = unicodedata.category(character)
    return category in {"Cc", "Cf", "Mn"} or character.isspace() or character in _FILLERS
