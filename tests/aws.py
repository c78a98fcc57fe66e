"""AWS in this process: MiniStack's services answer boto3's clients, without a socket between.

A client takes 30 ms and thousands of objects to make, so there is one of each for the whole run.
"""

import functools
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast, get_args
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from ministack.services import dynamodb, s3, sqs

from frontdesk.tables.client import Index, Table, sorted_by

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SERVICES: dict[str, ModuleType] = {"dynamodb": dynamodb, "s3": s3, "sqs": sqs}
_TABLE = "frontdesk"
_INDEXES: tuple[Index, ...] = get_args(Index)
# MiniStack answers one request at a time; tests call from several threads.
_lock = threading.Lock()


@functools.cache
def aws_client(service: str) -> Any:
    """The client of the whole run for dynamodb, s3 or sqs."""
    client = boto3.client(
        cast("Any", service),
        # Host names with a bucket and bodies in signed chunks are undone by MiniStack's server,
        # which is left out here.
        config=Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            # Nobody looks at a signature or a user agent here, and each takes its time.
            signature_version=None if service == "s3" else UNSIGNED,
            user_agent="tests",
        ),
    )
    client.meta.events.register(
        f"before-send.{service}", functools.partial(_answer, _SERVICES[service])
    )
    return client


@contextmanager
def empty_table() -> Iterator[Table]:
    """The table. Afterwards it is gone, and buckets and queues with it."""
    client: DynamoDBClient = aws_client("dynamodb")
    client.create_table(
        TableName=_TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"}
            for name in (
                *("pk", "sk", *(f"{index}pk" for index in _INDEXES)),
                *dict.fromkeys(map(sorted_by, _INDEXES)),
            )
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": f"{index}pk", "KeyType": "HASH"},
                    {"AttributeName": sorted_by(index), "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in _INDEXES
        ],
    )
    try:
        yield Table(client, _TABLE)
    finally:
        for service in _SERVICES.values():
            service.reset()


class _Body(io.BytesIO):
    """A body as botocore streams it from urllib3."""

    def stream(self, amount: int = 65_536) -> Iterator[bytes]:
        while chunk := self.read(amount):
            yield chunk


def _answer(service: ModuleType, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
    url = urlsplit(request.url)
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value
        for name, value in request.headers.items()
    }
    body: Any = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    elif isinstance(body, str):
        body = body.encode()
    query = parse_qs(url.query, keep_blank_values=True)
    with _lock:
        call = service.handle_request(request.method, url.path, headers, body, query)
        try:
            call.send(None)
        except StopIteration as answered:
            status, answer_headers, answer = answered.value
        else:
            raise RuntimeError("MiniStack wants to wait, which only its own server can.")
    content = answer.encode() if isinstance(answer, str) else answer
    return AWSResponse(request.url, status, answer_headers, cast("Any", _Body(content or b"")))
