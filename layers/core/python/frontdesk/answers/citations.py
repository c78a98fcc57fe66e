"""The [n] markers of an answer, and the passages they stand for.

Numbers are those of the sources as the answerer was given them. They are kept, never renumbered:
the customer has already seen them stream by.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from frontdesk.answers.blocks import plain, units
from frontdesk.answers.harmless import harmless
from frontdesk.answers.markers import MARKER, SPACED_MARKER, with_code
from frontdesk.answers.text import excerpt, sentences, terms
from frontdesk.entities import Citation
from frontdesk.knowledge.neighbours import join, parts_of
from frontdesk.knowledge.ports import Passage

QUOTE_LENGTH = 240
"""Longest quote, in characters."""


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer whose markers all stand for a passage, and its citations by number."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or list item of an answer, without markers, and the numbers that back it.

    A sentence without a marker of its own is backed by the next one in its paragraph, or else by
    the one before. `numbers` is empty when its paragraph has none.
    """

    text: str
    numbers: tuple[int, ...]


_LIST_MARK = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+")
_MORE_THAN_ONE_LINE = re.compile(r"\n\s*\n")


def numbers_cited(text: str) -> list[int]:
    """The numbers that the markers of `text` name, in order of first appearance.

    Brackets in code are code. A range names all its members.
    """
    found: dict[int, None] = {}
    for part, is_code in with_code(text):
        if not is_code:
            for match in MARKER.finditer(part):
                found.update(dict.fromkeys(_members(match[1])))
    return list(found)


def marker_at(text: str, position: int) -> list[int] | None:
    """The numbers that the marker at `position` of `text` names; None if no marker is there."""
    marker = MARKER.match(text, position)
    return list(dict.fromkeys(_members(marker[1]))) if marker else None


def resolve(text: str, passages: Sequence[Passage]) -> Cited:
    """Keep what `text` rightly cites: markers in the form [n], and the passages behind them.

    `passages[n - 1]` is what [n] stands for. A marker that stands for nothing is dropped from the
    text, with the space before it. Citations come sorted by number.
    """

    def keep(match: re.Match[str]) -> str:
        known = [n for n in dict.fromkeys(_members(match[2])) if 1 <= n <= len(passages)]
        return match[1] + "".join(f"[{n}]" for n in known) if known else ""

    kept = "".join(
        part if is_code else SPACED_MARKER.sub(keep, part) for part, is_code in with_code(text)
    )
    saying: dict[int, list[str]] = {}
    for statement in statements(kept):
        for number in statement.numbers:
            saying.setdefault(number, []).append(statement.text)
    citations = (
        _cite(number, passages[number - 1], saying.get(number, []))
        for number in sorted(numbers_cited(kept))
    )
    return Cited(kept.strip(), tuple(citations))


def statements(text: str) -> list[Statement]:
    """The sentences and list items of an answer, in order, each with the numbers behind it.

    Code is left out: it is quoted or it is not, but it states nothing.
    """
    without_code = "".join("" if is_code else part for part, is_code in with_code(text))
    found: list[Statement] = []
    for paragraph in _MORE_THAN_ONE_LINE.split(without_code):
        found.extend(_stated(paragraph))
    return found


def _members(listed: str) -> Iterator[int]:
    """The numbers of "1", "1, 2" or "1-3"."""
    for item in re.split(r"\s*[,;]\s*", listed):
        first, _, last = re.sub(r"\s*[–-]\s*", "-", item).partition("-")
        yield from range(int(first), min(int(last or first), int(first) + 20) + 1)


def _stated(paragraph: str) -> Iterator[Statement]:
    """The statements of one paragraph or list."""
    said: list[tuple[str, tuple[int, ...]]] = []
    for line in paragraph.splitlines():
        position = 0
        text = _LIST_MARK.sub("", line)
        for match in (*MARKER.finditer(text), None):
            between = text[position : match.start() if match else len(text)]
            # The full stop after a marker belongs to the sentence before it.
            cleaned = plain(between).lstrip(".,;:!? ")
            said.extend((sentence, ()) for sentence in sentences(cleaned))
            if match:
                position = match.end()
                if said:
                    sentence, numbers = said[-1]
                    said[-1] = sentence, tuple(dict.fromkeys((*numbers, *_members(match[1]))))
    backing: list[tuple[int, ...]] = []
    behind: tuple[int, ...] = ()
    for _, numbers in reversed(said):
        behind = numbers or behind
        backing.append(behind)
    before: tuple[int, ...] = ()
    for (sentence, own), following in zip(said, reversed(backing), strict=True):
        before = own or before
        yield Statement(sentence, own or following or before)


def _cite(number: int, source: Passage, saying: Sequence[str]) -> Citation:
    """The citation of what of `source` is meant: one of the passages joined in it, or several."""
    parts = parts_of(source)
    closest = [_closest(said, parts) for said in saying or ("",)]
    meant = [found.part for found in closest]
    passage = join(parts[min(meant) : max(meant) + 1])
    last = parts_of(passage)[-1]
    return Citation(
        number=number,
        passage_id=passage.id,
        last_passage_id=last.id if last.id != passage.id else None,
        document_id=passage.document_id,
        title=passage.title,
        headings=passage.headings,
        page=passage.page,
        last_page=passage.last_page,
        start=passage.start,
        end=passage.end,
        quote=harmless(max(closest, key=lambda found: found.shared).quote()),
    )


class _Closest(NamedTuple):
    """What is closest to a statement: in which part, how much they share, and its words.

    `stated` are the terms of the statement.
    """

    part: int
    shared: float
    text: str
    stated: frozenset[str]

    def quote(self) -> str:
        """The words, cut to size around what was stated."""
        return excerpt(self.text, self.stated, QUOTE_LENGTH)


def _closest(said: str, parts: Sequence[Passage]) -> _Closest:
    """What in `parts` shares most with `said`."""
    stated = frozenset(terms(said))
    best: tuple[int, float, str] | None = None
    for place, part in enumerate(parts):
        for unit in units(part.text):
            own = frozenset(unit.terms)
            # Cosine of the two sets: neither the longest nor the shortest wins by its length.
            shared = len(stated & own) / ((len(stated) * len(own)) ** 0.5 or 1.0)
            if best is None or shared > best[1]:
                best = place, shared, unit.text
    if best is None:
        return _Closest(0, 0.0, plain(parts[0].text), frozenset())
    place, shared, text = best
    return _Closest(place, shared, " ".join(text.split()), stated)
