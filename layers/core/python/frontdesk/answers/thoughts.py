"""What a model thinks aloud in the text of its answer, which is no part of the answer.

Servers that do not tell thoughts and answer apart send both as content: the thoughts come first,
between tags that differ from model to model. Some chat templates put the opening tag into the
prompt, so that only the closing one is seen.
"""

import re
from collections.abc import Iterable, Iterator

from frontdesk.answers.ports import Anew

_NAMES = (
    r"(?:\w{1,12}:|ant|self[_-]|inner[_-]?|internal[_-]?)?"
    r"(?:think(?:ing|s)?|thoughts?|reason(?:ing)?|reflection|scratch_?pad|monologue|analysis"
    r"|chain_of_thought|cot|internal)(?:[_-]?(?:process|content|steps?))?"
)
_TAG = re.compile(
    rf"(?:<\s{{0,4}}(?P<end>/?)\s{{0,4}}{_NAMES}(?:\s[^<>]{{0,100}})?>"
    rf"|◁(?P<end_kimi>/?){_NAMES}▷|\[(?P<end_square>/?)THINK\]"
    # Two of Gemma's tokens that are told apart by number only.
    r"|<unused94>|(?P<end_unused><unused95>)"
    r"|<[|｜](?:begin|start|(?P<end_named>end|/))?[_▁]?(?:of[_▁])?"
    r"(?:think(?:ing)?|thoughts?|reasoning)[|｜]>"
    r"|(?P<answer><[|｜](?:begin|start)[_▁](?:of[_▁])?(?:solution|response|answer)[|｜]>)"
    r"|(?P<over><[|｜]end[_▁](?:of[_▁])?(?:solution|response|answer)[|｜]>)"
    r"|<\|channel\|>(?:analysis|commentary|(?P<end_channel>final))\s*<\|message\|>)",
    re.IGNORECASE,
)
# What may become a tag with what comes next.
_BEGUN = re.compile(
    r"(?:<\s{0,4}/?\s{0,4}[\w:-]{0,40}(?:\s[^<>]{0,100})?|◁[^◁▷]{0,40}|(?i:\[/?T?H?I?N?K?)"
    r"|<[|｜]/?[\w▁]{0,30}(?:[|｜](?:>[^<]{0,20}(?:<[^<>]{0,9})?)?)?)\Z"
)
_LINE = 200
"""Characters of a line that are looked at."""


def without_thoughts(pieces: Iterable[str]) -> Iterator[str | Anew]:
    """The answer in `pieces`, without thoughts and the white space before it.

    They stand between tags, the opening one at the beginning of a line. A closing tag that nothing
    opened makes thoughts of all that came before it: then `Anew` comes, and after it the answer.
    So it is with thoughts within thoughts. Thoughts that do not end leave no answer. Tags in
    backticks, and pairs of them in a block of code of the answer, are what the answer is about.
    """
    answer = _Answer()
    held = before = ""
    thinking = False
    for piece in _ended(pieces):
        held += piece or ""
        while tag := _TAG.search(held):
            before = held[: tag.start()][-1:] or before
            if before == "`" and tag.end() == len(held) and piece is not None:
                break
            quoted = before == held[tag.end() : tag.end() + 1] == "`"
            if not thinking:
                yield from answer.add(held[: tag.start()])
            if not quoted and _opens(tag) and (thinking or answer.is_interrupted()):
                thinking = True
            elif not quoted and _closes(tag) and (thinking or not answer.closes_in_code()):
                if not thinking and answer.begun:
                    yield Anew()
                thinking, answer = False, _Answer()
            elif not thinking and not tag["over"]:
                yield from answer.add(tag.group())
            held, before = held[tag.end() :], tag.group()[-1]
        begun = tag or (_BEGUN.search(held) if piece is not None else None)
        end = begun.start() if begun else len(held)
        if not thinking:
            yield from answer.add(held[:end])
        held, before = held[end:], held[:end][-1:] or before


def _opens(tag: re.Match[str]) -> bool:
    return not any(tag.groupdict().values())


def _closes(tag: re.Match[str]) -> bool:
    return not _opens(tag) and not tag["over"]


class _Answer:
    """What has been said of an answer."""

    def __init__(self) -> None:
        self.begun = False
        self._line = ""
        self._first_line = True
        self._in_code = False
        # One that begins with a block of code has it around everything, thoughts included.
        self._all_in_code = False
        self._opened_in_code = 0

    def is_interrupted(self) -> bool:
        """Whether an opening tag that comes now begins thoughts, and is no word of the answer."""
        if self._in_code and not self._all_in_code:
            self._opened_in_code += 1
            return False
        return not self._line.strip(" \t")

    def closes_in_code(self) -> bool:
        """Whether a closing tag that comes now belongs to one in the same block of code."""
        self._opened_in_code -= 1
        return self._opened_in_code >= 0

    def add(self, text: str) -> Iterator[str]:
        """`text` as it is to be said; nothing if it is empty, or white space before the answer."""
        text = text if self.begun else text.lstrip()
        if not text:
            return
        self.begun = True
        *lines, rest = (self._line + text).split("\n")
        for line in lines:
            if line.lstrip(" \t").startswith(("```", "~~~")):
                self._in_code = not self._in_code
                self._all_in_code = self._all_in_code or self._first_line
                self._opened_in_code = 0
            self._first_line = False
        self._line = rest[:_LINE]
        yield text


def _ended(pieces: Iterable[str]) -> Iterator[str | None]:
    yield from pieces
    yield None
