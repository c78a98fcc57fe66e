"""Entry point of the hourly upkeep."""

import functools

from aws_lambda_powertools.utilities.typing import LambdaContext

from frontdesk.aws import create_client
from frontdesk.observability import logger
from frontdesk.settings import UpkeepSettings
from frontdesk.tables.client import Table
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.organizations import Organizations
from upkeep.silence import resolve_silent

_RESERVE_SECONDS = 20.0


@functools.cache
def _wire() -> Table:
    return Table(create_client("dynamodb"), UpkeepSettings.read().table)


def handler(_event: object, context: LambdaContext) -> dict[str, int]:
    """Entry point of the schedule. Running twice does nothing twice."""
    table = _wire()

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000 - _RESERVE_SECONDS

    resolved = resolve_silent(Organizations(table), Inbox(table), seconds_left=seconds_left)
    logger.info("upkeep", extra={"resolved": resolved})
    return {"resolved": resolved}
