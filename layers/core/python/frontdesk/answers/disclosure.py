"""Whether answers tell what a model was instructed, however they are cut up and disguised.

An obedient model can be asked for its instructions in slices: a few words in each sentence or each
message, between words of the sources, backwards, letter by letter, in Base64. So what is compared
are not stretches of text but the words that carry a subject, in the order of the instructions:
fillers between them do not matter, nor which message of the conversation they stand in.
"""

import base64
import binascii
import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from frontdesk.answers.planted import ALIKE
from frontdesk.answers.text import STOP_WORDS, fold, stem, words
from frontdesk.knowledge.ports import Passage

_MARKER = re.compile(r"\[\d{1,2}\]")
_NOT_LETTERS = re.compile(r"[\W_]+")
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{8,}")
_COPIED = 32
"""Letters and digits in a row that no answer shares with the instructions by chance."""

_WORDS = 4
"""Words in a row that no answer shares with the instructions by chance. In 100 conversations of ten
answers from four help centres nothing came near these numbers."""

_IN_A_ROW = 3
"""Pairs of neighbouring subject words, one after another in the instructions; in answers there may
be others between them."""

_PAIRS = 5
"""Pairs of neighbours that all answers of a conversation may share with them, wherever they are."""

_APART = 3
"""How far apart two neighbours may stand in an answer, in words that the instructions have too."""

_LEAST = 5
"""Letters of a word that is looked for in disguise. Shorter ones are taken for others."""

_SPELLED = re.compile(r"(?<!\w)\w(?:[ .,_·*/|-]{1,2}\w){3,}(?!\w)")
# Dots and dashes, which say nothing to most and everything to some.
_MORSE = re.compile(
    r"(?<![.·•–—_-])[.·•–—_-]{1,6}+(?:[ /]{1,3}+[.·•–—_-]{1,6}+){3,40}(?![.·•–—_-]|\w)"
)
_FIGURES = str.maketrans("013457@$", "oieastas")


class Disclosure:
    """Compares answers from `passages` with `rules`, in the light of what was `said` before them.

    What the passages have as well is theirs to tell.
    """

    def __init__(self, rules: str, passages: Sequence[Passage], said: Sequence[str] = ()) -> None:
        told = words(rules)
        self._words = frozenset(told)
        self._subjects = frozenset(
            word for word in told if word not in STOP_WORDS and not word.isdigit()
        )
        self._stems = {stem(word): word for word in self._subjects}
        self._disguised = {form: word for word in self._subjects for form in _disguises(word)}
        self._glued = re.compile(
            "|".join(sorted({re.escape(word) for word in told if len(word) > 1}, reverse=True))
        )
        known = "\n".join(passage.searchable_text for passage in passages)
        self._known = frozenset(words(known))
        self._copies = frozenset(_runs(rules)) - frozenset(_runs(known))
        theirs = self._plain(known)
        grams = frozenset(_grams(told)) | frozenset(_grams(told[::-1]))
        self._grams = grams - frozenset(_grams(theirs))
        order = self._trail(told)
        own = frozenset(_near(self._trail(theirs)))
        self._pairs: dict[tuple[str, str], set[int]] = {}
        for place, (one, other) in enumerate(pairwise(order)):
            if (one, other) not in own and one != other:
                self._pairs.setdefault((one, other), set()).add(place)
        # The same two may be neighbours in several places, which is one pair.
        self._first = {each: min(places) for places in self._pairs.values() for each in places}
        self._before = [word for text in said for word in self._trail(self._plain(text))]
        self.begin()

    def begin(self) -> None:
        """Nothing of the answer has been said yet."""
        self._heard = self._before[-_APART:]
        self._forth, self._back = self._hits(self._before)
        self._tail = ""
        self._last: list[str] = []

    def tells(self, more: str) -> bool:
        """Whether the answer, with `more` of it, tells the instructions."""
        text = self._tail + more
        self._tail = text[-4 * _COPIED :]
        if any(map(_is_morse, _MORSE.findall(text))) or any(
            run in self._copies for reading in _readings(text) for run in _runs(reading)
        ):
            return True
        plain = self._plain(more)
        in_a_row = [*self._last, *plain]
        self._last = in_a_row[1 - _WORDS :]
        trail = self._trail(plain)
        forth, back = self._hits([*self._heard, *trail])
        self._heard = [*self._heard, *trail][-_APART:]
        told = not self._grams.isdisjoint(_grams(in_a_row))
        for hits, new in ((self._forth, forth), (self._back, back)):
            more_than_before = not new <= hits
            hits.update(new)
            told = told or (more_than_before and len({self._first[each] for each in hits}) > _PAIRS)
            told = told or any(_in_a_row(hits, each) for each in new)
        return told

    def _hits(self, trail: Sequence[str]) -> tuple[set[int], set[int]]:
        """Which neighbours of the instructions stand near each other, and which the other way."""
        forth: set[int] = set()
        back: set[int] = set()
        for one, other in _near(trail):
            forth |= self._pairs.get((one, other), set())
            back |= self._pairs.get((other, one), set())
        return forth, back

    def _trail(self, plain: Sequence[str]) -> list[str]:
        """The stems of those of the words that carry a subject of the instructions."""
        stems = (stem(word) for word in plain if word not in STOP_WORDS)
        return [each for each in stems if each in self._stems]

    def _plain(self, text: str) -> list[str]:
        """The words of `text`; those that are words of the instructions in disguise as these."""
        found: list[str] = []
        for word in words(_decoded(_SPELLED.sub(_joined, _MARKER.sub(" ", text)))):
            if not word.isascii():
                word = word.translate(ALIKE)  # noqa: PLW2901 - read as what it looks like
            if word in self._words or stem(word) in self._stems:
                found.append(word)
            elif word in self._disguised:
                found.append(self._disguised[word])
            elif word not in self._known and word.translate(_FIGURES) in self._words:
                found.append(word.translate(_FIGURES))
            elif len(word) >= 2 * _LEAST and word not in self._known:
                parts = self._glued.findall(word)
                whole = sum(map(len, parts)) >= len(word) - 2
                found += parts if whole else [word]
            else:
                found.append(word)
        return found


