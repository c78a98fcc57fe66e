"""Decides what to say: one turn, from the customer's waiting messages to a checked answer."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from chat.mood import Moods
from chat.streaming import AnswerStream
from frontdesk.answers import replies
from frontdesk.answers.cached_drafting import CachedDrafter
from frontdesk.answers.drafting import Draft, Inquiry, Interruption
from frontdesk.entities import Conversation, HandoffReason, Message, Organization, Sentiment
from frontdesk.errors import Unavailable
from frontdesk.escalation.announcement import announce_handoff, remind_of_handoff
from frontdesk.escalation.categories import category_of
from frontdesk.escalation.rules import (
    Escalation,
    Situation,
    situation,
    wanted_by_answers,
    wanted_by_mood,
    wanted_by_words,
)
from frontdesk.escalation.summary import summarize, summarize_failure
from frontdesk.escalation.urgency import is_upset
from frontdesk.ids import new_id, time_of
from frontdesk.knowledge.ports import Vector
from frontdesk.observability import logger
from frontdesk.tables.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be answered: `messages` as one, in the light of `history`.

    `generation` is that of the documents: see `Inquiry`. With `paused` the plan has no
    answers left.
    """

    conversation: Conversation
    organization: Organization
    hidden_versions: frozenset[str]
    messages: tuple[Message, ...]
    history: tuple[Message, ...]
    answer_id: str
    generation: str | None = None
    paused: bool = False

    @property
    def awaits_person(self) -> bool:
        """Whether a person has been called in and is not there yet."""
        return self.conversation.status == "waiting"

    @property
    def is_over(self) -> bool:
        """Whether the customer merely thanked for what is resolved."""
        return self.conversation.status == "resolved"

    @property
    def question(self) -> str:
        """All the waiting messages, as one text."""
        return "\n".join(message.text for message in self.messages)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a turn came to, and what was drafted on the way."""

    outcome: Outcome
    draft: Draft | None

    @property
    def vector(self) -> Vector | None:
        """The question's, if it was made."""
        return self.draft.vector if self.draft else None


