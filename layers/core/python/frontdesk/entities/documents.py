"""Documents, and how far the work on them is."""

from datetime import datetime
from typing import Literal

from frontdesk.entities.base import Entity


class Progress(Entity):
    """How far a piece of work has come."""

    done: int
    total: int


DocumentStatus = Literal[
    "awaiting_upload",
    "fetching",
    "uploaded",
    "extracting",
    "embedding",
    "ready",
    "failed",
    "deleting",
]


class Document(Entity):
    """A document of an organisation.

    `version` is the ingestion that answers questions now. `pending_version` is the newest upload
    and differs from it while that one is being worked on. What is left of `retired_versions` is
    still to be removed. `size` in bytes is that of the newest upload, `answering_size` that of
    `version`. `passages`, `pages` and `warnings` (what of it could not be read) describe
    `version`. What was imported from the web has a `source_url`.
    """

    id: str
    organization_id: str
    title: str
    filename: str
    category: str | None = None
    source_url: str | None = None
    size: int
    answering_size: int = 0
    status: DocumentStatus = "awaiting_upload"
    progress: Progress | None = None
    version: str | None = None
    pending_version: str
    retired_versions: tuple[str, ...] = ()
    pages: int | None = None
    passages: int | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def stored_bytes(self) -> int:
        """What it counts towards its organisation's storage: its larger version."""
        return max(self.size, self.answering_size)
