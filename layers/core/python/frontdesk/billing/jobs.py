"""Work for the billing worker, as it travels through its queue."""

from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from frontdesk.queues import SqsQueue


class _Job(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EventJob(_Job):
    """Process a stored event."""

    job: Literal["event"] = "event"
    event_id: str


class ReadAgainJob(_Job):
    """Read a subscription at Stripe although no event asks for it."""

    job: Literal["read_again"] = "read_again"
    organization_id: str
    subscription_id: str


BillingJob = Annotated[EventJob | ReadAgainJob, Field(discriminator="job")]
BILLING_JOB: TypeAdapter[BillingJob] = TypeAdapter(BillingJob)


class BillingQueue(Protocol):
    """Has the billing worker do something."""

    def put(self, job: BillingJob) -> None:
        """Queue a job. Raises StoreUnavailable."""
        ...


class SqsBillingQueue(SqsQueue[BillingJob]):
    """A standard SQS queue."""

    refusal = "the billing queue did not take the job"
