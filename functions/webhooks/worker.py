"""Entry point of the billing worker, fed by the billing queue."""

import functools
from typing import Any

from frontdesk.aws import create_client
from frontdesk.billing.jobs import BILLING_JOB, BillingJob, EventJob, ReadAgainJob
from frontdesk.billing.prices import Prices
from frontdesk.billing.stripe_gateway import StripeGateway
from frontdesk.errors import PaymentsUnavailable
from frontdesk.mail.jobs import SqsMailQueue
from frontdesk.observability import logger
from frontdesk.redelivery import Redelivery
from frontdesk.secrets import read_provider_keys
from frontdesk.settings import BillingWorkerSettings
from frontdesk.tables.accounts import Accounts
from frontdesk.tables.client import Table
from frontdesk.tables.events import Events
from webhooks.processing import Processor


@functools.cache
def _wire() -> tuple[Processor, Redelivery]:
    settings = BillingWorkerSettings.read()
    key = read_provider_keys(settings.secret).stripe_secret_key
    if key is None:
        raise PaymentsUnavailable("no Stripe key is set")
    table = Table(create_client("dynamodb"), settings.table)
    sqs = create_client("sqs")
    processor = Processor(
        accounts=Accounts(table),
        events=Events(table),
        mail=SqsMailQueue(sqs, settings.mail_queue_url),
        prices=Prices.of(settings.stripe_prices),
        stripe=StripeGateway(key, api_base=settings.stripe_api_base),
    )
    return processor, Redelivery(sqs, settings.billing_queue_url, first=5, most=900)


def handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Entry point of the billing queue. Reports each message that should be tried again."""
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            processor, redelivery = _wire()
        except Exception:  # noqa: BLE001 - as below; a key may be set in the meantime
            logger.exception("no job can be done")
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        try:
            job = BILLING_JOB.validate_json(record["body"])
            outcome = _do(job, processor)
            logger.info("billing", extra={**job.model_dump(), "outcome": outcome})
        except Exception:  # noqa: BLE001 - whatever it was, SQS tries again, then keeps it
            logger.exception("a job could not be done")
            redelivery.hasten(record)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _do(job: BillingJob, processor: Processor) -> str:
    match job:
        case EventJob():
            return processor.process(job.event_id)
        case ReadAgainJob():
            return processor.read_again(job.organization_id, job.subscription_id)
