"""The audit log."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, StringConstraints

from api.credentials import Allowed, Principal
from api.services import AnyServices
from frontdesk.errors import InvalidRequest
from frontdesk.ids import is_ulid
from frontdesk.tables.audit import AuditEntry

router = APIRouter(prefix="/api/audit", tags=["audit"])

Reader = Annotated[Principal, Depends(Allowed("audit:read"))]

Action = Annotated[
    str,
    StringConstraints(max_length=100, pattern=r"^[a-z0-9_.]*$"),
    Query(description="How the action begins, such as `keys.` or `keys.create_team`"),
]
ActorId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$"),
    Query(description="The id of the user or key who acted"),
]


class AuditPage(BaseModel):
    """Entries, newest first. There are more, or may be, while there is a cursor."""

    entries: list[AuditEntry]
    cursor: str | None


@router.get("")
def read_audit_log(
    *,
    services: AnyServices,
    team: Reader,
    cursor: Annotated[str | None, Query(max_length=26)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    action: Action = "",
    actor: ActorId | None = None,
) -> AuditPage:
    """Who did what, within the last two years.

    With a filter a page may hold fewer entries than there could be: each looks at the next 500.
    """
    if cursor is not None and not is_ulid(cursor):
        raise InvalidRequest("The cursor is not one of ours.")
    entries, following = services.audit.page(
        team.organization_id, before=cursor, limit=limit, action=action, actor_id=actor
    )
    return AuditPage(entries=entries, cursor=following)
