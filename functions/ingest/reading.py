"""Reading: the bytes of a file become passages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from frontdesk.errors import UnreadableDocument
from frontdesk.knowledge.ports import Passage
from frontdesk.shown_text import cut
from ingest.extract import extract
from ingest.passages import split

_TITLE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Task:
    """What a file is read as. `finds_title`: it gets the title that it gives itself, if any."""

    document_id: str
    version: str
    filename: str
    title: str
    category: str | None
    finds_title: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds. `pages` is None for formats without; `warnings` are for the team."""

    passages: list[Passage]
    title: str
    pages: int | None
    warnings: tuple[str, ...]


class Reads(Protocol):
    """Reads files."""

    def __call__(
        self,
        data: bytes,
        task: Task,
        *,
        seconds_left: Callable[[], float],
        on_page: Callable[[int, int], None],
    ) -> Reading:
        """What the file `data` holds. Raises UnreadableDocument, also when the time is over.

        `on_page(done, total)` is called now and then for a PDF.
        """
        ...


def read(
    data: bytes,
    task: Task,
    *,
    count_tokens: Callable[[str], int],
    seconds_left: Callable[[], float],
    on_page: Callable[[int, int], None],
) -> Reading:
    """What the file `data` holds, read in this process. See `Reads`."""
    extracted = extract(data, filename=task.filename, seconds_left=seconds_left, on_page=on_page)
    title = task.title
    if task.finds_title and extracted.title:
        title = cut(extracted.title, _TITLE_LENGTH)
    passages = split(
        extracted,
        document_id=task.document_id,
        version=task.version,
        title=title,
        category=task.category,
        count_tokens=count_tokens,
        seconds_left=seconds_left,
    )
    if not passages:
        raise UnreadableDocument("There is no text in this document.")
    return Reading(passages, title, extracted.page_count, extracted.warnings)
