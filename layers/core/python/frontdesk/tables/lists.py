"""Reading a list by pages: in order, filtered, at a bounded price."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from frontdesk.errors import InvalidRequest
from frontdesk.ids import first_id_at, is_ulid
from frontdesk.tables.client import Index, Item, Table, sorted_by

EXAMINED = 500
"""How many entries one page may cost, however few of them it shows."""

_STEP = 100

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry]):
    """What was found, and where to go on. There may be more even when `entries` is short."""

    entries: tuple[Entry, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Partitions of an index, read as one list, and the stretch that is wanted of it.

    `since` and `until` are by the id that sorts the index.
    """

    index: Index
    partitions: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part(Generic[Entry]):
    """One stretch of a list that is put together: those entries of `listing` that `keep` wants."""

    listing: Listing
    keep: Callable[[Entry], bool]
    newest_first: bool = True


def read_page(
    table: Table,
    listing: Listing,
    *,
    cursor: str | None,
    limit: int,
    parse: Callable[[Item], Entry],
    keep: Callable[[Entry], bool],
    newest_first: bool = True,
) -> Page[Entry]:
    """Up to `limit` entries that `keep` wants, after looking at no more than EXAMINED.

    They come after the one that `cursor` names, in either direction. Raises InvalidRequest for a
    cursor that is none of ours.
    """
    part = Part(listing, keep, newest_first)
    position = None if cursor is None else f"0{cursor}"
    page = read_parts(table, [part], cursor=position, limit=limit, parse=parse)
    return Page(page.entries, page.cursor and page.cursor[1:])


def read_parts(
    table: Table,
    parts: Sequence[Part[Entry]],
    *,
    cursor: str | None,
    limit: int,
    parse: Callable[[Item], Entry],
) -> Page[Entry]:
    """A page of several parts, one after another, at the same price.

    Its cursor is the number of the part, one figure, and that of the entry. Raises InvalidRequest.
    """
    number, after = (0, None) if cursor is None else _position(cursor, len(parts))
    found: list[Entry] = []
    examined = 0
    for place, part in enumerate(parts[number:], start=number):
        for item in _walk(table, part.listing, after, newest_first=part.newest_first):
            examined += 1
            entry = parse(item)
            if part.keep(entry):
                found.append(entry)
            if len(found) == limit or examined == EXAMINED:
                return Page(tuple(found), f"{place}{item[sorted_by(part.listing.index)]}")
        after = None
    return Page(tuple(found), None)


def _position(cursor: str, parts: int) -> tuple[int, str]:
    figures = [str(number) for number in range(parts)]
    if cursor[:1] not in figures or not is_ulid(cursor[1:]):
        raise InvalidRequest("The cursor is not one of ours.")
    return figures.index(cursor[0]), cursor[1:]


def _walk(
    table: Table, listing: Listing, cursor: str | None, *, newest_first: bool
) -> Iterator[Item]:
    """The entries of all partitions in order, read as they are wanted."""
    key = sorted_by(listing.index)
    first = first_id_at(listing.since) if listing.since else "0"
    last = _before(first_id_at(listing.until)) if listing.until else "~"
    if cursor is not None and newest_first:
        last = min(last, _before(cursor))
    elif cursor is not None:
        first = max(first, f"{cursor}~")

    def of_partition(partition: str) -> Iterator[Item]:
        low, high = first, last
        while low <= high:
            items = table.query_index(
                listing.index,
                partition,
                first=low,
                last=high,
                limit=_STEP,
                newest_first=newest_first,
            )
            yield from items
            if len(items) < _STEP:
                return
            if newest_first:
                high = _before(items[-1][key])
            else:
                low = f"{items[-1][key]}~"

    walks = [of_partition(partition) for partition in listing.partitions]
    return heapq.merge(*walks, key=lambda item: str(item[key]), reverse=newest_first)


def _before(key: str) -> str:
    """The largest sort key below a ULID. The character below its last one is printable."""
    return f"{key[:-1]}{chr(ord(key[-1]) - 1)}~"
