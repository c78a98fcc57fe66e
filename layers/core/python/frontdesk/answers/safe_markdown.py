"""An answer's Markdown, made harmless while it streams.

Nothing is searched for and taken out. The text is read mark by mark and written anew, and what is
written knows only these marks: emphasis, lists, headings, quotes, tables, code that the sources
have, citations of sources that were given, and links to addresses that are known. So whatever
shows it later, this widget or another Markdown, finds nothing else in it.
"""

import re

from frontdesk.answers.addresses import Known, word_at
from frontdesk.answers.citations import marker_at
from frontdesk.answers.harmless import REMOVED, is_hidden

# How far a mark is followed, in characters; what is longer is none.
_LABEL = 400
_DESTINATION = 2_000
_TAG = 1_000
_CODE = 400
_BLOCK = 4_000
_WORD = 2_000
_GAP = 1_000
_NESTED = 8
"""Brackets within brackets; what is nested deeper is no mark, and its brackets are characters."""

_FED = 4_000

_FENCE = re.compile(r" {0,3}`{3,20}[^\n`]{0,200}\n")
_FENCE_BEGUN = re.compile(r" {0,3}(?:`{0,2}|`{3,20}[^\n`]{0,200})\Z")
_FENCE_END = re.compile(r"^ {0,3}```+[ \t]*$", re.MULTILINE)
_CODE_END = re.compile(r"[`\n]")
_TAG_END = re.compile(r"[<>]")
_BACKTICKS = re.compile(r"`{1,100}")
_SPACES = re.compile(rf"[ \t]{{1,{_GAP}}}")
_OPENS_TAG = re.compile(r"[^\W\d_]|[/!?]")
_AUTOLINK = re.compile(r"<([a-z][a-z0-9+.-]{0,31}:[^\s<>]*|[^\s<>@]+@[^\s<>]+)>", re.IGNORECASE)
_RAW = re.compile(r"<(script|style)\b", re.IGNORECASE)
_DESTINATION_FORM = re.compile(
    r"\(\s*+(?:<(?P<pointed>[^<>\n]*+)>|(?P<plain>(?:[^\s()<>]++|\([^\s()<>]*+\))*+))"
    r"(?:\s++(?:\"[^\"]*+\"|'[^']*+'|\([^()]*+\))?+)?+\s*+\)"
)
_LESS_THAN = re.compile(r"&(?:lt|#0*60|#x0*3c);?", re.IGNORECASE)
_CITATION = re.compile(r"\[[1-9]\d?\]")
_BRACKETS = {"[": re.compile(r"[\[\]]|\n\n"), "【": re.compile(r"[【】]|\n\n")}
_PARENTHESES = re.compile(r"[()]|\n\n")
# Brackets in a web address. "(.)" hides a dot.
_PAIR = re.compile(r"\((?!\.\))")
_PAIR_BEGUN = re.compile(r"\([^\s\[\]<>`()\"|]*+\Z")
_LINE_MARKS = " \t>*+-.)0123456789"


class _MoreNeeded(Exception):
    """What comes next decides what the mark at hand is."""


