"""The queue of conversations that wait for an answer."""

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from frontdesk.entities import ConversationRef
from frontdesk.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class TurnQueue(Protocol):
    """Asks for a conversation to be looked at."""

    def put(self, ref: ConversationRef) -> None:
        """Queue the conversation; twice does no harm. Raises StoreUnavailable."""
        ...


class SqsTurnQueue:
    """A standard SQS queue. Its messages carry the conversation's whereabouts and no text."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        """`url` is that of the queue."""
        self._client = client
        self._url = url

    def put(self, ref: ConversationRef) -> None:
        """Send one message."""
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=ref.model_dump_json())
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("the turn queue did not take the conversation") from error
