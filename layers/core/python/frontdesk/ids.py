"""Identifiers: ULIDs, which sort by the time they were made."""

from datetime import UTC, datetime

from ulid import ULID


def new_id() -> str:
    """A fresh ULID, 26 characters, sorting by creation time."""
    return str(ULID())


def is_ulid(text: str) -> bool:
    """Whether `text` is a ULID in its canonical upper-case form."""
    try:
        return len(text) == 26 and str(ULID.from_str(text)) == text
    except ValueError:
        return False


def as_ulid(text: str) -> str:
    """`text`, for a field that takes nothing but a ULID. Raises ValueError."""
    if not is_ulid(text):
        raise ValueError("must be a ULID in upper case")
    return text


def id_before(identifier: str, *, seconds: float) -> str:
    """The smallest ULID whose time lies `seconds` before that of `identifier`."""
    moment = ULID.from_str(identifier).timestamp - seconds
    return str(ULID.from_timestamp(max(moment, 0.0)))[:10] + "0" * 16


def id_below(identifier: str) -> str:
    """The largest ULID that is smaller."""
    return str(ULID.from_int(max(int(ULID.from_str(identifier)) - 1, 0)))


def time_of(identifier: str) -> datetime:
    """When `identifier` was made, in UTC."""
    return datetime.fromtimestamp(ULID.from_str(identifier).timestamp, UTC)


def first_id_at(moment: datetime) -> str:
    """The smallest ULID made at a time; ids made later are larger."""
    timestamp = max(moment.timestamp(), 0.0)
    return str(ULID.from_timestamp(timestamp))[:10] + "0" * 16
