"""Logins, and the families of tokens that refresh them."""

import secrets
import time
from dataclasses import dataclass
from typing import NoReturn

from frontdesk.access.tokens import new_token
from frontdesk.entities import Actor, Entity, User
from frontdesk.errors import FrontdeskError
from frontdesk.ids import new_id
from frontdesk.tables.audit import audit_put
from frontdesk.tables.client import Check, ConditionFailed, Delete, Put, Table, Update
from frontdesk.tables.token_keys import token_key
from frontdesk.tables.users import actor_of, user_key

REFRESH_SECONDS = 7 * 86_400
"""How long a login lasts without being used."""


class LoginEnded(FrontdeskError):
    """The refresh token is unknown, expired, used before, or its login has ended."""


class Family(Entity):
    """One login. Its refresh tokens follow one another; `csrf` has to come with each of them."""

    id: str
    organization_id: str
    user_id: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Refreshable:
    """A login with the token that refreshes it, once."""

    family: Family
    refresh_token: str


class Sessions:
    """Begins, refreshes and ends logins."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def user_of(self, organization_id: str, user_id: str, family_id: str) -> User | None:
        """The user as they are now, if this login of theirs has not ended. One call."""
        user = user_key(organization_id, user_id)
        family = family_key(organization_id, user_id, family_id)
        found = self._table.get_many([user, family])
        if user not in found or family not in found:
            return None
        return User.model_validate(found[user])

    def begin(self, user: User, action: str = "auth.login") -> Refreshable:
        """A new login. Raises LoginEnded when the user is gone."""
        family = Family(
            id=new_id(),
            organization_id=user.organization_id,
            user_id=user.id,
            csrf=secrets.token_urlsafe(24),
        )
        token, expires_at = new_token("rt"), int(time.time()) + REFRESH_SECONDS
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        try:
            self._table.transact(
                Update(
                    user_key(user.organization_id, user.id),
                    "SET last_login_at = :now",
                    {"now": now, "hash": user.password_hash},
                    condition="password_hash = :hash",
                ),
                Put(_key_of(family), {**family.model_dump(), "expires_at": expires_at}),
                Put(token_key("rt", token), _token_item(family, expires_at)),
                audit_put(user.organization_id, actor_of(user), action, target=family.id),
            )
        except ConditionFailed as failure:
            raise LoginEnded("The account was changed just now.") from failure
        return Refreshable(family, token)

    def look_up(self, refresh_token: str) -> Family:
        """The login a refresh token belongs to, without using it up. Raises LoginEnded.

        A token that was used before ends its login here already, whatever else the request lacks:
        a thief need not know the CSRF token to be noticed.
        """
        item = self._table.get(token_key("rt", refresh_token))
        if item is None:
            raise LoginEnded("The refresh token is not known.")
        found = self._table.get(
            family_key(item["organization_id"], item["user_id"], item["family_id"])
        )
        if found is None:
            raise LoginEnded("This login has ended.")
        family = Family.model_validate(found)
        if item.get("used"):
            self._end_reused(family)
        return family

    def rotate(self, family: Family, refresh_token: str) -> Refreshable:
        """Use a refresh token up and get the next one. Raises LoginEnded.

        A token that was used before has been stolen, or the one who uses it now has: nobody can
        tell, so the login ends for both.
        """
        token, expires_at = new_token("rt"), int(time.time()) + REFRESH_SECONDS
        try:
            self._table.transact(
                Update(
                    token_key("rt", refresh_token),
                    "SET used = :used",
                    {"used": True, "family": family.id, "now": int(time.time())},
                    condition="family_id = :family AND attribute_not_exists(used) "
                    "AND expires_at > :now",
                ),
                Update(
                    _key_of(family),
                    "SET expires_at = :expires",
                    {"expires": expires_at},
                    condition="attribute_exists(pk)",
                ),
                Check(user_key(family.organization_id, family.user_id), "attribute_exists(pk)"),
                Put(token_key("rt", token), _token_item(family, expires_at)),
            )
        except ConditionFailed as failure:
            if failure.failed(0):
                self._end_reused(family)
            raise LoginEnded("This login has ended.") from failure
        return Refreshable(family, token)

    def end(self, family: Family, by: Actor, action: str = "auth.logout") -> None:
        """End a login: its refresh tokens and its access tokens work no more. Safe to repeat."""
        try:
            self._table.transact(
                Delete(_key_of(family), condition="attribute_exists(pk)"),
                audit_put(family.organization_id, by, action, target=family.id),
            )
        except ConditionFailed:
            return

    def _end_reused(self, family: Family) -> NoReturn:
        self.end(family, Actor(type="user", id=family.user_id, name=""), "auth.refresh_reused")
        raise LoginEnded("The refresh token was used before. This login has ended.")

    def end_all(self, user: User, *, but: str | None = None) -> None:
        """End every login of a user, except the one called `but`."""
        partition = f"ORG#{user.organization_id}#USER#{user.id}"
        families = self._table.query(partition, first="FAMILY#", last="FAMILY#~")
        self._table.delete_many(
            [(item["pk"], item["sk"]) for item in families if item["id"] != but]
        )


def family_key(organization_id: str, user_id: str, family_id: str) -> tuple[str, str]:
    """Where a login is stored; it is removed when the login ends."""
    return f"ORG#{organization_id}#USER#{user_id}", f"FAMILY#{family_id}"


def _key_of(family: Family) -> tuple[str, str]:
    return family_key(family.organization_id, family.user_id, family.id)


def _token_item(family: Family, expires_at: int) -> dict[str, object]:
    return {
        "organization_id": family.organization_id,
        "user_id": family.user_id,
        "family_id": family.id,
        "expires_at": expires_at,
    }
