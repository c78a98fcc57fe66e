"""What follows from one message by itself. The chat judges with the whole conversation."""

from datetime import UTC, datetime

from frontdesk.entities import EscalationRules, HandoffReason, Message, Priority, Sentiment
from frontdesk.escalation.rules import situation, wanted_by_mood, wanted_by_words


class Assessment(Sentiment):
    """How a message sounds, how urgent it is, and whether it should go to a person, and why."""

    priority: Priority
    escalate: bool
    reason: HandoffReason | None


def assess(text: str, sentiment: Sentiment, rules: EscalationRules) -> Assessment:
    """The assessment of a message that begins a conversation, by an organisation's rules."""
    message = Message(id="", role="customer", text=text, at=datetime.now(UTC), sentiment=sentiment)
    now = situation(rules, [message], [])
    reason = wanted_by_words(now) or wanted_by_mood(now)
    priority = now.urgency.priority
    return Assessment(
        **dict(sentiment),
        # However kindly a person is asked for, somebody waits for one.
        priority="medium" if reason and priority == "low" else priority,
        escalate=reason is not None,
        reason=reason,
    )
