"""The canned replies of a team."""

from frontdesk.entities import CannedReply
from frontdesk.errors import Conflict, NotFound
from frontdesk.tables.client import ConditionFailed, Delete, Put, Table

MAX_REPLIES = 500


class CannedReplies:
    """Reads and writes canned replies."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def list(self, organization_id: str) -> list[CannedReply]:
        """All of them, by shortcut."""
        items = self._table.query(
            _partition(organization_id), first="REPLY#", last="REPLY#~", limit=MAX_REPLIES
        )
        replies = [CannedReply.model_validate(item) for item in items]
        return sorted(replies, key=lambda reply: (reply.shortcut, reply.id))

    def get(self, organization_id: str, reply_id: str) -> CannedReply:
        """One of them. Raises NotFound."""
        item = self._table.get(_key(organization_id, reply_id))
        if item is None:
            raise NotFound("There is no such reply.")
        return CannedReply.model_validate(item)

    def add(self, organization_id: str, reply: CannedReply) -> None:
        """Store a new one. Raises Conflict when there are MAX_REPLIES."""
        if len(self.list(organization_id)) >= MAX_REPLIES:
            raise Conflict(f"There are {MAX_REPLIES} replies already.")
        self._table.put(_put(organization_id, reply))

    def replace(self, organization_id: str, reply: CannedReply) -> None:
        """Store it in place of the one with its id. Raises NotFound."""
        try:
            self._table.put(_put(organization_id, reply, condition="attribute_exists(pk)"))
        except ConditionFailed as failure:
            raise NotFound("There is no such reply.") from failure

    def delete(self, organization_id: str, reply_id: str) -> None:
        """Remove one. Raises NotFound."""
        try:
            self._table.delete(
                Delete(_key(organization_id, reply_id), condition="attribute_exists(pk)")
            )
        except ConditionFailed as failure:
            raise NotFound("There is no such reply.") from failure


def _put(organization_id: str, reply: CannedReply, condition: str | None = None) -> Put:
    return Put(_key(organization_id, reply.id), reply.model_dump(mode="json"), condition=condition)


def _partition(organization_id: str) -> str:
    return f"ORG#{organization_id}#REPLIES"


def _key(organization_id: str, reply_id: str) -> tuple[str, str]:
    return _partition(organization_id), f"REPLY#{reply_id}"
