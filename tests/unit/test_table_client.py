"""Writes that meet other writes."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from frontdesk.errors import StoreUnavailable
from frontdesk.tables.client import Check, ConditionFailed, Delete, Put, Table, Update

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


def test_an_item_past_its_expiry_is_gone_before_dynamodb_removes_it(table: Table) -> None:
    past, future = int(time.time()) - 1, int(time.time()) + 60
    table.put(Put(("pk", "dead"), {"expires_at": past, "gsi1pk": "list", "gsi1sk": "a"}))
    table.put(Put(("pk", "alive"), {"expires_at": future, "gsi1pk": "list", "gsi1sk": "b"}))
    assert table.get(("pk", "dead")) is None
    assert [item["sk"] for item in table.query("pk")] == ["alive"]
    assert set(table.get_many([("pk", "dead"), ("pk", "alive")])) == {("pk", "alive")}
    assert [item["sk"] for item in table.query_index("gsi1", "list", limit=9)] == ["alive"]


def test_many_items_are_read_each_once(table: Table) -> None:
    keys = [("pk", f"sk{number:03d}") for number in range(120)]
    table.put_many([Put(key, {"n": number}) for number, key in enumerate(keys)])
    found = table.get_many([*keys, *keys[:5], ("pk", "nothing")])
    assert {key: item["n"] for key, item in found.items()} == {
        key: number for number, key in enumerate(keys)
    }
    assert table.get_many([]) == {}


def test_a_list_is_read_from_the_end_up_to_a_limit(table: Table) -> None:
    for number in range(5):
        table.put(Put(("pk", str(number)), {"gsi2pk": "list", "gsi1sk": f"k{number}"}))

    def keys(**arguments: Any) -> list[str]:
        return [item["sk"] for item in table.query_index("gsi2", "list", **arguments)]

    assert keys(limit=2) == ["4", "3"]
    assert keys(limit=9, last="k2") == ["2", "1", "0"]
    assert keys(limit=2, first="k1", newest_first=False) == ["1", "2"]


def test_a_transaction_fails_as_a_whole_when_what_it_only_checks_is_false(table: Table) -> None:
    check = Check(("pk", "other"), "attribute_exists(pk)")
    with pytest.raises(ConditionFailed) as failure:
        table.transact(Put(KEY, {"n": 1}), check)
    assert failure.value.failed(1)
    assert table.get(KEY) is None
    table.put(Put(("pk", "other"), {}))
    table.transact(Put(KEY, {"n": 1}), check)
    assert table.get(KEY) is not None
