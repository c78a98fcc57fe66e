"""The documents bucket, as the ingest worker uses it."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from frontdesk.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Files:
    """Reads, stores and removes files. Raises StoreUnavailable."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        """A client and the bucket's name."""
        self._client = client
        self._bucket = bucket

    def read(self, key: str) -> bytes | None:
        """The file's content, or None if it is not there."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404"}:
                return None
            raise StoreUnavailable("the file could not be read") from error
        except BotoCoreError as error:
            raise StoreUnavailable("the file could not be read") from error

    def put(self, key: str, data: bytes) -> None:
        """Store a file, of which S3 then notifies the ingest queue."""
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=data)
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("the file could not be stored") from error

    def delete(self, key: str) -> None:
        """Remove the file; removing nothing is fine."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=key)
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("the file could not be removed") from error
