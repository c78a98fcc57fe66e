"""What is written to whom about accounts and conversations."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from frontdesk.entities import Conversation, Message, Organization, Role, Summary, User
from mail.catalogue import language_of
from mail.stationery import Letter, Quote
from mail.words import unlinked

TRANSCRIPT_MESSAGES = 200
_CHARACTERS = 60_000
"""How much of a conversation one mail holds: programs cut what is longer than some 100 KB."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where links lead. `site` is where the pages are, `api` where the API is."""

    site: str
    api: str

    def with_token(self, purpose: str, token: str) -> str:
        """A page that takes a token. What stands behind the # reaches no server and so no log."""
        return f"{self.site}/auth.html#{purpose}={token}"

    def unsubscribe(self, token: str) -> str:
        """Where a mail program sends its one click."""
        return f"{self.api}/mail/unsubscribe?token={token}"

    @property
    def billing(self) -> str:
        """The page with plan, usage and invoices."""
        return f"{self.site}/billing.html"


def verification(user: User, organization: Organization, link: str) -> Letter:
    """To somebody who signed up."""
    return Letter(
        kind="verify",
        language=language_of(organization.languages),
        audience="account",
        values={"name": user.name, "organization": organization.name},
        link=link,
    )


def account_exists(user: User, organization: Organization, links: Links) -> Letter:
    """To somebody who signed up with an address that has an account."""
    return Letter(
        kind="account_exists",
        language=language_of(organization.languages),
        audience="account",
        values={"name": user.name},
        link=f"{links.site}/auth.html",
    )


def password_reset(user: User, organization: Organization, link: str) -> Letter:
    """To somebody who forgot the password."""
    return Letter(
        kind="reset",
        language=language_of(organization.languages),
        audience="account",
        values={"name": user.name},
        link=link,
    )


def invitation(inviter: str, organization: Organization, role: Role, link: str) -> Letter:
    """To somebody who is invited to a team."""
    return Letter(
        kind="invitation",
        language=language_of(organization.languages),
        audience="account",
        values={"inviter": inviter, "organization": organization.name, "role": role},
        link=link,
    )


def welcome(user: User, organization: Organization, links: Links) -> Letter:
    """To somebody who has proved their address: how to begin."""
    return Letter(
        kind="welcome",
        language=language_of(organization.languages),
        audience="account",
        values={"name": user.name, "organization": organization.name},
        link=f"{links.site}/documents.html",
        guide=links.site,
    )


def reply(organization: Organization, message: Message) -> Letter:
    """To a customer who has left the page."""
    author = message.author.name if message.author else organization.name
    return Letter(
        kind="reply",
        language=language_of(organization.languages),
        audience="customer",
        brand=organization.name,
        values={"author": author, "organization": organization.name},
        quotes=(Quote(text=message.text, files=_files(message)),),
    )


def handoff(
    organization: Organization,
    conversation: Conversation,
    summary: Summary | None,
    *,
    links: Links,
    unsubscribe: str,
) -> Letter:
    """To the team, when a customer needs a person."""
    quotes: list[Quote] = []
    if summary is not None:
        quotes.append(Quote(label="wants", text=summary.wants))
        if summary.tried:
            quotes.append(Quote(label="tried", text="\n".join(f"- {t}" for t in summary.tried)))
        quotes.append(Quote(label="mood", text=summary.mood))
    return Letter(
        kind="handoff",
        language=language_of(organization.languages),
        audience="team",
        values={
            "organization": organization.name,
            "subject": conversation.subject,
            "priority": conversation.priority,
        },
        link=f"{links.site}/conversations.html#{conversation.id}",
        quotes=tuple(quotes),
        unsubscribe=unsubscribe,
    )


def transcript(
    organization: Organization, conversation: Conversation, messages: Sequence[Message]
) -> Letter:
    """To a customer: what was said, by the organisation's clock, the newest part if it is long.

    `messages` are in order, the team's own notes among them, which stay out. Reading one more than
    TRANSCRIPT_MESSAGES tells that there are earlier ones.
    """
    said = [message for message in messages[-TRANSCRIPT_MESSAGES:] if message.public]
    room = _CHARACTERS
    kept: list[Message] = []
    for message in reversed(said):
        room -= len(message.text)
        if room < 0 and kept:
            break
        kept.insert(0, message)
    zone = ZoneInfo(organization.business_hours.timezone)
    return Letter(
        kind="transcript",
        language=language_of(organization.languages),
        audience="customer",
        brand=organization.name,
        values={
            "name": conversation.customer.name or "",
            "organization": organization.name,
            "shown": len(kept),
            "cut": len(messages) > TRANSCRIPT_MESSAGES or len(kept) < len(said),
        },
        quotes=tuple(_quoted(message, organization, zone) for message in kept),
    )


def _quoted(message: Message, organization: Organization, zone: ZoneInfo) -> Quote:
    speakers = {
        "assistant": organization.assistant,
        "agent": message.author.name if message.author else organization.name,
    }
    titles = (f"[{citation.number}] {citation.title}" for citation in message.citations)
    by_customer = message.role == "customer"
    return Quote(
        text=unlinked(message.text) if by_customer else message.text,
        label="customer" if by_customer else None,
        speaker=speakers.get(message.role, organization.name),
        at=message.at.astimezone(zone),
        sources=", ".join(dict.fromkeys(titles)),
        files=_files(message),
    )


def _files(message: Message) -> str:
    """The names of what was sent with it. The files stay in the chat, where they are private."""
    return ", ".join(each.name for each in message.attachments)
