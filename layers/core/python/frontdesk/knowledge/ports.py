"""The two ports of the knowledge base: an embedder and a passage index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

Vector = Sequence[float]
"""A unit-length embedding."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, small enough to quote and large enough to answer from.

    `headings` is the path of headings above it, outermost first. `page` and `last_page` count
    from 1 and are None for formats without pages. `start` and `end` are character offsets into
    the document's extracted text. `version` names one ingestion of the document: passages of two
    versions never mix. `category` and `language` (ISO 639-1, "other" for other scripts) are those
    of the whole document, None where nobody said or could tell.
    """

    document_id: str
    version: str
    ordinal: int
    text: str
    title: str
    headings: tuple[str, ...] = ()
    page: int | None = None
    last_page: int | None = None
    start: int = 0
    end: int = 0
    category: str | None = None
    language: str | None = None

    @property
    def id(self) -> str:
        """Unique within the organisation, and sortable within the document."""
        return f"{self.version}-{self.ordinal:05d}"

    @property
    def searchable_text(self) -> str:
        """What is embedded and matched: the text under its title and headings."""
        return "\n".join((" > ".join((self.title, *self.headings)), self.text))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that search brought up, with the raw score of each side that knows one.

    `cosine` is in [-1, 1]. `bm25` is positive, larger is better, and comparable only within one
    search. None means that this side did not rank the passage.
    """

    passage: Passage
    cosine: float | None
    bm25: float | None


class Embedder(Protocol):
    """Turns text into unit vectors."""

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        ...

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One unit vector per text, in order. Raises EmbedderUnavailable."""
        ...


@runtime_checkable
class CountsTokens(Protocol):
    """An embedder whose tokenizer is at hand."""

    def count_tokens(self, text: str) -> int:
        """How many tokens the model makes of `text`."""
        ...


class PassageIndex(Protocol):
    """Stores passages with their vectors, apart for each organisation.

    Every method takes the organisation first, and sees and touches nothing of any other.
    All raise IndexUnavailable when the store fails.
    """

    def upsert(
        self, organization_id: str, passages: Sequence[Passage], vectors: Sequence[Vector]
    ) -> None:
        """Store passages under their ids; the same id again replaces. Lengths must match."""
        ...

    def search(
        self,
        organization_id: str,
        *,
        text: str,
        vector: Vector,
        limit: int,
        hidden_versions: frozenset[str] = frozenset(),
        categories: frozenset[str] | None = None,
        languages: frozenset[str] | None = None,
    ) -> list[Candidate]:
        """The union of the `limit` nearest by vector and the `limit` best by BM25, in no order.

        Passages of `hidden_versions` (being ingested, or replaced) are left out before the limit
        is applied. So are those outside `categories`, if given, and those in a known language
        outside `languages`. `text` is what a customer typed: never a query language.
        """
        ...

    def wait_until_searchable(self, organization_id: str, *, seconds: float = 60.0) -> bool:
        """Wait until searches see all that this instance wrote; False if it takes too long."""
        ...

    def delete_version(self, organization_id: str, document_id: str, version: str) -> None:
        """Remove every passage of one version of a document. Removing nothing is not an error."""
        ...
