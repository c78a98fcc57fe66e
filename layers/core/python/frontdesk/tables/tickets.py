"""Tickets: the team's work on conversations."""

from frontdesk.tables.client import Table


class Tickets:
    """Reads and writes tickets."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
