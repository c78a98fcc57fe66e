"""Entry point of the mail worker, fed by the mail queue."""

import functools
from typing import Any

from frontdesk.aws import create_client
from frontdesk.errors import Unavailable
from frontdesk.mail.adapters import mailer_of
from frontdesk.mail.jobs import MAIL_JOB
from frontdesk.observability import logger
from frontdesk.redelivery import Redelivery
from frontdesk.settings import MailSettings
from frontdesk.tables.client import Table
from frontdesk.tables.mailings import Mailings
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.suppressions import Suppressions
from mail.correspondence import Correspondence
from mail.feedback import heed, is_feedback
from mail.letters import Links
from mail.post_office import PostOffice


@functools.cache
def _wire() -> tuple[PostOffice, Redelivery]:
    settings = MailSettings.read()
    table = Table(create_client("dynamodb"), settings.table)
    office = PostOffice(
        correspondence=Correspondence(table, Links(site=settings.site_url, api=settings.api_url)),
        mailer=mailer_of(settings),
        mailings=Mailings(table),
        suppressions=Suppressions(table),
        organizations=Organizations(table),
    )
    redelivery = Redelivery(create_client("sqs"), settings.mail_queue_url, first=20, most=3600)
    return office, redelivery


def handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Entry point of the mail queue: jobs, and what became of mails.

    Reports each message that should be tried again.
    """
    office, redelivery = _wire()
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            if is_feedback(record["body"]):
                heed(record["body"], office.suppressions, office.organizations)
                continue
            job = MAIL_JOB.validate_json(record["body"])
            sent = office.deliver(job)
            logger.info("mail", extra={"kind": job.mail, "sent": sent})
            continue
        except Unavailable as error:
            # Without its cause: what a service says of a mail may quote the address.
            logger.error("a mail could not be sent", extra={"cause": str(error)})
        except Exception:  # noqa: BLE001 - whatever it was, SQS tries again, then keeps it
            logger.exception("a mail could not be sent")
        redelivery.hasten(record)
        failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
