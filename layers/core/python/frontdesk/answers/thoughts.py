"""What a model thinks aloud in the text of its answer, which is no part of the answer.

Servers that do not tell thoughts and answer apart send both as content: the thoughts come first,
between tags that differ from model to model. Some chat templates put the opening tag into the
prompt, so that only the closing one is seen.
"""

import re
from collections.abc import Iterable, Iterator

from frontdesk.answers.ports import Anew

_NAMES = (
    r"(?:\w{1,12}:)?(?:think(?:ing|s)?|thoughts?|reason(?:ing)?|reflection|scratch_?pad"
    r"|(?:inner_?)?monologue|analysis|chain_of_thought|cot)"
)
_TAG = re.compile(
    rf"(?<!`)(?:<\s{{0,4}}(?P<end>/?)\s{{0,4}}{_NAMES}(?:\s[^<>]{{0,100}})?>"
    rf"|◁(?P<end_kimi>/?){_NAMES}▷|\[(?P<end_square>/?)(?-i:THINK)\]"
    r"|<\|(?:begin|(?P<end_named>end))_of_thought\|>"
    r"|<\|channel\|>(?:analysis|commentary|(?P<end_channel>final))\s*<\|message\|>)",
    re.IGNORECASE,
)
# What may become a tag with what comes next.
_BEGUN = re.compile(
    r"(?:<\s{0,4}/?\s{0,4}[\w:]{0,40}(?:\s[^<>]{0,100})?|◁[^◁▷]{0,40}|\[/?T?H?I?N?K?"
    r"|<\|[a-z_]{0,20}(?:\|(?:>[^<]{0,20}(?:<[^<>]{0,9})?)?)?)\Z"
)


def without_thoughts(pieces: Iterable[str]) -> Iterator[str | Anew]:
    """The answer in `pieces`, without thoughts and the white space before it.

    They stand between tags, the opening one at the beginning of a line. A closing tag that nothing
    opened makes thoughts of all that came before it: then `Anew` comes, and after it the answer.
    So it is with thoughts within thoughts. Thoughts that do not end leave no answer.
    """
    answer = _Answer()
    held = ""
    thinking = False
    for piece in _ended(pieces):
        held += piece or ""
        position = 0
        while (tag := _TAG.search(held, position)) is not None:
            if any(tag.groupdict().values()):
                if not thinking and answer.begun:
                    yield Anew()
                thinking = False
                answer = _Answer()
            elif thinking or not answer.at_line_start(held[: tag.start()]):
                position = tag.end()
                continue
            else:
                yield from answer.add(held[: tag.start()])
                thinking = True
            held, position = held[tag.end() :], 0
        begun = _BEGUN.search(held, position) if piece is not None else None
        end = begun.start() if begun else len(held)
        if not thinking:
            yield from answer.add(held[:end])
        held = held[end:]


class _Answer:
    """What has been said of an answer."""

    def __init__(self) -> None:
        self.begun = False
        self._last = ""

    def at_line_start(self, more: str) -> bool:
        """Whether what comes after `more` begins a line."""
        line = (self._last + more).rstrip(" \t")
        return not line or line.endswith("\n")

    def add(self, text: str) -> Iterator[str]:
        """`text` as it is to be said; nothing if it is empty, or white space before the answer."""
        text = text if self.begun else text.lstrip()
        if text:
            self.begun = True
            self._last = (self._last + text)[-200:]
            yield text


def _ended(pieces: Iterable[str]) -> Iterator[str | None]:
    yield from pieces
    yield None
