"""An organisation's keys: publishable ones for its widget, secret ones for its programs."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, status
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.credentials import Allowed, Principal
from api.departures import give_back
from api.services import AnyServices
from api.text_fields import PRINTABLE, SINGLE_LINE
from frontdesk.access.tokens import new_token
from frontdesk.entities import Role
from frontdesk.errors import NotFound, Refused
from frontdesk.ids import is_ulid, new_id
from frontdesk.tables.keys import Key, KeyGrant, KeyKind

router = APIRouter(prefix="/api/keys", tags=["keys"])

Reader = Annotated[Principal, Depends(Allowed("keys:read"))]
Writer = Annotated[Principal, Depends(Allowed("keys:write"))]

_RANK: dict[Role, int] = {"viewer": 0, "agent": 1, "admin": 2, "owner": 3}

KeyName = Annotated[
    str,
    SINGLE_LINE,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    PRINTABLE,
]


class WidgetKeyRequest(BaseModel):
    """A key that the pages of a site carry."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "widget", "name": "Shop"}]}
    )

    kind: Literal["widget"]
    name: KeyName


class TeamKeyRequest(BaseModel):
    """A secret key that lets a program do what someone of `role` may."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "team", "name": "Nightly sync", "role": "admin"}]},
    )

    kind: Literal["team"]
    name: KeyName
    role: Role


KeyRequest = Annotated[WidgetKeyRequest | TeamKeyRequest, Field(discriminator="kind")]


class KeyView(BaseModel):
    """A key as the team sees it. `role` is that of a team key.

    `beginning` is how it starts, to recognise it by. `key` is a widget key itself, which is no
    secret, unless it was made before those were kept. `last_used_at` is exact to ten minutes.
    """

    id: str
    kind: KeyKind
    name: str
    role: Role | None
    beginning: str
    key: str | None
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: Key) -> "KeyView":
        """Leave out what is ours alone."""
        return cls(
            id=key.id,
            kind=key.kind,
            name=key.name,
            role=key.role if key.kind == "team" else None,
            beginning=key.beginning,
            key=key.key,
            created_at=key.created_at,
            created_by=key.created_by.name,
            last_used_at=key.last_used_at,
            revoked_at=key.revoked_at,
        )


class NewKey(KeyView):
    """A key that was just made. A secret `key` is shown this once."""

    key: str


class KeyList(BaseModel):
    """Every key that works, and the last hundred that were revoked; oldest first."""

    keys: list[KeyView]


@router.get("")
def list_keys(services: AnyServices, team: Reader) -> KeyList:
    """All keys."""
    return KeyList(keys=[KeyView.of(key) for key in services.keys.list(team.organization_id)])


@router.post("", status_code=status.HTTP_201_CREATED)
def create_key(body: KeyRequest, services: AnyServices, team: Writer) -> NewKey:
    """Make a key, of a role no higher than one's own. At most 100 keys work at a time."""
    role: Role = body.role if isinstance(body, TeamKeyRequest) else "viewer"
    if _RANK[role] > _RANK[team.role]:
        raise Refused(f"The role {team.role} cannot make a key of the role {role}.")
    key = new_token("pk" if body.kind == "widget" else "sk")
    grant = KeyGrant(
        id=new_id(),
        organization_id=team.organization_id,
        kind=body.kind,
        role=role,
        name=body.name,
    )
    stored = services.keys.add(key, grant, team.actor)
    return NewKey(**{**dict(KeyView.of(stored)), "key": key})


@router.delete("/{key_id}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_key(key_id: str, services: AnyServices, team: Writer) -> None:
    """End a key for good, at once. Again changes nothing."""
    if not is_ulid(key_id):
        raise NotFound("There is no such key.")
    services.keys.revoke(team.organization_id, key_id, team.actor)
    give_back(services, team.organization_id, key_id)
