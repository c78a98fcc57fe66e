"""The people of a team."""

from frontdesk.tables.client import Table


class Users:
    """Reads and writes users."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table


def user_key(organization_id: str, user_id: str) -> tuple[str, str]:
    """Where a user is stored."""
    return f"ORG#{organization_id}#TEAM", f"USER#{user_id}"