class SafeMarkdown:
    """Takes an answer piece by piece, and gives back as much of it as is certain to be harmless.

    However the text is cut into pieces, what comes out is the same when put together. `sources` is
    how many sources were given; a citation of any other is dropped, with the space before it.
    """

    def __init__(self, known: Known, *, sources: int) -> None:
        self._known = known
        self._sources = sources
        self._rest = ""
        self._read = "\n"
        self._seen = ""
        self._written = ""
        # Of the line being written: whether a bracket is open, and none but marks before it.
        self._bracketed = False
        self._bare = True
        # How much of what is left is known to be one word.
        self._in_word = 0
        self._complete = False
        self._inside = False

    def feed(self, piece: str) -> str:
        """What of the answer so far has not been given back, and can be."""
        out: list[str] = []
        # In parts, since what is left is copied with every mark that is read.
        for start in range(0, len(piece), _FED):
            self._rest += self._visible(piece[start : start + _FED])
            out.append(self._drain())
        return "".join(out)

    def finish(self) -> str:
        """The end of the answer."""
        self._complete = True
        return self._drain()

    def _visible(self, piece: str) -> str:
        """`piece` without what cannot be seen. Joiners stay inside scripts that spell with them."""
        kept: list[str] = []
        for c in piece.replace("\u2028", "\n").replace("\u2029", "\n"):
            if c in "\u200c\u200d":
                visible = self._seen > "\u02ff" and self._seen not in "\u200c\u200d"
            elif c == "\ufe0f":
                visible = self._seen > "\u203b" and self._seen != c
            else:
                visible = not is_hidden(c)
            if visible:
                kept.append(c)
                self._seen = c
        return "".join(kept)

    def _drain(self) -> str:
        out: list[str] = []
        while self._rest:
            try:
                text, length = self._next()
            except _MoreNeeded:
                break
            self._read = self._rest[length - 1]
            self._rest = self._rest[length:]
            self._in_word = 0
            out.append(self._apart(text))
        return "".join(out)

    def _apart(self, text: str) -> str:
        """`text` after what was written before, with a space where the two would make a mark."""
        if not text:
            return text
        before, first = self._written, text[0]
        makes_mark = (
            (before == "]" and first == "(")
            or (before in ("]", "!") and first == "[" and not _CITATION.match(text))
            or (before == "]" and first == ":" and self._bare)
            or (before == "<" and first not in " \t\n")
            or (before == "`" and first == "`")
            or (before == "\\" and first in "`[<")
        )
        text = f" {text}" if makes_mark else text
        self._note(text)
        return text

    def _note(self, text: str) -> None:
        """Remember of what is written what decides how the next mark is."""
        self._written = text[-1]
        _, newline, line = text.rpartition("\n")
        if newline:
            self._bracketed, self._bare = False, True
        if not self._bracketed:
            before, bracket, _ = line.partition("[")
            self._bare = self._bare and not before.strip(_LINE_MARKS)
            self._bracketed = bool(bracket)

    def _next(self) -> tuple[str, int]:
        """The mark at the beginning of what is left: how it is written, and how long it was."""
        rest = self._rest
        # Within another mark there are no blocks, so they cannot nest without end.
        if self._read == "\n" and not self._inside and (fenced := self._fence()):
            return fenced
        if spaces := _SPACES.match(rest):
            return self._after_spaces(spaces.group())
        return self._mark() or self._word() or (rest[0], 1)

    def _mark(self) -> tuple[str, int] | None:
        """What begins with a character that may begin more than a word."""
        match self._rest[0]:
            case "`":
                return self._code()
            case "!" if self._has(2) and self._rest[1:2] == "[":
                text, length = self._bracket(1, image=True)
                return text, length + 1
            case "[" | "【":
                return self._bracket(0)
            case "<":
                return self._angle()
        return None

    def _has(self, length: int) -> bool:
        """True. Raises _MoreNeeded unless `length` characters are there or no more will come."""
        if len(self._rest) < length and not self._complete:
            raise _MoreNeeded
        return True

    def _after_spaces(self, spaces: str) -> tuple[str, int]:
        """A citation that is dropped takes the space before it along."""
        following = len(spaces)
        self._has(following + 1)
        if self._rest[following : following + 1] not in ("[", "【"):
            return spaces, following
        text, length = self._bracket(following)
        return (spaces + text if text else ""), following + length

    def _fence(self) -> tuple[str, int] | None:
        """A block of code: as it is if the sources have it, and else as text."""
        opened = _FENCE.match(self._rest)
        if opened is None:
            if _FENCE_BEGUN.match(self._rest):
                self._has(_BLOCK)
            return None
        begins, limit = opened.end(), opened.end() + _BLOCK
        closed = _FENCE_END.search(self._rest, begins, limit)
        # A line that ends where the text ends may still go on.
        if closed is None or closed.end() == len(self._rest):
            self._has(limit)
        ends = closed.start() if closed else min(limit, len(self._rest))
        code = self._rest[begins:ends].rstrip()
        length = closed.end() if closed else ends
        if all(self._known.says(line) for line in code.splitlines() if line.strip()):
            return f"```\n{code}\n```", length
        return self._inner(code), length

    def _code(self) -> tuple[str, int]:
        """Code in a line: as it is if the sources have it, and else as text."""
        ticks = _BACKTICKS.match(self._rest)
        run = ticks.end() if ticks else 1
        self._has(run + 1)
        if run > 1 or self._read == "\\":
            return "", run
        end = _CODE_END.search(self._rest, 1, _CODE)
        if end is None:
            self._has(_CODE)
        if end is None or end.group() == "\n":
            return "", 1
        self._has(end.end() + 1)
        if self._rest[end.end() : end.end() + 1] == "`":
            return "", 1
        code = self._rest[1 : end.start()]
        return (f"`{code}`" if self._known.says(code) else self._inner(code)), end.end()

    def _bracket(self, start: int, *, image: bool = False) -> tuple[str, int]:
        """A citation, a link, an image or words in brackets; `start` is where the bracket is."""
        opening = self._rest[start]
        label_end = self._label_end(start)
        if label_end is None:
            return opening, 1
        self._has(label_end + 2)
        after = label_end + 1
        destination, after = self._destination(after) if opening == "[" else (None, after)
        if (numbers := marker_at(self._rest, start)) is not None:
            known = [n for n in numbers if 1 <= n <= self._sources]
            exclaimed = "!" if image else ""
            return exclaimed + "".join(f"[{n}]" for n in known), after - start
        label = self._inner(self._rest[start + 1 : label_end])
        if destination is None:
            text = label if image else f"{opening}{label}{self._rest[label_end]}"
            return text, after - start
        url = self._known.link(destination)
        words = label if label.strip() or not image else (url or "")
        # A link inside a link is none, and neither is one without words.
        if url is None or "](" in label or not words.strip():
            return label, after - start
        return f"[{words}]({url})", after - start

    def _label_end(self, start: int) -> int | None:
        """Where the bracket at `start` is closed; None if it is not, or not soon enough."""
        opening = self._rest[start]
        depth = 0
        for mark in _BRACKETS[opening].finditer(self._rest, start, start + _LABEL):
            if mark.group() == "\n\n":
                return None
            depth += 1 if mark.group() == opening else -1
            if not depth:
                return mark.start()
            if depth > _NESTED:
                return None
        self._has(start + _LABEL)
        return None

    def _destination(self, start: int) -> tuple[str | None, int]:
        """What a link points to, from its bracket on, and where that ends; None if it is none."""
        if self._rest[start : start + 1] != "(":
            return None, start
        depth = 0
        for mark in _PARENTHESES.finditer(self._rest, start, start + _DESTINATION):
            if mark.group() == "\n\n":
                return None, start
            depth += 1 if mark.group() == "(" else -1
            if not depth:
                form = _DESTINATION_FORM.fullmatch(self._rest, start, mark.end())
                if form is None:
                    return None, start
                return form["pointed"] or form["plain"] or "", mark.end()
            if depth > _NESTED:
                return None, start
        self._has(start + _DESTINATION)
        return None, start

    def _angle(self) -> tuple[str, int]:
        """Markup is dropped; what the documents put in angle brackets gets harmless ones."""
        rest = self._rest
        self._has(3)
        if not _OPENS_TAG.match(rest[1:2]):
            compares = rest[1:2] == " " and rest[2:3].isalnum()
            return ("<" if compares else "‹"), 1
        if raw := _RAW.match(rest):
            return self._raw(raw[1])
        end = _TAG_END.search(rest, 1, _TAG)
        if end is None:
            self._has(_TAG)
        if end is None or end.group() == "<":
            return "‹", 1
        if auto := _AUTOLINK.match(rest):
            url = self._known.link(auto[1] if ":" in auto[1] else f"mailto:{auto[1]}")
            return (url.removeprefix("mailto:") if url else REMOVED), auto.end()
        inner = rest[1 : end.start()]
        kept = f"‹{self._inner(inner)}›" if self._known.says(f"<{inner}>") else ""
        return kept, end.end()

    def _raw(self, name: str) -> tuple[str, int]:
        """A script or a style, with all that is in it."""
        closed = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(self._rest, 0, _BLOCK)
        if closed is None:
            self._has(_BLOCK)
        return "", closed.end() if closed else min(_BLOCK, len(self._rest))

    def _word(self) -> tuple[str, int] | None:
        """A word, which may be an address."""
        more = word_at(self._rest, self._in_word, _WORD)
        length = self._in_word = more.end() if more else self._in_word
        if not length:
            return None
        text = self._rest[:length]
        following = self._rest[length : length + 1]
        # A bracket may go on with a dot: "example[.]com".
        if length < _WORD and (not following or following in "[("):
            self._has(length + 3)
        if "://" in text and _PAIR_BEGUN.match(self._rest, length):
            self._has(_WORD)
        pair = _PAIR.search(text)
        if pair and not self._known.allows(text):
            # Nobody of ours named it with the brackets, which may be of the sentence.
            text, length, following = text[: pair.start()], pair.start(), "("
        if following == "[" and text.endswith("!"):
            # Of an image, and read with it.
            text, length, following = text[:-1], length - 1, "!"
        if self._known.allows(text):
            # Where an address ends is seen by what follows it.
            glued = "://" in text and following in ("(", "[", "|", "!")
            return _LESS_THAN.sub("‹", text) + (" " if glued else ""), length
        begins = re.match(r"[*_~“«‘]*", text)
        ends = text[len(text.rstrip(".,;:!?*_~”’»")) :]
        return f"{begins.group() if begins else ''}{REMOVED}{ends}", length

    def _inner(self, text: str) -> str:
        """`text` inside of another mark, made harmless by itself."""
        inner = SafeMarkdown(self._known, sources=self._sources)
        inner._read = inner._written = " "
        inner._inside = True
        return inner.feed(text) + inner.finish()


def safe_markdown(text: str, known: Known, *, sources: int) -> str:
    """`text`, which is whole, made harmless."""
    reader = SafeMarkdown(known, sources=sources)
    return reader.feed(text) + reader.finish()
