"""A thin, typed hold on the one DynamoDB table."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from frontdesk.errors import FrontdeskError, StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_Answer = TypeVar("_Answer")
Item = dict[str, Any]
Key = tuple[str, str]
Index = Literal["gsi1", "gsi2", "gsi3", "gsi4", "gsi5"]
"""The lists people look at. Each has a partition of its own; `gsi1sk` sorts all but gsi4."""

_CONFLICT_ATTEMPTS = 8

_AT_ONCE = 8
"""Writes under way at the same time. The client has ten connections."""


class ConditionFailed(FrontdeskError):
    """A conditional write found the world different. Handled by the module that wrote."""

    def __init__(self, reasons: Sequence[str] = ()) -> None:
        """`reasons` has one code per operation, "None" for those that were fine."""
        super().__init__("condition failed")
        self.reasons = tuple(reasons)

    def failed(self, position: int) -> bool:
        """Whether the condition of the operation at `position` was the one that failed."""
        return len(self.reasons) > position and self.reasons[position] == "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole item."""

    key: Key
    item: Mapping[str, Any]
    condition: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """Change an item. Names that DynamoDB reserves are written as #name and listed in `names`."""

    key: Key
    expression: str
    values: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an item."""

    key: Key
    condition: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """Change nothing, but have the transaction fail unless `condition` holds."""

    key: Key
    condition: str
    values: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()


Operation = Put | Update | Delete | Check

MOST_OPERATIONS = 100
"""What a transaction has room for."""


class Table:
    """Reads and writes plain Python values. Raises StoreUnavailable and ConditionFailed.

    An item whose `expires_at` has passed is gone for every read: DynamoDB removes it days later.
    """

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """`client` is a DynamoDB client."""
        self._client = client
        self._name = name

    def get(self, key: Key) -> Item | None:
        """Read one item, strongly consistent."""
        with _translated():
            answer = self._client.get_item(TableName=self._name, Key=_key(key), ConsistentRead=True)
        return _alive(_plain(answer["Item"])) if "Item" in answer else None

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Read items, 100 a call, strongly consistent. Those that are there, by key."""
        found: dict[Key, Item] = {}
        distinct = list(dict.fromkeys(keys))
        for begin in range(0, len(distinct), 100):
            self._get_batch(distinct[begin : begin + 100], found)
        return found

    def query(
        self,
        partition: str,
        *,
        first: str = " ",
        last: str = "~",
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[Item]:
        """Items whose sort key lies in [first, last], strongly consistent, in key order.

        Reads at most `limit` items; without one it reads on to the end.
        """
        items: list[Item] = []
        start: dict[str, Any] = {}
        while True:
            arguments: dict[str, Any] = {
                "TableName": self._name,
                "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
                "ExpressionAttributeValues": _values(
                    {"pk": partition, "first": first, "last": last}
                ),
                "ConsistentRead": True,
                "ScanIndexForward": not newest_first,
                **start,
            }
            if limit is not None:
                arguments["Limit"] = limit - len(items)
            with _translated():
                page = self._client.query(**arguments)
            items += [item for typed in page["Items"] if (item := _alive(_plain(typed)))]
            after = page.get("LastEvaluatedKey")
            if after is None or (limit is not None and len(items) >= limit):
                return items
            start = {"ExclusiveStartKey": after}

    def query_index(
        self,
        index: Index,
        partition: str,
        *,
        first: str = " ",
        last: str = "~",
        limit: int,
        newest_first: bool = True,
    ) -> list[Item]:
        """Up to `limit` items of one list whose sort key lies in [first, last].

        What was written a moment ago may not be there yet.
        """
        items: list[Item] = []
        start: dict[str, Any] = {}
        while True:
            with _translated():
                page = self._client.query(
                    TableName=self._name,
                    IndexName=index,
                    KeyConditionExpression=f"{index}pk = :pk AND {sorted_by(index)} "
                    "BETWEEN :first AND :last",
                    ExpressionAttributeValues=_values(
                        {"pk": partition, "first": first, "last": last}
                    ),
                    ScanIndexForward=not newest_first,
                    Limit=limit - len(items),
                    **start,
                )
            items += [item for typed in page["Items"] if (item := _alive(_plain(typed)))]
            after = page.get("LastEvaluatedKey")
            if after is None or len(items) >= limit:
                return items
            start = {"ExclusiveStartKey": after}

    def walk_index(self, index: Index, partition: str, *, page: int) -> Iterator[Item]:
        """Every item of one list from the oldest, read `page` at a time.

        Items that leave the list while it is walked make it skip nothing.
        """
        first = "0"
        while True:
            items = self.query_index(index, partition, first=first, limit=page, newest_first=False)
            yield from items
            if len(items) < page:
                return
            first = items[-1][sorted_by(index)] + "~"

    def put(self, operation: Put) -> None:
        """Carry out one put."""
        _settled(lambda: self._client.put_item(**self._put(operation)))

    def update(self, operation: Update) -> Item:
        """Carry out one update and return the whole item as it is now."""
        answer = _settled(
            lambda: self._client.update_item(**self._update(operation), ReturnValues="ALL_NEW")
        )
        return _plain(answer["Attributes"])

    def update_each(self, operations: Sequence[Update]) -> None:
        """Carry out updates, several at a time. Those whose condition fails are left out."""

        def attempt(operation: Update) -> None:
            with suppress(ConditionFailed):
                self.update(operation)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(attempt, operations))

    def delete(self, operation: Delete) -> Item | None:
        """Carry out one delete and return what was there."""
        answer = _settled(
            lambda: self._client.delete_item(**self._delete(operation), ReturnValues="ALL_OLD")
        )
        return _plain(answer["Attributes"]) if answer.get("Attributes") else None

    def put_many(self, operations: Sequence[Put]) -> None:
        """Write many items, 25 a call, without conditions and not as one: for data not yet live."""
        for begin in range(0, len(operations), 25):
            self._batch(
                [
                    {"PutRequest": {"Item": _item(operation)}}
                    for operation in operations[begin : begin + 25]
                ]
            )

    def delete_many(self, keys: Sequence[Key]) -> None:
        """Remove many items, 25 a call."""
        for begin in range(0, len(keys), 25):
            self._batch([{"DeleteRequest": {"Key": _key(key)}} for key in keys[begin : begin + 25]])

    def transact(self, *operations: Operation) -> None:
        """All of it or nothing.

        A transaction that merely collided with another one is tried again, a few times, with
        jitter; one whose condition failed raises ConditionFailed with a reason per operation.
        """
        items: list[Any] = []
        for operation in operations:
            match operation:
                case Put():
                    items.append({"Put": self._put(operation)})
                case Update():
                    items.append({"Update": self._update(operation)})
                case Delete():
                    items.append({"Delete": self._delete(operation)})
                case Check():
                    items.append({"ConditionCheck": self._check(operation)})
        _settled(lambda: self._client.transact_write_items(TransactItems=items))

    def _get_batch(self, keys: Sequence[Key], found: dict[Key, Item]) -> None:
        asked: list[Any] = [_key(key) for key in keys]
        for attempt in range(_CONFLICT_ATTEMPTS):
            if attempt:
                time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter
            with _translated():
                answer = self._client.batch_get_item(
                    RequestItems={self._name: {"Keys": asked, "ConsistentRead": True}}
                )
            for typed in answer.get("Responses", {}).get(self._name, []):
                item = _alive(_plain(typed))
                if item is not None:
                    found[item["pk"], item["sk"]] = item
            left: Any = answer.get("UnprocessedKeys", {})
            asked = left.get(self._name, {}).get("Keys", [])
            if not asked:
                return
        raise StoreUnavailable("the table did not return the whole batch")

    def _batch(self, requests: list[Any]) -> None:
        for attempt in range(_CONFLICT_ATTEMPTS):
            with _translated():
                answer = self._client.batch_write_item(RequestItems={self._name: requests})
            requests = answer.get("UnprocessedItems", {}).get(self._name, [])
            if not requests:
                return
            time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - jitter
        raise StoreUnavailable("the table did not take the whole batch")

    def _put(self, operation: Put) -> dict[str, Any]:
        return {
            "TableName": self._name,
            "Item": _item(operation),
            **_condition(operation.condition, operation.values, operation.names),
        }

    def _update(self, operation: Update) -> dict[str, Any]:
        return {
            "TableName": self._name,
            "Key": _key(operation.key),
            "UpdateExpression": operation.expression,
            **_condition(operation.condition, operation.values, operation.names),
        }

    def _delete(self, operation: Delete) -> dict[str, Any]:
        return {
            "TableName": self._name,
            "Key": _key(operation.key),
            **_condition(operation.condition, operation.values, operation.names),
        }

    def _check(self, operation: Check) -> dict[str, Any]:
        return {
            "TableName": self._name,
            "Key": _key(operation.key),
            **_condition(operation.condition, operation.values, operation.names),
        }


