"""Run by `peer` in an environment of its own: LangChain's splitter, MiniLM, Chroma, best three.

python peer_langchain.py squad-kb.json models/minilm
"""

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from langchain_chroma import Chroma
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from evaluation.metrics import auroc, mean_reciprocal_rank, recall
from evaluation.questions import Question, holds, read_questions
from frontdesk.knowledge.minilm import MiniLmEmbedder

_CHUNK, _OVERLAP, _BEST, _RANKED = 1_000, 200, 3, 10
"""Characters: the splitter's usual settings."""


class MiniLm(Embeddings):  # type: ignore[misc]
    """The committed model, as LangChain wants it."""

    def __init__(self, folder: Path) -> None:
        self._model = MiniLmEmbedder(folder)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector per text."""
        return [list(vector) for vector in self._model.embed(texts)]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        return self.embed_documents([text])[0]


def main() -> None:
    """Ingest, ask, and print the figures that need no language model."""
    file = read_questions(Path(sys.argv[1]))
    splitter = RecursiveCharacterTextSplitter(chunk_size=_CHUNK, chunk_overlap=_OVERLAP)
    chunks = splitter.create_documents(
        [passage.text for passage in file.passages],
        [{"passage": passage.id} for passage in file.passages],
    )
    store = Chroma(
        embedding_function=MiniLm(Path(sys.argv[2])), collection_metadata={"hnsw:space": "cosine"}
    )
    store.add_documents(chunks)
    seconds: list[float] = []

    def search(question: Question) -> list[Any]:
        began = time.perf_counter()
        found: list[Any] = store.similarity_search_with_score(question.question, k=_RANKED)
        seconds.append(time.perf_counter() - began)
        return found

    inside = [(question, search(question)) for question in file.answerable]
    outside = [search(question) for question in file.outside]
    ranks = [
        next(
            (n for n, (chunk, _) in enumerate(found) if chunk.metadata["passage"] == q.passage),
            None,
        )
        for q, found in inside
    ]
    contexts = [
        "\n\n".join(chunk.page_content for chunk, _ in found[:_BEST]) for _, found in inside
    ]
    report = {
        "stack": "LangChain, MiniLM, Chroma; what a language model would be given, not an answer",
        "recall@1": round(recall(ranks, 1), 4),
        "recall@3": round(recall(ranks, 3), 4),
        "mrr@10": round(mean_reciprocal_rank(ranks, 10), 4),
        "context_contains": round(
            sum(holds(q, text) for (q, _), text in zip(inside, contexts, strict=True))
            / len(inside),
            4,
        ),
        "context_words_mean": round(statistics.mean(len(text.split()) for text in contexts), 1),
        "auroc_outside": round(
            auroc([-found[0][1] for _, found in inside], [-found[0][1] for found in outside]), 4
        )
        if outside
        else None,
        "milliseconds_p50": round(statistics.median(seconds) * 1000, 2),
        "chunks": len(chunks),
    }
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
