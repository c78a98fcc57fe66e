"""Puts the pages and the widget into the site's bucket."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from local.sources import files_below

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
_FOR_DEVELOPMENT = (".d.ts", "jsconfig.json", ".md", ".test.js")


def content_type(name: str) -> str:
    """The media type a file is served with. Does not depend on what the machine knows."""
    return _TYPES.get(Path(name).suffix.lower(), "application/octet-stream")


def pages(folder: Path) -> dict[str, Path]:
    """What is published of `folder`, by its key in the bucket."""
    if not folder.is_dir():
        return {}
    return {
        path.relative_to(folder).as_posix(): path
        for path in files_below(folder)
        if not path.name.endswith(_FOR_DEVELOPMENT)
    }


def publish(s3: "S3Client", bucket: str, folder: Path) -> list[str]:
    """Make the bucket hold what `folder` holds. Returns the keys that changed."""
    known = {
        entry["Key"]: entry["ETag"].strip('"')
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for entry in page.get("Contents", ())
    }
    found = pages(folder)
    changed = []
    for key, path in found.items():
        content = path.read_bytes()
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
