"""Entry point of the mail worker, fed by the mail queue."""

import functools
from typing import Any

from frontdesk.aws import create_client
from frontdesk.errors import Unavailable
from frontdesk.mail.jobs import MAIL_JOB
from frontdesk.mail.ports import MailRefused, SesMailer
from frontdesk.observability import logger
from frontdesk.settings import MailSettings
from frontdesk.tables.client import Table
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.tickets import Tickets
from frontdesk.tables.tokens import Tokens
from frontdesk.tables.users import Users
from mail.post_office import PostOffice


@functools.cache
def _wire() -> PostOffice:
    settings = MailSettings.read()
    table = Table(create_client("dynamodb"), settings.table)
    return PostOffice(
        conversations=Conversations(table),
        mailer=SesMailer(create_client("sesv2"), settings.mail_from),
        organizations=Organizations(table),
        site_url=settings.site_url,
        tickets=Tickets(table),
        tokens=Tokens(table),
        users=Users(table),
    )


def handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Entry point of the mail queue. Reports each message that should be tried again."""
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            job = MAIL_JOB.validate_json(record["body"])
            sent = _wire().deliver(job)
            logger.info("mail", extra={"kind": job.mail, "sent": sent})
        except MailRefused as error:
            logger.warning("a mail was refused for good", extra={"cause": str(error)})
        except Unavailable as error:
            # Without its cause: what a service says of a mail may quote the address.
            logger.error("a mail could not be sent", extra={"cause": str(error)})
            failures.append({"itemIdentifier": record["messageId"]})
        except Exception:  # noqa: BLE001 - whatever it was, SQS tries again, then keeps it
            logger.exception("a mail could not be sent")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
