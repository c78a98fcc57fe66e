"""A stand-in for Pinecone over real HTTP: one control plane and one index's Documents API.

Requests are decoded into the SDK's own request models, which hold the API's rules, and responses
are the wire form of its response models. Scores and filters are computed.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event, Lock
from typing import Any
from urllib.parse import unquote

import msgspec
from pinecone.models.documents.requests import (
    DeleteDocumentsRequest,
    SearchDocumentsRequest,
    UpsertDocumentsRequest,
)
from pinecone.models.documents.score_by import DenseVectorQuery, TextQuery
from pinecone.models.indexes.requests import CreateIndexRequest
from pinecone.models.indexes.schema import DenseVectorField, IndexSchema, StringField

from tests.contract.pinecone_search import BadRequest, bm25, cosine, passes
from tests.http_server import StandInServer, running

API_KEY = "pc-test-key"
_API_VERSION = "2026-07"
_MOST_BYTES = 2_000_000


@dataclass(frozen=True)
class Failure:
    """What happens to a request instead of an answer: a status, or silence for some seconds."""

    status: int = 0
    silent_seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=lambda: {"Retry-After": "0"})


class Answer(Exception):
    """Ends a request with this status and body."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"status": status, "error": {"code": code, "message": message}}


class StandIn:
    """The indexes and their documents.

    `failures` are played in turn before requests are answered again. With `lag`, writes are
    acknowledged and found only once `catch_up` was called.
    """

    def __init__(self) -> None:
        self.url = ""
        self.indexes: dict[str, dict[str, Any]] = {}
        self.namespaces: dict[str, dict[str, dict[str, Any]]] = {}
        self.failures: list[Failure] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.lag = False
        self.over = Event()
        self._lock = Lock()
        self._pending: list[tuple[str, dict[str, dict[str, Any]]]] = []
        self._written = self._searchable = 0

    def catch_up(self) -> None:
        """Make searches see every write."""
        with self._lock:
            for namespace, documents in self._pending:
                self.namespaces.setdefault(namespace, {}).update(documents)
            self._pending.clear()
            self._searchable = self._written

    def next_failure(self) -> Failure | None:
        with self._lock:
            return self.failures.pop(0) if self.failures else None

    def answer(self, method: str, path: str, raw: bytes) -> tuple[int, Any, dict[str, str]]:
        """Status, body and headers of the answer to a request. Raises Answer or BadRequest."""
        body = json.loads(raw) if raw else {}
        self.requests.append((f"{method} {path}", body))
        match path.strip("/").split("/"):
            case ["indexes"] if method == "POST":
                return 201, self._create(body), {}
            case ["indexes", name] if method == "GET":
                if name not in self.indexes:
                    raise Answer(404, "NOT_FOUND", f"no index {name}")
                return 200, self.indexes[name], {}
            case ["namespaces", namespace, "documents", verb]:
                with self._lock:
                    return self._documents(verb, unquote(namespace), body, len(raw))
        raise Answer(404, "NOT_FOUND", path)

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        request = CreateIndexRequest(**body)
        name = request.name or "unnamed"
        if name in self.indexes:
            raise Answer(409, "ALREADY_EXISTS", name)
        for declared in msgspec.convert(body["schema"], IndexSchema).fields.values():
            is_text = isinstance(declared, StringField) and declared.full_text_search is not None
            if not (is_text or isinstance(declared, DenseVectorField)):
                raise BadRequest("only searched fields are declared")
        self.indexes[name] = {
            "name": name,
            "host": self.url,
            "status": {"ready": True, "state": "Ready"},
            "schema": body["schema"],
            "deployment": body["deployment"],
            "deletion_protection": request.deletion_protection or "disabled",
        }
        return self.indexes[name]

    def _schema(self) -> IndexSchema:
        (index,) = self.indexes.values()
        return msgspec.convert(index["schema"], IndexSchema)

    def _documents(
        self, verb: str, namespace: str, body: dict[str, Any], size: int
    ) -> tuple[int, Any, dict[str, str]]:
        if verb == "search":
            headers = {"x-pinecone-max-indexed-lsn": str(self._searchable)}
            return 200, self._search(namespace, body), headers
        if verb == "upsert":
            answer = self._upsert(namespace, body, size)
        elif verb == "delete":
            answer = self._delete(namespace, body)
        else:
            raise Answer(404, "NOT_FOUND", verb)
        self._written += 1
        if not self.lag:
            self._searchable = self._written
        return 202, answer, {"x-pinecone-request-lsn": str(self._written)}

    def _upsert(self, namespace: str, body: dict[str, Any], size: int) -> dict[str, Any]:
        if size > _MOST_BYTES:
            raise Answer(413, "PAYLOAD_TOO_LARGE", "a request holds 2 MB")
        request = UpsertDocumentsRequest(**body)
        schema = self._schema().fields
        documents: dict[str, dict[str, Any]] = {}
        for document in request.documents:
            assert isinstance(document, dict)
            for name, declared in schema.items():
                if isinstance(declared, DenseVectorField) and (
                    len(document.get(name, ())) != declared.dimension
                ):
                    raise BadRequest(f"{name} must have {declared.dimension} dimensions")
            documents[document["_id"]] = {
                name: _stored(name, value, declared=name in schema)
                for name, value in document.items()
            }
        if self.lag:
            self._pending.append((namespace, documents))
        else:
            self.namespaces.setdefault(namespace, {}).update(documents)
        return {"upserted_count": len(documents)}

    def _delete(self, namespace: str, body: dict[str, Any]) -> dict[str, Any]:
        request = DeleteDocumentsRequest(**body)
        if namespace not in self.namespaces:
            raise Answer(404, "NOT_FOUND", "namespace not found")
        documents = self.namespaces[namespace]
        doomed = list(request.ids or ())
        if request.filter is not None:
            searched = frozenset(self._schema().fields)
            doomed = [i for i, doc in documents.items() if passes(doc, request.filter, searched)]
        for id_ in doomed:
            documents.pop(id_, None)
        return {"matched_records": len(doomed)}

    def _search(self, namespace: str, body: dict[str, Any]) -> dict[str, Any]:
        request = SearchDocumentsRequest(**body)
        schema = self._schema().fields
        if request.filter == {}:
            raise BadRequest("an empty filter")
        documents = {
            id_: document
            for id_, document in self.namespaces.get(namespace, {}).items()
            if passes(document, request.filter or {}, frozenset(schema))
        }
        scores: dict[str, float] = {}
        for clause in request.score_by:
            for id_, score in self._scores(clause, documents).items():
                scores[id_] = scores.get(id_, 0.0) + score
        best = sorted(scores, key=lambda id_: -scores[id_])[: request.top_k]
        wanted = request.include_fields or []
        return {
            "matches": [
                {"_id": id_, "_score": scores[id_]}
                | {name: documents[id_][name] for name in wanted if name in documents[id_]}
                for id_ in best
            ],
            "namespace": namespace,
            "usage": {"read_units": 1},
        }

    def _scores(self, clause: object, documents: dict[str, dict[str, Any]]) -> dict[str, float]:
        schema = self._schema().fields
        if isinstance(clause, DenseVectorQuery) and clause.field:
            declared = schema.get(clause.field)
            if not isinstance(declared, DenseVectorField):
                raise BadRequest(f"{clause.field} is no dense vector")
            if len(clause.values) != declared.dimension:
                raise BadRequest(f"{clause.field} has {declared.dimension} dimensions")
            return {
                id_: cosine(document[clause.field], clause.values)
                for id_, document in documents.items()
            }
        if isinstance(clause, TextQuery) and clause.fields:
            scores: dict[str, float] = {}
            for name in clause.fields:
                text = schema.get(name)
                if not isinstance(text, StringField) or text.full_text_search is None:
                    raise BadRequest(f"{name} has no full-text search")
                found = bm25(documents, name, clause.query, text.full_text_search)
                for id_, score in found.items():
                    scores[id_] = scores.get(id_, 0.0) + score
            return scores
        raise BadRequest("this stand-in scores text and dense vectors")


