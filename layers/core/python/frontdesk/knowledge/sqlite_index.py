"""The passage index in one SQLite file, for a laptop or a single machine.

Dense search takes two steps: sqlite-vec finds the passages whose vectors agree with the query's in
the most signs, and their true cosines decide. Word search is FTS5's BM25.
"""

import json
import threading
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw

from frontdesk.errors import IndexUnavailable
from frontdesk.knowledge import sqlite_schema as schema
from frontdesk.knowledge import sqlite_words
from frontdesk.knowledge.ports import Candidate, Passage, Vector

# sqlite-vec's search costs rows times candidates. Looking at segments one by one brings up many
# candidates for the price of few. benchmarks/bench_index.py measures what it costs and recalls.
_SEGMENT = 4096
_CANDIDATES = 256
_CANDIDATES_PER_SEGMENT = 64
_CANDIDATES_PER_RESULT = 4
_MOST_CANDIDATES = 4096  # sqlite-vec's own limit for k

# The first look, three ways. Comparing with up to eight hidden versions is nearly free, but the
# planner gives up on dozens of comparisons; a list of the visible ones always works, and costs
# time where there are thousands.
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


class SqliteIndex:
    """A PassageIndex in the file at `path`, which several processes may use at once."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened or created before the first use."""
        self._path = path
        self._lock = threading.Lock()
        self._db: apsw.Connection | None = None

    def close(self) -> None:
        """Close the file. The next use opens it again."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def upsert(
        self, organization_id: str, passages: Sequence[Passage], vectors: Sequence[Vector]
    ) -> None:
        """Store passages under their ids, all or none; the same id again replaces.

        The first vectors of a file settle its number of dimensions. Raises IndexUnavailable when
        these have another, or the file cannot be written; ValueError when the lengths differ.
        """
        latest = {
            passage.id: (passage, vector) for passage, vector in zip(passages, vectors, strict=True)
        }
        if not latest:
            return
        with self._session() as db, schema.transaction(db, "IMMEDIATE"):
            for dimensions in {len(vector) for _, vector in latest.values()}:
                _settle_dimensions(db, dimensions)
            namespace = _namespace(db, organization_id) or _create_namespace(db, organization_id)
            version_ids = {
                (passage.document_id, passage.version): _version_id(db, namespace, passage)
                for passage, _ in latest.values()
            }
            _remove(
                db,
                namespace,
                [
                    found[0]
                    for passage, _ in latest.values()
                    for found in schema.rows(
                        db,
                        "SELECT id FROM passages WHERE version_id = ? AND ordinal = ?",
                        (version_ids[passage.document_id, passage.version], passage.ordinal),
                    )
                ],
            )
            for passage, vector in latest.values():
                version_id = version_ids[passage.document_id, passage.version]
                _insert(db, namespace, version_id, passage, _packed(vector))

    def search(
        self,
        organization_id: str,
        *,
        text: str,
        vector: Vector,
        limit: int,
        hidden_versions: frozenset[str] = frozenset(),
    ) -> list[Candidate]:
        """The union of both sides' best; every candidate carries its true cosine.

        Raises IndexUnavailable, also when the vector's dimensions are not those of the file.
        """
        with self._session() as db, schema.transaction(db, "DEFERRED"):
            namespace = _namespace(db, organization_id)
            if namespace is None or limit < 1:
                return []
            _expect_dimensions(db, len(vector))
            hidden = _hidden_ids(db, namespace, hidden_versions)
            packed = _packed(vector)
            cosines = _nearest(db, namespace, packed, limit, hidden)
            scores = sqlite_words.best(db, namespace, text, limit, hidden)
            cosines |= _cosines(db, packed, scores.keys() - cosines.keys())
            return [
                Candidate(passage, cosine=cosines[id_], bm25=scores.get(id_))
                for id_, passage in _passages(db, cosines)
            ]

    def delete_version(self, organization_id: str, document_id: str, version: str) -> None:
        """Remove every passage of one version of a document. Raises IndexUnavailable."""
        with self._session() as db, schema.transaction(db, "IMMEDIATE"):
            namespace = _namespace(db, organization_id)
            if namespace is None:
                return
            for (version_id,) in schema.rows(
                db,
                "SELECT id FROM versions "
                "WHERE namespace_id = ? AND version = ? AND document_id = ?",
                (namespace, version, document_id),
            ):
                found = schema.rows(
                    db, "SELECT id FROM passages WHERE version_id = ?", (version_id,)
                )
                _remove(db, namespace, [id_ for (id_,) in found])
                db.execute("DELETE FROM versions WHERE id = ?", (version_id,))

    @contextmanager
    def _session(self) -> Iterator[apsw.Connection]:
        """The open file, for one thread at a time."""
        with self._lock:
            try:
                if self._db is None:
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                    self._db = schema.connect(self._path)
                yield self._db
            except (apsw.Error, OSError) as error:
                raise IndexUnavailable(f"the passage index failed: {error}") from error


def _namespace(db: apsw.Connection, organization_id: str) -> int | None:
    found = schema.row(
        db, "SELECT id FROM namespaces WHERE organization_id = ?", (organization_id,)
    )
    return found[0] if found else None


def _create_namespace(db: apsw.Connection, organization_id: str) -> int:
    (namespace,) = schema.row(
        db, "INSERT INTO namespaces (organization_id) VALUES (?) RETURNING id", (organization_id,)
    )
    sqlite_words.create(db, namespace)
    return int(namespace)


def _dimensions(db: apsw.Connection) -> int | None:
    found = schema.row(db, "SELECT value FROM settings WHERE name = 'dimensions'")
    return found[0] if found else None


def _expect_dimensions(db: apsw.Connection, dimensions: int) -> None:
    stored = _dimensions(db)
    if stored != dimensions:
        raise IndexUnavailable(
            f"the passage index holds vectors of {stored} dimensions, and this one has "
            f"{dimensions}: the embedder was changed, so documents must be indexed again"
        )


def _settle_dimensions(db: apsw.Connection, dimensions: int) -> None:
    if _dimensions(db) is None:
        db.execute("INSERT INTO settings (name, value) VALUES ('dimensions', ?)", (dimensions,))
        schema.create_signs(db, bits=dimensions + -dimensions % 8)
    _expect_dimensions(db, dimensions)


def _packed(vector: Vector) -> bytes:
    """The vector as 32-bit floats, padded with zeros to whole bytes of signs."""
    return array("f", [*vector, *([0.0] * (-len(vector) % 8))]).tobytes()


def _version_id(db: apsw.Connection, namespace: int, passage: Passage) -> int:
    key = (namespace, passage.version, passage.document_id)
    db.execute(
        "INSERT OR IGNORE INTO versions (namespace_id, version, document_id) VALUES (?, ?, ?)", key
    )
    return int(
        schema.row(
            db,
            "SELECT id FROM versions WHERE namespace_id = ? AND version = ? AND document_id = ?",
            key,
        )[0]
    )


def _insert(
    db: apsw.Connection, namespace: int, version_id: int, passage: Passage, packed: bytes
) -> None:
    (count,) = schema.row(
        db,
        "UPDATE namespaces SET passages = passages + 1, "
        "segments = max(segments, passages / ? + 1) WHERE id = ? RETURNING passages",
        (_SEGMENT, namespace),
    )
    (id_,) = schema.row(
        db,
        "INSERT INTO passages (version_id, ordinal, text, title, headings, page, last_page, "
        'start, "end") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id',
        (
            version_id,
            passage.ordinal,
            passage.text,
            passage.title,
            json.dumps(passage.headings),
            passage.page,
            passage.last_page,
            passage.start,
            passage.end,
        ),
    )
    db.execute("INSERT INTO vectors (id, embedding) VALUES (?, ?)", (id_, packed))
    db.execute(
        "INSERT INTO signs (rowid, namespace_id, segment, version_id, bits) "
        "VALUES (?, ?, ?, ?, vec_quantize_binary(?))",
        (id_, namespace, (count - 1) // _SEGMENT, version_id, packed),
    )
    sqlite_words.insert(db, namespace, id_, passage.searchable_text)


def _remove(db: apsw.Connection, namespace: int, ids: Sequence[int]) -> None:
    sqlite_words.delete(db, namespace, ids)
    each = [(id_,) for id_ in ids]
    db.executemany("DELETE FROM signs WHERE rowid = ?", each)
    db.executemany("DELETE FROM vectors WHERE id = ?", each)
    db.executemany("DELETE FROM passages WHERE id = ?", each)
    db.execute("UPDATE namespaces SET passages = passages - ? WHERE id = ?", (len(each), namespace))


def _hidden_ids(
    db: apsw.Connection, namespace: int, hidden_versions: frozenset[str]
) -> tuple[int, ...]:
    if not hidden_versions:
        return ()
    found = schema.rows(
        db,
        "SELECT id FROM versions "
        "WHERE namespace_id = ? AND version IN (SELECT value FROM json_each(?))",
        (namespace, schema.listed(hidden_versions)),
    )
    return tuple(id_ for (id_,) in found)


def _nearest(
    db: apsw.Connection, namespace: int, packed: bytes, limit: int, hidden: tuple[int, ...]
) -> dict[int, float]:
    """The `limit` nearest passages of a namespace with their cosines."""
    values: tuple[int | str, ...]
    (segments,) = schema.row(db, "SELECT segments FROM namespaces WHERE id = ?", (namespace,))
    if not hidden:
        look, values = _LOOK, ()
    elif len(hidden) <= _FEW_HIDDEN:
        look, values = _LOOK_WITHOUT_FEW, (hidden * _FEW_HIDDEN)[:_FEW_HIDDEN]
    else:
        look, values = _LOOK_WITHOUT_MANY, (namespace, schema.listed(hidden))
    k = max(
        _CANDIDATES_PER_SEGMENT,
        _CANDIDATES_PER_RESULT * limit,
        _CANDIDATES // max(segments, 1),
    )
    candidates = [
        id_
        for segment in range(segments)
        for (id_,) in schema.rows(
            db, look, (namespace, segment, packed, min(k, _MOST_CANDIDATES), *values)
        )
    ]
    cosines = _cosines(db, packed, candidates)
    best = sorted(cosines, key=lambda id_: (-cosines[id_], id_))[:limit]
    return {id_: cosines[id_] for id_ in best}


def _cosines(db: apsw.Connection, packed: bytes, ids: Iterable[int]) -> dict[int, float]:
    """The exact cosine of each passage, from the stored vectors; 0 for a zero vector."""
    found = schema.rows(
        db,
        "SELECT id, 1 - vec_distance_cosine(embedding, ?) FROM vectors "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (packed, schema.listed(ids)),
    )
    return {id_: max(-1.0, min(1.0, cosine or 0.0)) for id_, cosine in found}


def _passages(db: apsw.Connection, ids: Iterable[int]) -> list[tuple[int, Passage]]:
    found = schema.rows(
        db,
        "SELECT passages.id, headings, document_id, version, ordinal, text, title, page, "
        'last_page, start, "end" FROM passages JOIN versions ON versions.id = version_id '
        "WHERE passages.id IN (SELECT value FROM json_each(?))",
        (schema.listed(ids),),
    )
    fields = (
        "document_id",
        "version",
        "ordinal",
        "text",
        "title",
        "page",
        "last_page",
        "start",
        "end",
    )
    return [
        (
            id_,
            Passage(headings=tuple(json.loads(headings)), **dict(zip(fields, values, strict=True))),
        )
        for id_, headings, *values in found
    ]
