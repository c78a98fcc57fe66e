"""The team's side of conversations."""

from frontdesk.tables.client import Table


class Inbox:
    """What the team does with conversations."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
