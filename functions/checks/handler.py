"""Entry point: a question to try out, invoked by the API, or jobs from the queue of checks."""

import functools
from typing import Any

from checks.asking import Asker
from checks.playground import try_out
from checks.worker import CheckWorker
from frontdesk.answers.assembly import open_drafter
from frontdesk.aws import create_client
from frontdesk.checks.jobs import CHECK_JOB, SqsCheckQueue
from frontdesk.checks.playground import PlaygroundQuestion
from frontdesk.knowledge.adapters import open_embedder, open_index
from frontdesk.observability import logger
from frontdesk.redelivery import Redelivery
from frontdesk.secrets import read_provider_keys
from frontdesk.settings import ChecksSettings
from frontdesk.tables.checks import Checks
from frontdesk.tables.client import Table
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.replays import Replays
from frontdesk.tables.runs import Runs


@functools.cache
def _wire() -> tuple[CheckWorker, Redelivery]:
    settings = ChecksSettings.read()
    keys = read_provider_keys(settings.secret)
    table = Table(create_client("dynamodb"), settings.table)
    sqs = create_client("sqs")
    worker = CheckWorker(
        asker=Asker(
            Organizations(table),
            open_drafter(
                settings,
                keys,
                embedder=open_embedder(settings, keys),
                index=open_index(settings, keys),
            ),
        ),
        checks=Checks(table),
        runs=Runs(table),
        replays=Replays(table),
        queue=SqsCheckQueue(sqs, settings.checks_queue_url),
    )
    return worker, Redelivery(sqs, settings.checks_queue_url, first=30, most=300)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer the API, or report each message of the queue that should be tried again."""
    worker, redelivery = _wire()
    if "Records" not in event:
        question = PlaygroundQuestion.model_validate(event)
        return try_out(worker.asker, question).model_dump(mode="json")
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            tries = int(record["attributes"]["ApproximateReceiveCount"])
            worker.work(CHECK_JOB.validate_json(record["body"]), tries=tries)
        except Exception:  # noqa: BLE001 - whatever it was, SQS tries again, then keeps it
            logger.exception("a job of checks failed")
            redelivery.hasten(record)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
