"""Whether an answer is what was expected, and whether it is what it was before."""

import re

from frontdesk.answers.citations import resolve
from frontdesk.answers.text import terms
from frontdesk.entities import (
    AnswerSnapshot,
    CheckChange,
    CheckResult,
    Expectations,
    ExpectedSource,
    Miss,
    ReplayChange,
    Verdict,
)
from frontdesk.normalizing import normalized

ALIKE = 0.8
"""Dice's coefficient of two answers' terms from which on they say the same in other words."""

_MARKS = re.compile(r"[*_`#>|]+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def judge(expected: Expectations, answer: AnswerSnapshot) -> tuple[Miss, ...]:
    """What of `expected` an answer does not meet; nothing if it is right."""
    if expected.unanswered:
        return (Miss(what="unanswered"),) if answer.answered else ()
    if not answer.answered:
        return (Miss(what="answered"),)
    said = _plain(answer.text)
    sources = [source for source in expected.sources if not _cites(answer, source)]
    phrases = [phrase for phrase in expected.phrases if not _contains(said, _plain(phrase))]
    return (
        *(Miss(what="source", expected=each.document_id, page=each.page) for each in sources),
        *(Miss(what="phrase", expected=phrase) for phrase in phrases),
    )


def compare_verdicts(verdict: Verdict, revision: str, before: CheckResult | None) -> CheckChange:
    """What became of a check since the run before.

    What could not be asked, then or now, is no news; nor is a check that was changed in between.
    """
    if before is None or before.revision != revision or "error" in (verdict, before.verdict):
        return "new"
    if verdict == before.verdict:
        return "same"
    return "better" if verdict == "passed" else "worse"


def compare_answers(before: AnswerSnapshot, now: AnswerSnapshot) -> ReplayChange:
    """What became of an answer: two that a customer would take for the same count as such.

    Language models never say a thing twice in the same words, so answers are compared by their
    numbers, which have to be the same, and by the words they share.
    """
    if before.answered != now.answered:
        return "now_answered" if now.answered else "no_longer_answered"
    if not now.answered:
        return "same"
    one, other = _unmarked(before.text), _unmarked(now.text)
    if sorted(_NUMBER.findall(one)) != sorted(_NUMBER.findall(other)):
        return "changed"
    ours, theirs = frozenset(terms(one)), frozenset(terms(other))
    shared = 2 * len(ours & theirs) / max(1, len(ours) + len(theirs))
    return "same" if shared >= ALIKE or _plain(one) == _plain(other) else "changed"


def _cites(answer: AnswerSnapshot, source: ExpectedSource) -> bool:
    for citation in answer.citations:
        if citation.document_id != source.document_id:
            continue
        first, last = citation.page, citation.last_page or citation.page
        if source.page is None or (first and last and first <= source.page <= last):
            return True
    return False


def _unmarked(text: str) -> str:
    """Without citations: whoever stands for none is dropped, so all are."""
    return resolve(text, ()).text


def _plain(text: str) -> str:
    """As it is compared: without citations, marks, case and the shape of white space."""
    folded = normalized("NFKC", _MARKS.sub(" ", _unmarked(text))).casefold()
    return " ".join(folded.split())


def _contains(said: str, phrase: str) -> bool:
    """Whether whole words and numbers say it: "3 litres" is not in "13 litres" or "1.3 litres"."""
    before = r"(?<!\w)(?<!\d[.,:])" if phrase[:1].isalnum() else ""
    after = r"(?!\w)(?![.,:]\d)" if phrase[-1:].isalnum() else ""
    return re.search(f"{before}{re.escape(phrase)}{after}", said) is not None
