"""Turns an uploaded version of a document into passages that answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from frontdesk.entities import Document, DocumentStatus, Progress
from frontdesk.errors import IndexUnavailable, NotFound, UnreadableDocument
from frontdesk.knowledge.jobs import SWEEP_DELAY, JobQueue, SweepJob
from frontdesk.knowledge.ports import Embedder, Passage, PassageIndex
from frontdesk.knowledge.web_addresses import parse_web_address
from frontdesk.observability import logger
from frontdesk.tables.documents import Documents, Superseded, object_key
from ingest.files import Files
from ingest.reading import Reads, Task

_REPORT_SECONDS = 2.0
_BATCH = 64
"""Passages embedded, indexed and stored at a time; after each the progress is written down."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded version, as its object key names it."""

    organization_id: str
    document_id: str
    version: str

    @property
    def key(self) -> str:
        """Where its file lies."""
        return object_key(self.organization_id, self.document_id, self.version)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What ingestion needs.

    `changed` is told the organisation whenever other passages answer than before.
    """

    documents: Documents
    files: Files
    index: PassageIndex
    embedder: Embedder
    jobs: JobQueue
    read: Reads
    changed: Callable[[str], None]

    def ingest(self, upload: Upload, *, seconds_left: Callable[[], float]) -> None:
        """Ingest an upload. Safe to run twice, and at the same time as a newer upload.

        A document that cannot be read ends as `failed` with a reason: that is an answer, not an
        error. Raises Unavailable when something we depend on fails; trying again is then right.
        """
        try:
            document = self.documents.get(upload.organization_id, upload.document_id)
        except NotFound:
            self.files.delete(upload.key)
            return
        if document.version != upload.version:
            try:
                self._replace(document, upload, seconds_left)
            except Superseded:
                logger.info("another delivery has taken over", extra={"document": document.id})
                self._remove_unless_live(upload)
                return
            except UnreadableDocument as error:
                self.fail(upload, str(error))
                self.clean_up(upload.organization_id, upload.document_id)
                return
        # Also when it had been published: the try that did so may have come no further.
        self.changed(upload.organization_id)
        self.clean_up(upload.organization_id, upload.document_id)

    def give_up(self, upload: Upload) -> None:
        """End the work on an upload that was tried in vain. Safe to repeat."""
        try:
            document = self.documents.get(upload.organization_id, upload.document_id)
        except NotFound:
            return
        if document.version != upload.version:
            self.fail(
                upload,
                "Reading this file was tried several times and broke off each time. "
                "Try again later, or split it into smaller files.",
            )

    def _replace(
        self, document: Document, upload: Upload, seconds_left: Callable[[], float]
    ) -> None:
        self._report(upload, "extracting")
        data = self.files.read(upload.key)
        if data is None:
            raise UnreadableDocument("The file is not there any more. Upload it again.")
        reading = self.read(
            data,
            Task(
                document_id=document.id,
                version=upload.version,
                filename=document.filename,
                title=document.title,
                category=document.category,
                finds_title=_finds_title(document),
            ),
            seconds_left=seconds_left,
            on_page=self._page_reporter(upload),
        )
        document = document.model_copy(update={"title": reading.title})
        self._store(upload, reading.passages, seconds_left)
        if not self.index.wait_until_searchable(upload.organization_id):
            raise IndexUnavailable("the index does not show the new passages yet")
        self.documents.publish(
            document,
            upload.version,
            pages=reading.pages,
            passages=len(reading.passages),
            warnings=reading.warnings,
        )
        logger.info(
            "document ready", extra={"document": document.id, "passages": len(reading.passages)}
        )

    def _store(
        self, upload: Upload, passages: list[Passage], seconds_left: Callable[[], float]
    ) -> None:
        for begin in range(0, len(passages), _BATCH):
            if seconds_left() <= 0:
                raise UnreadableDocument(
                    "The document is too long to be made searchable in one go. "
                    "Split it into smaller files."
                )
            self._report(upload, "embedding", Progress(done=begin, total=len(passages)))
            batch = passages[begin : begin + _BATCH]
            vectors = self.embedder.embed([passage.searchable_text for passage in batch])
            self.index.upsert(upload.organization_id, batch, vectors)
            self.documents.put_passages(upload.organization_id, batch)

    def _page_reporter(self, upload: Upload) -> Callable[[int, int], None]:
        """Reports progress through the pages, every few seconds."""
        reported_at = time.monotonic()

        def report(done: int, total: int) -> None:
            nonlocal reported_at
            if time.monotonic() - reported_at >= _REPORT_SECONDS:
                reported_at = time.monotonic()
                self._report(upload, "extracting", Progress(done=done, total=total))

        return report

    def _report(
        self, upload: Upload, status: DocumentStatus, progress: Progress | None = None
    ) -> None:
        self.documents.set_status(
            upload.organization_id, upload.document_id, upload.version, status, progress
        )

    def fail(self, upload: Upload, reason: str) -> None:
        """End the work on an upload for a reason that people can read. Safe to repeat."""
        logger.info("document not readable", extra={"document": upload.document_id})
        try:
            self.documents.fail(upload.organization_id, upload.document_id, upload.version, reason)
        except Superseded:
            self._remove_unless_live(upload)

    def delete(self, organization_id: str, document_id: str) -> None:
        """Remove what a document that was deleted has left behind. Safe to repeat."""
        self.changed(organization_id)
        self.clean_up(organization_id, document_id)

    def clean_up(self, organization_id: str, document_id: str) -> None:
        """Remove what is left of versions that no longer answer. Safe to repeat.

        They stay hidden, and are looked for once more, when nobody can be writing them any more.
        """
        try:
            document = self.documents.get(organization_id, document_id)
        except NotFound:
            return
        retired = document.retired_versions
        for version in retired:
            self._remove_version(Upload(organization_id, document_id, version))
        if retired:
            job = SweepJob(
                organization_id=organization_id, document_id=document_id, versions=retired
            )
            self.jobs.put(job, delay=SWEEP_DELAY)
        if document.status == "deleting":
            self.documents.remove(document)
        else:
            self.documents.strike_versions(organization_id, document_id, retired)

    def sweep(self, job: SweepJob) -> None:
        """Remove what a late worker has written of removed versions, and forget them."""
        for version in job.versions:
            self._remove_version(Upload(job.organization_id, job.document_id, version))
        if not self.index.wait_until_searchable(job.organization_id):
            raise IndexUnavailable("the index does not show that the passages are gone yet")
        self.documents.show_versions(job.organization_id, job.versions)

    def _remove_unless_live(self, upload: Upload) -> None:
        """Remove what this worker wrote, unless another delivery of the upload published it."""
        try:
            document = self.documents.get(upload.organization_id, upload.document_id)
        except NotFound:
            self._remove_version(upload)
            return
        if document.version != upload.version:
            self._remove_version(upload)

    def _remove_version(self, upload: Upload) -> None:
        self.index.delete_version(upload.organization_id, upload.document_id, upload.version)
        self.documents.delete_passages(upload.organization_id, upload.document_id, upload.version)
        self.files.delete(upload.key)


def _finds_title(document: Document) -> bool:
    """Whether it gets the title that its page gives itself, as the team chose none."""
    url = document.source_url
    return url is not None and document.title == parse_web_address(url).title
