"""The fonts of a PDF: what their codes mean, how wide they are, and how they look."""

import re
from dataclasses import dataclass
from typing import Any

from pypdf.generic import DictionaryObject

# pypdf's font model is not public, but its public text extraction loses the spaces of tightly set
# TeX documents (pypdf issue 3978) and knows no extents. The major version is pinned, and tests
# compare text and widths with what reportlab wrote.
from pypdf.generic._font import Font

_BOLD = re.compile(r"bold|black|heavy|semibold|demi|-bd|cmbx|[a-z]b\d+$", re.IGNORECASE)
_MONOSPACED = re.compile(r"courier|mono|consol|typewriter|menlo|cmtt|t1xtt|fixed", re.IGNORECASE)
_AVERAGE_WIDTH = 0.5
_LONGEST_GLYPH = 32
"""Characters that one code may stand for. Ligatures have three, an Arabic blessing has eighteen."""


@dataclass(slots=True)
class FontReader:
    """Decodes the strings of one font. Widths are in units of the font size."""

    model: Font | None
    scale: float
    bold: bool
    monospaced: bool
    _glyphs: dict[int | str, tuple[str, float]]

    def decode(self, shown: bytes) -> tuple[str, float, int]:
        """The text of a string operand, its width, and how many single-byte spaces it holds.

        The spaces are those to which word spacing applies (ISO 32000-2, 9.3.3).
        """
        encoding = self.model.encoding if self.model is not None else {}
        codes: bytes | str
        spaces = 0
        if isinstance(encoding, str):
            codes = _decoded(shown, encoding)
        else:
            codes = shown
            spaces = shown.count(b" ")
        text = []
        width = 0.0
        for code in codes:
            glyph = self._glyphs.get(code)
            if glyph is None:
                glyph = self._glyphs[code] = self._glyph(code)
            text.append(glyph[0])
            width += glyph[1]
        return "".join(text), width, spaces

    def _glyph(self, code: int | str) -> tuple[str, float]:
        """What one code stands for, and its width."""
        raw = chr(code) if isinstance(code, int) else code
        model = self.model
        if model is None:
            return raw, _AVERAGE_WIDTH
        encoded = raw
        if isinstance(model.encoding, dict) and isinstance(code, int):
            encoded = model.encoding.get(code, raw)
        width = model.character_widths.get(raw)
        if width is None:
            width = model.character_widths.get("default", 0) or _AVERAGE_WIDTH / self.scale
        text = str(model.character_map.get(encoded, encoded))[:_LONGEST_GLYPH]
        return text, float(width) * self.scale


def _decoded(shown: bytes, encoding: str) -> str:
    try:
        return shown.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        return shown.decode(encoding, "replace")


class Fonts:
    """The fonts of one file, each read once."""

    def __init__(self) -> None:
        self._readers: dict[int, tuple[object, FontReader]] = {}

    def reader(self, font: Any) -> FontReader:  # noqa: ANN401 - whatever stands in the file
        """The reader for a font dictionary; one that takes codes as Latin-1 if it is broken."""
        known = self._readers.get(id(font))
        if known is None:
            # The dictionary is kept, so that its id stays its own.
            known = (font, _reader(font))
            self._readers[id(font)] = known
        return known[1]


def _reader(font: object) -> FontReader:
    unknown = FontReader(None, 0.001, bold=False, monospaced=False, _glyphs={})
    if not isinstance(font, DictionaryObject):
        return unknown
    try:
        model = Font.from_font_resource(font)
        scale = 0.001
        if font.get("/Subtype") == "/Type3":
            matrix = font["/FontMatrix"]
            scale = abs(float(matrix[0])) or scale  # type: ignore[index]
        name = str(font.get("/BaseFont", ""))
    except Exception:  # noqa: BLE001 - pypdf fails on broken fonts in many ways; the rest of the page counts
        return unknown
    return FontReader(
        model,
        scale,
        bold=_BOLD.search(name) is not None,
        monospaced=_MONOSPACED.search(name) is not None,
        _glyphs={},
    )
