"""Work for the billing worker, as it travels through its queue."""

from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from frontdesk.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


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


class SqsBillingQueue:
    """A standard SQS queue."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        """`url` is that of the queue."""
        self._client = client
        self._url = url

    def put(self, job: BillingJob) -> None:
        """Send one message."""
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=job.model_dump_json())
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("the billing queue did not take the job") from error
