"""What somebody leaves behind who cannot answer customers any more.

That they have left is noted in the transaction in which they do. What is theirs is given back
afterwards, one by one, and looked for again for a while: the lists are behind by moments, and
somebody may have been about to assign them something.
"""

import time
from collections.abc import Iterator

from frontdesk.access.roles import allows
from frontdesk.entities import ConversationRef, Entity, User
from frontdesk.tables.client import Delete, Put, Table
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.reading import Reading

SETTLED_SECONDS = 3_600
"""For so long it is looked for again."""

_PAGE = 50


class Departure(Entity):
    """That a member left, or a key was revoked, at `left_at` (seconds since the epoch)."""

    member_id: str
    left_at: int


class Departures:
    """Gives back what those had who left."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table
        self._inbox = Inbox(table)
        self._reading = Reading(table)

    def of(self, organization_id: str) -> list[Departure]:
        """Those of an organisation that are not settled."""
        items = self._table.query(_partition(organization_id), first="LEFT#", last="LEFT#~")
        return [Departure.model_validate(item) for item in items]

    def give_back(self, organization_id: str, member_id: str) -> Iterator[ConversationRef]:
        """Let nobody have what was a member's, and yield the conversations that change.

        Where they had come in, the conversation waits for somebody else. What they had read is
        forgotten, unless they are still there to look. Safe to repeat, and to break off: what was
        not reached is found again. Does nothing for one who is back.
        """
        if self._answers(organization_id, member_id):
            return
        for item in self._theirs(organization_id, member_id):
            ref = ConversationRef(organization_id=organization_id, conversation_id=item)
            if self._inbox.release(ref, member_id) is not None:
                yield ref
        if self._table.get(_member_key(organization_id, member_id)) is None:
            self._reading.forget(organization_id, member_id)

    def settle(self, organization_id: str, departure: Departure) -> bool:
        """Look no more, if all is given back for good. Whether that is so."""
        member_id = departure.member_id
        back = self._answers(organization_id, member_id)
        if not back and (
            time.time() < departure.left_at + SETTLED_SECONDS
            or next(self._theirs(organization_id, member_id), None)
        ):
            return False
        self._table.delete(Delete((_partition(organization_id), f"LEFT#{member_id}")))
        return True

    def _answers(self, organization_id: str, member_id: str) -> bool:
        item = self._table.get(_member_key(organization_id, member_id))
        return item is not None and can_answer(User.model_validate(item))

    def _theirs(self, organization_id: str, member_id: str) -> Iterator[str]:
        partition = f"ORG#{organization_id}#CONVERSATIONS#OF#{member_id}"
        for item in self._table.walk_index("gsi3", partition, page=_PAGE):
            yield item["id"]


def can_answer(user: User) -> bool:
    """Whether a member of the team may answer customers."""
    return allows(user.role, "conversations:write")


def departure_put(organization_id: str, member_id: str) -> Put:
    """The write that notes that somebody leaves, for the transaction in which they do."""
    return Put(
        (_partition(organization_id), f"LEFT#{member_id}"),
        Departure(member_id=member_id, left_at=int(time.time())).model_dump(),
    )


def _member_key(organization_id: str, member_id: str) -> tuple[str, str]:
    return _partition(organization_id), f"USER#{member_id}"


def _partition(organization_id: str) -> str:
    return f"ORG#{organization_id}#TEAM"
