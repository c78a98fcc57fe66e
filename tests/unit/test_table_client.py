"""Writes that meet other writes."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from frontdesk.errors import StoreUnavailable
from frontdesk.tables.client import ConditionFailed, Delete, Put, Table, Update

KEY = ("pk", "sk")


class Colliding:
    """A DynamoDB client whose writes collide with a transaction some times, and then go through."""

    def __init__(self, table: Table, collisions: int) -> None:
        self._client = table._client
        self.collisions = collisions

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def collide(**arguments: Any) -> Any:
            if self.collisions > 0:
                self.collisions -= 1
                raise ClientError({"Error": {"Code": "TransactionConflictException"}}, name)
            return call(**arguments)

        return collide


def colliding(table: Table, collisions: int) -> Table:
    return Table(Colliding(table, collisions), table._name)  # type: ignore[arg-type]


def test_a_write_that_collides_is_made_all_the_same(table: Table) -> None:
    colliding(table, 2).put(Put(KEY, {"n": 1}))
    changed = colliding(table, 2).update(
        Update(KEY, "SET n = :two", {"two": 2}, condition="attribute_exists(pk)")
    )
    assert changed["n"] == 2
    assert colliding(table, 2).delete(Delete(KEY)) is not None
    assert table.get(KEY) is None


def test_a_write_that_keeps_colliding_is_no_false_condition(table: Table) -> None:
    with pytest.raises(StoreUnavailable):
        colliding(table, 1000).put(Put(KEY, {"n": 1}))


def test_a_false_condition_is_told_at_once(table: Table) -> None:
    table.put(Put(KEY, {"n": 1}))
    with pytest.raises(ConditionFailed):
        colliding(table, 1).put(Put(KEY, {"n": 2}, condition="attribute_not_exists(pk)"))
