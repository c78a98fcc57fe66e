"""What the stand-in keeps: one SQLite file, written before anything is answered."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Object = dict[str, Any]
"""An object of Stripe's API, as its JSON. Keys that begin with _ are ours and never leave."""

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS objects (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, kind TEXT, customer TEXT, due INTEGER, body TEXT
);
CREATE INDEX IF NOT EXISTS by_kind ON objects (kind, customer);
CREATE INDEX IF NOT EXISTS by_due ON objects (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS deliveries (
    event TEXT PRIMARY KEY, attempts INTEGER, next_at REAL, outcome TEXT
);
CREATE INDEX IF NOT EXISTS by_next ON deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, request TEXT, body TEXT, at REAL
);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT);
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the delivery of an event stands. `next_at` is None when it is over, well or not."""

    event: str
    attempts: int
    next_at: float | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request with an idempotency key was answered."""

    request: str
    body: str


class Store:
    """The file. One transaction at a time; safe to use from many threads."""

    def __init__(self, file: Path | str) -> None:
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.executescript(_TABLES)
        self._lock = threading.RLock()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is written within, or nothing."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def put(self, thing: Object) -> None:
        """Keep an object, new or changed. `_due` is when something happens to it next."""
        self._run(
            "INSERT INTO objects (id, kind, customer, due, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET due = excluded.due, body = excluded.body",
            thing["id"],
            thing["object"],
            thing.get("customer"),
            thing.get("_due"),
            json.dumps(thing),
        )

    def find(self, identifier: str) -> Object | None:
        """The object of that id."""
        found = self._objects("SELECT body FROM objects WHERE id = ?", identifier)
        return found[0] if found else None

    def get(self, identifier: str) -> Object:
        """The object of an id that is known to exist."""
        (found,) = self._objects("SELECT body FROM objects WHERE id = ?", identifier)
        return found

    def all(self, kind: str, *, customer: str | None = None) -> list[Object]:
        """The objects of a kind, the newest first."""
        of_kind, newest_first = "SELECT body FROM objects WHERE kind = ?", "ORDER BY number DESC"
        if customer is None:
            return self._objects(f"{of_kind} {newest_first}", kind)
        return self._objects(f"{of_kind} AND customer = ? {newest_first}", kind, customer)

    def next_due(self, until: int) -> Object | None:
        """What is to happen first, of all that is due by `until`."""
        found = self._objects(
            "SELECT body FROM objects WHERE due <= ? ORDER BY due, number LIMIT 1", until
        )
        return found[0] if found else None

    def setting(self, name: str) -> str | None:
        """A setting."""
        rows = self._run("SELECT value FROM settings WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def set(self, name: str, value: str) -> None:
        """Change a setting."""
        self._run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, value)

    def reply(self, key: str) -> Reply | None:
        """What the request with this idempotency key was answered."""
        rows = self._run("SELECT request, body FROM replies WHERE key = ?", key)
        return Reply(*rows[0]) if rows else None

    def keep_reply(self, key: str, reply: Reply, now: float) -> None:
        """Remember an answer, for a day."""
        self._run("DELETE FROM replies WHERE at < ?", now - 86_400)
        values = (key, reply.request, reply.body, now)
        self._run("INSERT INTO replies VALUES (?, ?, ?, ?)", *values)

    def deliver(self, delivery: Delivery) -> None:
        """Plan a delivery, or note how it went."""
        self._run(
            "INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?, ?)",
            delivery.event,
            delivery.attempts,
            delivery.next_at,
            delivery.outcome,
        )

    def deliveries(self, *, pending: bool = False) -> list[Delivery]:
        """All deliveries, or those that are not over."""
        where = "WHERE next_at IS NOT NULL ORDER BY next_at" if pending else ""
        rows = self._run(f"SELECT event, attempts, next_at, outcome FROM deliveries {where}")  # noqa: S608 - a constant
        return [Delivery(*row) for row in rows]

    def _objects(self, query: str, *values: object) -> list[Object]:
        return [json.loads(body) for (body,) in self._run(query, *values)]

    def _run(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()
