"""Decides what to say: one turn, from the customer's waiting messages to a checked answer."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from chat.mood import Moods
from chat.streaming import AnswerStream
from frontdesk.answers import ports, replies
from frontdesk.answers.adapters import EXTRACTIVE
from frontdesk.answers.citations import resolve
from frontdesk.answers.confidence import Confidence
from frontdesk.answers.extractive import stream_extract
from frontdesk.answers.ports import LanguageModel
from frontdesk.answers.prompt import build_prompt
from frontdesk.answers.small_talk import small_talk
from frontdesk.entities import (
    AnswerKind,
    Citation,
    Conversation,
    HandoffReason,
    Message,
    Organization,
    Sentiment,
    SuggestedAction,
)
from frontdesk.errors import ModelUnavailable, Unavailable
from frontdesk.escalation.announcement import announce_handoff
from frontdesk.escalation.categories import category_of
from frontdesk.escalation.rules import (
    Escalation,
    Situation,
    situation,
    wanted_by_answers,
    wanted_by_mood,
    wanted_by_words,
)
from frontdesk.escalation.summary import summarize
from frontdesk.ids import new_id, time_of
from frontdesk.knowledge.ports import Embedder, Passage, PassageIndex, Vector
from frontdesk.knowledge.retrieval import retrieve
from frontdesk.observability import logger
from frontdesk.tables.outcomes import Outcome

HISTORY = 5
"""Earlier messages that a language model is given."""

_SPEAKERS = frozenset({"customer", "assistant", "agent"})

MAX_ANSWER = 6_000
"""Characters. A longer answer would not fit a frame, and nobody reads it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be answered: `messages` as one, in the light of `history`."""

    conversation: Conversation
    organization: Organization
    hidden_versions: frozenset[str]
    messages: tuple[Message, ...]
    history: tuple[Message, ...]
    answer_id: str

    @property
    def awaits_person(self) -> bool:
        """Whether a person has been called in and is not there yet."""
        return self.conversation.status == "waiting"

    @property
    def question(self) -> str:
        """All the waiting messages, as one text."""
        return "\n".join(message.text for message in self.messages)


class Interruption(Protocol):
    """Tells whether to go on. `Heartbeat` is one."""

    @property
    def should_stop(self) -> bool:
        """The customer wants no more of this answer."""
        ...

    @property
    def must_leave(self) -> bool:
        """Someone else is in charge of the conversation now."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it becomes a message."""

    text: str
    kind: AnswerKind
    citations: tuple[Citation, ...] = ()
    confidence: float | None = None
    model: str | None = None
    fallbacks: tuple[str, ...] = ()
    stopped: bool = False
    vector: Vector | None = None
    actions: tuple[SuggestedAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What a turn came to, and the question's vector if it was made."""

    outcome: Outcome
    vector: Vector | None


@dataclass(frozen=True, slots=True)
class Answerer:
    """What answering needs. `models` are tried in turn; after the last one come quotes."""

    embedder: Embedder
    index: PassageIndex
    models: Sequence[LanguageModel]
    moods: Moods
    confidence: Confidence
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
        answer is left to that person, without a word.
        """
        reading = self.pool.submit(self.moods.read, [message.text for message in turn.messages])
        before = situation(turn.organization.escalation, turn.messages, turn.history)
        said = wanted_by_words(before)
        if turn.awaits_person and said != "asked":
            said = None
        draft = None if said else self._draft_or_apology(turn, stream, interruption)
        now = replace(before, messages=_with_moods(turn.messages, reading.result()))
        reason = None if turn.awaits_person else said or _wanted(now, draft)
        if turn.awaits_person:
            said_to_it = self._while_waiting(turn, now, draft)
        else:
            said_to_it = self._replies(turn, now, draft, reason)
        outcome = Outcome(
            now.messages, said_to_it, now.urgency, _escalation(now, reason) if reason else None
        )
        return Answered(outcome, draft.vector if draft else None)

    def listen(self, turn: Turn) -> Outcome:
        """What a turn comes to while a person is in: how it sounds, and no word of ours."""
        moods = self.moods.read([message.text for message in turn.messages])
        now = situation(
            turn.organization.escalation, _with_moods(turn.messages, moods), turn.history
        )
        return Outcome(now.messages, urgency=now.urgency)

    def _replies(
        self, turn: Turn, now: Situation, draft: Draft | None, reason: HandoffReason | None
    ) -> tuple[Message, ...]:
        """What the assistant says: its answer, that a person is called in, or both."""
        mood = _last(now.messages)
        if draft is not None and reason is None:
            return (_message(turn, draft, mood),)
        announced = self._announcement(turn, reason or "asked")
        if draft is None:
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
        """What the assistant says while a person is awaited: what it knows, or nothing."""
        if draft is None:
            draft = self._announcement(turn, "asked")
        elif draft.kind != "answer":
            return ()
        return (_message(turn, draft, _last(now.messages)),)

    def _announcement(self, turn: Turn, reason: HandoffReason) -> Draft:
        announcement = announce_handoff(
            turn.organization,
            reason,
            datetime.now(UTC),
            somebody_is_here=self.somebody_is_here(turn.organization.id),
            reachable=turn.conversation.customer.email is not None,
        )
        actions = (replies.LEAVE_ADDRESS,) if announcement.asks_for_address else ()
        return Draft(announcement.text, "handoff", actions=actions)

    def _draft_or_apology(
        self, turn: Turn, stream: AnswerStream, interruption: Interruption
    ) -> Draft:
        try:
            draft = self._draft(turn, stream, interruption)
        except Unavailable as error:
            logger.exception("no answer could be made", extra={"cause": type(error).__name__})
            draft = Draft(replies.APOLOGY, "apology")
        if draft.kind in {"unknown", "apology"}:
            return replace(draft, actions=(replies.TALK_TO_A_PERSON,))
        return draft

    def _draft(self, turn: Turn, stream: AnswerStream, interruption: Interruption) -> Draft:
        organization = turn.organization
        chat = small_talk(
            turn.question, organization=organization.name, assistant=organization.assistant
        )
        if chat is not None:
            return Draft(chat, "small_talk")
        [vector] = self.embedder.embed([turn.question])
        return replace(self._from_documents(turn, vector, stream, interruption), vector=vector)

    def _from_documents(
        self, turn: Turn, vector: Vector, stream: AnswerStream, interruption: Interruption
    ) -> Draft:
        organization = turn.organization
        retrieved = retrieve(
            self.index,
            organization.id,
            text=turn.question,
            vector=vector,
            limit=organization.passages,
            hidden_versions=turn.hidden_versions,
        )
        answerable = self.confidence.answerability(retrieved, turn.question)
        threshold = organization.confidence_threshold
        if threshold is None:
            threshold = self.confidence.threshold
        if answerable < threshold:
            return Draft(replies.unknown(organization), "unknown", confidence=answerable)
        passages = [each.passage for each in retrieved]
        draft = self._write(turn, passages, stream, interruption)
        if draft.stopped:
            return draft
        if not draft.citations:
            # A model that finds no answer in its sources is told to say so and to cite nothing.
            return replace(draft, kind="unknown", confidence=answerable)
        confidence = answerable * self.confidence.grounding(draft.text, passages, turn.question)
        if confidence < threshold:
            logger.info("answer withdrawn", extra={"confidence": round(confidence, 3)})
            return replace(
                draft,
                text=replies.unknown(organization),
                kind="unknown",
                citations=(),
                confidence=confidence,
            )
        return replace(draft, confidence=confidence)

    def _write(
        self,
        turn: Turn,
        passages: Sequence[Passage],
        stream: AnswerStream,
        interruption: Interruption,
    ) -> Draft:
        """Have the models write, in turn until one succeeds; quote after the last."""
        failed: list[str] = []
        for model in self.models:
            try:
                return self._streamed(
                    model.stream(_prompt(turn, passages)),
                    passages,
                    stream,
                    interruption,
                    model=model.name,
                    failed=failed,
                )
            except ModelUnavailable as error:
                logger.warning("a model failed", extra={"model": model.name, "cause": str(error)})
                failed.append(model.name)
                stream.restart()
        return self._streamed(
            stream_extract(turn.question, passages),
            passages,
            stream,
            interruption,
            model=EXTRACTIVE,
            failed=failed,
        )

    def _streamed(
        self,
        pieces: Iterable[str],
        passages: Sequence[Passage],
        stream: AnswerStream,
        interruption: Interruption,
        *,
        model: str,
        failed: Sequence[str],
    ) -> Draft:
        text = ""
        stopped = False
        with closing(iter(pieces)) as source:  # type: ignore[type-var]
            for piece in source:
                if interruption.should_stop or interruption.must_leave:
                    stopped = True
                    break
                text += piece
                stream.write(piece)
                if len(text) >= MAX_ANSWER:
                    text = text[:MAX_ANSWER]
                    break
        stream.flush()
        cited = resolve(text.strip(), passages)
        return Draft(
            cited.text,
            "answer",
            citations=cited.citations,
            model=model,
            fallbacks=tuple(failed),
            stopped=stopped,
        )


def _prompt(turn: Turn, passages: Sequence[Passage]) -> ports.Prompt:
    organization = turn.organization
    return build_prompt(
        organization=organization.name,
        assistant=organization.assistant,
        tone=organization.tone,
        passages=passages,
        history=[
            ports.Turn("customer" if message.role == "customer" else "assistant", message.text)
            for message in [each for each in turn.history if each.role in _SPEAKERS][-HISTORY:]
        ],
        question=turn.question,
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
        stopped=draft.stopped,
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
