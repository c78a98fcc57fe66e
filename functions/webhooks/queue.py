"""The queue of events that wait to be processed."""

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict

from frontdesk.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class EventJob(BaseModel):
    """Process a stored event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: str


class EventQueue(Protocol):
    """Has events processed."""

    def put(self, job: EventJob) -> None:
        """Queue one. Raises StoreUnavailable."""
        ...


class SqsEventQueue:
    """A standard SQS queue."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        """`url` is that of the queue."""
        self._client = client
        self._url = url

    def put(self, job: EventJob) -> None:
        """Send one message."""
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=job.model_dump_json())
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("the billing queue did not take the event") from error
