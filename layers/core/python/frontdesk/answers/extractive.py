"""The answer when no language model writes one: the best sentences of the best passages, quoted.

No model, no network, about a millisecond. It says that it quotes and where from, and cites every
sentence, so it cannot say anything that the documents do not.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from frontdesk.answers.blocks import Unit, plain, row_text, units
from frontdesk.answers.relevance import Scored, asks_how, instructs, scored, subjects_of
from frontdesk.answers.text import excerpt, terms, topics
from frontdesk.knowledge.ports import Passage

NAME = "extractive"
"""Stored with the answer in the place of a model's name."""

MAX_PASSAGES = 3
MAX_SENTENCES = 3
MAX_WORDS = 75
"""Quoted words, unless one list or one sentence is longer by itself."""

MAX_LIST_WORDS = 120
"""Instructions are quoted whole up to here: half of them would not help."""

MAX_UNIT_LENGTH = 480
"""Characters. A longer sentence, or text without full stops, is cut around what was asked."""

# A further sentence is worth its words when it holds this share of the belief for each of them.
_WORTH = 0.003
# From another section it has to be worth this many times as much.
_ASIDE = 1.5
# Tables with more columns than this are quoted by those that the question names.
_WIDE = 4
_POINTS_BACK = re.compile(
    r"(?:it|its|he|his|him|she|her|they|their|them|this|these|those|such|then|both)\b",
    re.IGNORECASE,
)
_MEANS_THAT = re.compile(r"\b(?:this|that|these|those|so)\W*$", re.IGNORECASE)
_PIECE = re.compile(r"(?:\s*\S+){1,3}\s*")


@dataclass(frozen=True, slots=True)
class Quote:
    """One quoted sentence, list item or row of the passage cited as `number` (from 1)."""

    number: int
    passage_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Extract:
    """An answer made of quotes: the `text` to show, with [n] markers, and what it quotes."""

    text: str
    quotes: tuple[Quote, ...]


def extract(question: str, passages: Sequence[Passage]) -> Extract:
    """Quote what best answers `question` from the first three of `passages`, best passage first.

    Numbers are places in `passages`, from 1. Without passages, or when they hold no text, the
    extract is empty. Otherwise something is always quoted: whether the passages answer at all is
    `confidence.answerability`'s question.
    """
    best = [p for p in passages[:MAX_PASSAGES] if p.text.strip()]
    if not best:
        return Extract("", ())
    numbers = {id(p): n for n, p in enumerate(passages, start=1)}
    chosen = _choose(question, best)
    documents: dict[str, list[int]] = {}
    for rank in sorted(chosen):
        documents.setdefault(best[rank].document_id, []).append(rank)
    paragraphs: list[str] = []
    quotes: list[Quote] = []
    wanted = frozenset(terms(question))
    for ranks in documents.values():
        lines = []
        for rank in sorted(ranks, key=lambda r: best[r].ordinal):
            passage, number = best[rank], numbers[id(best[rank])]
            clipped = [(unit, _clip(unit, wanted)) for unit in chosen[rank]]
            lines.append(_render(clipped, number))
            quotes.extend(Quote(number, passage.id, text) for _, text in clipped)
        paragraphs.append(_lead_in(best[ranks[0]].title, _join(lines)))
    return Extract("\n\n".join(paragraphs), tuple(quotes))


def stream_extract(question: str, passages: Sequence[Passage]) -> Iterator[str]:
    """The text of `extract` in pieces of up to three words, none empty; joined they give it."""
    yield from _PIECE.findall(extract(question, passages).text)


def _choose(question: str, passages: Sequence[Passage]) -> dict[int, list[Unit]]:
    """What to quote, by the rank of its passage and in reading order."""
    candidates = scored(question, passages)
    if not candidates:
        # Nothing but headings: the whole passage is the quote, cut to size later.
        return {0: [Unit(plain(passages[0].text), "sentence", 0, 0)]}
    by_score = sorted(candidates, key=lambda c: -c.score)
    chosen: dict[tuple[int, int], Unit] = {}
    best = by_score[0]
    wanted = frozenset(subjects_of(question))
    how = asks_how(question)
    for unit in _with_list(best, passages[best.rank], MAX_LIST_WORDS, how=how):
        chosen[best.rank, unit.order] = unit
    if len(chosen) == 1 and how and (instructs(best.unit) or best.unit.opens):
        _add_following(chosen, best, passages)
    elif len(chosen) == 1:
        _add_antecedents(chosen, passages)
        _add_more(chosen, by_score, best)
        _add_antecedents(chosen, passages)
    found: dict[int, list[Unit]] = {}
    for (rank, _), unit in sorted(chosen.items(), key=lambda item: item[0]):
        found.setdefault(rank, []).append(_narrowed(unit, wanted))
    return found


def _add_following(
    chosen: dict[tuple[int, int], Unit], best: Scored, passages: Sequence[Passage]
) -> None:
    """Go on reading after an instruction: what belongs to it stands in its paragraph."""
    length = _words(best.unit)
    for unit in units(passages[best.rank].text)[best.unit.order + 1 :]:
        length += _words(unit)
        if unit.group != best.unit.group or len(chosen) == MAX_SENTENCES or length > MAX_WORDS:
            return
        chosen[best.rank, unit.order] = unit


