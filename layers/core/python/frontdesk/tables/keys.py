"""Keys that stand for an organisation: publishable widget keys and secret team keys."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from frontdesk.access.tokens import hash_token
from frontdesk.tables.client import Put, Table

KeyKind = Literal["widget", "team"]


class KeyGrant(BaseModel):
    """What a key allows, and for which organisation."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    organization_id: str
    kind: KeyKind


class Keys:
    """Stores keys by their hash; a key itself is not kept."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def add(self, key: str, grant: KeyGrant) -> None:
        """Let `key` stand for an organisation."""
        self._table.put(Put((f"KEY#{hash_token(key)}", "KEY"), grant.model_dump()))

    def find(self, key: str, kind: KeyKind) -> KeyGrant | None:
        """What `key` allows, if it is known and of this kind."""
        item = self._table.get((f"KEY#{hash_token(key)}", "KEY"))
        if item is None or item["kind"] != kind:
            return None
        return KeyGrant.model_validate(item)
