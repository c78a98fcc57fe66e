"""The documents bucket and the queue of work on documents, as the API uses them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from frontdesk.entities import Document
from frontdesk.errors import Conflict, StoreUnavailable
from frontdesk.knowledge.jobs import DeleteJob, FetchJob, QuestionsJob, SqsJobQueue
from frontdesk.tables.documents import object_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

MAX_UPLOAD_BYTES = 50 * 1024 * 1024
_UPLOAD_SECONDS = 900
_GROUPS_A_JOB = 100


@dataclass(frozen=True, slots=True)
class PresignedPost:
    """A form that a browser posts, with the file last."""

    url: str
    fields: dict[str, str]


class Uploads:
    """Hands out upload forms and asks the ingest worker for work. Raises StoreUnavailable."""

    def __init__(
        self, s3: "S3Client", sqs: "SQSClient", *, bucket: str, ingest_queue_url: str
    ) -> None:
        """Clients and where they point."""
        self._s3 = s3
        self._bucket = bucket
        self._jobs = SqsJobQueue(sqs, ingest_queue_url)

    def form(self, document: Document, content_type: str) -> PresignedPost:
        """A form for the document's pending version. S3 enforces key, type and size.

        The file may be no larger than was announced, which is what is counted.
        """
        key = object_key(document.organization_id, document.id, document.pending_version)
        try:
            post = self._s3.generate_presigned_post(
                self._bucket,
                key,
                Fields={"Content-Type": content_type},
                Conditions=[
                    {"Content-Type": content_type},
                    ["content-length-range", 0, document.size],
                ],
                ExpiresIn=_UPLOAD_SECONDS,
            )
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("no upload form could be made") from error
        return PresignedPost(url=post["url"], fields=dict(post["fields"]))

    def copy(self, document: Document, *, source: str, target: str) -> None:
        """Copy a version's file to a new version, which has it ingested. Raises Conflict."""
        try:
            self._s3.copy_object(
                Bucket=self._bucket,
                Key=object_key(document.organization_id, document.id, target),
                CopySource={
                    "Bucket": self._bucket,
                    "Key": object_key(document.organization_id, document.id, source),
                },
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404"}:
                raise Conflict("The file was never uploaded. Upload it again.") from error
            raise StoreUnavailable("the file could not be copied") from error
        except BotoCoreError as error:
            raise StoreUnavailable("the file could not be copied") from error

    def store(self, document: Document, data: bytes, content_type: str) -> None:
        """Store the file of the document's pending version, which has it ingested."""
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=object_key(document.organization_id, document.id, document.pending_version),
                Body=data,
                ContentType=content_type,
            )
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("the file could not be stored") from error

    def request_deletion(self, document: Document) -> None:
        """Queue the removal of everything a document has left behind."""
        self._jobs.put(DeleteJob(organization_id=document.organization_id, document_id=document.id))

    def request_fetch(self, document: Document) -> None:
        """Queue the fetching of what the document is imported from, as its pending version."""
        self._jobs.put(
            FetchJob(
                organization_id=document.organization_id,
                document_id=document.id,
                version=document.pending_version,
            )
        )

    def request_question_refresh(self, organization_id: str, group_ids: Iterable[str]) -> None:
        """Queue the renewal of what the index knows of groups, after questions were forgotten.

        `group_ids` are what `Questions.forget` returned.
        """
        ids = sorted(group_ids)
        for begin in range(0, len(ids), _GROUPS_A_JOB):
            part = tuple(ids[begin : begin + _GROUPS_A_JOB])
            self._jobs.put(QuestionsJob(organization_id=organization_id, group_ids=part))
