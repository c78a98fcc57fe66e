"""What somebody who comes into a conversation should know."""

from collections.abc import Sequence

from frontdesk.answers.text import sentences
from frontdesk.entities import Citation, Message, Summary
from frontdesk.escalation.urgency import RECENT, Urgency
from frontdesk.shown_text import shortened

_LENGTH = 200
"""Characters of a quoted message: a summary is read in a few seconds."""

_TRIED = 5
_ATTEMPTS = frozenset({"answer", "unknown", "apology", "paused"})


def summarize(messages: Sequence[Message], urgency: Urgency) -> Summary:
    """The summary of a conversation, oldest message first.

    It quotes, so that nothing in it is invented: what the customer said first and last, what the
    assistant answered from which document, and the moods that were measured.
    """
    said = [_short(message.text) for message in messages if message.role == "customer"]
    wants = said[0] if said else ""
    if len(said) > 1 and said[-1] != wants:
        wants = f"{wants}\nLast: {said[-1]}"
    return Summary(
        wants=wants,
        tried=tuple(_attempt(message) for message in messages if _is_attempt(message))[-_TRIED:],
        mood=_mood(messages, urgency),
    )


def summarize_failure(messages: Sequence[Message]) -> Summary:
    """The summary for messages that could not be read, let alone answered: what they begin with."""
    return Summary(
        wants=_short(messages[-1].text[: 2 * _LENGTH]),
        tried=("Answering failed several times.",),
        mood="Not measured.",
    )


def _is_attempt(message: Message) -> bool:
    return message.role == "assistant" and message.kind in _ATTEMPTS


def _attempt(message: Message) -> str:
    if message.kind == "unknown":
        return "The documents had no answer."
    if message.kind == "apology":
        return "The answer could not be looked up."
    if message.kind == "paused":
        return "Nothing was looked up: this month's answers are used up."
    first = next(iter(sentences(message.text)), message.text)
    sources = ", ".join(dict.fromkeys(_source(citation) for citation in message.citations))
    verdict = {True: " The customer found it helpful.", False: " The customer found it unhelpful."}
    said = f"{_short(first)} ({sources})" if sources else _short(first)
    return said + (verdict[message.helpful] if message.helpful is not None else "")


def _source(citation: Citation) -> str:
    return citation.title if citation.page is None else f"{citation.title}, page {citation.page}"


def _mood(messages: Sequence[Message], urgency: Urgency) -> str:
    read = [each.sentiment for each in messages if each.role == "customer" and each.sentiment]
    if not read:
        return "Not measured."
    emotions = dict.fromkeys(name for reading in read[-RECENT:] for name in reading.emotions)
    # The word goes by the number that is shown, and there is no "-0.0".
    shown = round(urgency.mood, 1)
    parts = [f"{_word(shown)} ({f'{shown:+.1f}' if shown else '0.0'})"]
    if urgency.falling:
        parts.append("getting worse")
    if emotions:
        parts.append(", ".join(emotions))
    return "; ".join(parts) + "."


def _word(mood: float) -> str:
    if mood <= -0.3:
        return "Unhappy"
    return "Happy" if mood >= 0.3 else "Calm"


def _short(text: str) -> str:
    return shortened(" ".join(text.split()), _LENGTH)
