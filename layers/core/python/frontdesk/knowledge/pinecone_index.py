"""The passage index in Pinecone: one index, a namespace for each organisation.

The index has a dense vector and two texts with full-text search (the passage, and the titles above
it). Everything else of a passage is stored beside them and can be filtered on. Writes take effect
after they are acknowledged, usually within seconds: `wait_until_searchable` waits for them.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from frontdesk.errors import IndexUnavailable
from frontdesk.knowledge.lexical import terms
from frontdesk.knowledge.ports import Candidate, Passage, Vector

# The SDK is imported where it is used, so that a function with another index does without it.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    from pinecone import Index, Pinecone
    from pinecone.models.documents.document import Document

_VECTOR = "embedding"
_TEXT = "text"
_TITLES = "titles"

# What a search reads back: all but the vector.
_FIELDS = (
    "document_id",
    "version",
    "ordinal",
    _TEXT,
    "title",
    "headings",
    "page",
    "last_page",
    "start",
    "end",
    "category",
    "language",
)

# A request may hold 1,000 documents and 2 MB. Fifty with 1,536 numbers each come to about 1.6 MB,
# and the SDK halves a batch that is refused as too large.
_BATCH = 50
_CONCURRENT_BATCHES = 4


class PineconeIndex:
    """A PassageIndex in the Pinecone index called `name`, made by `ensure_index`.

    The SDK tries a request four times when it is refused for load (429), fails (5xx) or times out.
    """

    def __init__(
        self,
        *,
        api_key: SecretStr | str,
        name: str,
        host: str | None = None,
        control_host: str | None = None,
        timeout: float = 4.0,
        search_deadline: float = 10.0,
        write_deadline: float = 60.0,
    ) -> None:
        """Nothing is sent before the first use.

        `host` is where the index lives; without it, one request asks for it. `control_host`
        replaces Pinecone's own control plane. `timeout` is for one attempt and the deadlines are
        for all attempts together, in seconds.
        """
        self._api_key = api_key
        self._name = name
        self._host = host
        self._control_host = control_host
        self._timeout = timeout
        self._search_deadline = search_deadline
        self._write_deadline = write_deadline
        self._lock = threading.Lock()
        self._opened: Index | None = None
        self._pool = _two_threads()
        self._written: dict[str, int] = {}

    def upsert(
        self, organization_id: str, passages: Sequence[Passage], vectors: Sequence[Vector]
    ) -> None:
        """Store passages under their ids; the same id again replaces.

        Not atomic: after IndexUnavailable some may be stored, and the same call again completes
        them. Raises ValueError when the lengths differ.
        """
        documents = {
            passage.id: _document(passage, vector)
            for passage, vector in zip(passages, vectors, strict=True)
        }
        if not documents:
            return
        with _our_errors():
            result = self._index().documents.batch_upsert(
                namespace=organization_id,
                documents=list(documents.values()),
                batch_size=_BATCH,
                max_concurrency=_CONCURRENT_BATCHES,
                show_progress=False,
                total_timeout=self._write_deadline,
            )
        if result.has_errors:
            raise IndexUnavailable(
                f"Pinecone did not store {result.failed_item_count} of {len(documents)} passages: "
                f"{_cause(result.errors[0].error)}"
            )
        if result.response_info is not None:
            self._note_write(organization_id, result.response_info.lsn_committed)

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
        """The union of both sides' best, which are asked at the same time.

        A passage that only one side brought up has None for the other. Raises IndexUnavailable,
        at the latest when the search deadline is over.
        """
        if limit < 1 or (categories is not None and not categories):
            return []
        common: dict[str, Any] = {"namespace": organization_id, "top_k": limit}
        if conditions := _conditions(hidden_versions, categories, languages):
            common["filter"] = {"$and": conditions} if len(conditions) > 1 else conditions[0]
        wanted = " ".join(terms(text))
        # "text" clauses are plain words. (Lucene syntax would be the "query_string" type.)
        by_words = {"type": "text", "query": wanted, "fields": [_TEXT, _TITLES]}
        by_vector = {"type": "dense_vector", "field": _VECTOR, "values": list(vector)}
        started = time.monotonic()
        dense = self._pool.submit(self._search, by_vector, common)
        words = self._pool.submit(self._search, by_words, common) if wanted else None
        near = self._result(dense, started)
        matching = self._result(words, started) if words else {}
        cosines = {id_: _score(found) for id_, found in near.items()}
        scores = {id_: _score(found) for id_, found in matching.items()}
        return [
            Candidate(
                _passage(found),
                cosine=max(-1.0, min(1.0, cosines[id_])) if id_ in cosines else None,
                bm25=scores.get(id_),
            )
            for id_, found in (near | matching).items()
        ]

    def delete_version(self, organization_id: str, document_id: str, version: str) -> None:
        """Remove every passage of one version of a document. Raises IndexUnavailable."""
        from pinecone.errors import NotFoundError

        with _our_errors():
            documents = self._index().documents
            try:
                deleted = documents.delete(
                    namespace=organization_id,
                    filter={
                        "$and": [
                            {"document_id": {"$eq": document_id}},
                            {"version": {"$eq": version}},
                        ]
                    },
                )
            except NotFoundError:
                return  # the namespace is made by its first passage
        if deleted.response_info is not None:
            self._note_write(organization_id, deleted.response_info.lsn_committed)

    def wait_until_searchable(self, organization_id: str, *, seconds: float = 60.0) -> bool:
        """Wait until searches see all that this instance wrote; False if it takes too long.

        Raises IndexUnavailable.
        """
        position = self._written.get(organization_id)
        give_up = time.monotonic() + seconds
        while position is not None:
            with _our_errors():
                found = self._index().documents.search(
                    namespace=organization_id,
                    score_by=[{"type": "text", "query": "a", "fields": [_TEXT]}],
                    top_k=1,
                )
            seen = found.response_info.lsn_reconciled if found.response_info else None
            if seen is None or seen >= position:  # None: the server does not tell
                break
            if time.monotonic() > give_up:
                return False
            time.sleep(0.25)
        return True

    def close(self) -> None:
        """Close the connections."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._opened is not None:
            self._opened.close()

    def _index(self) -> "Index":
        with self._lock:
            if self._opened is None:
                with _client(self._api_key, self._control_host, self._timeout) as client:
                    self._opened = client.index(name=self._name, host=self._host or "")
            return self._opened

    def _search(self, score_by: dict[str, Any], common: dict[str, Any]) -> "dict[str, Document]":
        from pinecone.errors import NotFoundError

        with _our_errors():
            index = self._index()
            try:
                found = index.documents.search(
                    score_by=[score_by], include_fields=_FIELDS, **common
                )
            except NotFoundError:
                return {}  # the namespace is made by its first passage
        return {document.id: document for document in found.matches}

    def _result(
        self, future: "Future[dict[str, Document]]", started: float
    ) -> "dict[str, Document]":
        try:
            return future.result(self._search_deadline - (time.monotonic() - started))
        except FutureTimeoutError as error:
            # What hangs is left to its own timeouts; the next search must not queue behind it.
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = _two_threads()
            raise IndexUnavailable("Pinecone did not answer in time") from error

    def _note_write(self, organization_id: str, position: int | None) -> None:
        if position is not None:
            self._written[organization_id] = max(position, self._written.get(organization_id, 0))


