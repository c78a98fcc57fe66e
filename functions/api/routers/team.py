"""The people of a team, and invitations."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, status
from pydantic import BaseModel, ConfigDict

from api.credentials import Allowed, Principal
from api.departures import give_back
from api.plan_limits import LIMITED, plan_of
from api.services import AnyServices
from api.text_fields import Email
from frontdesk.entities import Role, User
from frontdesk.errors import NotFound, Refused
from frontdesk.ids import is_ulid
from frontdesk.mail.jobs import InvitationMail
from frontdesk.tables.users import Invitation

router = APIRouter(prefix="/api/team", tags=["team"])

Reader = Annotated[Principal, Depends(Allowed("team:read"))]
Writer = Annotated[Principal, Depends(Allowed("team:write"))]


class MemberView(BaseModel):
    """A member of the team."""

    id: str
    name: str
    email: str
    role: Role
    verified: bool
    created_at: datetime
    last_login_at: datetime | None

    @classmethod
    def of(cls, user: User) -> "MemberView":
        """Without what nobody may see."""
        return cls(
            id=user.id,
            name=user.name,
            email=user.email,
            role=user.role,
            verified=user.verified_at is not None,
            created_at=user.created_at,
            last_login_at=user.last_login_at,
        )


class InvitationView(BaseModel):
    """An invitation that is open."""

    id: str
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> "InvitationView":
        """As the team sees it."""
        return cls(
            id=invitation.id,
            email=invitation.email,
            role=invitation.role,
            invited_by=invitation.invited_by.name,
            created_at=invitation.created_at,
            expires_at=datetime.fromtimestamp(invitation.expires_at, UTC),
        )


class Team(BaseModel):
    """Who is in the team, and who may come."""

    members: list[MemberView]
    invitations: list[InvitationView]


class InvitationRequest(BaseModel):
    """Who is invited, and as what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"email": "grace@harbor.example", "role": "agent"}]},
    )

    email: Email
    role: Role


class RoleChange(BaseModel):
    """What a member shall be."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "admin"}]})

    role: Role


@router.get("")
def get_team(services: AnyServices, team: Reader) -> Team:
    """The members of the team, and the invitations that are open."""
    return Team(
        members=[MemberView.of(user) for user in services.users.members(team.organization_id)],
        invitations=[
            InvitationView.of(each) for each in services.users.invitations(team.organization_id)
        ],
    )


@router.post("/invitations", status_code=status.HTTP_201_CREATED, responses=LIMITED)
def invite(body: InvitationRequest, services: AnyServices, team: Writer) -> InvitationView:
    """Invite someone by mail. Inviting an address again replaces the earlier invitation."""
    _check_owner(team, body.role)
    invitation = services.users.invite(
        team.organization_id, body.email, body.role, team.actor, plan=plan_of(services, team)
    )
    services.mail.put(
        InvitationMail(organization_id=team.organization_id, invitation_id=invitation.id)
    )
    return InvitationView.of(invitation)


@router.delete("/invitations/{invitation_id}", status_code=status.HTTP_204_NO_CONTENT)
def withdraw_invitation(invitation_id: str, services: AnyServices, team: Writer) -> None:
    """Close an invitation: its link works no more."""
    if not is_ulid(invitation_id):
        raise NotFound("There is no such invitation.")
    services.users.withdraw(team.organization_id, invitation_id, team.actor)


@router.patch("/members/{member_id}")
def change_role(
    member_id: str, body: RoleChange, services: AnyServices, team: Writer
) -> MemberView:
    """Give a member another role. It counts from their next request on."""
    user = _member(services, team, member_id)
    _check_owner(team, body.role, user.role)
    changed = services.users.change_role(user, body.role, team.actor)
    if changed.role != user.role:
        services.team.hang_up(user.organization_id, user.id)
    give_back(services, user.organization_id, user.id)
    return MemberView.of(changed)


@router.delete("/members/{member_id}", status_code=status.HTTP_204_NO_CONTENT)
def remove_member(member_id: str, services: AnyServices, team: Writer) -> None:
    """Take a member off the team. All their logins end at once."""
    user = _member(services, team, member_id)
    _check_owner(team, user.role)
    services.users.remove(user, team.actor)
    services.sessions.end_all(user)
    services.team.hang_up(user.organization_id, user.id)
    give_back(services, user.organization_id, user.id)


def _member(services: AnyServices, team: Principal, member_id: str) -> User:
    if not is_ulid(member_id):
        raise NotFound("There is no such member of the team.")
    return services.users.get(team.organization_id, member_id)


def _check_owner(team: Principal, *roles: Role) -> None:
    """Only an owner makes or unmakes owners."""
    if "owner" in roles and team.role != "owner":
        raise Refused("Only an owner decides who is an owner.")
