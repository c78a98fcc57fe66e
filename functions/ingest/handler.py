"""Entry point of the ingest worker: S3's notices of uploads and the API's jobs, from one queue."""

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.typing import LambdaContext

from frontdesk.aws import create_client
from frontdesk.knowledge.adapters import open_embedder, open_index
from frontdesk.knowledge.jobs import DeleteJob
from frontdesk.knowledge.ports import CountsTokens
from frontdesk.observability import logger
from frontdesk.secrets import read_provider_keys
from frontdesk.settings import IngestSettings
from frontdesk.tables.client import Table
from frontdesk.tables.documents import Documents
from ingest.files import Files
from ingest.pipeline import Pipeline, Upload
from ingest.tokens import estimate_tokens

_TRIES = 2
"""A file that kills the process leaves no reason behind. The queue delivers once more than this, so
that the document does not stay in work for ever."""


@functools.cache
def _wire() -> Pipeline:
    settings = IngestSettings.read()
    keys = read_provider_keys(settings.secret)
    embedder = open_embedder(settings, keys)
    return Pipeline(
        documents=Documents(Table(create_client("dynamodb"), settings.table)),
        files=Files(create_client("s3"), settings.documents_bucket),
        index=open_index(settings, keys),
        embedder=embedder,
        count_tokens=embedder.count_tokens
        if isinstance(embedder, CountsTokens)
        else estimate_tokens,
    )


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Entry point of the ingest queue. Reports each message that should be tried again."""
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            _work(
                _wire(),
                json.loads(record["body"]),
                tries=int(record["attributes"]["ApproximateReceiveCount"]),
                seconds_left=lambda: context.get_remaining_time_in_millis() / 1000 - 30,
            )
        except Exception:  # noqa: BLE001 - whatever it was, SQS tries again, then keeps it
            logger.exception("ingestion failed")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _work(
    pipeline: Pipeline, body: dict[str, Any], *, tries: int, seconds_left: Callable[[], float]
) -> None:
    if body.get("job") == "delete":
        job = DeleteJob.model_validate(body)
        pipeline.clean_up(job.organization_id, job.document_id)
        return
    for upload in _uploads(body):
        if tries > _TRIES:
            pipeline.give_up(upload)
        else:
            pipeline.ingest(upload, seconds_left=seconds_left)


def _uploads(notice: dict[str, Any]) -> Iterator[Upload]:
    """The uploads an S3 event notification names. S3's test notice names none."""
    for record in notice.get("Records", []):
        parts = unquote_plus(record["s3"]["object"]["key"]).split("/")
        if len(parts) == 4 and parts[0] == "documents":
            yield Upload(*parts[1:])
