"""Goes round all organisations, in a time that is given."""

import traceback
from collections.abc import Callable

from frontdesk.entities import Organization
from frontdesk.observability import logger
from frontdesk.tables.organizations import Organizations

_AT_ONCE = 100


def go_round(
    organizations: Organizations,
    chore: Callable[[Organization], int],
    *,
    seconds_left: Callable[[], float],
) -> int:
    """Do `chore` in every organisation and return how often something was done.

    Stops in time and begins anew an hour later. What goes wrong in one organisation does not keep
    the others waiting.
    """
    done = 0
    after: str | None = None
    while True:
        page = organizations.page(after=after, limit=_AT_ONCE)
        for organization in page:
            if seconds_left() < 0:
                logger.warning("upkeep broken off", extra={"organization": organization.id})
                return done
            try:
                done += chore(organization)
            except Exception as error:  # noqa: BLE001 - whatever it was, the others have their turn
                # Where, but not what it says: a ValidationError quotes the customer's data.
                logger.error(
                    "upkeep failed",
                    extra={
                        "organization": organization.id,
                        "cause": type(error).__name__,
                        "trace": traceback.format_tb(error.__traceback__),
                    },
                )
        if len(page) < _AT_ONCE:
            return done
        after = page[-1].id