def ensure_index(
    *,
    api_key: SecretStr | str,
    name: str,
    dimensions: int,
    cloud: str = "aws",
    region: str = "us-east-1",
    control_host: str | None = None,
    seconds: int = 300,
) -> None:
    """Create the index if it is missing, protected from deletion, and wait until it is ready.

    Raises IndexUnavailable when that fails or takes longer than `seconds`, or when there is an
    index of that name which cannot hold these vectors.
    """
    from pinecone.errors import ConflictError, NotFoundError

    # Stemming and stop words as on the SQLite side. A schema cannot change later.
    analysed = {"language": "en", "stemming": True, "stop_words": True}
    schema: dict[str, Any] = {
        "fields": {
            _VECTOR: {"type": "dense_vector", "dimension": dimensions, "metric": "cosine"},
            _TEXT: {"type": "string", "full_text_search": analysed},
            _TITLES: {"type": "string", "full_text_search": analysed},
        }
    }
    with _our_errors(), _client(api_key, control_host, timeout=30.0) as client:
        try:
            found = client.indexes.describe(name)
        except NotFoundError:
            try:
                found = client.indexes.create(
                    name=name,
                    schema=schema,
                    deployment={"deployment_type": "managed", "cloud": cloud, "region": region},
                    deletion_protection="enabled",
                    timeout=seconds,
                )
            except ConflictError:  # someone else was quicker
                found = client.indexes.describe(name)
    vector = found.schema.fields.get(_VECTOR)
    if getattr(vector, "dimension", None) != dimensions or not {_TEXT, _TITLES} <= {
        *found.schema.fields
    }:
        raise IndexUnavailable(
            f"the Pinecone index {name!r} exists with other fields than Frontdesk's for vectors of "
            f"{dimensions} dimensions: delete it, or choose another name"
        )


