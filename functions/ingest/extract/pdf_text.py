"""The text operators of a PDF page, read into runs with exact places (ISO 32000-2, 9)."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pypdf import PageObject, PdfReader, mult
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject, StreamObject

from ingest.extract.pdf_fonts import FontReader, Fonts

Matrix = Sequence[float]

_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_SHOWS_TEXT = re.compile(rb"T[jJ]|Do|['\"]")

# In units of the font size: kerning stays below .12, spaces of tight lines are .2 and more.
WORD_GAP = 0.16

_MAX_FORM_DEPTH = 8
_MAX_FORMS = 1_000


@dataclass(slots=True)
class Run:
    """Text shown at once in one font; `turn` is its direction in quarter turns.

    `x`, `end` and `y` are in points along and across that direction.
    """

    text: str
    x: float
    end: float
    y: float
    size: float
    bold: bool
    monospaced: bool
    turn: int


@dataclass(slots=True)
class _State:
    """The part of the graphics state that places text."""

    ctm: Matrix = _IDENTITY
    font: FontReader | None = None
    size: float = 1.0
    character_space: float = 0.0
    word_space: float = 0.0
    stretch: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


class PageText:
    """Reads the runs of one page, in the order in which they are drawn.

    `on_text` is called with the number of characters of each run, and may raise to stop.
    """

    def __init__(self, reader: PdfReader, fonts: Fonts, on_text: Callable[[int], None]) -> None:
        self._reader = reader
        self._fonts = fonts
        self._on_text = on_text
        self._state = _State()
        self._stack: list[_State] = []
        self._line: Matrix = _IDENTITY
        self._cursor: Matrix = _IDENTITY
        self._resources: list[DictionaryObject] = []
        self._forms_read = 0
        self._runs: list[Run] = []
        self._handlers: dict[bytes, Callable[[list[Any]], None]] = {
            b"q": self._save,
            b"Q": self._restore,
            b"cm": self._concatenate,
            b"Tf": self._set_font,
            b"Tc": self._set_character_space,
            b"Tw": self._set_word_space,
            b"Tz": self._set_stretch,
            b"TL": self._set_leading,
            b"Ts": self._set_rise,
            b"BT": self._begin,
            b"Td": self._move,
            b"TD": self._move_and_lead,
            b"Tm": self._place,
            b"T*": self._next_line,
            b"Tj": self._show,
            b"TJ": self._show_array,
            b"'": self._show_on_next_line,
            b'"': self._show_spaced,
            b"Do": self._draw,
        }

    def runs(self, page: PageObject) -> list[Run]:
        """All runs of `page`, those in forms included."""
        contents = page.get("/Contents")
        contents = contents.get_object() if contents is not None else None
        resources = page.get("/Resources")
        resources = resources.get_object() if resources is not None else None
        if isinstance(contents, ArrayObject | StreamObject) and isinstance(
            resources, DictionaryObject
        ):
            self._read(contents, resources)
        return self._runs

    def _read(self, contents: Any, resources: DictionaryObject) -> None:  # noqa: ANN401 - pypdf's own type
        stream = ContentStream(contents, self._reader, "bytes")
        if _SHOWS_TEXT.search(stream.get_data()) is None:
            return
        self._resources.append(resources)
        for operands, operator in stream.operations:
            handle = self._handlers.get(operator)
            if handle is None:
                continue
            try:
                handle(operands)
            except (AttributeError, IndexError, KeyError, TypeError, ValueError):
                # A malformed operation is skipped, as viewers do.
                continue
        self._resources.pop()

    def _resource(self, kind: str) -> Any:  # noqa: ANN401 - a dictionary, if the file is sound
        return self._resources[-1][kind].get_object()

    # The graphics state.

    def _save(self, _: list[Any]) -> None:
        self._stack.append(replace(self._state))

    def _restore(self, _: list[Any]) -> None:
        if self._stack:
            self._state = self._stack.pop()

    def _concatenate(self, operands: list[Any]) -> None:
        self._state.ctm = mult(_matrix(operands), list(self._state.ctm))

    def _set_font(self, operands: list[Any]) -> None:
        self._state.size = float(operands[1])
        fonts = self._resource("/Font")
        self._state.font = self._fonts.reader(fonts[operands[0]].get_object())

    def _set_character_space(self, operands: list[Any]) -> None:
        self._state.character_space = float(operands[0])

    def _set_word_space(self, operands: list[Any]) -> None:
        self._state.word_space = float(operands[0])

    def _set_stretch(self, operands: list[Any]) -> None:
        self._state.stretch = float(operands[0]) / 100

    def _set_leading(self, operands: list[Any]) -> None:
        self._state.leading = float(operands[0])

    def _set_rise(self, operands: list[Any]) -> None:
        self._state.rise = float(operands[0])

    # Where the next text goes.

    def _begin(self, _: list[Any]) -> None:
        self._line = self._cursor = _IDENTITY

    def _move(self, operands: list[Any]) -> None:
        x, y = float(operands[0]), float(operands[1])
        self._line = self._cursor = mult([1.0, 0.0, 0.0, 1.0, x, y], list(self._line))

    def _move_and_lead(self, operands: list[Any]) -> None:
        self._state.leading = -float(operands[1])
        self._move(operands)

    def _place(self, operands: list[Any]) -> None:
        self._line = self._cursor = _matrix(operands)

    def _next_line(self, _: list[Any]) -> None:
        self._move([0.0, -self._state.leading])

    # Text itself.

    def _show(self, operands: list[Any]) -> None:
        self._show_all([operands[0]])

    def _show_array(self, operands: list[Any]) -> None:
        self._show_all(operands[0])

    def _show_on_next_line(self, operands: list[Any]) -> None:
        self._next_line([])
        self._show_all([operands[0]])

    def _show_spaced(self, operands: list[Any]) -> None:
        self._state.word_space = float(operands[0])
        self._state.character_space = float(operands[1])
        self._show_on_next_line([operands[2]])

    def _show_all(self, elements: Sequence[Any]) -> None:
        """Strings, and between them numbers that move the next one by thousandths of the size."""
        state = self._state
        font = state.font if state.font is not None else self._fonts.reader(None)
        m = mult(list(self._cursor), list(state.ctm))
        text: list[str] = []
        moved = 0.0
        start: float | None = None
        end = 0.0
        for element in elements:
            if isinstance(element, int | float):
                moved -= element / 1000 * state.size * state.stretch
                continue
            shown = element if isinstance(element, bytes) else str(element).encode("latin-1")
            piece, width, spaces = font.decode(shown)
            if not piece:
                continue
            if start is None:
                start = moved
            elif moved - end > WORD_GAP * abs(state.size) * state.stretch and text[-1][-1] != " ":
                # A gap that only a table or a form has begins a new run.
                if moved - end > 2 * abs(state.size) * state.stretch:
                    self._emit("".join(text), m, start, end, font)
                    text, start = [], moved
                else:
                    text.append(" ")
            text.append(piece)
            moved += (
                width * state.size + state.character_space * len(piece) + state.word_space * spaces
            ) * state.stretch
            end = moved
        if text and start is not None:
            self._emit("".join(text), m, start, end, font)
        self._cursor = mult([1.0, 0.0, 0.0, 1.0, moved, 0.0], list(self._cursor))

    def _emit(self, text: str, m: Matrix, start: float, end: float, font: FontReader) -> None:
        self._on_text(len(text))
        if not text.strip():
            return
        state = self._state
        across = math.hypot(m[0], m[1])
        flip = -1.0 if state.size * state.stretch < 0 else 1.0
        turn = round(math.degrees(math.atan2(m[1] * flip, m[0] * flip)) / 90) % 4
        origin_x = m[4] + state.rise * m[2]
        origin_y = m[5] + state.rise * m[3]
        x, y = (
            (origin_x, origin_y),
            (origin_y, -origin_x),
            (-origin_x, -origin_y),
            (-origin_y, origin_x),
        )[turn]
        if not all(map(math.isfinite, (x, y, start, end, across, state.size))):
            return
        leading = len(text) - len(text.lstrip())
        lead = font.decode(b" ")[1] * abs(state.size) * leading if leading else 0.0
        self._runs.append(
            Run(
                text=text,
                x=x + start * flip * across + lead * across,
                end=x + end * flip * across,
                y=y,
                size=abs(state.size) * math.hypot(m[2], m[3]) or 1.0,
                bold=font.bold,
                monospaced=font.monospaced,
                turn=turn,
            )
        )

    def _draw(self, operands: list[Any]) -> None:
        """A form is a page within the page; images show nothing that can be read."""
        form = self._resource("/XObject")[operands[0]].get_object()
        if form.get("/Subtype") != "/Form" or len(self._resources) > _MAX_FORM_DEPTH:
            return
        self._forms_read += 1
        if self._forms_read > _MAX_FORMS:
            return
        self._on_text(0)
        resources = form.get("/Resources")
        resources = resources.get_object() if resources is not None else self._resources[-1]
        outer, stack = replace(self._state), self._stack
        line, cursor = self._line, self._cursor
        self._stack = []
        matrix = form.get("/Matrix")
        if matrix is not None:
            self._state.ctm = mult(_matrix(matrix.get_object()), list(self._state.ctm))
        self._read(form, resources)
        self._state, self._stack = outer, stack
        self._line, self._cursor = line, cursor


def _matrix(operands: Sequence[Any]) -> list[float]:
    a, b, c, d, e, f = (float(operand) for operand in operands[:6])
    return [a, b, c, d, e, f]
