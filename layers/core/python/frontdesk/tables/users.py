"""The people of a team, and the addresses that lead to them.

An address belongs to one person of one organisation. How many owners and members there are is
counted, so that the last owner can neither leave nor be demoted, and nobody joins whom the plan has
no seat for, whoever tries what at the same time.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from frontdesk.billing.limits import no_seat
from frontdesk.billing.plans import UNBILLED, Plan
from frontdesk.entities import Actor, Entity, Organization, Role, User
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import new_id
from frontdesk.tables.audit import audit_put
from frontdesk.tables.client import ConditionFailed, Delete, Operation, Put, Table, Update
from frontdesk.tables.departures import can_answer, departure_put
from frontdesk.tables.keys import KeyGrant, first_key_writes
from frontdesk.tables.organizations import organization_puts

INVITATION_DAYS = 7


class AddressTaken(Conflict):
    """There is an account with this address already."""


class LastOwner(Conflict):
    """An organisation keeps at least one owner."""


class Invitation(Entity):
    """An address that may join a team, in a role."""

    id: str
    organization_id: str
    email: str
    role: Role
    invited_by: Actor
    created_at: datetime
    expires_at: int


class Users:
    """Reads and writes users and invitations."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def sign_up(self, organization: Organization, owner: User, *, widget_key: str) -> None:
        """Store a new organisation, its owner and a first widget key, together.

        Raises AddressTaken.
        """
        grant = KeyGrant(
            id=new_id(),
            organization_id=organization.id,
            kind="widget",
            role="viewer",
            name="Website",
        )
        try:
            self._table.transact(
                *_user_puts(owner),
                *organization_puts(organization),
                Put(_owners_key(organization.id), {"count": 1, "members": 1}),
                *first_key_writes(widget_key, grant, actor_of(owner)),
                audit_put(organization.id, actor_of(owner), "auth.signup", target=owner.id),
            )
        except ConditionFailed as failure:
            raise AddressTaken("There is an account with this address.") from failure

    def find(self, email: str) -> User | None:
        """Whose address this is. Costs the same when it is nobody's."""
        item = self._table.get(_email_key(email)) or {"organization_id": "-", "user_id": "-"}
        try:
            return self.get(item["organization_id"], item["user_id"])
        except NotFound:
            return None

    def get(self, organization_id: str, user_id: str) -> User:
        """One member of the team. Raises NotFound."""
        item = self._table.get(user_key(organization_id, user_id))
        if item is None:
            raise NotFound("There is no such member of the team.")
        return User.model_validate(item)

    def members(self, organization_id: str) -> list[User]:
        """The whole team, the longest there first."""
        items = self._table.query(f"ORG#{organization_id}#TEAM", first="USER#", last="USER#~")
        return [User.model_validate(item) for item in items]

    def invitations(self, organization_id: str) -> list[Invitation]:
        """The invitations that are open, oldest first."""
        items = self._table.query(f"ORG#{organization_id}#TEAM", first="INVITE#", last="INVITE#~")
        return [Invitation.model_validate(item) for item in items]

    def invitation(self, organization_id: str, invitation_id: str) -> Invitation:
        """One open invitation. Raises NotFound."""
        item = self._table.get(_invitation_key(organization_id, invitation_id))
        if item is None:
            raise NotFound("There is no such invitation.")
        return Invitation.model_validate(item)

    def has_seat(self, organization_id: str, plan: Plan) -> bool:
        """Whether one more member may join. Invitations do not count."""
        return plan.seats is None or self._count(organization_id) < plan.seats

    def _count(self, organization_id: str) -> int:
        item = self._table.get(_owners_key(organization_id)) or {}
        return int(item.get("members", 0))

    def invite(
        self,
        organization_id: str,
        email: str,
        role: Role,
        by: Actor,
        *,
        plan: Plan = UNBILLED,
    ) -> Invitation:
        """Invite an address; an earlier invitation of it is replaced.

        Raises PlanLimit when members and open invitations take all seats of `plan`. Two that are
        sent at once may both be: not more than fit can join.
        """
        now = datetime.now(UTC)
        invitation = Invitation(
            id=new_id(),
            organization_id=organization_id,
            email=email,
            role=role,
            invited_by=by,
            created_at=now,
            expires_at=int((now + timedelta(days=INVITATION_DAYS)).timestamp()),
        )
        present = self.invitations(organization_id)
        replaced = [
            Delete(_invitation_key(organization_id, each.id))
            for each in present
            if each.email == email
        ]
        if plan.seats is not None:
            invited = len(present) - len(replaced)
            if self._count(organization_id) + invited >= plan.seats:
                raise no_seat(plan)
        self._table.transact(
            Put(
                _invitation_key(organization_id, invitation.id),
                invitation.model_dump(mode="json"),
            ),
            *replaced[:50],
            audit_put(
                organization_id, by, "team.invite", target=invitation.id, detail={"role": role}
            ),
        )
        return invitation

    def withdraw(self, organization_id: str, invitation_id: str, by: Actor) -> None:
        """Close an invitation. Raises NotFound."""
        self.invitation(organization_id, invitation_id)
        self._table.transact(
            Delete(_invitation_key(organization_id, invitation_id)),
            audit_put(organization_id, by, "team.withdraw_invitation", target=invitation_id),
        )

    def join(self, invitation: Invitation, user: User, *, plan: Plan = UNBILLED) -> None:
        """Make the one who was invited a member.

        Raises AddressTaken, NotFound, and PlanLimit when members take all seats of `plan`.
        """
        try:
            self._table.transact(
                *_user_puts(user),
                Delete(
                    _invitation_key(invitation.organization_id, invitation.id),
                    condition="attribute_exists(pk)",
                ),
                _joined(user, plan),
                audit_put(user.organization_id, actor_of(user), "team.join", target=user.id),
            )
        except ConditionFailed as failure:
            if failure.failed(2):
                raise NotFound("The invitation was withdrawn.") from failure
            if failure.failed(3):
                raise no_seat(plan) from failure
            raise AddressTaken("There is an account with this address already.") from failure

    def change_role(self, user: User, role: Role, by: Actor) -> User:
        """Give a member another role. Raises LastOwner, Conflict."""
        if role == user.role:
            return user
        change = (role == "owner") - (user.role == "owner")
        changed = user.model_copy(update={"role": role})
        self._change(
            user,
            {"role": role},
            "team.change_role",
            by,
            *_more_owners(user.organization_id, change),
            *([] if can_answer(changed) else [departure_put(user.organization_id, user.id)]),
            detail={"from": user.role, "to": role},
        )
        return changed

    def remove(self, user: User, by: Actor) -> None:
        """Take a member off the team. Raises LastOwner, Conflict."""
        try:
            self._table.transact(
                Delete(
                    user_key(user.organization_id, user.id),
                    condition="#role = :role",
                    values={"role": user.role},
                    names=("role",),
                ),
                _left(user),
                Delete(_email_key(user.email)),
                departure_put(user.organization_id, user.id),
                audit_put(user.organization_id, by, "team.remove", target=user.id),
            )
        except ConditionFailed as failure:
            raise _refusal(failure) from failure

    def set_password(self, user: User, password_hash: str, by: Actor, action: str) -> User:
        """Replace the password. Raises Conflict when it was replaced in the meantime."""
        self._change(user, {"password_hash": password_hash}, action, by)
        return user.model_copy(update={"password_hash": password_hash})

    def verify(self, user: User) -> User:
        """Note that the address is proved. Safe to repeat."""
        if user.verified_at is not None:
            return user
        now = datetime.now(UTC)
        self._change(user, {"verified_at": now.isoformat()}, "auth.verify", actor_of(user))
        return user.model_copy(update={"verified_at": now})

    def set_notices(self, user: User, *, wanted: bool) -> User:
        """Note whether somebody wants mail about what happens. Safe to repeat. Raises Conflict."""
        if user.notices is wanted:
            return user
        action = "auth.notices_on" if wanted else "auth.notices_off"
        self._change(user, {"notices": wanted}, action, actor_of(user))
        return user.model_copy(update={"notices": wanted})

    def _change(
        self,
        user: User,
        changes: Mapping[str, Any],
        action: str,
        by: Actor,
        *more: Operation,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Change a user as they were read, together with `more`."""
        try:
            self._table.transact(
                Update(
                    user_key(user.organization_id, user.id),
                    "SET " + ", ".join(f"#{name} = :{name}" for name in changes),
                    {**changes, "hash_before": user.password_hash, "role_before": user.role},
                    names=tuple({*changes, "role"}),
                    condition="password_hash = :hash_before AND #role = :role_before",
                ),
                *more,
                audit_put(user.organization_id, by, action, target=user.id, detail=detail),
            )
        except ConditionFailed as failure:
            raise _refusal(failure) from failure


def actor_of(user: User) -> Actor:
    """The user as the one who did something."""
    return Actor(type="user", id=user.id, name=user.name)


def reset_binding(user: User) -> str:
    """What a reset link is bound to: with another password it is worth nothing."""
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]


def user_key(organization_id: str, user_id: str) -> tuple[str, str]:
    """Where a user is stored."""
    return f"ORG#{organization_id}#TEAM", f"USER#{user_id}"


def _user_puts(user: User) -> list[Put]:
    """The writes of a new user. Their address must be nobody's."""
    return [
        Put(
            _email_key(user.email),
            {"organization_id": user.organization_id, "user_id": user.id},
            condition="attribute_not_exists(pk)",
        ),
        Put(
            user_key(user.organization_id, user.id),
            user.model_dump(mode="json", exclude_none=True),
            condition="attribute_not_exists(pk)",
        ),
    ]


def _joined(user: User, plan: Plan) -> Update:
    seats = {} if plan.seats is None else {"seats": plan.seats}
    return Update(
        _owners_key(user.organization_id),
        "ADD #count :owners, members :one",
        {"owners": int(user.role == "owner"), "one": 1, **seats},
        names=("count",),
        condition="attribute_not_exists(members) OR members < :seats" if seats else None,
    )


def _left(user: User) -> Update:
    is_owner = user.role == "owner"
    return Update(
        _owners_key(user.organization_id),
        "ADD #count :owners, members :less",
        {"owners": -int(is_owner), "less": -1, **({"one": 1} if is_owner else {})},
        names=("count",),
        condition="#count > :one" if is_owner else None,
    )


def _more_owners(organization_id: str, change: int) -> list[Update]:
    if change == 0:
        return []
    return [
        Update(
            _owners_key(organization_id),
            "ADD #count :change",
            {"change": change, **({"one": 1} if change < 0 else {})},
            names=("count",),
            condition="#count > :one" if change < 0 else None,
        )
    ]


def _refusal(failure: ConditionFailed) -> Conflict:
    if failure.failed(1):
        return LastOwner("An organisation keeps at least one owner.")
    return Conflict("This member was changed just now. Look again.")


def _email_key(email: str) -> tuple[str, str]:
    return f"EMAIL#{hashlib.sha256(email.encode()).hexdigest()}", "EMAIL"


def _owners_key(organization_id: str) -> tuple[str, str]:
    return f"ORG#{organization_id}#TEAM", "OWNERS"


def _invitation_key(organization_id: str, invitation_id: str) -> tuple[str, str]:
    return f"ORG#{organization_id}#TEAM", f"INVITE#{invitation_id}"
