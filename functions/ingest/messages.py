"""Messages of the ingest queue, and how one is put at the end of it again."""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from frontdesk.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_FIRST_WAIT = 4.0
_MOST_WAIT = 120.0


@dataclass(frozen=True, slots=True)
class Message:
    """What was sent, how often work on it was begun (this time included), and how often put off."""

    body: str
    tries: int
    waits: int

    @classmethod
    def of(cls, record: dict[str, Any]) -> "Message":
        """The message in a record that Lambda hands over."""
        attributes = record.get("messageAttributes") or {}

        def number(name: str) -> int:
            return int(attributes.get(name, {}).get("stringValue", "0"))

        received = int(record["attributes"]["ApproximateReceiveCount"])
        return cls(record["body"], tries=received + number("tries"), waits=number("waits"))


class Line:
    """The queue, for those that have to wait."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        """`url` is that of the queue."""
        self._client = client
        self._url = url

    def put_off(self, message: Message) -> None:
        """Send a message again, to come later each time. Raises StoreUnavailable.

        Not by its visibility: a receive is counted, and after a few it would be given up.
        """
        wait = min(_FIRST_WAIT * 1.5 ** min(message.waits, 20), _MOST_WAIT)
        numbers = {"tries": message.tries - 1, "waits": message.waits + 1}
        try:
            self._client.send_message(
                QueueUrl=self._url,
                MessageBody=message.body,
                # Those that came together should not come together again.
                DelaySeconds=round(wait * random.uniform(0.75, 1.25)),  # noqa: S311 - no secret
                MessageAttributes={
                    name: {"DataType": "Number", "StringValue": str(value)}
                    for name, value in numbers.items()
                },
            )
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("the upload could not be put off") from error
