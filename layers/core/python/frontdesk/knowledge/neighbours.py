"""Passages that follow one another in a document, read as one."""

from collections.abc import Sequence
from dataclasses import dataclass

from frontdesk.knowledge.ports import Passage

LONGEST = 2_400
"""Characters of what is joined; what a language model reads of one source (answers/prompt.py)."""

_APART = "\n\n"


@dataclass(frozen=True, slots=True)
class JoinedPassage(Passage):
    """Two or more neighbours as one passage, with the `parts` that it was made of.

    Its id is that of the first part; headings are those that all parts stand under.
    """

    parts: tuple[Passage, ...] = ()


def parts_of(passage: Passage) -> tuple[Passage, ...]:
    """The stored passages that `passage` consists of: itself, or its parts."""
    return passage.parts if isinstance(passage, JoinedPassage) else (passage,)


def are_neighbours(some: Passage, others: Passage) -> bool:
    """Whether one follows the other in the same version of a document, and both together fit."""
    if (some.document_id, some.version) != (others.document_id, others.version):
        return False
    first, last = sorted((some, others), key=lambda passage: passage.ordinal)
    follows = parts_of(first)[-1].ordinal + 1 == last.ordinal
    return follows and len(first.text) + len(last.text) <= LONGEST


def join(passages: Sequence[Passage]) -> Passage:
    """`passages`, which are neighbours in any order, as one in reading order.

    What two have in common (an overlap, the header of a table) is there once. Headings that stand
    above a part only are put in front of it, as they stand in the document.
    """
    parts = sorted(
        (part for passage in passages for part in parts_of(passage)), key=lambda part: part.ordinal
    )
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return first
    shared = _shared([part.headings for part in parts])
    text = ""
    above = shared
    end = first.start
    for part in parts:
        text = _extend(text, part, above, len(shared), end)
        above, end = part.headings, part.end
    return JoinedPassage(
        document_id=first.document_id,
        version=first.version,
        ordinal=first.ordinal,
        text=text,
        title=first.title,
        headings=shared,
        page=first.page,
        last_page=last.last_page if last.last_page is not None else last.page,
        start=first.start,
        end=last.end,
        category=first.category,
        language=first.language,
        parts=tuple(parts),
    )


def _shared(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The headings that all `paths` begin with."""
    length = 0
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            break
        length += 1
    return paths[0][:length]


def _extend(text: str, part: Passage, above: tuple[str, ...], shared: int, end: int) -> str:
    """`text`, which reaches to the offset `end` under the headings `above`, and `part` after it."""
    known = _shared([above, part.headings])
    fresh = part.headings[max(shared, len(known)) :]
    if not text:
        return _APART.join((*fresh, part.text))
    own = part.text
    # A passage that begins inside a table has the table's header in front of its own text.
    header = own[: max(0, len(own) - (part.end - part.start))].strip("\n")
    if part.start < end:
        return text + own[len(own) - (part.end - part.start) + (end - part.start) :]
    if header and header in text.splitlines() and not fresh:
        return f"{text}\n{own[len(header) + 1 :]}"
    return _APART.join((text, *fresh, own))
