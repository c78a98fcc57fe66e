"""The dense side of the SQLite index: a first look at the vectors' signs, then true cosines.

`signs` has one bit per dimension and is what sqlite-vec searches; `vectors` has the vectors.
"""

from array import array
from collections.abc import Iterable, Sequence

import apsw

from frontdesk.knowledge import sqlite_schema as schema
from frontdesk.knowledge.ports import Vector

# sqlite-vec's search costs rows times candidates. Looking at segments of a namespace one by one
# brings up many candidates for the price of few. benchmarks/bench_index.py measures what it costs
# and what it misses.
_SEGMENT = 4096
_CANDIDATES = 256
_CANDIDATES_PER_SEGMENT = 64
_CANDIDATES_PER_RESULT = 4
_MOST_CANDIDATES = 4096  # sqlite-vec's own limit for k

# Comparing with up to eight hidden versions is nearly free, but the planner gives up on dozens of
# comparisons; a list of the visible ones always works, and costs time where there are thousands.
# Filters need that list.
_FEW_HIDDEN = 8
_LOOK = (
    "SELECT rowid FROM signs WHERE namespace_id = ? AND segment = ? "
    "AND bits MATCH vec_quantize_binary(?) AND k = ?"
)
_LOOK_WITHOUT_FEW = _LOOK + " AND version_id != ?" * _FEW_HIDDEN
_LOOK_WITHOUT_MANY = _LOOK + (  # noqa: S608 (constants only)
    " AND version_id IN (SELECT id FROM versions WHERE namespace_id = ?"
    " AND id NOT IN (SELECT value FROM json_each(?)))"
)
_LOOK_WITHIN = f"{_LOOK} AND version_id IN (SELECT value FROM json_each(?))"  # noqa: S608


def create(db: apsw.Connection, dimensions: int) -> None:
    """Make the table of signs, for vectors of this many dimensions."""
    db.execute(
        "CREATE VIRTUAL TABLE signs USING vec0("
        "namespace_id INTEGER PARTITION KEY, segment INTEGER PARTITION KEY, "
        f"version_id INTEGER, bits BIT[{dimensions + -dimensions % 8:d}])"
    )


def packed(vector: Vector) -> bytes:
    """The vector as 32-bit floats, padded with zeros to whole bytes of signs."""
    return array("f", [*vector, *([0.0] * (-len(vector) % 8))]).tobytes()


def insert(
    db: apsw.Connection, namespace: schema.Namespace, id_: int, version_id: int, vector: bytes
) -> None:
    """Store the packed vector of one passage of a version."""
    db.execute("INSERT INTO vectors (id, embedding) VALUES (?, ?)", (id_, vector))
    db.execute(
        "INSERT INTO signs (rowid, namespace_id, segment, version_id, bits) "
        "VALUES (?, ?, ?, ?, vec_quantize_binary(?))",
        (id_, namespace.id, namespace.passages // _SEGMENT, version_id, vector),
    )


def delete(db: apsw.Connection, ids: Sequence[int]) -> None:
    """Forget the vectors of these passages."""
    each = [(id_,) for id_ in ids]
    db.executemany("DELETE FROM signs WHERE rowid = ?", each)
    db.executemany("DELETE FROM vectors WHERE id = ?", each)


def nearest(
    db: apsw.Connection,
    namespace: schema.Namespace,
    vector: bytes,
    *,
    limit: int,
    versions: schema.Versions,
) -> dict[int, float]:
    """The `limit` passages nearest to a packed vector with their cosines, of the wanted versions.

    Exact where a namespace holds at most 256 passages; see the benchmark for larger ones.
    """
    values: tuple[int | str, ...]
    hidden = versions.hidden
    if versions.wanted is not None:
        look, values = _LOOK_WITHIN, (schema.listed(versions.wanted),)
    elif not hidden:
        look, values = _LOOK, ()
    elif len(hidden) <= _FEW_HIDDEN:
        look, values = _LOOK_WITHOUT_FEW, (tuple(hidden) * _FEW_HIDDEN)[:_FEW_HIDDEN]
    else:
        look, values = _LOOK_WITHOUT_MANY, (namespace.id, schema.listed(hidden))
    segments = namespace.most_passages // _SEGMENT + 1
    k = max(_CANDIDATES_PER_SEGMENT, _CANDIDATES_PER_RESULT * limit, _CANDIDATES // segments)
    candidates = [
        id_
        for segment in range(segments)
        for (id_,) in schema.rows(
            db, look, (namespace.id, segment, vector, min(k, _MOST_CANDIDATES), *values)
        )
    ]
    scored = cosines(db, vector, candidates)
    best = sorted(scored, key=lambda id_: (-scored[id_], id_))[:limit]
    return {id_: scored[id_] for id_ in best}


def cosines(db: apsw.Connection, vector: bytes, ids: Iterable[int]) -> dict[int, float]:
    """The exact cosine of each passage to a packed vector; 0 where either has no length."""
    found = schema.rows(
        db,
        "SELECT id, 1 - vec_distance_cosine(embedding, ?) FROM vectors "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (vector, schema.listed(ids)),
    )
    return {id_: max(-1.0, min(1.0, cosine or 0.0)) for id_, cosine in found}
