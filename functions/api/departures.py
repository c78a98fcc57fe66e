"""Gives back at once what somebody had who left."""

import time

from api.announcements import announce
from api.services import Services
from frontdesk.errors import Conflict, Unavailable
from frontdesk.observability import logger

_SECONDS = 10.0


def give_back(services: Services, organization_id: str, member_id: str) -> None:
    """Have others take what was theirs, and tell the team. The upkeep does what is left of it."""
    until = time.monotonic() + _SECONDS
    try:
        for ref in services.departures.give_back(organization_id, member_id):
            announce(services, ref, None)
            if time.monotonic() > until:
                break
    except (Conflict, Unavailable) as error:
        logger.warning("not all given back", extra={"cause": type(error).__name__})
