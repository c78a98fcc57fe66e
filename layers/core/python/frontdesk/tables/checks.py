"""The questions that an organisation keeps, and whether a run of them is due."""

import time

from frontdesk.entities import Check
from frontdesk.errors import Conflict, NotFound
from frontdesk.tables.client import ConditionFailed, Delete, Operation, Put, Table, Update

MAX_CHECKS = 500
"""Questions that an organisation may keep: each costs an answer at every change."""


class Checks:
    """Reads and writes checks."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def count(self, organization_id: str) -> int:
        """How many there are."""
        item = self._table.get(_count_key(organization_id))
        return int(item["number"]) if item else 0

    def page(
        self, organization_id: str, *, after: str | None, limit: int
    ) -> tuple[list[Check], str | None]:
        """Up to `limit` checks, newest first, and the cursor of the next page, if any."""
        last = f"CHECK#{after[:-1]}{chr(ord(after[-1]) - 1)}~" if after else "CHECK#~"
        items = self._table.query(
            _partition(organization_id),
            first="CHECK#",
            last=last,
            limit=limit + 1,
            newest_first=True,
        )
        checks = [Check.model_validate(item) for item in items[:limit]]
        return checks, checks[-1].id if len(items) > limit else None

    def enabled(self, organization_id: str) -> list[Check]:
        """All that are to be run, oldest first."""
        items = self._table.query(_partition(organization_id), first="CHECK#", last="CHECK#~")
        checks = [Check.model_validate(item) for item in items]
        return [check for check in checks if check.enabled]

    def get(self, organization_id: str, check_id: str) -> Check:
        """One of them. Raises NotFound."""
        item = self._table.get(_key(organization_id, check_id))
        if item is None:
            raise _no_such()
        return Check.model_validate(item)

    def add(self, organization_id: str, check: Check, *also: Operation) -> None:
        """Store a new one, and `also` with it. Raises Conflict when there are MAX_CHECKS."""
        try:
            self._table.transact(
                Update(
                    _count_key(organization_id),
                    "ADD #number :one",
                    {"one": 1, "most": MAX_CHECKS},
                    names=("number",),
                    condition="attribute_not_exists(#number) OR #number < :most",
                ),
                _put(organization_id, check, "attribute_not_exists(pk)"),
                *also,
            )
        except ConditionFailed as failure:
            raise Conflict(f"There are {MAX_CHECKS} questions already.") from failure

    def replace(self, organization_id: str, check: Check, *also: Operation) -> None:
        """Store it in place of the one with its id, and `also` with it. Raises NotFound."""
        try:
            self._table.transact(_put(organization_id, check, "attribute_exists(pk)"), *also)
        except ConditionFailed as failure:
            raise _no_such() from failure

    def delete(self, organization_id: str, check_id: str, *also: Operation) -> None:
        """Remove one, and write `also` with it. Raises NotFound."""
        try:
            self._table.transact(
                Delete(_key(organization_id, check_id), condition="attribute_exists(pk)"),
                Update(
                    _count_key(organization_id),
                    "ADD #number :less",
                    {"less": -1},
                    names=("number",),
                ),
                *also,
            )
        except ConditionFailed as failure:
            raise _no_such() from failure

    def make_due(self, organization_id: str, run_id: str, *, seconds: int) -> bool:
        """Say that a run is due in `seconds`. False if one is due already, and covers this too.

        One that is overdue was lost, or waits long: then another is due.
        """
        now = int(time.time())
        try:
            self._table.put(
                Put(
                    _due_key(organization_id),
                    {"run_id": run_id, "due_at": now + seconds},
                    condition="attribute_not_exists(pk) OR due_at <= :now",
                    values={"now": now},
                )
            )
        except ConditionFailed:
            return False
        return True

    def take_due(self, organization_id: str, run_id: str) -> bool:
        """Begin the run that is due: what changes from now on makes another one due.

        False if it is another that is due, which makes this one superfluous.
        """
        try:
            self._table.delete(
                Delete(
                    _due_key(organization_id),
                    "attribute_not_exists(pk) OR run_id = :run",
                    {"run": run_id},
                )
            )
        except ConditionFailed:
            return False
        return True


def _no_such() -> NotFound:
    return NotFound("There is no such question.")


def _put(organization_id: str, check: Check, condition: str) -> Put:
    return Put(_key(organization_id, check.id), check.model_dump(mode="json"), condition)


def _partition(organization_id: str) -> str:
    return f"ORG#{organization_id}#CHECKS"


def _key(organization_id: str, check_id: str) -> tuple[str, str]:
    return _partition(organization_id), f"CHECK#{check_id}"


def _count_key(organization_id: str) -> tuple[str, str]:
    return _partition(organization_id), "COUNT"


def _due_key(organization_id: str) -> tuple[str, str]:
    return _partition(organization_id), "DUE"
