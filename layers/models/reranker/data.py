"""Questions with the passages that the product brings up for them, before a cross-encoder reads.

Two kinds: those to the invented help centres of ../build/support_centres.json, and SQuAD 2.0's in
the format of squad-kb.json. Both are indexed and searched as in production.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))
sys.path.insert(0, str(Path(__file__).parents[3] / "functions"))
sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "python"))
from evaluation.knowledge import ingest
from evaluation.questions import read_questions
from frontdesk.answers.reranking import rerank
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.retrieval import retrieve
from frontdesk.knowledge.sqlite_index import SqliteIndex

CENTRES = Path(__file__).parents[1] / "build" / "support_centres.json"
EMBEDDER = Path(__file__).parents[1] / "minilm"
CANDIDATES = 10
FOLDS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its candidates, best first by words; `words` are their scores.

    `gold` is the place of the passage that answers, None if it is not among them. `kind` is
    answerable, near (about a passage that does not say it) or outside. Questions about one company
    or article share a fold.
    """

    question: str
    candidates: Sequence[str]
    words: Sequence[float]
    cosines: Sequence[float]
    gold: int | None
    kind: str
    fold: int


class KnowledgeBase:
    """An index of passages, which is asked as the product asks it."""

    def __init__(self, folder: str) -> None:
        self.embedder = MiniLmEmbedder(EMBEDDER)
        self.index = SqliteIndex(Path(folder) / "index.sqlite")

    def add(self, name: str, passages: Sequence[Passage]) -> None:
        """Index the passages of one company."""
        vectors = self.embedder.embed([passage.searchable_text for passage in passages])
        self.index.upsert(name, passages, vectors)

    def ask(self, name: str, question: str, gold: str | None, kind: str, fold: int) -> Asked:
        """Ask `name`; `gold` is the document that answers."""
        [vector] = self.embedder.embed([question])
        found = retrieve(self.index, name, text=question, vector=vector, limit=CANDIDATES)
        ranked = rerank(question, found)
        documents = [each.passage.document_id for each in ranked]
        return Asked(
            question,
            [each.passage.searchable_text for each in ranked],
            [each.score for each in ranked],
            [-1.0 if each.cosine is None else each.cosine for each in ranked],
            documents.index(gold) if gold in documents else None,
            kind,
            fold,
        )


def centres() -> list[dict[str, Any]]:
    """The help centres, always in the same order."""
    found: list[dict[str, Any]] = json.loads(CENTRES.read_text(encoding="utf-8"))["help_centres"]
    return found


def passages_of(centre: dict[str, Any]) -> list[Passage]:
    """The passages of a help centre."""
    return [
        Passage(str(place), str(place), 0, text, title, (heading,) if heading else ())
        for place, (title, heading, text) in enumerate(centre["passages"])
    ]


def support() -> Iterator[Asked]:
    """Every question to the help centres."""
    with tempfile.TemporaryDirectory() as folder:
        base = KnowledgeBase(folder)
        for number, centre in enumerate(centres()):
            name, fold = centre["name"], number % FOLDS
            base.add(name, passages_of(centre))
            for question, place in centre["answerable"]:
                yield base.ask(name, question, str(place), "answerable", fold)
            for question in centre["outside"]:
                yield base.ask(name, question, None, "outside", fold)


def squad(file: Path) -> Iterator[Asked]:
    """Every question of a squad-kb.json."""
    data = json.loads(file.read_text(encoding="utf-8"))
    passages = read_questions(file).passages
    articles = sorted({_article(passage.id) for passage in passages})
    with tempfile.TemporaryDirectory() as folder:
        base = KnowledgeBase(folder)
        ingest("squad", passages, base.index, base.embedder)
        for row in data["questions"]:
            gold = row["passage"]
            kind = "answerable" if gold else "near"
            fold = articles.index(_article(gold or row["near"])) % FOLDS
            yield base.ask("squad", row["question"], gold, kind, fold)
        for number, row in enumerate(data["outside"]):
            yield base.ask("squad", row["question"], None, "outside", number % FOLDS)


def _article(passage_id: str) -> str:
    return passage_id.rpartition("#")[0]
