"""Tokens that are good for one use, such as those in mailed links."""

from frontdesk.tables.client import Table


class Tokens:
    """Issues and spends tokens."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
