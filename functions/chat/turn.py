"""Decides what to say: one turn, from the customer's waiting messages to a checked answer."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
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
from frontdesk.entities import AnswerKind, Citation, Message, Organization, Sentiment
from frontdesk.errors import ModelUnavailable, Unavailable
from frontdesk.ids import time_of
from frontdesk.knowledge.ports import Embedder, Passage, PassageIndex, Vector
from frontdesk.knowledge.retrieval import retrieve
from frontdesk.observability import logger

MAX_ANSWER = 6_000
"""Characters. A longer answer would not fit a frame, and nobody reads it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be answered: `messages` as one, in the light of `history`."""

    organization: Organization
    hidden_versions: frozenset[str]
    messages: tuple[Message, ...]
    history: tuple[Message, ...]
    answer_id: str

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


@dataclass(frozen=True, slots=True)
class Answered:
    """A turn's messages with their mood, the answer, and the question's vector if it was made."""

    messages: tuple[Message, ...]
    answer: Message
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

    def answer(
        self,
        turn: Turn,
        stream: AnswerStream,
        interruption: Interruption,
    ) -> Answered:
        """The answer to a turn.

        Streams the answer as it comes. When what we depend on fails, the answer is an apology: the
        customer is never left without one.
        """
        reading = self.pool.submit(self.moods.read, [message.text for message in turn.messages])
        try:
            draft = self._draft(turn, stream, interruption)
        except Unavailable as error:
            logger.exception("no answer could be made", extra={"cause": type(error).__name__})
            draft = Draft(replies.APOLOGY, "apology")
        moods = reading.result()
        messages = tuple(
            message.model_copy(update={"sentiment": mood})
            for message, mood in zip(turn.messages, moods, strict=True)
        )
        return Answered(messages, _message(turn, draft, _last(moods)), draft.vector)

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
            for message in turn.history
            if message.role in {"customer", "assistant", "agent"}
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
    )


def _last(moods: Sequence[Sentiment | None]) -> Sentiment | None:
    return next((mood for mood in reversed(moods) if mood is not None), None)