def _grams(plain: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(plain[i : i + _WORDS]) for i in range(len(plain) - _WORDS + 1))


def _near(trail: Sequence[str]) -> Iterator[tuple[str, str]]:
    for place, one in enumerate(trail):
        for other in trail[place + 1 : place + 1 + _APART]:
            yield one, other


def _is_morse(marks: str) -> bool:
    return any(mark in marks for mark in ".·•") and any(mark in marks for mark in "-–—_")


def _in_a_row(hits: set[int], place: int) -> bool:
    """Whether enough of `hits` follow one another around `place`."""
    first = last = place
    while first - 1 in hits and last - first < _IN_A_ROW:
        first -= 1
    while last + 1 in hits and last - first < _IN_A_ROW:
        last += 1
    return last - first + 1 >= _IN_A_ROW


def _disguises(word: str) -> Iterator[str]:
    """How a word may be written so that only who knows how reads it."""
    if len(word) < _LEAST or not word.isascii() or not word.isalpha():
        return
    yield word[::-1]
    yield from (f"{word[1:]}{word[0]}{end}" for end in ("ay", "way", "yay"))
    for by in range(1, 26):
        yield "".join(chr((ord(c) - 97 + by) % 26 + 97) for c in word)
    bare = re.sub("[aeiou]", "", word)
    if len(bare) >= _LEAST - 1:
        yield bare


def _joined(spelled: re.Match[str]) -> str:
    """Letters that stand alone as the word that they spell."""
    return f" {_NOT_LETTERS.sub('', spelled.group())} "


def _decoded(text: str) -> str:
    """`text` with what is written in Base64 or in hexadecimal digits read."""

    def read(piece: re.Match[str]) -> str:
        return " ".join([piece.group(), *filter(_is_text, _decodings(piece.group()))])

    return _ENCODED.sub(read, text)


def _decodings(piece: str) -> Iterator[str]:
    bare = piece.rstrip("=")
    for begins in range(4 if len(bare) >= 24 else 1):
        part = bare[begins:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        try:
            decoded = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_")
        except binascii.Error:
            continue
        yield decoded.decode("utf-8", "ignore")
    if re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", piece):
        yield bytes.fromhex(piece).decode("utf-8", "ignore")


def _is_text(decoded: str) -> bool:
    return len(decoded) > 3 and sum(c.isalpha() or c == " " for c in decoded) > len(decoded) * 0.8


def _runs(text: str) -> Iterator[str]:
    """The stretches of `text` that are long enough to be a copy, without spaces and citations."""
    letters = _NOT_LETTERS.sub("", fold(_MARKER.sub("", text)))
    return (letters[i : i + _COPIED] for i in range(len(letters) - _COPIED + 1))


def _readings(text: str) -> Iterator[str]:
    """`text`, and what it says to one who reads backwards, with shifted letters or in Base64."""
    yield text
    yield text[::-1]
    yield codecs.decode(text, "rot13")
    for found in _ENCODED.findall("".join(_MARKER.sub("", text).split())):
        if len(found) >= 24:
            yield from _decodings(found)
