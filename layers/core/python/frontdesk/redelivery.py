"""What failed is tried again soon, and not only when its visibility timeout ends.

That timeout has to be longer than a worker may run, which for a customer who waits is far too long.
"""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from frontdesk.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Redelivery:
    """Has the messages of one queue delivered again after a while that grows with each try."""

    def __init__(self, client: "SQSClient", url: str, *, first: int, most: int) -> None:
        """`first` is the wait after the first try in seconds; it trebles up to `most`."""
        self._client = client
        self._url = url
        self._first = first
        self._most = most

    def hasten(self, record: dict[str, Any]) -> None:
        """Set when a record that failed comes again. If that fails, it comes when it would have."""
        tries = int(record["attributes"]["ApproximateReceiveCount"])
        wait = min(self._first * 3 ** min(tries - 1, 20), self._most)
        try:
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=wait
            )
        except (ClientError, BotoCoreError) as error:
            logger.warning("not hastened", extra={"cause": type(error).__name__})
