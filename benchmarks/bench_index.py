"""How quick the SQLite index is at several sizes, and what its two-step dense search misses.

Prints JSON. Times are in milliseconds, for one namespace in a file on disk, over made-up passages:
words drawn by Zipf's law, vectors scattered around topics. `hybrid` is the search behind a
question; `dense` brings ten passages by vector alone. `p50_cpu_ms` leaves out what other
processes took. `recall` is the share of the true nearest ten (an exhaustive search of the same
vectors) among what the search behind a question brings up by vector.

    python -m benchmarks.bench_index 1000 10000 100000
"""

import json
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.retrieval import CANDIDATES
from frontdesk.knowledge.sqlite_index import SqliteIndex

_DIMENSIONS = 384
_NEAREST = 10
_QUERIES = 100
_BATCH = 1_000
_WORDS_PER_PASSAGE = 100
_WORDS_PER_QUESTION = 6
_PASSAGES_PER_DOCUMENT = 40
_PASSAGES_PER_TOPIC = 25

_Array = npt.NDArray[np.float32]


class _Corpus:
    """Passages that behave like text without its stop words.

    The most frequent word is in about four passages of ten, and most words are rare.
    """

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._normal = np.random.default_rng(seed)
        self._words = [f"word{n}" for n in range(30_000)]
        self._weights = list(accumulate(1 / (n + 30) for n in range(len(self._words))))

    def text(self, words: int) -> str:
        return " ".join(self._random.choices(self._words, cum_weights=self._weights, k=words))

    def vectors(self, count: int) -> _Array:
        topics = self._normal.standard_normal((count // _PASSAGES_PER_TOPIC + 1, _DIMENSIONS))
        scattered = topics[self._normal.integers(len(topics), size=count)]
        return _units(scattered + self._normal.standard_normal(scattered.shape))

    def near(self, vectors: _Array, count: int) -> _Array:
        chosen = vectors[self._normal.integers(len(vectors), size=count)]
        return _units(chosen + 0.5 * _units(self._normal.standard_normal(chosen.shape)))


def _units(vectors: npt.NDArray[Any]) -> _Array:
    unit: _Array = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _passage(ordinal: int, text: str) -> Passage:
    document, place = divmod(ordinal, _PASSAGES_PER_DOCUMENT)
    return Passage(f"d{document}", f"v{document}", place, text, f"Document {document}")


def _timed(
    index: SqliteIndex, questions: Sequence[str], vectors: _Array, limit: int
) -> dict[str, float]:
    wall, cpu = [], []
    for text, vector in zip(questions, vectors.tolist(), strict=True):
        started, used = time.perf_counter(), time.thread_time()
        index.search("org", text=text, vector=vector, limit=limit)
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((time.thread_time() - used) * 1000)
    return {
        "p50_ms": round(statistics.median(wall), 2),
        "p95_ms": round(statistics.quantiles(wall, n=20)[-1], 2),
        "p50_cpu_ms": round(statistics.median(cpu), 2),
    }


def _recall(index: SqliteIndex, vectors: _Array, queries: _Array) -> float:
    true = np.argsort(-(queries @ vectors.T), axis=1)[:, :_NEAREST]
    found = 0
    for nearest, query in zip(true.tolist(), queries.tolist(), strict=True):
        brought = index.search("org", text="", vector=query, limit=CANDIDATES)
        found += len(
            {_passage(n, "").id for n in nearest} & {candidate.passage.id for candidate in brought}
        )
    return round(found / true.size, 4)


def _measure_one(size: int, path: Path) -> dict[str, Any]:
    corpus = _Corpus()
    vectors = corpus.vectors(size)
    index = SqliteIndex(path)
    started = time.perf_counter()
    for first in range(0, size, _BATCH):
        batch = vectors[first : first + _BATCH].tolist()
        passages = [_passage(first + n, corpus.text(_WORDS_PER_PASSAGE)) for n in range(len(batch))]
        index.upsert("org", passages, batch)
    indexed = time.perf_counter() - started
    questions = [corpus.text(_WORDS_PER_QUESTION) for _ in range(_QUERIES)]
    near = corpus.near(vectors, _QUERIES)
    _timed(index, questions[:10], near[:10], CANDIDATES)  # fills the caches
    figures = {
        "hybrid": _timed(index, questions, near, CANDIDATES),
        "dense": _timed(index, [""] * _QUERIES, near, _NEAREST),
        "recall": _recall(index, vectors, near),
        "passages_per_second": round(size / indexed),
    }
    index.close()
    return figures | {"file_mb": round(path.stat().st_size / 1e6, 1)}


def measure(sizes: Sequence[int]) -> dict[str, Any]:
    """Figures for an index of each size, with the machine they were measured on."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
            "dimensions": _DIMENSIONS,
            "sizes": {size: _measure_one(size, Path(folder) / f"{size}.sqlite") for size in sizes},
        }


if __name__ == "__main__":
    print(json.dumps(measure([int(size) for size in sys.argv[1:]] or [1_000, 10_000]), indent=2))
