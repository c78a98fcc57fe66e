"""The sample organisation's help centre, and a page in German, searched as in production."""

from dataclasses import dataclass
from pathlib import Path

from frontdesk.answers.confidence import Confidence
from frontdesk.answers.drafting import Drafter, Inquiry, Unheard, Working
from frontdesk.entities import Message, Organization
from frontdesk.ids import new_id, time_of
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.sqlite_index import SqliteIndex
from ingest.extract import extract
from ingest.passages import split
from local.sample import build_pdfs

DATA = Path(__file__).parents[1] / "data"
DOCUMENTS = (*Path(build_pdfs.__file__).parent.glob("documents/*.*"), DATA / "hilfe.md")
HARBOR = Organization(id="harbor", name="Harbor", assistant="Robin")


def passages_of(path: Path, embedder: MiniLmEmbedder) -> list[Passage]:
    """The passages that ingestion makes of a file."""
    document = extract(path.read_bytes(), filename=path.name)
    return split(
        document,
        document_id=path.name,
        version=path.stem,
        title=document.title or path.stem,
        count_tokens=embedder.count_tokens,
    )


@dataclass(frozen=True)
class HelpCentre:
    """The documents in an index, and a drafter without a language model."""

    embedder: MiniLmEmbedder
    index: SqliteIndex
    drafter: Drafter

    @classmethod
    def open(cls, path: Path, embedder: MiniLmEmbedder) -> "HelpCentre":
        """Index the documents in a new file at `path`."""
        index = SqliteIndex(path)
        for document in sorted(DOCUMENTS):
            passages = passages_of(document, embedder)
            vectors = embedder.embed([passage.searchable_text for passage in passages])
            index.upsert(HARBOR.id, passages, vectors)
        confidence = Confidence.fitted("minilm")
        return cls(embedder, index, Drafter(embedder, index, (), confidence))

    def conversation(self, *questions: str) -> tuple[Message, ...]:
        """What is stored of a conversation in which these were asked, answers included."""
        history: tuple[Message, ...] = ()
        for question in questions:
            inquiry = Inquiry(HARBOR, frozenset(), question, history)
            draft = self.drafter.draft(inquiry, Unheard(), Unheard(), Working())
            said, answered = new_id(), new_id()
            history += (
                Message(id=said, role="customer", text=question, at=time_of(said)),
                Message(
                    id=answered,
                    role="assistant",
                    text=draft.text,
                    at=time_of(answered),
                    citations=draft.citations,
                    kind=draft.kind,
                ),
            )
        return history
