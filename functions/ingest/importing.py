"""Fetches what documents are imported from, and puts it where uploads are put."""

from dataclasses import dataclass

from frontdesk.entities import Document
from frontdesk.errors import NotFound, PlanLimit, UnreadableDocument
from frontdesk.knowledge.jobs import FetchJob
from frontdesk.observability import logger
from frontdesk.tables.accounts import Standings
from frontdesk.tables.documents import Superseded
from ingest.fetch import Fetcher
from ingest.pipeline import Pipeline, Upload


@dataclass(frozen=True, slots=True)
class Importer:
    """What importing needs."""

    pipeline: Pipeline
    fetcher: Fetcher
    standings: Standings

    def run(self, job: FetchJob) -> None:
        """Fetch the page of a document and store it as an upload, which has it ingested.

        Safe to run twice. What cannot be fetched ends as `failed` with a reason. Raises Unavailable
        when something we depend on fails; trying again is then right.
        """
        upload = Upload(job.organization_id, job.document_id, job.version)
        document = self._document(upload)
        if document is None or document.version == upload.version or document.source_url is None:
            return
        try:
            found = self.fetcher.fetch(document.source_url)
        except UnreadableDocument as error:
            self.pipeline.fail(upload, str(error))
            return
        try:
            self.pipeline.documents.note_file(
                upload.organization_id,
                upload.document_id,
                upload.version,
                filename=found.filename,
                size=len(found.data),
                plan=self.standings.of(upload.organization_id).plan,
            )
        except PlanLimit as error:
            self.pipeline.fail(upload, str(error))
            return
        except Superseded:
            logger.info("the import was overtaken", extra={"document": upload.document_id})
            return
        self.pipeline.files.put(upload.key, found.data)
        # A deletion that came between the two did not see the file.
        if self._document(upload) is None:
            self.pipeline.files.delete(upload.key)

    def _document(self, upload: Upload) -> Document | None:
        """The document, if it waits for this version, or has it already."""
        try:
            document = self.pipeline.documents.get(upload.organization_id, upload.document_id)
        except NotFound:
            return None
        wanted = upload.version in (document.pending_version, document.version)
        return document if wanted else None
