"""What the stand-in keeps: one SQLite file, written before anything is answered."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Object = dict[str, Any]
"""An object of Stripe's API, as its JSON. Keys that begin with _ are ours and never leave."""

_TABLE = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS things (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, kind TEXT, customer TEXT, due REAL, body TEXT
);
CREATE INDEX IF NOT EXISTS by_kind ON things (kind, customer);
CREATE INDEX IF NOT EXISTS by_due ON things (due) WHERE due IS NOT NULL;
"""


class Store:
    """The file. One transaction at a time; safe to use from many threads."""

    def __init__(self, file: Path | str) -> None:
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.executescript(_TABLE)
        self._lock = threading.RLock()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is written within, or nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def put(self, thing: Object) -> None:
        """Keep an object, new or changed. `_due` is when something happens to it next."""
        about = thing["object"], thing.get("customer"), thing.get("_due"), json.dumps(thing)
        self._run(
            "INSERT INTO things (id, kind, customer, due, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET due = excluded.due, body = excluded.body",
            thing["id"],
            *about,
        )

    def find(self, identifier: str) -> Object | None:
        """The object of that id."""
        found = self._run("SELECT body FROM things WHERE id = ?", identifier)
        return found[0] if found else None

    def get(self, identifier: str) -> Object:
        """The object of an id that is known to exist."""
        (found,) = self._run("SELECT body FROM things WHERE id = ?", identifier)
        return found

    def all(self, kind: str, *, customer: str | None = None) -> list[Object]:
        """The objects of a kind, the newest first."""
        of_kind, newest_first = "SELECT body FROM things WHERE kind = ?", "ORDER BY number DESC"
        if customer is None:
            return self._run(f"{of_kind} {newest_first}", kind)
        return self._run(f"{of_kind} AND customer = ? {newest_first}", kind, customer)

    def next_due(self, until: int) -> Object | None:
        """What happens first by the stand-in's clock, of all that is due by `until`."""
        query = "SELECT body FROM things WHERE due <= ? AND kind <> 'event' ORDER BY due, number"
        found = self._run(f"{query} LIMIT 1", until)
        return found[0] if found else None

    def undelivered(self) -> list[Object]:
        """Events that are still to be delivered, fifty at most, those first that are due first."""
        query = "SELECT body FROM things WHERE due IS NOT NULL AND kind = 'event' ORDER BY due"
        return self._run(f"{query} LIMIT 50")

    def setting(self, name: str) -> str:
        """A setting, empty when there is none."""
        return str((self.find(name) or {"value": ""})["value"])

    def set(self, name: str, value: str) -> None:
        """Change a setting."""
        self.put({"id": name, "object": "setting", "value": value})

    def _run(self, query: str, *values: object) -> list[Object]:
        with self._lock:
            return [json.loads(body) for (body,) in self._db.execute(query, values).fetchall()]
