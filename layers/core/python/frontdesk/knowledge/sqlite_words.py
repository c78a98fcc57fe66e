"""The word tables of the SQLite index: one FTS5 table per namespace.

A table of its own keeps matches and word statistics (how rare a word is, how long passages are)
from reaching across organisations.
"""
# ruff: noqa: S608 - a table's name cannot be bound; it is made from a number, by `_table` alone.

from collections.abc import Sequence
from itertools import accumulate

import apsw

from frontdesk.knowledge import sqlite_schema as schema
from frontdesk.knowledge.lexical import terms

# BM25 takes about a microsecond for each passage that a term brings up. Past this many, the most
# common terms are left out: they tell passages apart the least.
_MOST_SCORED = 10_000


def _table(namespace: int) -> str:
    return f"fts_{namespace:d}"


def create(db: apsw.Connection, namespace: int) -> None:
    """Make the table. It keeps no copy of the text."""
    db.execute(
        f"CREATE VIRTUAL TABLE {_table(namespace)} USING fts5("
        "body, content='', contentless_delete=1, "
        "tokenize='porter unicode61 remove_diacritics 2')"
    )


def insert(db: apsw.Connection, namespace: int, id_: int, text: str) -> None:
    """Index the words of one passage."""
    db.execute(f"INSERT INTO {_table(namespace)} (rowid, body) VALUES (?, ?)", (id_, text))


def delete(db: apsw.Connection, namespace: int, ids: Sequence[int]) -> None:
    """Forget the words of these passages."""
    db.executemany(f"DELETE FROM {_table(namespace)} WHERE rowid = ?", [(id_,) for id_ in ids])


def best(
    db: apsw.Connection,
    namespace: schema.Namespace,
    text: str,
    *,
    limit: int,
    versions: schema.Versions,
) -> dict[int, float]:
    """The `limit` best passages by BM25 with their scores, of the wanted versions.

    SQLite's bm25() is negative, the better the lower; here it is turned around.
    """
    wanted = terms(text)
    if len(wanted) * namespace.passages > _MOST_SCORED:
        wanted = _telling(db, namespace.id, wanted)
    if not wanted:
        return {}
    words = _table(namespace.id)
    choice = "NOT IN" if versions.wanted is None else "IN"
    chosen = versions.hidden if versions.wanted is None else versions.wanted
    found = schema.rows(
        db,
        f"SELECT {words}.rowid, -{words}.rank FROM {words} "
        f"JOIN passages ON passages.id = {words}.rowid "
        f"WHERE {words} MATCH ? "
        f"AND passages.version_id {choice} (SELECT value FROM json_each(?)) "
        f"ORDER BY {words}.rank LIMIT ?",
        (" OR ".join(map(_literal, wanted)), schema.listed(chosen), limit),
    )
    return dict(found)


def _telling(db: apsw.Connection, namespace: int, wanted: Sequence[str]) -> list[str]:
    """The rarest of the terms that occur, at least one, as long as they match few passages."""
    words = _table(namespace)
    count = f"SELECT count(*) FROM {words} WHERE {words} MATCH ?"
    matches = [(schema.row(db, count, (_literal(term),))[0], term) for term in wanted]
    rarest = sorted(match for match in matches if match[0])
    totals = accumulate(matched for matched, _ in rarest)
    return [
        term
        for place, ((_, term), total) in enumerate(zip(rarest, totals, strict=True))
        if place == 0 or total <= _MOST_SCORED
    ]


def _literal(term: str) -> str:
    return f'"{term}"'
