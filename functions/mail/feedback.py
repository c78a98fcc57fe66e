"""What became of mails: events of Amazon SES, which come back through the mail queue.

Their shape: docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

import json
from email.utils import parseaddr
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from frontdesk.entities import MailReceiver
from frontdesk.observability import logger
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.suppressions import SuppressionReason, Suppressions

_GREETING = "Successfully validated SNS topic"
"""SES says so once, when it is told of the topic."""


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class Sent(_Event):
    """The mail that it is about, and whom it was for. Ours are for one person each.

    Whom the report itself names is for the receiving server to say, or for whoever plays one: it
    may be an address that the mail was forwarded to, or one that shall get no mail any more.
    """

    destination: tuple[str, ...]
    tags: dict[str, tuple[str, ...]] = {}

    @property
    def sender(self) -> tuple[str, MailReceiver] | None:
        """Whose mail it is and to whom, as its tags say."""
        organization = self.tags.get("organization")
        if not organization:
            return None
        customer = "customer" in self.tags.get("receiver", ())
        return organization[0], "customer" if customer else "team"

    @property
    def receivers(self) -> tuple[str, ...]:
        """The addresses alone. Raises ValueError for what is none."""
        found = tuple(parseaddr(each)[1] for each in self.destination)
        if not all(found):
            raise ValueError("a destination is no address")
        return found


class Bounce(_Event):
    """That a mail came back. Only a `Permanent` bounce says that the next one will too."""

    kind: str = Field(alias="bounceType")


class Complaint(_Event):
    """That somebody calls a mail spam, or the contrary (`not-spam`)."""

    kind: str | None = Field(default=None, alias="complaintFeedbackType")


class BounceEvent(_Event):
    """The event of a bounce."""

    event: Literal["Bounce"] = Field(alias="eventType")
    bounce: Bounce
    mail: Sent


class ComplaintEvent(_Event):
    """The event of a complaint."""

    event: Literal["Complaint"] = Field(alias="eventType")
    complaint: Complaint
    mail: Sent


_FEEDBACK: TypeAdapter[BounceEvent | ComplaintEvent] = TypeAdapter(
    Annotated[BounceEvent | ComplaintEvent, Field(discriminator="event")],
    config=ConfigDict(hide_input_in_errors=True),
)


def is_feedback(body: str) -> bool:
    """Whether a message of the mail queue comes from SES: no job has such a field."""
    if body.startswith(_GREETING):
        return True
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "eventType" in found


def heed(body: str, suppressions: Suppressions, organizations: Organizations) -> int:
    """Send nothing more to whom a mail came back from, or who complained. Safe to repeat.

    Whose mail it was is told so.

    Returns how many they were. Raises ValueError, StoreUnavailable.
    """
    if body.startswith(_GREETING):
        return 0
    found = _FEEDBACK.validate_json(body)
    reason: SuppressionReason
    match found:
        case BounceEvent(bounce=bounce):
            reason, final = "bounce", bounce.kind == "Permanent"
        case ComplaintEvent(complaint=complaint):
            reason, final = "complaint", complaint.kind != "not-spam"
    ended = found.mail.receivers if final else ()
    for address in ended:
        suppressions.add(address, reason)
    if ended and found.mail.sender:
        organizations.note_returned_mail(*found.mail.sender)
    logger.info("mail came back", extra={"event": found.event, "suppressed": len(ended)})
    return len(ended)
