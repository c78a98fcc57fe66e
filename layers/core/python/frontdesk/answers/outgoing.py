"""The last thing an answer passes before it reaches a customer, piece by piece and as a whole.

Two questions are asked of it. Is it harmless to show (`safe_markdown`)? And, of what a language
model writes, is it an answer at all: nothing is shown before it has cited a source that supports
it, so a model that was talked into something else is not heard.
"""

import re
from collections.abc import Sequence
from typing import Protocol

from frontdesk.answers.addresses import Known
from frontdesk.answers.citations import statements
from frontdesk.answers.disclosure import Disclosure
from frontdesk.answers.grounding import grounding
from frontdesk.answers.safe_markdown import SafeMarkdown
from frontdesk.answers.text import STOP_WORDS, language, words
from frontdesk.knowledge.ports import Passage

_MARKER = re.compile(r"\[\d{1,2}\]")
# Words from which on the language of a sentence can be told.
_TELLING = 6
# Of short texts these are easily taken for each other.
_FAMILIES = {"es": "romance", "fr": "romance", "it": "romance", "pt": "romance", "nl": "de"}

# Short English has few of the words that `language` counts, and some that other languages share.
_ENGLISH = {word for word in STOP_WORDS if len(word) > 2} - {"was", "will", "her", "had", "over"}
_ENGLISH |= {"my", "to", "by", "or"}


class Listener(Protocol):
    """Takes what may be shown."""

    def write(self, text: str) -> None:
        """Take a piece."""
        ...

    def flush(self) -> None:
        """There is no more for now."""
        ...

    def restart(self) -> None:
        """What was written is void."""
        ...


class Vetting:
    """Judges what a language model writes from `passages` in reply to `question`.

    `rules` are what it was told, which is nobody's business; `said` are the answers before. The
    answer is given to it in pieces.
    """

    def __init__(
        self, passages: Sequence[Passage], question: str, rules: str, said: Sequence[str] = ()
    ) -> None:
        self._passages = passages
        self._question = question
        asked_in = _family(question)
        written_in = {_family(passage.text) for passage in passages} - {None}
        # Without a language of the question, any may be that of the answer.
        self._spoken = written_in | {asked_in} if asked_in and written_in else None
        self._disclosure = Disclosure(rules, passages, said)

    def begin(self) -> None:
        """Nothing of the answer has been given yet."""
        self._disclosure.begin()

    def accepts(self, more: str) -> bool:
        """Whether the passages support `more` of the answer, as far as can be told before its end.

        What was given before has been accepted.
        """
        if self.refuses(more):
            return False
        return not grounding(more, self._passages, question=self._question).unsupported

    def refuses(self, more: str) -> bool:
        """Whether the answer, with `more` of it, may not be shown however sure of it we are.

        It tells our rules, as they are or disguised, alone or together with the answers before; or
        it is in a language that neither the customer nor the passages speak, where nothing of it
        could be checked.
        """
        return self._disclosure.tells(more) or (
            self._spoken is not None
            and any(
                _family(each.text) not in {None, *self._spoken}
                for each in statements(more)
                if len(each.text.split()) >= _TELLING
            )
        )


class Outgoing:
    """Passes an answer on to `listener` as far as it may be shown, and keeps it whole.

    Without `vetting`, as for quotes, it is passed on as soon as it is harmless. With it, up to each
    citation, once that much is accepted; what is not waits until the answer is judged as a whole.
    """

    def __init__(
        self,
        listener: Listener,
        known: Known,
        *,
        sources: int,
        vetting: Vetting | None = None,
    ) -> None:
        self._listener = listener
        self._known = known
        self._sources = sources
        self._vetting = vetting
        self._begin()

    def _begin(self) -> None:
        self._markdown = SafeMarkdown(self._known, sources=self._sources)
        if self._vetting is not None:
            self._vetting.begin()
        self._shown = ""
        self._held = ""
        self._vetted = 0
        self._doubted = False

    def restart(self) -> None:
        """Forget what was taken so far: it is no part of the answer."""
        if self._shown:
            self._listener.restart()
        self._begin()

    def write(self, piece: str) -> None:
        """Take the next piece."""
        self._held += self._markdown.feed(piece)
        if self._vetting is None:
            self._show(len(self._held))
        elif markers := list(_MARKER.finditer(self._held, self._vetted)):
            self._show_cited(markers[-1].end(), self._vetting)

    def finish(self, *, stopped: bool = False) -> str:
        """The answer as it may be shown and stored, which may be nothing.

        Of one that was `stopped`, which nobody will judge, that is what was shown, and what was
        written since if it is supported as far as it goes.
        """
        self.write("")
        self._held += self._markdown.finish()
        if self._vetting is None:
            self._show(len(self._held))
        else:
            self._held = _up_to_last_citation(self._shown + self._held)[len(self._shown) :]
            self._vetting.begin()
            if self._vetting.refuses(self._shown + self._held):
                self._listener.flush()
                return ""
            self._vetting.begin()
            self._vetting.refuses(self._shown)
            if self._shown or stopped or _MARKER.search(self._held):
                self._show_cited(len(self._held), self._vetting)
        self._listener.flush()
        return (self._shown if stopped else self._shown + self._held).strip()

    def _show_cited(self, end: int, vetting: Vetting) -> None:
        self._vetted = end
        self._doubted = self._doubted or not vetting.accepts(self._held[:end])
        if not self._doubted:
            self._show(end)

    def _show(self, length: int) -> None:
        text, self._held = self._held[:length], self._held[length:]
        self._vetted = 0
        if text:
            self._shown += text
            self._listener.write(text)


def _up_to_last_citation(text: str) -> str:
    """`text` without the paragraphs at its end that cite nothing; as it is if none cites."""
    *_, last = (0, *(marker.end() for marker in _MARKER.finditer(text)))
    end = text.find("\n\n", last) if last else -1
    return text if end < 0 else text[:end]


def _family(text: str) -> str | None:
    said = words(text)
    english = sum(word in _ENGLISH for word in said)
    if english >= 2 and english >= len(said) / 5:
        return "en"
    spoken = language(text)
    return _FAMILIES.get(spoken, spoken) if spoken else None
