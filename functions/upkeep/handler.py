"""Entry point of the hourly upkeep."""

import functools

from aws_lambda_powertools.utilities.typing import LambdaContext

from frontdesk.aws import create_client
from frontdesk.billing.jobs import BillingQueue, SqsBillingQueue
from frontdesk.entities import Organization
from frontdesk.file_store import FileStore
from frontdesk.mail.jobs import MailQueue, SqsMailQueue
from frontdesk.observability import logger
from frontdesk.settings import UpkeepSettings
from frontdesk.tables.accounts import Accounts, Standings
from frontdesk.tables.client import Table
from frontdesk.tables.conversation_lists import ConversationLists
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.departures import Departures
from frontdesk.tables.files import Files
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.lifetimes import Lifetimes
from frontdesk.tables.organizations import Organizations
from upkeep.departures import give_back_left
from upkeep.files import erase_files_left
from upkeep.renewals import read_overdue
from upkeep.retention import shorten_retention
from upkeep.rounds import go_round
from upkeep.silence import resolve_silent

_RESERVE_SECONDS = 20.0


@functools.cache
def _wire() -> tuple[Table, BillingQueue, MailQueue, FileStore, bool]:
    settings, sqs = UpkeepSettings.read(), create_client("sqs")
    return (
        Table(create_client("dynamodb"), settings.table),
        SqsBillingQueue(sqs, settings.billing_queue_url),
        SqsMailQueue(sqs, settings.mail_queue_url),
        FileStore(create_client("s3"), settings.files_bucket),
        settings.billed,
    )


def handler(_event: object, context: LambdaContext) -> dict[str, int]:
    """Entry point of the schedule. Running twice does nothing twice."""
    table, queue, mail, store, billed = _wire()

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000 - _RESERVE_SECONDS

    def resolve(organization: Organization) -> int:
        return resolve_silent(organization, inbox, seconds_left=seconds_left)

    def read_again(organization: Organization) -> int:
        return read_overdue(organization, accounts, queue)

    def shorten(organization: Organization) -> int:
        return shorten_retention(
            organization, standings, organizations, lifetimes, seconds_left=seconds_left
        )

    def give_back(organization: Organization) -> int:
        return give_back_left(
            organization, departures, lists, conversations, mail, seconds_left=seconds_left
        )

    def erase_files(organization: Organization) -> int:
        return erase_files_left(
            organization, Files(table), store, conversations, seconds_left=seconds_left
        )

    organizations, inbox, accounts = Organizations(table), Inbox(table), Accounts(table)
    standings, lifetimes = Standings(accounts, billed=billed), Lifetimes(table)
    departures, conversations = Departures(table), Conversations(table)
    lists = ConversationLists(table)
    done = {"given_back": go_round(organizations, give_back, seconds_left=seconds_left)}
    done["shortened"] = go_round(organizations, shorten, seconds_left=seconds_left)
    done["resolved"] = go_round(organizations, resolve, seconds_left=seconds_left)
    done["files_erased"] = go_round(organizations, erase_files, seconds_left=seconds_left)
    if billed:
        done["overdue"] = go_round(organizations, read_again, seconds_left=seconds_left)
    logger.info("upkeep", extra=done)
    return done