def sorted_by(index: Index) -> str:
    """The attribute that sorts a list."""
    return "gsi4sk" if index == "gsi4" else "gsi1sk"


def _settled(call: Callable[[], _Answer]) -> _Answer:
    """Make a write, again if it merely collided with a transaction on the same item.

    A collision says nothing about the condition: DynamoDB refused to look. Raises ConditionFailed
    when the condition itself was false, and StoreUnavailable when it keeps colliding.
    """
    for attempt in range(_CONFLICT_ATTEMPTS):
        try:
            with _translated():
                return call()
        except ConditionFailed as failure:
            if "ConditionalCheckFailed" in failure.reasons:
                raise
            if "TransactionConflict" not in failure.reasons:
                raise StoreUnavailable("the transaction was refused") from failure
        time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter
    raise StoreUnavailable("the write kept colliding")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code == "ConditionalCheckFailedException":
            raise ConditionFailed(["ConditionalCheckFailed"]) from error
        if code == "TransactionCanceledException":
            reasons: Any = error.response.get("CancellationReasons", [])
            raise ConditionFailed([reason.get("Code", "None") for reason in reasons]) from error
        if code == "TransactionConflictException":
            raise ConditionFailed(["TransactionConflict"]) from error
        raise StoreUnavailable(f"DynamoDB: {code}") from error
    except BotoCoreError as error:
        raise StoreUnavailable(f"DynamoDB: {type(error).__name__}") from error