def _stored(name: str, value: object, *, declared: bool) -> object:
    """A value as the server keeps it: numbers are floats, and nulls and nesting are refused."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    is_text_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(value, str | bool) or declared or is_text_list:
        return value
    raise BadRequest(f"{name} cannot hold {type(value).__name__}")


class _Server(StandInServer):
    def __init__(self, stand_in: StandIn) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stand_in = stand_in
        stand_in.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        stand_in = self.server.stand_in
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        failure = stand_in.next_failure()
        if failure:
            stand_in.over.wait(failure.silent_seconds)
            if not failure.status:
                self.close_connection = True
                return
            body = {"status": failure.status, "error": {"code": "FAILED", "message": API_KEY}}
            self._send(failure.status, body, failure.headers)
            return
        try:
            self._check_headers()
            self._send(*stand_in.answer(self.command, self.path, raw))
        except Answer as answer:
            self._send(answer.status, answer.body, {})
        except (BadRequest, ValueError, TypeError, msgspec.ValidationError) as error:
            self._send(400, {"error": {"code": "INVALID_ARGUMENT", "message": str(error)}}, {})

    def _check_headers(self) -> None:
        if self.headers["Api-Key"] != API_KEY:
            raise Answer(401, "UNAUTHENTICATED", "who are you")
        if self.headers["X-Pinecone-Api-Version"] != _API_VERSION:
            raise BadRequest("another version of the API")

    def _send(self, status: int, body: object, headers: Mapping[str, str]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - inherited name
        pass


@contextmanager
def serving() -> Iterator[StandIn]:
    """A stand-in on a free port of this machine."""
    stand_in = StandIn()
    with running(_Server(stand_in)):
        try:
            yield stand_in
        finally:
            stand_in.over.set()
