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

sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "python"))
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
    """Passages, indexed."""

    def __init__(self, embedder: MiniLmEmbedder, file: Path, passages: Sequence[Passage]) -> None:
        self._embedder, self._index = embedder, SqliteIndex(file)
        vectors = embedder.embed([passage.searchable_text for passage in passages])
        self._index.upsert("kb", passages, vectors)

    def ask(self, question: str, gold: Passage | None, kind: str, fold: int) -> Asked:
        """Search as the product does."""
        [vector] = self._embedder.embed([question])
        found = retrieve(self._index, "kb", text=question, vector=vector, limit=CANDIDATES)
        ranked = rerank(question, found)
        texts = [each.passage.searchable_text for each in ranked]
        place = (
            texts.index(gold.searchable_text) if gold and gold.searchable_text in texts else None
        )
        words = [each.score for each in ranked]
        cosines = [-1.0 if each.cosine is None else each.cosine for each in ranked]
        return Asked(question, texts, words, cosines, place, kind, fold)


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
    embedder = MiniLmEmbedder(EMBEDDER)
    for number, centre in enumerate(centres()):
        passages, fold = passages_of(centre), number % FOLDS
        with tempfile.TemporaryDirectory() as folder:
            base = KnowledgeBase(embedder, Path(folder) / "index.sqlite", passages)
            for question, place in centre["answerable"]:
                yield base.ask(question, passages[place], "answerable", fold)
            for question in centre["outside"]:
                yield base.ask(question, None, "outside", fold)


def squad(file: Path) -> Iterator[Asked]:
    """Every question of a squad-kb.json."""
    data = json.loads(file.read_text(encoding="utf-8"))
    passages = {row["id"]: _article_passage(row) for row in data["passages"]}
    articles = sorted({passage.title for passage in passages.values()})
    folds = {id_: articles.index(passage.title) % FOLDS for id_, passage in passages.items()}
    with tempfile.TemporaryDirectory() as folder:
        base = KnowledgeBase(
            MiniLmEmbedder(EMBEDDER), Path(folder) / "index.sqlite", list(passages.values())
        )
        for row in data["questions"]:
            text, gold = row["question"], row["passage"]
            if gold:
                yield base.ask(text, passages[gold], "answerable", folds[gold])
            else:
                yield base.ask(text, None, "near", folds[row["near"]])
        for number, row in enumerate(data["outside"]):
            yield base.ask(row["question"], None, "outside", number % FOLDS)


def _article_passage(row: dict[str, Any]) -> Passage:
    return Passage(row["id"], row["id"], 0, row["text"], row["title"].replace("_", " "))
