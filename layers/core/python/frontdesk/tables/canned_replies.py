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

    def add(self, organization_id: str, reply: CannedReply) -> CannedReply:
        """Store a new one; returns what is stored, the first one if its id was used before.

        Raises Conflict when there are MAX_REPLIES.
        """
        stored = self.list(organization_id)
        first = next((each for each in stored if each.id == reply.id), None)
        if first is not None:
            return first
        if len(stored) >= MAX_REPLIES:
            raise Conflict(f"There are {MAX_REPLIES} replies already.")
        try:
            self._table.put(_put(organization_id, reply, condition="attribute_not_exists(pk)"))
        except ConditionFailed:
            return self.get(organization_id, reply.id)
        return reply

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
