"""A team member without a browser: uploads documents the way the dashboard does."""

import mimetypes
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

Document = dict[str, Any]

_TYPES = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_LOOK_SECONDS = 0.25
_DONE = frozenset({"ready", "failed"})


class DocumentsClient:
    """The documents of the organisation whose team key it holds."""

    def __init__(self, *, api_url: str, team_key: str) -> None:
        """`api_url` ends in /api."""
        self._api_url = api_url
        self._headers = {"Authorization": f"Bearer {team_key}"}

    def list(self) -> Iterator[Document]:
        """Every document, newest first."""
        cursor: str | None = None
        while True:
            page = self._call("GET", "/documents", params={"cursor": cursor} if cursor else None)
            yield from page["documents"]
            cursor = page["cursor"]
            if cursor is None:
                return

    def upload(
        self, path: Path, *, title: str | None = None, replaces: str | None = None
    ) -> Document:
        """Announce a file and post it to S3, as a new document or as a new version of one."""
        data = path.read_bytes()
        content_type = _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0]
        expected = self._call(
            "POST",
            f"/documents/{replaces}/versions" if replaces else "/documents",
            json={
                "filename": path.name,
                "content_type": content_type or "application/octet-stream",
                "size": len(data),
                **({"title": title} if title else {}),
            },
        )
        form = expected["upload"]
        posted = httpx.post(
            form["url"], data=form["fields"], files={"file": (path.name, data)}, timeout=120.0
        )
        posted.raise_for_status()
        document: Document = expected["document"]
        return document

    def wait(
        self,
        document_id: str,
        *,
        seconds: float = 300.0,
        until: frozenset[str] = _DONE,
        on_change: Callable[[Document], None] | None = None,
    ) -> Document:
        """Wait until the document's status is one of `until`. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        seen: tuple[Any, ...] = ()
        while time.monotonic() < deadline:
            document = self.get(document_id)
            state = (document["status"], str(document["progress"]))
            if on_change and state != seen:
                on_change(document)
            seen = state
            if document["status"] in until:
                return document
            time.sleep(_LOOK_SECONDS)
        raise TimeoutError(f"{document['filename']} is still {document['status']}")

    def get(self, document_id: str) -> Document:
        """One document."""
        document: Document = self._call("GET", f"/documents/{document_id}")
        return document

    def delete(self, document_id: str) -> None:
        """Ask for a document's removal."""
        self._call("DELETE", f"/documents/{document_id}")

    def reindex(self, document_id: str) -> Document:
        """Have the stored file ingested again."""
        document: Document = self._call("POST", f"/documents/{document_id}/reindex")
        return document

    def _call(self, method: str, path: str, **arguments: Any) -> Any:  # noqa: ANN401 - JSON
        answer = httpx.request(
            method, f"{self._api_url}{path}", headers=self._headers, timeout=60.0, **arguments
        )
        if answer.is_error:
            raise httpx.HTTPStatusError(
                f"{answer.status_code} {answer.text}", request=answer.request, response=answer
            )
        return answer.json()
