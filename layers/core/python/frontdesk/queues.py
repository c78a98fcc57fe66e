"""Queues of work, on SQS."""

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel

from frontdesk.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_Job = TypeVar("_Job", bound=BaseModel)


class SqsQueue(Generic[_Job]):
    """A standard SQS queue of one kind of jobs. `refusal` is what is said when it takes none."""

    refusal: ClassVar[str]

    def __init__(self, client: "SQSClient", url: str) -> None:
        """`url` is that of the queue."""
        self._client = client
        self._url = url

    def put(self, job: _Job, *, delay: int = 0) -> None:
        """Send one message, to come in `delay` seconds: at most 900. Raises StoreUnavailable."""
        try:
            self._client.send_message(
                QueueUrl=self._url, MessageBody=job.model_dump_json(), DelaySeconds=delay
            )
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable(self.refusal) from error
