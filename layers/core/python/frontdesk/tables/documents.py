"""Documents and their passages.

A document has one version that answers and at most one that is being worked on. A version's
passages stay hidden from search until all of them are stored; then one transaction makes the new
version answer and hides the old one, whose remains are removed afterwards. A version that was
removed stays hidden until no worker can be writing it any more: see `SweepJob`.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from pydantic import TypeAdapter

from frontdesk.billing.limits import no_room_for_bytes, no_room_for_document
from frontdesk.billing.plans import UNBILLED, Plan
from frontdesk.entities import Citation, Document, DocumentStatus, Progress
from frontdesk.errors import Conflict, NotFound
from frontdesk.knowledge.neighbours import join
from frontdesk.knowledge.ports import Passage
from frontdesk.tables.accounts import store_change, store_less, store_more, stored
from frontdesk.tables.client import ConditionFailed, Delete, Operation, Put, Table, Update
from frontdesk.tables.organizations import MOST_HIDDEN_CHANGES, change_hidden_versions

_PASSAGE = TypeAdapter(Passage)
_DELETED = "deleted"
_IN_WORK = "pending_version = :version AND (attribute_not_exists(#version) OR #version <> :version)"
"""The version is expected, and another delivery of the same upload has not published it already."""


_AS_READ = (
    "pending_version = :expected AND #size = :size_before "
    "AND (answering_size = :answering OR attribute_not_exists(answering_size))"
)
"""Nothing has changed by which the document is counted. See `_as_read`."""


class Superseded(Conflict):
    """A newer upload, or a deletion, has overtaken this version."""


class DocumentExists(Conflict):
    """It was announced before."""


class Documents:
    """Reads and writes documents and passages."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def create(
        self, document: Document, *, plan: Plan = UNBILLED, also: Sequence[Operation] = ()
    ) -> None:
        """Store and count a new document, its first version hidden until it is complete.

        `also` is written in the same transaction. Raises ConditionFailed if a condition of its own
        does not hold, DocumentExists when there is one with this id, and PlanLimit when `plan` has
        no room.
        """
        organization_id = document.organization_id
        try:
            self._table.transact(
                store_more(organization_id, plan, documents=1, stored_bytes=document.size),
                Put(
                    _key(organization_id, document.id),
                    document.model_dump(mode="json", exclude_none=True),
                    condition="attribute_not_exists(pk)",
                ),
                change_hidden_versions(organization_id, hide=[document.pending_version]),
                *also,
            )
        except ConditionFailed as failure:
            if failure.failed(1):
                raise DocumentExists("There is a document with this id already.") from failure
            if not _no_room(failure):
                raise
            documents, _ = stored(self._table, organization_id)
            full = plan.documents is not None and documents >= plan.documents
            raise (no_room_for_document(plan) if full else no_room_for_bytes(plan)) from failure

    def get(self, organization_id: str, document_id: str) -> Document:
        """The document. Raises NotFound."""
        item = self._table.get(_key(organization_id, document_id))
        if item is None:
            raise NotFound("There is no such document.")
        return Document.model_validate(item)

    def page(
        self, organization_id: str, *, after: str | None, limit: int
    ) -> tuple[list[Document], str | None]:
        """Up to `limit` documents, newest first, and the cursor of the next page, if any."""
        last = f"DOC#{after[:-1]}{chr(ord(after[-1]) - 1)}~" if after else "DOC#~"
        items = self._table.query(
            f"ORG#{organization_id}#DOCS",
            first="DOC#",
            last=last,
            limit=limit + 1,
            newest_first=True,
        )
        documents = [Document.model_validate(item) for item in items[:limit]]
        return documents, documents[-1].id if len(items) > limit else None

    def begin_version(
        self,
        document: Document,
        *,
        version: str,
        filename: str,
        size: int,
        source_url: str | None = None,
        plan: Plan = UNBILLED,
        also: Sequence[Operation] = (),
    ) -> Document:
        """Expect a new upload, or a file from `source_url`; the present version goes on answering.

        `also` is written in the same transaction. Raises Superseded, and PlanLimit when `plan` has
        no room for a document that is so much larger.
        """
        retired = [document.pending_version] if document.pending_version != document.version else []
        counted = _recount(document, size, plan)
        try:
            self._table.transact(
                *counted,
                Update(
                    _key(document.organization_id, document.id),
                    "SET pending_version = :version, filename = :filename, #size = :size, "
                    "#status = :status, updated_at = :now, "
                    "retired_versions = list_append(retired_versions, :retired)"
                    + (", source_url = :source " if source_url else " ")
                    + "REMOVE progress, #error"
                    + ("" if source_url else ", source_url"),
                    {
                        "version": version,
                        "filename": filename,
                        "size": size,
                        "status": "fetching" if source_url else "awaiting_upload",
                        **({"source": source_url} if source_url else {}),
                        "now": _now(),
                        "retired": retired,
                        **_as_read(document),
                    },
                    names=("size", "status", "error"),
                    condition=_AS_READ,
                ),
                change_hidden_versions(document.organization_id, hide=[version]),
                *also,
            )
        except ConditionFailed as failure:
            if counted and _no_room(failure):
                raise no_room_for_bytes(plan) from failure
            raise Superseded("The document was changed just now. Try again.") from failure
        return self.get(document.organization_id, document.id)

    def set_status(
        self,
        organization_id: str,
        document_id: str,
        version: str,
        status: DocumentStatus,
        progress: Progress | None = None,
    ) -> None:
        """Say how far the work on `version` is. Raises Superseded."""
        self._change(
            organization_id,
            document_id,
            version,
            "SET #status = :status, updated_at = :now, progress = :progress REMOVE #error",
            {"status": status, "progress": progress.model_dump() if progress else None},
            names=("status", "error"),
        )

    def note_file(
        self,
        organization_id: str,
        document_id: str,
        version: str,
        *,
        filename: str,
        size: int,
        plan: Plan = UNBILLED,
    ) -> None:
        """Say what file there is for `version`, before it is stored, and count it.

        Raises Superseded, and PlanLimit when `plan` has no room for it.
        """
        document = self._in_work(organization_id, document_id, version)
        counted = _recount(document, size, plan)
        try:
            self._table.transact(
                *counted,
                Update(
                    _key(organization_id, document_id),
                    "SET filename = :filename, #size = :size, updated_at = :now",
                    {"filename": filename, "size": size, "now": _now(), **_as_read(document)},
                    names=("size",),
                    condition=_AS_READ,
                ),
            )
        except ConditionFailed as failure:
            if counted and _no_room(failure):
                raise no_room_for_bytes(plan) from failure
            raise Superseded("The document was changed just now.") from failure

    def fail(self, organization_id: str, document_id: str, version: str, reason: str) -> None:
        """The work on `version` has ended without success, for a reason people can read.

        Raises Superseded.
        """
        self._change(
            organization_id,
            document_id,
            version,
            "SET #status = :status, updated_at = :now, #error = :error REMOVE progress",
            {"status": "failed", "error": reason},
            names=("status", "error"),
        )

    def publish(
        self,
        document: Document,
        version: str,
        *,
        pages: int | None,
        passages: int,
        warnings: Sequence[str] = (),
    ) -> None:
        """Make `version` the one that answers and hide the one before, in one step.

        `document` may have got another title. What it replaces is no longer counted. Raises
        Superseded.
        """
        retired = [document.version] if document.version else []
        present = self._in_work(document.organization_id, document.id, version)
        try:
            self._table.transact(
                Update(
                    _key(document.organization_id, document.id),
                    "SET #version = :version, #status = :status, pages = :pages, "
                    "passages = :passages, warnings = :warnings, title = :title, "
                    "answering_size = #size, "
                    "updated_at = :now, "
                    "retired_versions = list_append(retired_versions, :retired) "
                    "REMOVE progress, #error",
                    {
                        "version": version,
                        "status": "ready",
                        "pages": pages,
                        "passages": passages,
                        "warnings": list(warnings),
                        "title": document.title,
                        "now": _now(),
                        "retired": retired,
                        **_as_read(present),
                    },
                    names=("version", "status", "error", "size"),
                    condition=f"{_IN_WORK} AND {_AS_READ}",
                ),
                change_hidden_versions(document.organization_id, show=[version], hide=retired),
                *store_change(
                    document.organization_id, UNBILLED, present.stored_bytes, present.size
                ),
            )
        except ConditionFailed as failure:
            raise Superseded("A newer version has been uploaded.") from failure

    def mark_deleting(self, document: Document, *, also: Sequence[Operation] = ()) -> None:
        """Stop the document from answering, and from counting, at once.

        Its remains are removed by the ingest worker.

        `also` is written in the same transaction. Raises Superseded when it changed meanwhile.
        """
        versions = {document.pending_version, document.version} - {None, _DELETED}
        try:
            self._table.transact(
                Update(
                    _key(document.organization_id, document.id),
                    "SET pending_version = :deleted, #status = :status, updated_at = :now, "
                    "retired_versions = list_append(retired_versions, :retired) "
                    "REMOVE #version, progress, #error",
                    {
                        "deleted": _DELETED,
                        "status": "deleting",
                        "now": _now(),
                        "retired": sorted(version for version in versions if version),
                        **_as_read(document),
                    },
                    names=("version", "status", "error", "size"),
                    condition=_AS_READ,
                ),
                change_hidden_versions(
                    document.organization_id,
                    hide=sorted(version for version in versions if version),
                ),
                store_less(
                    document.organization_id, documents=1, stored_bytes=document.stored_bytes
                ),
                *also,
            )
        except ConditionFailed as failure:
            raise Superseded("The document was changed just now. Try again.") from failure

    def strike_versions(
        self, organization_id: str, document_id: str, versions: Sequence[str]
    ) -> None:
        """Strike versions off the document's list, once their remains were removed.

        They stay hidden until `show_versions`. Raises Superseded, and NotFound.
        """
        if not versions:
            return
        document = self.get(organization_id, document_id)
        left = [version for version in document.retired_versions if version not in versions]
        try:
            self._table.update(
                Update(
                    _key(organization_id, document_id),
                    "SET retired_versions = :left",
                    {"left": left, "before": list(document.retired_versions)},
                    condition="retired_versions = :before",
                )
            )
        except ConditionFailed as failure:
            raise Superseded("The document was changed just now.") from failure

    def remove(self, document: Document) -> None:
        """Take a document off the list, after all its versions are gone. Safe to repeat.

        The versions stay hidden until `show_versions`.
        """
        self._table.delete(Delete(_key(document.organization_id, document.id)))

    def show_versions(self, organization_id: str, versions: Sequence[str]) -> None:
        """Hide versions no longer: nothing of them is left, and nobody writes them. Repeatable."""
        for begin in range(0, len(versions), MOST_HIDDEN_CHANGES):
            part = versions[begin : begin + MOST_HIDDEN_CHANGES]
            self._table.update(change_hidden_versions(organization_id, show=part))

    def put_passages(self, organization_id: str, passages: Sequence[Passage]) -> None:
        """Store passages for reading; the same ones again replace."""
        self._table.put_many(
            [
                Put(
                    _passage_key(organization_id, passage.document_id, passage.id),
                    {name: value for name, value in asdict(passage).items() if value is not None},
                )
                for passage in passages
            ]
        )

    def passages(
        self, organization_id: str, document_id: str, version: str, *, limit: int | None = None
    ) -> list[Passage]:
        """The passages of one version, in reading order."""
        items = self._table.query(
            f"ORG#{organization_id}#DOC#{document_id}",
            first=f"P#{version}-",
            last=f"P#{version}-~",
            limit=limit,
        )
        return [_PASSAGE.validate_python(item) for item in items]

    def cited(self, organization_id: str, citation: Citation) -> Passage:
        """What a citation stands for, neighbours as one.

        Raises NotFound, also when the version has been replaced.
        """
        last = citation.last_passage_id or citation.passage_id
        items = self._table.query(
            f"ORG#{organization_id}#DOC#{citation.document_id}",
            first=f"P#{citation.passage_id}",
            last=f"P#{last}",
        )
        if not items:
            raise NotFound("This passage is not there any more: its document has changed.")
        return join([_PASSAGE.validate_python(item) for item in items])

    def delete_passages(self, organization_id: str, document_id: str, version: str) -> None:
        """Remove the passages of one version."""
        self._table.delete_many(
            [
                _passage_key(organization_id, document_id, passage.id)
                for passage in self.passages(organization_id, document_id, version)
            ]
        )

    def _in_work(self, organization_id: str, document_id: str, version: str) -> Document:
        """The document, which waits for `version`. Raises Superseded."""
        try:
            document = self.get(organization_id, document_id)
        except NotFound as error:
            raise Superseded("The document was removed.") from error
        if document.pending_version != version or document.version == version:
            raise Superseded("A newer version has been uploaded.")
        return document

    def _change(
        self,
        organization_id: str,
        document_id: str,
        version: str,
        expression: str,
        values: dict[str, object],
        *,
        names: tuple[str, ...],
    ) -> None:
        try:
            self._table.update(
                Update(
                    _key(organization_id, document_id),
                    expression,
                    {**values, "now": _now(), "version": version},
                    names=tuple({*names, "version"}),
                    condition=_IN_WORK,
                )
            )
        except ConditionFailed as failure:
            raise Superseded("A newer version has been uploaded.") from failure


def _as_read(document: Document) -> dict[str, object]:
    return {
        "expected": document.pending_version,
        "size_before": document.size,
        "answering": document.answering_size,
    }


def _recount(document: Document, size: int, plan: Plan) -> list[Update]:
    """What counts a document whose newest upload gets another size."""
    after = max(size, document.answering_size)
    return store_change(document.organization_id, plan, document.stored_bytes, after)


def _no_room(failure: ConditionFailed) -> bool:
    """Whether it is the count alone that failed, which comes first."""
    return [reason != "None" for reason in failure.reasons].count(True) == 1 and failure.failed(0)


def object_key(organization_id: str, document_id: str, version: str) -> str:
    """Where the uploaded file of a version lies in the documents bucket."""
    return f"documents/{organization_id}/{document_id}/{version}"


def _key(organization_id: str, document_id: str) -> tuple[str, str]:
    return f"ORG#{organization_id}#DOCS", f"DOC#{document_id}"


def _passage_key(organization_id: str, document_id: str, passage_id: str) -> tuple[str, str]:
    return f"ORG#{organization_id}#DOC#{document_id}", f"P#{passage_id}"


def _now() -> str:
    return datetime.now(UTC).isoformat()
