"""Entry point of the ingest worker: S3's notices of uploads and jobs, from one queue."""

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.typing import LambdaContext

from frontdesk.aws import create_client
from frontdesk.checks.changes import DocumentChanges
from frontdesk.checks.jobs import SqsCheckQueue
from frontdesk.knowledge.adapters import open_embedder, open_index, tokenizer_folder
from frontdesk.knowledge.jobs import (
    KNOWLEDGE_JOB,
    DeleteJob,
    FetchJob,
    KnowledgeJob,
    QuestionsJob,
    SqsJobQueue,
    SweepJob,
)
from frontdesk.knowledge.question_groups import QuestionGroups, similarity_threshold
from frontdesk.observability import logger
from frontdesk.redelivery import Redelivery
from frontdesk.secrets import read_provider_keys
from frontdesk.settings import IngestSettings
from frontdesk.tables.accounts import Accounts, Standings
from frontdesk.tables.checks import Checks
from frontdesk.tables.client import Table
from frontdesk.tables.documents import Documents
from frontdesk.tables.ingestions import Ingestions
from frontdesk.tables.questions import Questions
from ingest.fetch import Fetcher
from ingest.files import Files
from ingest.importing import Importer
from ingest.messages import Line, Message
from ingest.pipeline import Pipeline, Upload
from ingest.reader import Reader

_TRIES = 2
"""A file that kills the process leaves no reason behind. The queue delivers once more than this, so
that the document does not stay in work for ever."""


@dataclass(frozen=True, slots=True)
class IngestWorker:
    """Everything the queue asks for."""

    pipeline: Pipeline
    importer: Importer
    groups: QuestionGroups
    redelivery: Redelivery
    ingestions: Ingestions
    line: Line

    def work(self, message: Message, *, seconds_left: Callable[[], float]) -> None:
        """Do what one message asks for. Safe to repeat. Raises Unavailable."""
        body = json.loads(message.body)
        if "job" in body:
            self._do(KNOWLEDGE_JOB.validate_python(body), message)
            return
        for upload in _uploads(body):
            ingest = functools.partial(self.pipeline.ingest, upload, seconds_left=seconds_left)
            self._in_turn(upload, message, ingest)

    def _do(self, job: KnowledgeJob, message: Message) -> None:
        match job:
            case DeleteJob():
                self.pipeline.delete(job.organization_id, job.document_id)
            case SweepJob():
                self.pipeline.sweep(job)
            case QuestionsJob():
                self.groups.refresh(job.organization_id, job.group_ids)
            case FetchJob():
                upload = Upload(job.organization_id, job.document_id, job.version)
                self._in_turn(upload, message, functools.partial(self.importer.run, job))

    def _in_turn(self, upload: Upload, message: Message, work: Callable[[], None]) -> None:
        """Work on an upload, give it up, or put it off while others of its organisation are on."""
        if message.tries > _TRIES:
            self.pipeline.give_up(upload)
            self.ingestions.end(upload.organization_id, upload.version)
        elif self.ingestions.begin(upload.organization_id, upload.version):
            try:
                work()
            finally:
                self.ingestions.end(upload.organization_id, upload.version)
        else:
            self.line.put_off(message)


@functools.cache
def _wire() -> IngestWorker:
    settings = IngestSettings.read()
    keys = read_provider_keys(settings.secret)
    table = Table(create_client("dynamodb"), settings.table)
    sqs = create_client("sqs")
    index = open_index(settings, keys)
    embedder = open_embedder(settings, keys)
    standings = Standings(Accounts(table), billed=settings.billed)
    pipeline = Pipeline(
        documents=Documents(table),
        files=Files(create_client("s3"), settings.documents_bucket),
        index=index,
        embedder=embedder,
        jobs=SqsJobQueue(sqs, settings.ingest_queue_url),
        read=Reader(tokenizer=tokenizer_folder(settings)).read,
        changed=DocumentChanges(
            Checks(table),
            SqsCheckQueue(sqs, settings.checks_queue_url),
            standings,
            settings.checks_delay,
        ).note,
    )
    return IngestWorker(
        pipeline=pipeline,
        importer=Importer(pipeline, Fetcher(), standings),
        groups=QuestionGroups(
            Questions(table), index, embedder, threshold=similarity_threshold(settings.embedder)
        ),
        redelivery=Redelivery(sqs, settings.ingest_queue_url, first=30, most=300),
        ingestions=Ingestions(table, at_once=settings.ingestions_per_organization),
        line=Line(sqs, settings.ingest_queue_url),
    )


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Entry point of the ingest queue. Reports each message that should be tried again."""
    worker = _wire()
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            with worker.redelivery.keeping(record):
                worker.work(
                    Message.of(record),
                    seconds_left=lambda: context.get_remaining_time_in_millis() / 1000 - 30,
                )
        except Exception:  # noqa: BLE001 - whatever it was, SQS tries again, then keeps it
            logger.exception("ingestion failed")
            worker.redelivery.hasten(record)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _uploads(notice: dict[str, Any]) -> Iterator[Upload]:
    """The uploads an S3 event notification names. S3's test notice names none."""
    for record in notice.get("Records", []):
        parts = unquote_plus(record["s3"]["object"]["key"]).split("/")
        if len(parts) == 4 and parts[0] == "documents":
            yield Upload(*parts[1:])
