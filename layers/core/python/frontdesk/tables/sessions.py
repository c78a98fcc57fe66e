"""Logins, and the families of tokens that refresh them."""

from frontdesk.entities import User
from frontdesk.tables.client import Table
from frontdesk.tables.users import user_key


class Sessions:
    """Begins, refreshes and ends logins."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def user_of(self, organization_id: str, user_id: str, family_id: str) -> User | None:
        """The user as they are now, if this login of theirs has not ended. One call."""
        user, family = (
            user_key(organization_id, user_id),
            family_key(organization_id, user_id, family_id),
        )
        found = self._table.get_many([user, family])
        if user not in found or family not in found:
            return None
        return User.model_validate(found[user])


def family_key(organization_id: str, user_id: str, family_id: str) -> tuple[str, str]:
    """Where a login is stored; it is removed when the login ends."""
    return f"ORG#{organization_id}#USER#{user_id}", f"FAMILY#{family_id}"