@dataclass(frozen=True, slots=True)
class Answerer:
    """What answering needs."""

    drafter: CachedDrafter
    moods: Moods
    pool: ThreadPoolExecutor
    somebody_is_here: Callable[[str], bool]

    def answer(
        self,
        turn: Turn,
        stream: AnswerStream,
        interruption: Interruption,
    ) -> Answered:
        """The answer to a turn, and whether a person is called in.

        Streams the answer as it comes. When what we depend on fails, the answer is an apology: the
        customer is never left without one. While a person is awaited, what the documents do not
        answer is left to that person, and the customer is told so. When the plan has no answers
        left, nothing is drafted, and the customer is offered a person.
        """
        reading = self.pool.submit(self.moods.read, [message.text for message in turn.messages])
        before = situation(turn.organization.escalation, turn.messages, turn.history)
        said = wanted_by_words(before)
        if turn.is_over or (turn.awaits_person and said != "asked"):
            said = None
        draft = None if said else self._draft(turn, stream, interruption)
        now = replace(before, messages=_with_moods(turn.messages, reading.result()))
        settled = turn.awaits_person or turn.is_over
        reason = None if settled else said or _wanted(now, draft)
        if turn.awaits_person:
            said_to_it = self._while_waiting(turn, now, draft)
        else:
            said_to_it = self._replies(turn, now, draft, reason)
        outcome = Outcome(
            now.messages,
            said_to_it,
            now.urgency,
            _escalation(now, reason) if reason else None,
            summary=draft.summary if draft else None,
        )
        return Answered(outcome, draft)

    def keep(self, turn: Turn, answered: Answered) -> None:
        """Have an answer that is stored and sent given again to who asks the same. Never fails."""
        if answered.draft is not None:
            self.drafter.keep(turn.organization, answered.draft)

    def listen(self, turn: Turn) -> Outcome:
        """What a turn comes to while a person is in: how it sounds, and no word of ours."""
        moods = self.moods.read([message.text for message in turn.messages])
        now = situation(
            turn.organization.escalation, _with_moods(turn.messages, moods), turn.history
        )
        return Outcome(now.messages, urgency=now.urgency)

    def give_up(self, turn: Turn) -> Outcome:
        """What a turn comes to that failed too often: an apology, and a person is called in.

        Of the messages nothing is read, only quoted: whatever failed may fail again.
        """
        if turn.conversation.status == "human":
            return Outcome(turn.messages)
        reason: HandoffReason | None = None if turn.awaits_person else "failed"
        announced = replace(self._announcement(turn, reason), kind="apology")
        calls = Escalation("failed", "problem", summarize_failure(turn.messages))
        return Outcome(
            turn.messages,
            (_message(turn, announced, None),),
            escalation=calls if reason else None,
        )

    def _replies(
        self, turn: Turn, now: Situation, draft: Draft | None, reason: HandoffReason | None
    ) -> tuple[Message, ...]:
        """What the assistant says: its answer, that a person is called in, or both."""
        mood = _last(now.messages)
        if draft is not None and reason is None:
            if draft.kind == "unknown" and is_upset(mood):
                draft = replace(draft, text=replies.unknown(turn.organization, upset=True))
            return (_message(turn, draft, mood),)
        announced = self._announcement(turn, reason or "asked")
        if draft is None or draft.kind == "paused":
            return (_message(turn, announced, mood),)
        if draft.kind == "unknown":
            # The announcement says so too, and it stays a question that the documents left open.
            unknown = replace(draft, text=announced.text, actions=announced.actions)
            return (_message(turn, unknown, mood),)
        identifier = new_id()
        after = _message(turn, announced, mood).model_copy(
            update={"id": identifier, "at": time_of(identifier)}
        )
        return _message(turn, draft, mood), after

    def _while_waiting(
        self, turn: Turn, now: Situation, draft: Draft | None
    ) -> tuple[Message, ...]:
        """What the assistant says while a person is awaited: what it knows, or who will answer."""
        if draft is None:
            draft = self._announcement(turn, "asked")
        elif draft.kind not in {"answer", "small_talk"} or draft.text == replies.NOTHING_ASKED:
            draft = replace(self._announcement(turn, None), usage=draft.usage)
        return (_message(turn, draft, _last(now.messages)),)

    def _announcement(self, turn: Turn, reason: HandoffReason | None) -> Draft:
        announce = remind_of_handoff if reason is None else partial(announce_handoff, reason=reason)
        announcement = announce(
            turn.organization,
            now=datetime.now(UTC),
            somebody_is_here=self.somebody_is_here(turn.organization.id),
            reachable=turn.conversation.customer.email is not None,
        )
        actions = (replies.LEAVE_ADDRESS,) if announcement.asks_for_address else ()
        return Draft(announcement.text, "handoff", actions=actions)

    def _draft(self, turn: Turn, stream: AnswerStream, interruption: Interruption) -> Draft:
        """What the documents say, or that they cannot be asked."""
        if turn.paused:
            return Draft(replies.PAUSED, "paused", actions=(replies.TALK_TO_A_PERSON,))
        try:
            draft = self.drafter.draft(_inquiry(turn), stream, interruption)
        except Unavailable as error:
            logger.exception("no answer could be made", extra={"cause": type(error).__name__})
            draft = Draft(replies.APOLOGY, "apology")
        if draft.kind in {"unknown", "apology"}:
            return replace(draft, actions=(replies.TALK_TO_A_PERSON,))
        return draft


def _inquiry(turn: Turn) -> Inquiry:
    categories = frozenset(turn.conversation.categories)
    return Inquiry(
        turn.organization,
        turn.hidden_versions,
        turn.question,
        turn.history,
        categories=categories or None,
        summary=turn.conversation.history_summary,
        generation=turn.generation,
    )


def _message(turn: Turn, draft: Draft, mood: Sentiment | None) -> Message:
    return Message(
        id=turn.answer_id,
        role="assistant",
        text=draft.text,
        at=time_of(turn.answer_id),
        reply_to=tuple(message.client_id for message in turn.messages if message.client_id),
        sentiment=mood,
        citations=draft.citations,
        confidence=None if draft.confidence is None else round(draft.confidence, 4),
        kind=draft.kind,
        model=draft.model,
        fallbacks=draft.fallbacks,
        usage=draft.usage,
        stopped=draft.stopped,
        cached=draft.cached,
        kept_as=draft.kept_as,
        suggested_actions=draft.actions,
    )


def _with_moods(
    messages: Sequence[Message], moods: Sequence[Sentiment | None]
) -> tuple[Message, ...]:
    return tuple(
        message.model_copy(update={"sentiment": mood})
        for message, mood in zip(messages, moods, strict=True)
    )


def _last(messages: Sequence[Message]) -> Sentiment | None:
    moods = (message.sentiment for message in reversed(messages))
    return next((mood for mood in moods if mood is not None), None)


def _wanted(now: Situation, draft: Draft | None) -> HandoffReason | None:
    known = draft is None or draft.kind != "unknown"
    return wanted_by_answers(now, known=known) or wanted_by_mood(now)


def _escalation(now: Situation, reason: HandoffReason) -> Escalation:
    return Escalation(
        reason=reason,
        category=category_of((message.text for message in now.customers), now.stakes),
        summary=summarize([*now.history, *now.messages], now.urgency),
    )
