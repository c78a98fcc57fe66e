"""The mail port: what a mail is, and who sends it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from frontdesk.errors import FrontdeskError

_PART = r"[^\s.,;:<>()\[\]\\\"@\x00-\x1f\x7f]+"
_PARTS = rf"{_PART}(?:\.{_PART})*"
_ADDRESS = re.compile(rf"{_PARTS}@{_PARTS}")
"""One address and nothing that a mail server could read as a second one."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class MailRefused(FrontdeskError):
    """This mail will never be taken. Trying again is in vain."""


class AddressUnknown(MailRefused):
    """There is no such mailbox."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one person.

    `unsubscribe` is a link that takes a POST (RFC 8058). `id` is the same whenever the same mail is
    sent again. What comes back of it names its `tags`. Raises MailRefused where `to`, `subject` or
    `unsubscribe` would be more than one header.
    """

    to: str
    subject: str
    text: str
    html: str
    unsubscribe: str | None = None
    id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let nothing through that ends a header or adds a receiver."""
        if not self.to.isascii() or not _ADDRESS.fullmatch(self.to) or len(self.to) > 254:
            raise MailRefused("not an address")
        for header in (self.subject, self.unsubscribe or "", self.id or ""):
            if _CONTROL.search(header):
                raise MailRefused("a header with control characters")

    @property
    def notice_headers(self) -> dict[str, str]:
        """The headers by which mail programs offer to unsubscribe with one click."""
        if self.unsubscribe is None:
            return {}
        return {
            "List-Unsubscribe": f"<{self.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }


class Mailer(Protocol):
    """Sends mail."""

    def send(self, mail: Mail) -> None:
        """Hand a mail over. Raises MailRefused, AddressUnknown, MailUnavailable."""
        ...
