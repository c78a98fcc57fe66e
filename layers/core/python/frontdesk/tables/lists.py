"""Reading a list by pages: newest first, filtered, at a bounded price."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from frontdesk.errors import InvalidRequest
from frontdesk.ids import first_id_at, is_ulid
from frontdesk.tables.client import Index, Item, Table

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
    """One list, and the stretch of it that is wanted: by the time of what happened last."""

    index: Index
    partition: str
    since: datetime | None = None
    until: datetime | None = None


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
    if cursor is not None and not is_ulid(cursor):
        raise InvalidRequest("The cursor is not one of ours.")
    first = first_id_at(listing.since) if listing.since else "0"
    last = _before(first_id_at(listing.until)) if listing.until else "~"
    if cursor is not None and newest_first:
        last = min(last, _before(cursor))
    elif cursor is not None:
        first = max(first, f"{cursor}~")
    found: list[Entry] = []
    examined = 0
    while examined < EXAMINED:
        items = table.query_index(
            listing.index,
            listing.partition,
            first=first,
            last=last,
            limit=_STEP,
            newest_first=newest_first,
        )
        for item in items:
            examined += 1
            entry = parse(item)
            if keep(entry):
                found.append(entry)
                if len(found) == limit:
                    return Page(tuple(found), item["gsi1sk"])
        if len(items) < _STEP:
            return Page(tuple(found), None)
        if newest_first:
            last = _before(items[-1]["gsi1sk"])
        else:
            first = f"{items[-1]['gsi1sk']}~"
    return Page(tuple(found), items[-1]["gsi1sk"])


def _before(key: str) -> str:
    """The largest sort key below a ULID. The character below its last one is printable."""
    return f"{key[:-1]}{chr(ord(key[-1]) - 1)}~"
