"""A question that leans on the conversation, made whole for search, without a model.

Search sees one text and nothing of what was said before, so "and for the annual plan?" has to
bring along what it is about: the words of the customer's earlier question.
"""

from collections.abc import Iterator, Sequence

from frontdesk.answers.leaning import asks_the_same, leans, merely_says_yes, telling
from frontdesk.answers.small_talk import small_talk
from frontdesk.answers.text import fold, words
from frontdesk.entities import Message

LONGEST = 24
"""Words. Who writes more than this has said what it is about."""

_LOOK_BACK = 3
"""Earlier questions that lean on one another are followed this far."""

_CARRIED = 40  # words of the conversation; an embedder reads about 200 words and drops the rest
_REPLY = 4  # words; longer ones do not merely answer what the assistant asked

_PERIODS = {
    word: line.split()[0]
    for line in (
        "day daily tag tage taglich",
        "week weekly woche wochentlich",
        "month monthly monat monatlich monate",
        "year yearly annual annually jahr jahrlich jahre",
    )
    for word in line.split()
}
_PER = frozenset(
    ("a", "an", "by", "each", "every", "in", "im", "jede", "jeden", "jedes", "per", "pro", "the")
)


def needs_context(question: str, history: Sequence[Message]) -> bool:
    """Whether `question` can only be understood from what was said before.

    `history` are the conversation's earlier messages, oldest first, without the question.
    """
    if next(_earlier(history), None) is None:
        return False
    said = words(question)
    if not said or len(said) > LONGEST:
        return False
    return leans(question) or (len(said) <= _REPLY and was_asked(history))


def standalone(question: str, history: Sequence[Message]) -> str:
    """`question` with the subject of the conversation, if it cannot do without; else as it is.

    Made to be searched for, not to be shown.
    """
    return _whole(question, history, _LOOK_BACK)


def _whole(question: str, history: Sequence[Message], look_back: int) -> str:
    if not look_back or not needs_context(question, history):
        return question
    place, before = next(_earlier(history))
    subject = _without_contrast(_whole(before, history[:place], look_back - 1), question)
    if not telling(words(subject)):
        subject = f"{_last_heading(history)} {subject}".strip()
    elif not asks_the_same(question):
        subject = _named_in(subject)
    # What a long message asks stands at its end.
    carried = " ".join(subject.split()[-_CARRIED:])
    if merely_says_yes(question):
        return carried
    # A capital after no full stop would look like a name.
    return f"{carried}{'.' if carried[-1:].isalnum() else ''} {question}"


def _named_in(subject: str) -> str:
    """The words of `subject` that name something, without what was asked about it."""
    named: dict[str, str] = {}
    for word in subject.split():
        if telling(words(word)):
            named.setdefault(fold(word).strip(".,;:!?"), word.strip(",;:!?"))
    return " ".join(named.values())


def _without_contrast(subject: str, question: str) -> str:
    """`subject` without "per month" if `question` is about a year, and the like."""
    asked = {_PERIODS[word] for word in words(question) if word in _PERIODS}
    if not asked:
        return subject
    kept: list[str] = []
    for spelled in subject.split():
        [word] = words(spelled)[:1] or [""]
        if _PERIODS.get(word, "") in asked or word not in _PERIODS:
            kept.append(spelled)
            continue
        if kept and fold(kept[-1]) in _PER:
            kept.pop()
        if kept and spelled[-1:] in "?!.":
            kept[-1] += spelled[-1]
    return " ".join(kept)


def _last_heading(history: Sequence[Message]) -> str:
    """The heading, or else the title, above what the newest answer cites first."""
    for message in reversed(history):
        if message.citations:
            first = message.citations[0]
            return first.headings[-1] if first.headings else first.title
    return ""


def _earlier(history: Sequence[Message]) -> Iterator[tuple[int, str]]:
    """What the customer said before, newest first, with its place; without greetings and thanks."""
    for place in range(len(history) - 1, -1, -1):
        message = history[place]
        if message.role == "customer" and _is_question(message.text):
            yield place, message.text


def _is_question(text: str) -> bool:
    if merely_says_yes(text):
        return False
    return small_talk(text, assistant="", organization="") is None


def was_asked(history: Sequence[Message]) -> bool:
    """Whether the last thing said to the customer is a question about their matter."""
    last = next((m for m in reversed(history) if m.role in ("assistant", "agent")), None)
    return (
        last is not None
        and last.kind in (None, "answer")
        and last.text.rstrip(" ]0123456789[").endswith(("?", "？"))
    )
