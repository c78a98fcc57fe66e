"""How like each other two questions must be so that one's answer can be given to the other.

    python -m benchmarks.bench_near_questions squad-kb.json banking77-train.csv

Prints JSON. Questions are put to their knowledge base as in production (MiniLM, SQLite, quotes):
SQuAD's to its articles; Banking77's and the paraphrases of near_questions.json to the sample
organisation's documents. A pair is a question that was answered and one that comes after it; it has
`changed` if the later one's own answer has other words, or is that the documents do not know.
`hits` are the questions that a rule would have answered from an earlier one, of all that were put.
"""

import csv
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from frontdesk.answers.confidence import Confidence
from frontdesk.answers.drafting import Draft, Drafter, Inquiry, Unheard
from frontdesk.answers.question_forms import tidy
from frontdesk.answers.text import fold, terms, words
from frontdesk.entities import Organization
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.sqlite_index import SqliteIndex
from ingest.extract import extract
from ingest.passages import split
from ingest.tokens import estimate_tokens

_ROOT = Path(__file__).parents[1]
_LEAST = 0.8
_BANKING = 2_000
_REWRITTEN_AT_MOST = 600
_COSINES = (0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995)

_Vectors = npt.NDArray[np.float32]

_REWRITES: dict[str, Callable[[str], str]] = {
    "spacing": lambda text: f"  {text.replace(' ', '  ')}\n",
    "typographic apostrophe": lambda text: text.replace("'", "’"),
    "first letter": lambda text: text[:1].swapcase() + text[1:],
    "lower case": str.lower,
    "upper case": str.upper,
    "no question mark": lambda text: text.rstrip("?!. "),
    "three question marks": lambda text: text.rstrip("?!. ") + "???",
    "please": lambda text: f"{text.rstrip('?!. ')} please?",
    "hello": lambda text: f"Hello, {text}",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Questions in the order in which they came, with their vectors and answers."""

    texts: Sequence[str]
    vectors: _Vectors
    drafts: Sequence[Draft]


class _Desk:
    """One knowledge base, and what answers from it."""

    def __init__(self, folder: Path, name: str, passages: Sequence[Passage]) -> None:
        self._embedder = MiniLmEmbedder(_ROOT / "layers" / "models" / "minilm")
        index = SqliteIndex(folder / f"{name}.sqlite")
        vectors = self._embedder.embed([passage.searchable_text for passage in passages])
        index.upsert(name, passages, vectors)
        self._organization = Organization(id=name, name="Harbor")
        self._drafter = Drafter(
            embedder=self._embedder,
            index=index,
            models=(),
            confidence=Confidence.fitted("minilm"),
        )

    def draft(self, text: str) -> Draft:
        inquiry = Inquiry(self._organization, frozenset(), text)
        unheard = Unheard()
        return self._drafter.draft(inquiry, unheard, unheard)

    def ask(self, texts: Sequence[str]) -> _Asked:
        once = list(dict.fromkeys(texts))
        drafts = [self.draft(text) for text in once]
        vectors = np.array([draft.vector or self._embedder.embed([""])[0] for draft in drafts])
        return _Asked(once, vectors.astype(np.float32), drafts)


def measure(squad: Path, banking: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        data = json.loads(squad.read_text("utf-8"))
        articles = _Desk(Path(folder), "squad", [_passage(row) for row in data["passages"]])
        sample = _Desk(Path(folder), "sample", list(_sample()))
        near = json.loads(Path(__file__).with_name("near_questions.json").read_text("utf-8"))
        with banking.open(encoding="utf-8", newline="") as lines:
            customers = [row["text"] for row in csv.DictReader(lines)]
        step = max(1, len(customers) // _BANKING)
        put = {
            "squad": articles.ask([row["question"] for row in data["questions"] + data["outside"]]),
            "banking77": sample.ask(customers[::step]),
            "paraphrases": sample.ask([text for group in near["same"] for text in group]),
            "contrasts": sample.ask([text for group in near["different"] for text in group]),
        }
        return {
            "questions": {
                name: {
                    "put": len(asked.texts),
                    "answered": sum(draft.kind == "answer" for draft in asked.drafts),
                }
                for name, asked in put.items()
            },
            "rewritten": {
                name: _rewritten(desk, put[name])
                for name, desk in (
                    ("squad", articles),
                    ("banking77", sample),
                    ("paraphrases", sample),
                )
            },
            "pairs": {name: _pairs(asked) for name, asked in put.items()},
        }


def _rewritten(desk: _Desk, asked: _Asked) -> dict[str, dict[str, int]]:
    """For each way of writing a question otherwise: how many answers are not the same then.

    Taken are those of which at least one way is answered. `same_form`: tidy, it is the same.
    """
    found: dict[str, dict[str, int]] = {}
    step = max(1, len(asked.texts) // _REWRITTEN_AT_MOST)
    written = list(zip(asked.texts, asked.drafts, strict=True))[::step]
    for name, rewrite in _REWRITES.items():
        counts: Counter[str] = Counter(rewritten=0, changed=0, same_form=0, same_form_changed=0)
        for text, draft in written:
            other = rewrite(text)
            again = desk.draft(other)
            if other == text or "answer" not in (draft.kind, again.kind):
                continue
            same = tidy(text) == tidy(other)
            counts["rewritten"] += 1
            counts["changed"] += again.text != draft.text
            counts["same_form"] += same
            counts["same_form_changed"] += same and again.text != draft.text
        found[name] = dict(counts)
    return found


def _pairs(asked: _Asked) -> list[dict[str, object]]:
    """What each rule would have done with questions that came in this order."""
    cosines = asked.vectors @ asked.vectors.T
    kept = {name: [rule(text) for text in asked.texts] for name, rule in _RULES.items()}
    rows: list[dict[str, object]] = []
    for name, traits in kept.items():
        for least in _COSINES:
            pairs = changed = hits = wrong = 0
            for late, draft in enumerate(asked.drafts):
                early = [
                    place
                    for place in np.flatnonzero(cosines[late, :late] >= least).tolist()
                    if traits[place] == traits[late] and asked.drafts[place].kind == "answer"
                ]
                others = [asked.drafts[place].text != draft.text for place in early]
                pairs += len(early)
                changed += sum(others)
                if early:
                    nearest = max(early, key=lambda place: float(cosines[late, place]))
                    hits += 1
                    wrong += asked.drafts[nearest].text != draft.text
            rows.append(
                {
                    "rule": name,
                    "cosine": least,
                    "pairs": pairs,
                    "changed": changed,
                    "hits": hits,
                    "hits_changed": wrong,
                }
            )
    return rows


def _figures(text: str) -> tuple[list[str], list[str]]:
    """The numbers of a question, and its words with a capital that do not begin it."""
    said = text.split()
    capitals = [fold(word.strip("?!.,;:'\"()")) for word in said[1:] if word[:1].isupper()]
    numbers = [word for word in words(text) if any(c.isdigit() for c in word)]
    return sorted(numbers), sorted(capitals)


_RULES: dict[str, Callable[[str], object]] = {
    "cosine alone": lambda _: None,
    "same numbers and names": _figures,
    "same terms": lambda text: sorted(terms(text)),
    "same terms in order": terms,
    "same words in any order": lambda text: sorted(words(text)),
    "same words in order": words,
}
"""What else two questions must have in common, beside a cosine."""


def _passage(row: dict[str, Any]) -> Passage:
    article, _, ordinal = row["id"].rpartition("#")
    return Passage(article, article, int(ordinal), row["text"], row["title"].replace("_", " "))


def _sample() -> Iterator[Passage]:
    for path in sorted((_ROOT / "local" / "sample" / "documents").iterdir()):
        document = extract(path.read_bytes(), filename=path.name)
        yield from split(
            document,
            document_id=path.name,
            version=path.name,
            title=document.title or path.stem,
            count_tokens=estimate_tokens,
        )


if __name__ == "__main__":
    squad_path, banking_path = map(Path, sys.argv[1:])
    sys.stdout.write(json.dumps(measure(squad_path, banking_path), indent=1) + "\n")
