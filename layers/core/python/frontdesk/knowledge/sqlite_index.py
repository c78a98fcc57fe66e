"""The passage index in one SQLite file, for a laptop or a single machine."""

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from frontdesk.errors import IndexUnavailable
from frontdesk.knowledge import sqlite_schema as schema
from frontdesk.knowledge import sqlite_vectors, sqlite_words
from frontdesk.knowledge.ports import Candidate, Passage, Vector


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
            for passage, vector in latest.values():
                version_id = _version_id(db, namespace, passage)
                _remove(
                    db,
                    namespace,
                    "SELECT id FROM passages WHERE version_id = ? AND ordinal = ?",
                    (version_id, passage.ordinal),
                )
                _insert(db, namespace, version_id, passage, sqlite_vectors.packed(vector))

    def search(
        self,
        organization_id: str,
        *,
        text: str,
        vector: Vector,
        limit: int,
        hidden_versions: frozenset[str] = frozenset(),
        categories: frozenset[str] | None = None,
        languages: frozenset[str] | None = None,
    ) -> list[Candidate]:
        """The union of both sides' best; every candidate carries its true cosine.

        What a version's first passages said of category and language holds for all of it.
        Raises IndexUnavailable, also when the vector's dimensions are not those of the file.
        """
        with self._session() as db, schema.transaction(db, "DEFERRED"):
            namespace = _namespace(db, organization_id)
            if namespace is None or limit < 1:
                return []
            _expect_dimensions(db, len(vector))
            versions = schema.Versions(_hidden_ids(db, namespace, hidden_versions))
            if categories is not None or languages is not None:
                versions = _wanted(db, namespace, versions, categories, languages)
            query = sqlite_vectors.packed(vector)
            cosines = sqlite_vectors.nearest(db, namespace, query, limit=limit, versions=versions)
            scores = sqlite_words.best(db, namespace, text, limit=limit, versions=versions)
            cosines |= sqlite_vectors.cosines(db, query, scores.keys() - cosines.keys())
            return [
                Candidate(passage, cosine=cosines[id_], bm25=scores.get(id_))
                for id_, passage in _passages(db, cosines)
            ]

    def wait_until_searchable(self, organization_id: str, *, seconds: float = 60.0) -> bool:  # noqa: ARG002 - the port's
        """A committed transaction is searchable at once."""
        return True

    def delete_version(self, organization_id: str, document_id: str, version: str) -> None:
        """Remove every passage of one version of a document. Raises IndexUnavailable."""
        with self._session() as db, schema.transaction(db, "IMMEDIATE"):
            namespace = _namespace(db, organization_id)
            if namespace is None:
                return
            key = (namespace.id, version, document_id)
            _remove(
                db,
                namespace,
                "SELECT id FROM passages WHERE version_id IN (SELECT id FROM versions "
                "WHERE namespace_id = ? AND version = ? AND document_id = ?)",
                key,
            )
            db.execute(
                "DELETE FROM versions WHERE namespace_id = ? AND version = ? AND document_id = ?",
                key,
            )

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


def _namespace(db: apsw.Connection, organization_id: str) -> schema.Namespace | None:
    found = schema.row(
        db,
        "SELECT id, passages, most_passages FROM namespaces WHERE organization_id = ?",
        (organization_id,),
    )
    return schema.Namespace(*found) if found else None


def _create_namespace(db: apsw.Connection, organization_id: str) -> schema.Namespace:
    created = schema.row(
        db,
        "INSERT INTO namespaces (organization_id) VALUES (?) RETURNING id, passages, most_passages",
        (organization_id,),
    )
    namespace = schema.Namespace(*created)
    sqlite_words.create(db, namespace.id)
    return namespace


def _dimensions(db: apsw.Connection) -> int | None:
    found = schema.row(db, "SELECT value FROM settings WHERE name = 'dimensions'")
    return found[0] if found else None


def _settle_dimensions(db: apsw.Connection, dimensions: int) -> None:
    if _dimensions(db) is None:
        db.execute("INSERT INTO settings (name, value) VALUES ('dimensions', ?)", (dimensions,))
        sqlite_vectors.create(db, dimensions)
    _expect_dimensions(db, dimensions)


