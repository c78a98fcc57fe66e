"""Puts the pages and the widget into the site's bucket."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from infra.site_files import site_files

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONFIG = "config.json"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


def content_type(name: str) -> str:
    """The media type a file is served with. Does not depend on what the machine knows."""
    return _TYPES.get(Path(name).suffix.lower(), "application/octet-stream")


def publish(s3: "S3Client", bucket: str, folder: Path) -> list[str]:
    """Make the bucket hold what is published of `folder`. Returns the keys that changed.

    Raises ValueError when the widget cannot be put together.
    """
    known = {
        entry["Key"]: entry["ETag"].strip('"')
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for entry in page.get("Contents", ())
    }
    found = site_files(folder)
    changed = []
    for key, content in found.items():
        if known.get(key) != _etag(content):
            _put(s3, bucket, key, content)
            changed.append(key)
    for key in known.keys() - found.keys() - {CONFIG}:
        s3.delete_object(Bucket=bucket, Key=key)
        changed.append(key)
    return changed


def publish_config(s3: "S3Client", bucket: str, config: Mapping[str, str]) -> None:
    """Write the file in which the pages find the API."""
    _put(s3, bucket, CONFIG, json.dumps(config, indent=2).encode())


def _put(s3: "S3Client", bucket: str, key: str, content: bytes) -> None:
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=content,
        ContentType=content_type(key),
        CacheControl="no-cache",
    )


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
