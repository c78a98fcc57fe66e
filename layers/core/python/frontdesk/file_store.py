"""The bucket that holds files of conversations.

A file is uploaded to `incoming/`, which is emptied after a day, by a form that is good for one key,
type and size. Only what was looked at is copied to `files/`, where nobody can write: so what was
checked is what is handed out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from frontdesk.entities import ConversationFile, ConversationRef
from frontdesk.errors import Conflict, InvalidRequest, StoreUnavailable
from frontdesk.file_types import HEAD_BYTES, is_of_type

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LINK_SECONDS = 60
_UPLOAD_SECONDS = 900
_GONE = frozenset({"NoSuchKey", "404", "PreconditionFailed"})


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form that a browser posts, with the file last."""

    url: str
    fields: dict[str, str]


class FileStore:
    """Takes files in, hands them out and removes them. Raises StoreUnavailable."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        """`s3` signs links and forms, so it must name the bucket's regional address."""
        self._s3 = s3
        self._bucket = bucket

    def form(self, ref: ConversationRef, file: ConversationFile) -> UploadForm:
        """A form to upload a file with. S3 enforces key and type, and that it is no larger."""
        try:
            post = self._s3.generate_presigned_post(
                self._bucket,
                _incoming(ref, file.id),
                Fields={"Content-Type": file.type},
                Conditions=[
                    {"Content-Type": file.type},
                    ["content-length-range", 1, file.size],
                ],
                ExpiresIn=_UPLOAD_SECONDS,
            )
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("no upload form could be made") from error
        return UploadForm(url=post["url"], fields=dict(post["fields"]))

    def take_in(self, ref: ConversationRef, file: ConversationFile) -> int:
        """Keep a file that was uploaded, if it is of its type. Returns its size in bytes.

        Raises Conflict if it was not uploaded, or is being uploaded again, and InvalidRequest if it
        is something else than it says it is. Safe to repeat.
        """
        source = _incoming(ref, file.id)
        try:
            found = self._s3.get_object(
                Bucket=self._bucket, Key=source, Range=f"bytes=0-{HEAD_BYTES - 1}"
            )
            if not is_of_type(found["Body"].read(), file.type):
                self._s3.delete_object(Bucket=self._bucket, Key=source)
                raise InvalidRequest(f"The file is not of the type {file.type}.")
            self._s3.copy_object(
                Bucket=self._bucket,
                Key=_kept(ref, file.id),
                CopySource={"Bucket": self._bucket, "Key": source},
                CopySourceIfMatch=found["ETag"],
                ContentType=file.type,
                MetadataDirective="REPLACE",
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _GONE:
                raise Conflict("The file has not been uploaded. Upload it again.") from error
            raise StoreUnavailable("the file could not be taken in") from error
        except BotoCoreError as error:
            raise StoreUnavailable("the file could not be taken in") from error
        return int(found["ContentRange"].rpartition("/")[2])

    def link(self, ref: ConversationRef, file: ConversationFile) -> str:
        """An address from which the file can be downloaded, and not shown, for LINK_SECONDS."""
        name = quote(file.name, safe="")
        try:
            return self._s3.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": _kept(ref, file.id),
                    "ResponseContentType": file.type,
                    "ResponseContentDisposition": f"attachment; filename*=UTF-8''{name}",
                },
                ExpiresIn=LINK_SECONDS,
            )
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("no link could be made") from error

    def erase(self, ref: ConversationRef) -> None:
        """Remove all files of a conversation. Safe to repeat."""
        try:
            for prefix in (_incoming(ref, ""), _kept(ref, "")):
                for keys in self._listed(prefix):
                    self._s3.delete_objects(
                        Bucket=self._bucket, Delete={"Objects": keys, "Quiet": True}
                    )
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("files could not be removed") from error

    def _listed(self, prefix: str) -> Iterator[list[Any]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        for page in pages:
            if page.get("Contents"):
                yield [{"Key": each["Key"]} for each in page["Contents"]]


def _incoming(ref: ConversationRef, file_id: str) -> str:
    return f"incoming/{ref.organization_id}/{ref.conversation_id}/{file_id}"


def _kept(ref: ConversationRef, file_id: str) -> str:
    return f"files/{ref.organization_id}/{ref.conversation_id}/{file_id}"
