"""Splitting: the blocks of a document become passages that can be found and quoted."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from frontdesk.answers.text import language
from frontdesk.knowledge.ports import Passage
from ingest.document import ExtractedDocument
from ingest.extract.budget import Budget
from ingest.units import Path, Unit, units_of

TARGET_TOKENS = 200

MAX_TOKENS = 254
"""Title, headings and text together: all-MiniLM-L6-v2 reads 256 tokens, two of them its own."""

MAX_HEADING_TOKENS = 64
"""What title and headings may take of that."""

_READ_FOR_LANGUAGE = 20_000  # characters
_TINY_SECTION = 24
_MOST_CHARACTERS_PER_TOKEN = 16
_MOST_HEADING_CHARACTERS = (MAX_HEADING_TOKENS + 1) * _MOST_CHARACTERS_PER_TOKEN
_LONGEST_TITLE = 1_000
_MOST_UNITS = 200
"""In one passage: as many as it has tokens, and no matter how many there are without any."""

# Costs of ending a passage before a unit, on the scale of the cost of its size: a passage that is
# half as long as the target costs 25, an empty one 100.
_SIZE_COST = 100.0
_NEW_SECTION = -35.0
_NEW_BLOCK = 0.0
_INTRODUCED = 40.0
_COSTS = {"sentence": 10.0, "item": 120.0, "row": 60.0, "line": 30.0, "piece": 60.0}
_AFTER_HEADING = 1_000.0
_TOO_LONG = 10_000.0


def split(
    document: ExtractedDocument,
    *,
    document_id: str,
    version: str,
    title: str,
    count_tokens: Callable[[str], int],
    category: str | None = None,
    seconds_left: Callable[[], float] | None = None,
) -> list[Passage]:
    """The passages of a document, in reading order, about TARGET_TOKENS long by `count_tokens`.

    `text` is `document.text[start:end]`, except that a passage which begins inside a table has
    the table's header row in front. Headings at the beginning of a passage stand in `headings`
    instead of the text, those further down in both the text and, as far as they are common to
    all of the passage, in `headings`. Nothing overlaps and nothing else is left out.

    Sentences are cut only when one alone is too long. Lists stay whole when they fit. Sections of
    the highest level are kept apart unless one is tiny.

    Raises UnreadableDocument when `seconds_left` says that the time is over.
    """
    check_time = Budget(seconds_left).check_time

    def count(text: str) -> int:
        # Word pieces take a word of more than 100 letters for one unknown token.
        least = max(1, len(text) // _MOST_CHARACTERS_PER_TOKEN)
        # What fits nowhere need not be counted exactly.
        return least if least > MAX_TOKENS else max(count_tokens(text), least)

    splitter = _Splitter(document, title, count, check_time)
    found: list[Passage] = []
    units: list[Unit] = []
    for unit in units_of(document, count, splitter.room):
        units.append(unit)
        check_time()
    for section in _sections(units, document):
        check_time()
        for group in splitter.divide(section):
            found.append(splitter.passage(group, document_id, version, ordinal=len(found)))
    spoken = language(document.text[:_READ_FOR_LANGUAGE])
    return [replace(passage, category=category, language=spoken) for passage in found]


def _sections(units: Sequence[Unit], document: ExtractedDocument) -> Iterator[list[Unit]]:
    """Units by section of the highest level that divides the document.

    Tiny sections go with the next one.
    """
    top = _dividing_level(document)
    section: list[Unit] = []
    previous: list[Unit] = []
    for unit in units:
        begins = unit.kind == "heading" and unit.level <= top
        if begins and sum(each.tokens for each in section) >= _TINY_SECTION:
            if previous:
                yield previous
            previous, section = section, []
        section.append(unit)
    if previous and section and sum(each.tokens for each in section) < _TINY_SECTION:
        yield [*previous, *section]
        return
    if previous:
        yield previous
    if section:
        yield section


def _dividing_level(document: ExtractedDocument) -> int:
    """The highest level with more than one heading; a lone first heading is the title."""
    levels = Counter(block.level for block in document.blocks if block.kind == "heading")
    return min((level for level, count in levels.items() if count > 1), default=0)


@dataclass(frozen=True, slots=True)
class _Splitter:
    document: ExtractedDocument
    title: str
    count_tokens: Callable[[str], int]
    check_time: Callable[[], None]

    def room(self, path: Path) -> int:
        """Tokens left for text under these headings."""
        head = self.count_tokens(" > ".join((self.title, *self._headings(path))))
        return MAX_TOKENS - min(head, MAX_HEADING_TOKENS)

    def divide(self, units: Sequence[Unit]) -> list[Sequence[Unit]]:
        """The units as consecutive groups with the least cost of sizes and ends together.

        The best way to divide the first n units is found from the best ways for fewer.
        """
        costs = [0.0]
        starts = [0]
        ends = [0.0, *(_end_cost(before, unit) for before, unit in pairwise(units))]
        paths = {unit.path: self.room(unit.path) for unit in units}
        rooms = [paths[unit.path] for unit in units]
        sizes = [(unit.tokens, unit.header_tokens) for unit in units]
        for stop in range(1, len(units) + 1):
            self.check_time()
            best, best_start = float("inf"), stop - 1
            tokens = 0
            for start in range(stop - 1, max(-1, stop - 1 - _MOST_UNITS), -1):
                own, header = sizes[start]
                tokens += own
                size, room = tokens + header, rooms[start]
                if size > room and start < stop - 1:
                    if tokens > MAX_TOKENS:
                        break
                    continue
                cost = costs[start] + _size_cost(size, room) + ends[start]
                if cost < best:
                    best, best_start = cost, start
            costs.append(best)
            starts.append(best_start)
        groups: list[Sequence[Unit]] = []
        stop = len(units)
        while stop:
            groups.append(units[starts[stop] : stop])
            stop = starts[stop]
        return groups[::-1]

    def passage(
        self, units: Sequence[Unit], document_id: str, version: str, *, ordinal: int
    ) -> Passage:
        """The passage that consists of these consecutive units."""
        path = _common_path(units)
        kept = self._headings(path)
        first = 0
        if len(kept) == len(self._without_title(path)):
            while first < len(units) - 1 and _heads_all(units[first], path):
                first += 1
        start, end = units[first].start, units[-1].end
        text = self.document.text[start:end]
        if units[first].header:
            text = f"{units[first].header}\n{text}"
        return Passage(
            document_id=document_id,
            version=version,
            ordinal=ordinal,
            text=text,
            title=self.title,
            headings=kept,
            page=units[first].page,
            last_page=units[-1].last_page,
            start=start,
            end=end,
        )

    def _headings(self, path: Path) -> tuple[str, ...]:
        """As much of the path as there is room for, the innermost headings first of all."""
        kept = self._without_title(path)
        while kept and (
            sum(map(len, kept)) > _MOST_HEADING_CHARACTERS
            or self.count_tokens(" > ".join((self.title, *kept))) > MAX_HEADING_TOKENS
        ):
            kept = kept[1:]
        return kept

    def _without_title(self, path: Path) -> tuple[str, ...]:
        """A document often begins with its title as a heading; once is enough."""
        texts = tuple(text for _, text in path)
        return texts[1:] if texts and _same(texts[0], self.title) else texts


def _same(one: str, other: str) -> bool:
    """Whether two titles differ in case and punctuation at most."""
    # A title of any length would be read again for every passage under it.
    return max(len(one), len(other)) <= _LONGEST_TITLE and _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _common_path(units: Sequence[Unit]) -> Path:
    """The headings under which the text of the units stands, those that open it included."""
    first = next((i for i, unit in enumerate(units) if unit.kind != "heading"), None)
    if first is None:
        # Nothing but headings: the last one is the text.
        return units[-1].path[:-1]
    path = units[first].path
    for unit in units[first + 1 :]:
        shared = 0
        for ours, theirs in zip(path, unit.path, strict=False):
            if ours != theirs:
                break
            shared += 1
        path = path[:shared]
    return path


def _heads_all(unit: Unit, path: Path) -> bool:
    """Whether the unit is one of the headings of the path."""
    return unit.kind == "heading" and unit.path == path[: len(unit.path)]


@lru_cache(maxsize=100_000)
def _size_cost(tokens: int, room: int) -> float:
    if tokens > room:
        return _TOO_LONG
    target = min(TARGET_TOKENS, room)
    return _SIZE_COST * ((tokens - target) / target) ** 2


def _end_cost(before: Unit, unit: Unit) -> float:
    """What it costs to end a passage between two units."""
    if before.kind == "heading":
        return _AFTER_HEADING
    if unit.kind == "heading":
        return _NEW_SECTION
    if unit.block != before.block:
        return _INTRODUCED if before.introduces or unit.kind == "item" else _NEW_BLOCK
    return _COSTS[unit.kind]