def _narrowed(unit: Unit, wanted: frozenset[str]) -> Unit:
    """`unit`; if it is a row of a wide table, with only the columns that were asked for."""
    if len(unit.cells) < _WIDE:
        return unit
    named = [cell for cell in unit.cells[1:] if wanted.intersection(topics(terms(cell[0])))]
    return replace(unit, text=row_text([unit.cells[0], *named])) if named else unit


def _add_more(
    chosen: dict[tuple[int, int], Unit], by_score: Sequence[Scored], best: Scored
) -> None:
    """Add the sentences next in score while their share of the belief is worth their words."""
    top = best.score
    belief = [math.exp(candidate.score - top) for candidate in by_score]
    total = sum(belief)
    length = sum(map(_words, chosen.values()))
    for candidate, share in zip(by_score[1:6], belief[1:], strict=False):
        more = _words(candidate.unit)
        if len(chosen) == MAX_SENTENCES or candidate.unit.kind == "code":
            return
        known = (candidate.rank, candidate.unit.order) in chosen
        if known or not _goes_with(candidate.unit, best.unit):
            continue
        near = candidate.rank == best.rank and candidate.unit.heading == best.unit.heading
        worth = _WORTH * more * (1 if near else _ASIDE)
        if candidate.unit.kind == "row":
            # Rows of a table have much in common whatever was asked.
            worth = max(worth, belief[0] / total / 2)
        if length + more <= MAX_WORDS and share / total > worth:
            chosen[candidate.rank, candidate.unit.order] = candidate.unit
            length += more


def _goes_with(unit: Unit, best: Unit) -> bool:
    """Whether `unit` can stand beside `best`: no half of a list, and rows only beside rows."""
    half = unit.kind == "step" or unit.text.endswith(":")
    return not half and (unit.kind == "row") == (best.kind == "row")


def _add_antecedents(chosen: dict[tuple[int, int], Unit], passages: Sequence[Passage]) -> None:
    """Put the sentence before in front of one that points back to it ("They are paid …")."""
    for (rank, order), unit in list(chosen.items()):
        if len(chosen) >= MAX_SENTENCES or not order:
            continue
        if not (_POINTS_BACK.match(unit.text) or _MEANS_THAT.search(unit.text)):
            continue
        before = units(passages[rank].text)[order - 1]
        length = sum(_words(u) for u in chosen.values())
        if before.group == unit.group and length + _words(before) <= MAX_WORDS:
            chosen[rank, before.order] = before


def _with_list(candidate: Scored, passage: Passage, limit: int, *, how: bool) -> list[Unit]:
    """The candidate alone; or with its list, if it is a step or the introduction of one.

    Where the question asks `how`, also if the list is all that its section begins with.
    """
    unit = candidate.unit
    everything = units(passage.text)
    listed = [u for u in everything if u.group == unit.group]
    if unit.kind == "step" or (how and unit.kind == "item" and listed[0].opens):
        members = listed
        intro = [everything[unit.intro]] if unit.intro is not None else []
    else:
        members = [u for u in everything if u.intro == unit.order]
        intro = [unit]
    if not members:
        return [unit]
    length = sum(map(_words, (*intro, *members)))
    first, last = 0, len(members)
    while length > limit and last - first > 1:
        # Shorten at the end, unless that is what was asked for.
        if members[last - 1] is unit:
            length -= _words(members[first])
            first += 1
        else:
            last -= 1
            length -= _words(members[last])
    return [*intro, *members[first:last]]


def _words(unit: Unit) -> int:
    return len(unit.text[:MAX_UNIT_LENGTH].split())


def _clip(unit: Unit, wanted: frozenset[str]) -> str:
    """The text of `unit`; if too long, the stretch of it that has most of the `wanted` terms."""
    return unit.text if unit.kind == "code" else excerpt(unit.text, wanted, MAX_UNIT_LENGTH)


def _render(quoted: Sequence[tuple[Unit, str]], number: int) -> str:
    """Sentences one after another, lists and code on lines of their own, each part cited."""
    parts: list[str] = []
    for (kind, _), members in groupby(quoted, key=lambda q: (q[0].kind, q[0].group)):
        texts = [(unit, text) for unit, text in members]
        if kind == "code":
            parts.append("\n".join(f"```\n{text}\n```\n[{number}]" for _, text in texts))
        elif kind == "step" or (kind in ("item", "row") and len(texts) > 1):
            marks = [f"{unit.number}." if kind == "step" else "-" for unit, _ in texts]
            lines = [f"{mark} {text}" for mark, (_, text) in zip(marks, texts, strict=True)]
            parts.append("\n".join(lines) + f" [{number}]")
        else:
            parts.append(" ".join(f"{text} [{number}]" for _, text in texts))
    # What introduces a list shares the list's marker.
    introduces = f": [{number}]"
    parts[:-1] = [
        f"{part.removesuffix(introduces)}:" if part.endswith(introduces) else part
        for part in parts[:-1]
    ]
    return _join(parts)


def _join(parts: Sequence[str]) -> str:
    """`parts` on one line where that can be, with an empty line around lists and code."""
    text = parts[0]
    for part in parts[1:]:
        apart = _BLOCK.match(part) or _BLOCK.match(text.rsplit("\n", 1)[-1]) or "\n" in text
        text += ("\n\n" if apart else " ") + part
    return text


_BLOCK = re.compile(r"\d+\. |- |```")


def _lead_in(title: str, quoted: str) -> str:
    """`quoted` after words that say it is a quotation."""
    named = f"From “{' '.join(title.split())}”:" if title.strip() else "From the documents:"
    return named + ("\n\n" if _BLOCK.match(quoted) else " ") + quoted
