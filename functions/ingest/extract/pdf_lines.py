"""From runs of text to lines with a place, an extent and a font."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.extract.pdf_text import WORD_GAP, Run

_MARKER = re.compile(r"(?:[•◦▪‣●○■□–*·-]|\(?(?:\d{1,2}|[a-zA-Z])[.)])")
# Codes without a meaning of their own show as bullets (ISO 32000-2, annex D); so do these of the
# Symbol and Wingdings fonts, and the delete character of some producers.
_BULLET_CODES = str.maketrans(dict.fromkeys("\x7f\uf0b7\uf0a7\uf0d8\uf076", "•"))
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_LEFT_TO_RIGHT = re.compile(
    r"[A-Za-z0-9](?:[^\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]*[A-Za-z0-9])?"
)

# In units of the font size. Words stand .25 apart, stretched ones up to about .9; table cells have
# padding on both sides.
_CELL_GAP = 1.0
_SAME_BASELINE = 0.35
_SUPERSCRIPT = 0.6


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of text on one baseline, in points; y grows upwards, as PDF has it.

    `bold` and `monospaced` hold when all of the line is.
    """

    text: str
    x: float
    right: float
    y: float
    size: float
    bold: bool = False
    monospaced: bool = False
    page: int = 1


def lines_of(runs: Sequence[Run], page: int) -> list[Line]:
    """The lines of a page in the order in which the PDF draws them.

    That is the reading order of nearly every producer, columns included. Text drawn at another
    angle than most of the page comes last.
    """
    return [line for turn in _turns(runs) for line in _lines(turn, page)]


def _turns(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs by text direction, the most used direction first."""
    weight: Counter[int] = Counter()
    for run in runs:
        weight[run.turn] += len(run.text)
    return [[run for run in runs if run.turn == turn] for turn, _ in weight.most_common()]


def _lines(runs: Sequence[Run], page: int) -> list[Line]:
    lines: list[Line] = []
    building: list[Run] = []
    for run in runs:
        last = building[-1] if building else None
        if last is not None and _is_shadow(last, run):
            continue
        if last is not None and _continues(building, run):
            building.append(run)
            continue
        if building:
            lines.append(_line(building, page))
        building = [run]
    if building:
        lines.append(_line(building, page))
    return lines


def _is_shadow(last: Run, run: Run) -> bool:
    """Whether the same text is drawn again at nearly the same place, to look bold."""
    return (
        run.text == last.text
        and abs(run.x - last.x) < 0.25 * run.size
        and abs(run.y - last.y) < 0.25 * run.size
    )


def _continues(building: Sequence[Run], run: Run) -> bool:
    """Whether `run` goes on to the right, on the same baseline or raised like an exponent."""
    last = building[-1]
    size = max(run.size, last.size)
    drift = abs(run.y - last.y)
    script = run.size != last.size and drift <= _SUPERSCRIPT * size
    if drift > _SAME_BASELINE * size and not script:
        return False
    gap = run.x - last.end
    if len(building) == 1 and _is_marker(last):
        return run.x > last.x
    return run.x >= last.x and -size <= gap <= _CELL_GAP * size


def _is_marker(run: Run) -> bool:
    """Whether the run is only a bullet or the number of an item."""
    return _MARKER.fullmatch(run.text.strip().translate(_BULLET_CODES)) is not None


def _line(runs: Sequence[Run], page: int) -> Line:
    parts = [runs[0].text]
    for last, run in pairwise(runs):
        if run.x - last.end > WORD_GAP * min(run.size, last.size):
            parts.append(" ")
        parts.append(run.text)
    text = " ".join("".join(parts).translate(_BULLET_CODES).split())
    # A bullet says nothing about the look of the line that it stands before.
    words = [run for run in runs if not _is_marker(run)] or runs
    largest = max(words, key=lambda run: len(run.text))
    return Line(
        text=_logical_order(text),
        x=runs[0].x,
        right=max(run.end for run in runs),
        y=largest.y,
        size=round(largest.size, 1),
        bold=all(run.bold for run in words),
        monospaced=all(run.monospaced for run in words),
        page=page,
    )


def _logical_order(text: str) -> str:
    """Hebrew and Arabic as one reads it: pages show it from left to right, last letter first."""
    right_to_left = len(_RIGHT_TO_LEFT.findall(text))
    if right_to_left * 2 <= sum(map(str.isalpha, text)):
        return text
    pieces: list[str] = []
    position = 0
    for match in _LEFT_TO_RIGHT.finditer(text):
        pieces.append(text[position : match.start()][::-1])
        pieces.append(match.group())
        position = match.end()
    pieces.append(text[position:][::-1])
    return "".join(reversed(pieces))
