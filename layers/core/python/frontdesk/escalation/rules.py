"""Whether a conversation goes to a person, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from frontdesk.answers.small_talk import is_parting
from frontdesk.entities import (
    EscalationRules,
    HandoffReason,
    Message,
    Sentiment,
    Stake,
    Summary,
    TicketCategory,
)
from frontdesk.escalation.person_requests import asks_for_person
from frontdesk.escalation.repetition import times_asked
from frontdesk.escalation.stakes import at_stake
from frontdesk.escalation.urgency import RECENT, Urgency, is_angry, judge


@dataclass(frozen=True, slots=True)
class Escalation:
    """That a person is called in: why, for what kind of work, and what they should know."""

    reason: HandoffReason
    category: TicketCategory
    summary: Summary


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rules look at: the turn's messages, with their mood once that is known, and before.

    `history` are earlier messages of everybody, oldest first. What came before a person handed the
    conversation back, or before it was resolved, has been dealt with and is not among them.
    """

    rules: EscalationRules
    messages: Sequence[Message]
    history: Sequence[Message]

    @property
    def customers(self) -> list[Message]:
        """The customer's last messages, oldest first."""
        before = [message for message in self.history if message.role == "customer"]
        return [*before, *self.messages][-RECENT:]

    @property
    def stakes(self) -> tuple[Stake, ...]:
        """What is at stake in them."""
        return at_stake((message.text for message in self.customers), self.rules.at_stake)

    @property
    def urgency(self) -> Urgency:
        """How urgent that makes it."""
        return judge([message.sentiment for message in self.customers], self.stakes)


def situation(
    rules: EscalationRules, messages: Sequence[Message], history: Sequence[Message]
) -> Situation:
    """The situation now, without what has been dealt with."""
    dealt_with = [
        place
        for place, message in enumerate(history)
        if message.event in {"handed_back", "resolved", "reopened"}
    ]
    return Situation(rules, messages, history[dealt_with[-1] + 1 :] if dealt_with else history)


def wanted_by_words(now: Situation) -> HandoffReason | None:
    """The reason in what is said, which no answer of the assistant's would remove.

    The customer asks for a person, or again for what was answered already, or the words name
    something that the organisation does not leave to the assistant.
    """
    texts = [message.text for message in now.messages]
    if now.rules.asks_for_person and (
        any(message.wants_person for message in now.messages) or any(map(asks_for_person, texts))
    ):
        return "asked"
    if any(stake.hand_off for stake in at_stake(texts, now.rules.at_stake)):
        return "stake"
    earlier = [message.text for message in now.history if message.role == "customer"]
    if any(map(is_parting, texts)):
        # However often somebody says "ok" or "thanks", nothing is asked again.
        return None
    if now.rules.asked_times is not None and (
        times_asked("\n".join(texts), earlier) >= now.rules.asked_times
    ):
        return "repeated"
    return None


def wanted_by_mood(now: Situation) -> HandoffReason | None:
    """The reason in how the customer feels. An answer may help, a person should come as well."""
    readings = [message.sentiment for message in now.customers if message.sentiment is not None]
    if not _has_new_reading(now.messages):
        return None
    urgency = now.urgency
    least = now.rules.mood_below
    if least is not None and (
        urgency.mood <= least or (is_angry(readings) and readings[-1].score <= least)
    ):
        return "mood"
    return "falling_mood" if now.rules.falling_mood and urgency.falling else None


def wanted_by_answers(now: Situation, *, known: bool) -> HandoffReason | None:
    """The reason in two answers in a row that the documents do not have; `known` is of this one."""
    if known or not now.rules.unanswered_twice:
        return None
    before = [m for m in now.history if m.role == "assistant" and m.kind in {"answer", "unknown"}]
    return "unanswered" if before and before[-1].kind == "unknown" else None


def _has_new_reading(messages: Sequence[Message]) -> bool:
    sentiments: list[Sentiment | None] = [message.sentiment for message in messages]
    return any(sentiment is not None for sentiment in sentiments)
