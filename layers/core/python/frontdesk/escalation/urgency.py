"""How urgent a conversation is: the customer's mood over time, and what is at stake."""

from collections.abc import Sequence
from dataclasses import dataclass

from frontdesk.entities import PRIORITIES, Priority, Sentiment, Stake

RECENT = 5
"""How many of the customer's last messages count."""

_WEIGHTS = (0.5, 0.3, 0.2)
"""Of the last message, the one before, and the one before that. A message that is not there yet
counts as neutral: a single complaint is not a bad conversation."""

_HAPPY, _UNHAPPY, _VERY_UNHAPPY = 0.3, -0.3, -0.6
_ANGRY = 0.4
"""Probability of anger. Annoyance is no anger: most complaints are annoyed."""

_FALL = 0.5


@dataclass(frozen=True, slots=True)
class Urgency:
    """How a customer feels over the last messages, in [-1, 1], and what follows from it."""

    mood: float
    falling: bool
    priority: Priority


def judge(readings: Sequence[Sentiment | None], stakes: Sequence[Stake]) -> Urgency:
    """The urgency of a conversation.

    `readings` are those of the customer's last messages, oldest first, None where there is none;
    `stakes` what those messages name.

    Bad mood or anger makes it high. What is at stake raises it to its own priority, one step less
    while the customer is calm. Both together are urgent.
    """
    recent = [reading for reading in readings if reading is not None][-RECENT:]
    mood = _mood(recent)
    falling = _is_falling(recent)
    upset = mood <= _UNHAPPY or falling or (bool(recent) and recent[-1].label == "NEGATIVE")
    very_upset = mood <= _VERY_UNHAPPY or falling or is_angry(recent)
    level = PRIORITIES.index("high" if very_upset else "medium")
    if mood >= _HAPPY and not very_upset:
        level = PRIORITIES.index("low")
    for stake in stakes:
        raised = PRIORITIES.index(stake.priority)
        level = max(level, raised if upset else max(raised - 1, PRIORITIES.index("medium")))
    if very_upset and stakes:
        level = PRIORITIES.index("urgent")
    return Urgency(round(mood, 4) + 0.0, falling, PRIORITIES[level])


def is_upset(reading: Sentiment | None) -> bool:
    """Whether one message is plainly negative."""
    return reading is not None and reading.label == "NEGATIVE" and reading.score <= _UNHAPPY


def is_angry(readings: Sequence[Sentiment]) -> bool:
    """Whether the last message is plainly negative out of anger."""
    if not readings:
        return False
    last = readings[-1]
    angry = last.emotions.get("anger", 0.0) >= _ANGRY
    return last.label == "NEGATIVE" and last.score <= _VERY_UNHAPPY and angry


def _mood(recent: Sequence[Sentiment]) -> float:
    return sum(
        weight * reading.score for weight, reading in zip(_WEIGHTS, reversed(recent), strict=False)
    )


def _is_falling(recent: Sequence[Sentiment]) -> bool:
    """Whether the last three messages went down step by step, and ended below zero."""
    if len(recent) < 3:
        return False
    first, second, third = (reading.score for reading in recent[-3:])
    return first > second > third and third <= _UNHAPPY and first - third >= _FALL
