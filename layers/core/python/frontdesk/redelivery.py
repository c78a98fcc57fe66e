"""What failed is tried again soon, and not only when its visibility timeout ends.

That timeout has to be longer than a worker may run, which for a customer who waits is far too long.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from frontdesk.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


KEPT_SECONDS = 75
"""How long a message stays with a worker that has been killed."""


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
        self._set(record, min(self._first * 3 ** min(tries - 1, 20), self._most))

    @contextmanager
    def keeping(self, record: dict[str, Any], *, every: float = 20.0) -> Iterator[None]:
        """Keep a record from other workers while this goes on, for KEPT_SECONDS at a time.

        So if this worker is killed, the next gets it after that.
        """
        ended = threading.Event()

        def keep() -> None:
            self._set(record, KEPT_SECONDS)
            while not ended.wait(every):
                self._set(record, KEPT_SECONDS)

        thread = threading.Thread(target=keep, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _set(self, record: dict[str, Any], seconds: int) -> None:
        try:
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds
            )
        except (ClientError, BotoCoreError) as error:
            logger.warning("visibility not changed", extra={"cause": type(error).__name__})