def _client(api_key: SecretStr | str, host: str | None, timeout: float) -> "Pinecone":
    from pinecone import Pinecone

    key = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
    return Pinecone(key, host=host, timeout=timeout)


def _two_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="pinecone")


@contextmanager
def _our_errors() -> Iterator[None]:
    from httpx import HTTPError
    from pinecone.errors import PineconeError

    try:
        yield
    except (PineconeError, HTTPError) as error:
        raise IndexUnavailable(f"Pinecone failed: {_cause(error)}") from None


def _cause(error: Exception | None) -> str:
    """What went wrong, without the server's sentences: they may quote keys or customers."""
    status = getattr(error, "status_code", None)
    if status is None:
        return type(error).__name__
    code = getattr(error, "error_code", None)
    return f"it answered {status} {code}" if code else f"it answered {status}"


def _conditions(
    hidden_versions: frozenset[str],
    categories: frozenset[str] | None,
    languages: frozenset[str] | None,
) -> list[dict[str, Any]]:
    conditions: list[dict[str, Any]] = []
    if hidden_versions:
        conditions.append({"version": {"$nin": sorted(hidden_versions)}})
    if categories is not None:
        conditions.append({"category": {"$in": sorted(categories)}})
    if languages is not None:
        known = [{"language": {"$eq": language}} for language in sorted(languages)]
        conditions.append({"$or": [*known, {"language": {"$exists": False}}]})
    return conditions


def _document(passage: Passage, vector: Vector) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "_id": passage.id,
        _VECTOR: list(vector),
        _TEXT: passage.text,
        _TITLES: " > ".join((passage.title, *passage.headings)),
        "document_id": passage.document_id,
        "version": passage.version,
        "ordinal": passage.ordinal,
        "title": passage.title,
        "headings": list(passage.headings),
        "page": passage.page,
        "last_page": passage.last_page,
        "start": passage.start,
        "end": passage.end,
        "category": passage.category,
        "language": passage.language,
    }
    # Pinecone stores no nulls. What is empty comes back as the same default.
    return {name: value for name, value in fields.items() if value not in (None, [], "")}


def _passage(found: "Document") -> Passage:
    """The passage as it was stored; Pinecone keeps every number as a float."""
    return Passage(
        document_id=found.get("document_id"),
        version=found.get("version"),
        ordinal=int(found.get("ordinal")),
        text=found.get(_TEXT, ""),
        title=found.get("title", ""),
        headings=tuple(found.get("headings", ())),
        page=_whole(found.get("page")),
        last_page=_whole(found.get("last_page")),
        start=int(found.get("start", 0)),
        end=int(found.get("end", 0)),
        category=found.get("category"),
        language=found.get("language"),
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _score(found: "Document") -> float:
    return found.score or 0.0
