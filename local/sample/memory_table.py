"""The table in this process's memory, for the past that is played before it is stored.

Thousands of transactions one after another take a DynamoDB on a laptop a minute, and this less than
two seconds. It knows the expressions that `frontdesk.tables` writes, and refuses any other.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, get_args

from frontdesk.tables.client import (
    Check,
    ConditionFailed,
    Delete,
    Index,
    Item,
    Key,
    Operation,
    Put,
    Table,
    Update,
    sorted_by,
)

_INDEXES: tuple[Index, ...] = get_args(Index)
_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),\[\].+-]|[:#]?\w+)")
_MISSING: Any = object()

_Step = str | int
_Read = Callable[[Item, Mapping[str, Any]], Any]
_Write = Callable[[Item, Item, Mapping[str, Any]], None]


class MemoryTable(Table):
    """A `Table` whose items lie in this process."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        """Holds `items` to begin with."""
        self._lock = threading.RLock()
        self._items: dict[str, dict[str, Item]] = defaultdict(dict)
        self._lists: dict[tuple[Index, str], dict[Key, Item]] = defaultdict(dict)
        self._written: dict[Key, None] = {}
        for item in items:
            self._store((item["pk"], item["sk"]), item)

    def changes(self) -> tuple[list[Put], list[Key]]:
        """What to write, and what to remove, to bring the items it began with to what it holds."""
        puts = [
            Put(key, found) for key in self._written if (found := self._items[key[0]].get(key[1]))
        ]
        gone = [key for key in self._written if key[1] not in self._items[key[0]]]
        return puts, gone

    def get(self, key: Key) -> Item | None:
        """Read one item."""
        with self._lock:
            item = self._items[key[0]].get(key[1])
            return None if item is None else _copied(item)

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Those of the items that are there."""
        return {key: item for key in keys if (item := self.get(key)) is not None}

    def query(
        self,
        partition: str,
        *,
        first: str = " ",
        last: str = "~",
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[Item]:
        """Items whose sort key lies in [first, last], in key order."""
        with self._lock:
            held = self._items[partition]
            names = sorted((name for name in held if first <= name <= last), reverse=newest_first)
            return [_copied(held[name]) for name in names[:limit]]

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
        """Up to `limit` items of one list whose sort key lies in [first, last]."""
        key = sorted_by(index)
        with self._lock:
            listed = [
                item
                for item in self._lists[index, partition].values()
                if first <= item[key] <= last
            ]
            listed.sort(key=lambda item: str(item[key]), reverse=newest_first)
            return [_copied(item) for item in listed[:limit]]

    def put(self, operation: Put) -> None:
        """Carry out one put."""
        self.transact(operation)

    def update(self, operation: Update) -> Item:
        """Carry out one update and return the whole item as it is now."""
        self.transact(operation)
        changed: Item = _copied(self._items[operation.key[0]][operation.key[1]])
        return changed

    def update_each(self, operations: Sequence[Update]) -> None:
        """Carry out updates. Those whose condition fails are left out."""
        for operation in operations:
            if _holds(operation, self._items[operation.key[0]].get(operation.key[1])):
                self.transact(operation)

    def delete(self, operation: Delete) -> Item | None:
        """Carry out one delete and return what was there."""
        before = self.get(operation.key)
        self.transact(operation)
        return before

    def put_many(self, operations: Sequence[Put]) -> None:
        """Write many items."""
        for operation in operations:
            self.transact(operation)

    def delete_many(self, keys: Sequence[Key]) -> None:
        """Remove many items."""
        for key in keys:
            self.transact(Delete(key))

    def transact(self, *operations: Operation) -> None:
        """All of it or nothing. Raises ConditionFailed with a reason per operation."""
        with self._lock:
            before = [self._items[each.key[0]].get(each.key[1]) for each in operations]
            reasons = [
                "None" if _holds(operation, item) else "ConditionalCheckFailed"
                for operation, item in zip(operations, before, strict=True)
            ]
            if any(reason != "None" for reason in reasons):
                raise ConditionFailed(reasons)
            for operation, item in zip(operations, before, strict=True):
                match operation:
                    case Put():
                        self._store(operation.key, _copied(operation.item))
                    case Update():
                        self._store(operation.key, _updated(operation, item))
                    case Delete():
                        self._remove(operation.key)
                    case Check():
                        continue
                self._written[operation.key] = None

    def _store(self, key: Key, item: Item) -> None:
        self._remove(key)
        item = {**item, "pk": key[0], "sk": key[1]}
        self._items[key[0]][key[1]] = item
        for index in _INDEXES:
            partition = item.get(f"{index}pk")
            if partition is not None and sorted_by(index) in item:
                self._lists[index, partition][key] = item

    def _remove(self, key: Key) -> None:
        item = self._items[key[0]].pop(key[1], None)
        if item is not None:
            for index in _INDEXES:
                self._lists[index, item.get(f"{index}pk", "")].pop(key, None)


def _holds(operation: Operation, item: Item | None) -> bool:
    """Whether the condition of an operation holds for the item as it is."""
    if operation.condition is None:
        return True
    return bool(_condition(operation.condition)(item or {}, operation.values))


def _updated(operation: Update, item: Item | None) -> Item:
    """The item with a change. As in DynamoDB, all of it reads the item as it was."""
    before = item or {}
    after: Item = _copied(before)
    for write in _changes(operation.expression):
        write(after, before, operation.values)
    return after


@lru_cache(maxsize=2_000)
def _condition(text: str) -> _Read:
    parser = _Parser(text)
    read = parser.condition()
    parser.end()
    return read


@lru_cache(maxsize=2_000)
def _changes(text: str) -> tuple[_Write, ...]:
    return tuple(_Parser(text).changes())


class _Parser:
    """Reads one expression and makes functions of it."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != "".join(text.split()):
            raise ValueError(f"not an expression: {text}")
        self._place = 0

    def condition(self) -> _Read:
        """One or more conditions, joined by OR."""
        parts = [self._all_of()]
        while self._takes("OR"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else lambda i, v: any(part(i, v) for part in parts)

    def changes(self) -> list[_Write]:
        """The clauses of an update, removals of elements last and from behind."""
        writes: list[_Write] = []
        removals: list[tuple[_Step, ...]] = []
        while self._place < len(self._tokens):
            clause = self._next()
            while True:
                path = self._path()
                if clause == "REMOVE":
                    removals.append(path)
                elif clause == "SET":
                    self._expect("=")
                    writes.append(_setting(path, self._sum()))
                elif clause == "ADD":
                    writes.append(_adding(path, self._operand()))
                else:
                    raise ValueError(f"{clause} is not known")
                if not self._takes(","):
                    break
        removals.sort(key=lambda path: [str(step).zfill(9) for step in path], reverse=True)
        return [*writes, *map(_removing, removals)]

    def end(self) -> None:
        """Refuse what is left."""
        if self._place != len(self._tokens):
            raise ValueError(f"not expected: {self._tokens[self._place :]}")

    def _all_of(self) -> _Read:
        parts = [self._one()]
        while self._takes("AND"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda i, v: all(part(i, v) for part in parts)

    def _one(self) -> _Read:
        if self._takes("("):
            inner = self.condition()
            self._expect(")")
            return inner
        if self._sees("attribute_exists", "attribute_not_exists"):
            wanted = self._next() == "attribute_exists"
            self._expect("(")
            path = self._path()
            self._expect(")")
            return lambda i, _: (_at(i, path) is not _MISSING) is wanted
        left, sign, right = self._operand(), self._next(), self._operand()
        compare = _COMPARISONS[sign]
        return lambda i, v: _compared(compare, left(i, v), right(i, v), sign)

    def _sum(self) -> _Read:
        left = self._operand()
        if not self._sees("+", "-"):
            return left
        sign, right = (1 if self._next() == "+" else -1), self._operand()
        return lambda i, v: left(i, v) + sign * right(i, v)

    def _operand(self) -> _Read:
        if self._sees("size", "if_not_exists", "list_append"):
            return self._function(self._next())
        if self._tokens[self._place].startswith(":"):
            name = self._next()[1:]
            return lambda _, v: v[name]
        path = self._path()
        return lambda i, _: _at(i, path)

    def _function(self, name: str) -> _Read:
        self._expect("(")
        first = self._operand()
        if name == "size":
            self._expect(")")
            return lambda i, v: _MISSING if (held := first(i, v)) is _MISSING else len(held)
        self._expect(",")
        second = self._operand()
        self._expect(")")
        if name == "list_append":
            return lambda i, v: [*first(i, v), *second(i, v)]
        return lambda i, v: second(i, v) if (held := first(i, v)) is _MISSING else held

    def _path(self) -> tuple[_Step, ...]:
        steps: list[_Step] = [self._next().removeprefix("#")]
        while self._sees(".", "["):
            if self._next() == ".":
                steps.append(self._next().removeprefix("#"))
            else:
                steps.append(int(self._next()))
                self._expect("]")
        return tuple(steps)

    def _sees(self, *tokens: str) -> bool:
        return self._place < len(self._tokens) and self._tokens[self._place] in tokens

    def _takes(self, token: str) -> bool:
        seen = self._sees(token)
        self._place += seen
        return seen

    def _next(self) -> str:
        token = self._tokens[self._place]
        self._place += 1
        return str(token)

    def _expect(self, token: str) -> None:
        if not self._takes(token):
            raise ValueError(f"expected {token}: {self._tokens[self._place :]}")


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _compared(compare: Callable[[Any, Any], bool], left: Any, right: Any, sign: str) -> bool:  # noqa: ANN401 - stored values
    """What is missing is equal to nothing, and neither less nor more."""
    if left is _MISSING or right is _MISSING:
        return sign == "<>"
    return bool(compare(_listed(left), _listed(right)))


def _copied(value: Any) -> Any:  # noqa: ANN401 - stored values
    """A copy, with lists for tuples as in DynamoDB. `copy.deepcopy` takes five times as long."""
    kind = type(value)
    if kind is dict:
        return {name: _copied(inner) for name, inner in value.items()}
    if kind is list or kind is tuple:
        return [_copied(inner) for inner in value]
    return value


def _listed(value: Any) -> Any:  # noqa: ANN401 - stored values
    return list(value) if isinstance(value, tuple) else value


def _at(item: Any, path: Sequence[_Step]) -> Any:  # noqa: ANN401 - stored values
    for step in path:
        if isinstance(step, int):
            if not isinstance(item, list | tuple) or step >= len(item):
                return _MISSING
        elif not isinstance(item, Mapping) or step not in item:
            return _MISSING
        item = item[step]
    return item


def _setting(path: Sequence[_Step], read: _Read) -> _Write:
    *above, last = path

    def write(after: Item, before: Item, values: Mapping[str, Any]) -> None:
        _at(after, above)[last] = _copied(read(before, values))

    return write


def _adding(path: Sequence[_Step], read: _Read) -> _Write:
    *above, last = path

    def write(after: Item, before: Item, values: Mapping[str, Any]) -> None:
        held = _at(before, path)
        _at(after, above)[last] = (0 if held is _MISSING else held) + read(before, values)

    return write


def _removing(path: Sequence[_Step]) -> _Write:
    *above, last = path

    def write(after: Item, _before: Item, _values: Mapping[str, Any]) -> None:
        if _at(after, path) is not _MISSING:
            del _at(after, above)[last]

    return write