def _alive(item: Item) -> Item | None:
    expires_at = item.get("expires_at")
    return item if expires_at is None or expires_at > time.time() else None


def _key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def _item(operation: Put) -> dict[str, Any]:
    return {
        **{name: _encode(value) for name, value in operation.item.items()},
        **_key(operation.key),
    }


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f":{name}": _encode(value) for name, value in values.items()}


def _condition(
    condition: str | None, values: Mapping[str, Any], names: tuple[str, ...]
) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    if condition is not None:
        arguments["ConditionExpression"] = condition
    if values:
        arguments["ExpressionAttributeValues"] = _values(values)
    if names:
        arguments["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    return arguments


def _encode(value: Any) -> dict[str, Any]:  # noqa: ANN401, PLR0911 - a line per JSON type
    """A value as DynamoDB's typed JSON. boto3 has this too, but is slow to import: see `aws`."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | float():
            return {"N": repr(value)}
        case bytes():
            return {"B": value}
        case Mapping():
            return {"M": {name: _encode(inner) for name, inner in value.items()}}
        case list() | tuple():
            return {"L": [_encode(inner) for inner in value]}
    raise TypeError(f"DynamoDB has no type for {type(value).__name__}")


def _decode(typed: Mapping[str, Any]) -> Any:  # noqa: ANN401 - anything JSON can hold
    [(kind, value)] = typed.items()
    match kind:
        case "S" | "BOOL" | "B":
            return value
        case "N":
            return float(value) if set(value) & set(".eE") else int(value)
        case "NULL":
            return None
        case "M":
            return _plain(value)
        case "L":
            return [_decode(inner) for inner in value]
    raise TypeError(f"unexpected DynamoDB type {kind}")


def _plain(item: Mapping[str, Any]) -> Item:
    return {name: _decode(value) for name, value in item.items()}