def _expect_dimensions(db: apsw.Connection, dimensions: int) -> None:
    stored = _dimensions(db)
    if stored != dimensions:
        raise IndexUnavailable(
            f"the passage index holds vectors of {stored} dimensions, and this one has "
            f"{dimensions}: the embedder was changed, so documents must be indexed again"
        )


def _version_id(db: apsw.Connection, namespace: schema.Namespace, passage: Passage) -> int:
    key = (namespace.id, passage.version, passage.document_id)
    find = "SELECT id FROM versions WHERE namespace_id = ? AND version = ? AND document_id = ?"
    found = schema.row(db, find, key) or schema.row(
        db,
        "INSERT INTO versions (namespace_id, version, document_id, category, language) "
        "VALUES (?, ?, ?, ?, ?) RETURNING id",
        (*key, passage.category, passage.language),
    )
    return int(found[0])


def _insert(
    db: apsw.Connection,
    namespace: schema.Namespace,
    version_id: int,
    passage: Passage,
    vector: bytes,
) -> None:
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
    counted = schema.row(
        db,
        "UPDATE namespaces SET passages = passages + 1, "
        "most_passages = max(most_passages, passages + 1) WHERE id = ? "
        "RETURNING id, passages, most_passages",
        (namespace.id,),
    )
    sqlite_vectors.insert(db, schema.Namespace(*counted), id_, version_id, vector)
    sqlite_words.insert(db, namespace.id, id_, passage.searchable_text)


def _remove(
    db: apsw.Connection, namespace: schema.Namespace, which: str, values: tuple[int | str, ...]
) -> None:
    """Remove the passages whose ids the query `which` finds."""
    ids = [id_ for (id_,) in schema.rows(db, which, values)]
    if not ids:
        return
    sqlite_words.delete(db, namespace.id, ids)
    sqlite_vectors.delete(db, ids)
    db.executemany("DELETE FROM passages WHERE id = ?", [(id_,) for id_ in ids])
    db.execute(
        "UPDATE namespaces SET passages = passages - ? WHERE id = ?", (len(ids), namespace.id)
    )


def _hidden_ids(
    db: apsw.Connection, namespace: schema.Namespace, hidden_versions: frozenset[str]
) -> list[int]:
    if not hidden_versions:
        return []
    found = schema.rows(
        db,
        "SELECT id FROM versions "
        "WHERE namespace_id = ? AND version IN (SELECT value FROM json_each(?))",
        (namespace.id, schema.listed(hidden_versions)),
    )
    return [id_ for (id_,) in found]


def _wanted(
    db: apsw.Connection,
    namespace: schema.Namespace,
    versions: schema.Versions,
    categories: frozenset[str] | None,
    languages: frozenset[str] | None,
) -> schema.Versions:
    """`versions` with those that meet the filters; an unknown language meets any."""
    found = schema.rows(
        db, "SELECT id, category, language FROM versions WHERE namespace_id = ?", (namespace.id,)
    )
    hidden = frozenset(versions.hidden)
    wanted = [
        id_
        for id_, category, language in found
        if id_ not in hidden
        and (categories is None or category in categories)
        and (languages is None or language is None or language in languages)
    ]
    return schema.Versions(versions.hidden, wanted)


def _passages(db: apsw.Connection, ids: Iterable[int]) -> list[tuple[int, Passage]]:
    found = schema.rows(
        db,
        "SELECT passages.id, document_id, version, ordinal, text, title, headings, page, "
        'last_page, start, "end", category, language '
        "FROM passages JOIN versions ON versions.id = version_id "
        "WHERE passages.id IN (SELECT value FROM json_each(?))",
        (schema.listed(ids),),
    )
    return [(row[0], _passage(row[1:])) for row in found]


def _passage(row: tuple[Any, ...]) -> Passage:
    document_id, version, ordinal, text, title, headings, *rest = row
    return Passage(document_id, version, ordinal, text, title, tuple(json.loads(headings)), *rest)
