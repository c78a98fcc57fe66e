"""The file behind the SQLite index: how it is opened, and what is in it.

The tables that sqlite_vectors and sqlite_words search are made by those modules.
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, NamedTuple

import apsw

from frontdesk.errors import IndexUnavailable

_SCHEMA = 2
_BUSY_MS = 10_000
_MMAP_BYTES = 1 << 28
_CACHE_KIB = 16_384

_TABLES = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE namespaces (
    id INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL UNIQUE,
    passages INTEGER NOT NULL DEFAULT 0,
    most_passages INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE versions (
    id INTEGER PRIMARY KEY,
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id),
    document_id TEXT NOT NULL,
    version TEXT NOT NULL,
    category TEXT,
    language TEXT,
    UNIQUE (namespace_id, version, document_id)
);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    version_id INTEGER NOT NULL REFERENCES versions (id),
    ordinal INTEGER NOT NULL,
    text TEXT NOT NULL,
    title TEXT NOT NULL,
    headings TEXT NOT NULL,
    page INTEGER,
    last_page INTEGER,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    UNIQUE (version_id, ordinal)
);
CREATE TABLE vectors (id INTEGER PRIMARY KEY, embedding BLOB NOT NULL);
"""

_UPGRADES = {
    1: "ALTER TABLE versions ADD COLUMN category TEXT;"
    "ALTER TABLE versions ADD COLUMN language TEXT",
}
"""What makes the next schema of each earlier one. Documents indexed before have no category and no
known language until they are indexed again."""


class Namespace(NamedTuple):
    """An organisation's part of the file: how many passages it holds now, and at most ever."""

    id: int
    passages: int
    most_passages: int


class Versions(NamedTuple):
    """Ids of the versions to leave out of a search, and of those to search if not all others."""

    hidden: Sequence[int]
    wanted: Sequence[int] | None = None


def connect(path: Path) -> apsw.Connection:
    """Open the index file at `path`, creating it when it is missing.

    Several processes may do so at once. Raises apsw.Error, and IndexUnavailable for a file of
    another schema.
    """
    deadline = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            return _connect(path)
        except apsw.BusyError:
            # Switching a new file to WAL fails at once, whatever the busy timeout, while another
            # process does the same.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _connect(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path))
    try:
        db.set_busy_timeout(_BUSY_MS)
        db.enable_load_extension(True)  # noqa: FBT003 (apsw takes it by position only)
        db.load_extension(_sqlite_vec())
        db.enable_load_extension(False)  # noqa: FBT003
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(f"PRAGMA mmap_size = {_MMAP_BYTES}")
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        _ensure_schema(db)
    except BaseException:
        db.close()
        raise
    return db


def _sqlite_vec() -> str:
    """Where the extension is. Importing its package for that would import NumPy's types too."""
    package = find_spec("sqlite_vec")
    if package is None or package.origin is None:
        raise IndexUnavailable("sqlite-vec is not installed")
    return str(Path(package.origin).parent / "vec0")


def _ensure_schema(db: apsw.Connection) -> None:
    if _schema_of(db) < _SCHEMA:
        with transaction(db, "IMMEDIATE"):
            # Another process may have been quicker.
            if _schema_of(db) == 0:
                db.execute(f"{_TABLES}; PRAGMA user_version = {_SCHEMA}")
            while (found := _schema_of(db)) < _SCHEMA:
                db.execute(f"{_UPGRADES[found]}; PRAGMA user_version = {found + 1}")
    if _schema_of(db) != _SCHEMA:
        raise IndexUnavailable(f"the index file has schema {_schema_of(db)}, not {_SCHEMA}")


def _schema_of(db: apsw.Connection) -> int:
    return int(row(db, "PRAGMA user_version")[0])


@contextmanager
def transaction(db: apsw.Connection, mode: Literal["DEFERRED", "IMMEDIATE"]) -> Iterator[None]:
    """Everything inside happens or none of it, and reads inside see one state of the file."""
    db.execute(f"BEGIN {mode}")
    try:
        yield
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def rows(db: apsw.Connection, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return list(db.execute(sql, values))


def row(db: apsw.Connection, sql: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    """The first row of a query, or an empty tuple."""
    return next(iter(db.execute(sql, values)), ())


def listed(values: Iterable[int | str]) -> str:
    """Values to bind once and read as `SELECT value FROM json_each(?)`."""
    return json.dumps(list(values))
