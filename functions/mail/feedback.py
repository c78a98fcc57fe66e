"""What became of mails: events of Amazon SES, which come back through the mail queue.

Their shape: docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from email.utils import parseaddr
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from frontdesk.observability import logger
from frontdesk.tables.suppressions import Suppressions

_GREETING = "Successfully validated SNS topic"
"""SES says so once, when it is told of the topic."""


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class Recipient(_Event):
    """Somebody whom a mail was for, as an address or as `Name <address>`."""

    email: str = Field(alias="emailAddress")

    @property
    def address(self) -> str:
        """The address alone."""
        return parseaddr(self.email)[1]


class Bounce(_Event):
    """That a mail came back. Only a `Permanent` bounce says that the next one will too."""

    kind: str = Field(alias="bounceType")
    recipients: tuple[Recipient, ...] = Field(alias="bouncedRecipients")


class Complaint(_Event):
    """That somebody calls a mail spam, or the contrary (`not-spam`)."""

    kind: str | None = Field(default=None, alias="complaintFeedbackType")
    recipients: tuple[Recipient, ...] = Field(alias="complainedRecipients")


class BounceEvent(_Event):
    """The event of a bounce."""

    event: Literal["Bounce"] = Field(alias="eventType")
    bounce: Bounce


class ComplaintEvent(_Event):
    """The event of a complaint."""

    event: Literal["Complaint"] = Field(alias="eventType")
    complaint: Complaint


_FEEDBACK: TypeAdapter[BounceEvent | ComplaintEvent] = TypeAdapter(
    Annotated[BounceEvent | ComplaintEvent, Field(discriminator="event")],
    config=ConfigDict(hide_input_in_errors=True),
)


def is_feedback(body: str) -> bool:
    """Whether a message of the mail queue comes from SES: no job has such a field."""
    return '"eventType"' in body or body.startswith(_GREETING)


def heed(body: str, suppressions: Suppressions) -> int:
    """Send nothing more to whom a mail came back from, or who complained. Safe to repeat.

    Returns how many they were. Raises ValidationError, StoreUnavailable.
    """
    if body.startswith(_GREETING):
        return 0
    found = _FEEDBACK.validate_json(body)
    match found:
        case BounceEvent(bounce=bounce):
            ended = bounce.recipients if bounce.kind == "Permanent" else ()
            for recipient in ended:
                suppressions.add(recipient.address, "bounce")
        case ComplaintEvent(complaint=complaint):
            ended = complaint.recipients if complaint.kind != "not-spam" else ()
            for recipient in ended:
                suppressions.add(recipient.address, "complaint")
    logger.info("mail came back", extra={"event": found.event, "suppressed": len(ended)})
    return len(ended)
