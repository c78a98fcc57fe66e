"""Mails that are to be written and sent, as they travel through the queue.

A job names whom it is for and says nothing of what the worker will find: asking for a password
reset costs the same whether there is such an account or not.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from frontdesk.entities import PlanName
from frontdesk.ids import new_id
from frontdesk.queues import SqsQueue


class _Job(BaseModel):
    """`_same` names the fields by which two jobs ask for the same mail."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    _same: ClassVar[tuple[str, ...]] = ("id",)

    @property
    def identity(self) -> str:
        """What the mail is known by: whoever gets one gets no other of the same identity."""
        return "/".join(str(getattr(self, name)) for name in ("mail", *self._same))


class _AskedFor(_Job):
    """A mail that can be asked for again and then comes again. `id` is that of the asking."""

    id: str = Field(default_factory=new_id)


class VerifyMail(_AskedFor):
    """Welcome somebody who signed up, with a link that proves the address."""

    mail: Literal["verify"] = "verify"
    email: str


class AccountExistsMail(_AskedFor):
    """Tell somebody who signed up again that there is an account already."""

    mail: Literal["account_exists"] = "account_exists"
    email: str


class ResetMail(_AskedFor):
    """A link that sets a new password, if there is such an account."""

    mail: Literal["reset"] = "reset"
    email: str


class InvitationMail(_AskedFor):
    """A link that accepts an invitation."""

    mail: Literal["invitation"] = "invitation"
    organization_id: str
    invitation_id: str


class ReplyMail(_Job):
    """What the team wrote to a customer who has left the page."""

    _same: ClassVar[tuple[str, ...]] = ("organization_id", "message_id")

    mail: Literal["reply"] = "reply"
    organization_id: str
    conversation_id: str
    message_id: str


class HandoffMail(_Job):
    """Tell the team that a customer needs a person. `message_id` is the record of the hand-off."""

    _same: ClassVar[tuple[str, ...]] = ("organization_id", "message_id")

    mail: Literal["handoff"] = "handoff"
    organization_id: str
    conversation_id: str
    message_id: str


class WelcomeMail(_Job):
    """What to do first, to somebody who has proved their address."""

    _same: ClassVar[tuple[str, ...]] = ("user_id",)

    mail: Literal["welcome"] = "welcome"
    organization_id: str
    user_id: str


class TranscriptMail(_Job):
    """A conversation, to its customer. `last_id` is the last message of it that is sent."""

    _same: ClassVar[tuple[str, ...]] = ("conversation_id", "last_id")

    mail: Literal["transcript"] = "transcript"
    organization_id: str
    conversation_id: str
    last_id: str


class QuotaMail(_Job):
    """Tell the team that `level` per cent of a month's answers are used up."""

    _same: ClassVar[tuple[str, ...]] = ("organization_id", "month", "plan", "level")

    mail: Literal["quota"] = "quota"
    organization_id: str
    month: str
    plan: PlanName
    level: int
    answers: int


class SubscribedMail(_Job):
    """A plan is paid for: with the receipt, and how to begin."""

    _same: ClassVar[tuple[str, ...]] = ("subscription_id", "plan")

    mail: Literal["subscribed"] = "subscribed"
    organization_id: str
    subscription_id: str
    plan: PlanName
    receipt_url: str | None = None


class TrialEndingMail(_Job):
    """A trial ends soon."""

    _same: ClassVar[tuple[str, ...]] = ("subscription_id", "ends_at")

    mail: Literal["trial_ending"] = "trial_ending"
    organization_id: str
    subscription_id: str
    plan: PlanName
    ends_at: datetime


class PaymentFailedMail(_Job):
    """An invoice could not be paid. `next_attempt` is when Stripe tries again, if it does."""

    _same: ClassVar[tuple[str, ...]] = ("invoice_id", "attempt")

    mail: Literal["payment_failed"] = "payment_failed"
    organization_id: str
    invoice_id: str
    attempt: int
    pay_url: str | None = None
    next_attempt: datetime | None = None


class PaymentActionMail(_Job):
    """An invoice waits for the customer to confirm the payment with their bank."""

    _same: ClassVar[tuple[str, ...]] = ("invoice_id",)

    mail: Literal["payment_action"] = "payment_action"
    organization_id: str
    invoice_id: str
    pay_url: str | None = None


class CancelledMail(_Job):
    """A subscription was cancelled and goes on until `ends_at`."""

    _same: ClassVar[tuple[str, ...]] = ("subscription_id", "ends_at")

    mail: Literal["cancelled"] = "cancelled"
    organization_id: str
    subscription_id: str
    plan: PlanName
    ends_at: datetime


class EndedMail(_Job):
    """A subscription has ended."""

    _same: ClassVar[tuple[str, ...]] = ("subscription_id",)

    mail: Literal["ended"] = "ended"
    organization_id: str
    subscription_id: str
    plan: PlanName


BillingMail = (
    QuotaMail
    | SubscribedMail
    | TrialEndingMail
    | PaymentFailedMail
    | PaymentActionMail
    | CancelledMail
    | EndedMail
)
"""To those of the team who see what is paid. One may be queued twice, and is sent once."""

MailJob = Annotated[
    VerifyMail
    | AccountExistsMail
    | ResetMail
    | InvitationMail
    | WelcomeMail
    | ReplyMail
    | HandoffMail
    | TranscriptMail
    | BillingMail,
    Field(discriminator="mail"),
]
MAIL_JOB: TypeAdapter[MailJob] = TypeAdapter(MailJob, config=ConfigDict(hide_input_in_errors=True))
"""Errors name the field and not what stood in it: they are logged, and a job holds an address."""


class MailQueue(Protocol):
    """Has mails written and sent."""

    def put(self, job: MailJob) -> None:
        """Queue one. Raises StoreUnavailable."""
        ...


class SqsMailQueue(SqsQueue[MailJob]):
    """A standard SQS queue."""

    refusal = "the mail queue did not take the mail"
