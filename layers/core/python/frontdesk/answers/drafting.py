"""From a question to a checked answer, whoever asks: a customer, the playground, an evaluation."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from frontdesk.answers import ports, replies
from frontdesk.answers.adapters import EXTRACTIVE
from frontdesk.answers.citations import resolve
from frontdesk.answers.confidence import Confidence
from frontdesk.answers.extractive import stream_extract
from frontdesk.answers.grounding import Grounding, grounding
from frontdesk.answers.ports import LanguageModel, Prompt
from frontdesk.answers.prompt import build_prompt
from frontdesk.answers.question_forms import tidy
from frontdesk.answers.small_talk import small_talk
from frontdesk.entities import AnswerKind, Citation, Message, Organization, SuggestedAction
from frontdesk.errors import ModelUnavailable
from frontdesk.knowledge.ports import Embedder, Passage, PassageIndex, Vector
from frontdesk.knowledge.retrieval import Retrieved, retrieve
from frontdesk.observability import logger

HISTORY = 5
"""Earlier messages that a language model is given."""

MAX_ANSWER = 6_000
"""Characters. A longer answer would not fit a frame, and nobody reads it."""

_SPEAKERS = frozenset({"customer", "assistant", "agent"})


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked, of whose documents, in the light of what was said before.

    `generation` names what the documents said when `hidden_versions` was read. Without one the
    answer is neither taken from those kept nor kept.
    """

    organization: Organization
    hidden_versions: frozenset[str]
    question: str
    history: tuple[Message, ...] = ()
    generation: str | None = None

    @property
    def threshold(self) -> float | None:
        """The organisation's own confidence threshold, if it has set one."""
        return self.organization.confidence_threshold


class Sink(Protocol):
    """Takes an answer piece by piece. `AnswerStream` is one."""

    def write(self, text: str) -> None:
        """Take a piece."""
        ...

    def flush(self) -> None:
        """There is no more for now."""
        ...

    def restart(self) -> None:
        """What was written is void: another model begins anew."""
        ...


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


class Unheard:
    """A Sink and an Interruption for answers that are wanted as a whole: nobody listens."""

    should_stop = False
    must_leave = False

    def write(self, text: str) -> None:
        """Drop it: the answer comes as a whole."""

    def flush(self) -> None:
        """Nothing waits."""

    def restart(self) -> None:
        """Nothing was shown."""


@dataclass(slots=True)
class Working:
    """How an answer came about. What was not reached stays empty.

    `retrieved` are the passages it may rest on, best first; `seconds` how long each stage took.
    """

    retrieved: Sequence[Retrieved] = ()
    answerability: float | None = None
    threshold: float | None = None
    prompt: Prompt | None = None
    grounding: Grounding | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add what runs inside to the seconds of `stage`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it becomes a message. `kept_as`: see `Message`."""

    text: str
    kind: AnswerKind
    citations: tuple[Citation, ...] = ()
    confidence: float | None = None
    model: str | None = None
    fallbacks: tuple[str, ...] = ()
    stopped: bool = False
    vector: Vector | None = None
    cached: bool = False
    kept_as: str | None = None
    actions: tuple[SuggestedAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Drafter:
    """What drafting needs. `models` are tried in turn; after the last one come quotes."""

    embedder: Embedder
    index: PassageIndex
    models: Sequence[LanguageModel]
    confidence: Confidence

    def draft(
        self,
        inquiry: Inquiry,
        sink: Sink,
        interruption: Interruption,
        working: Working | None = None,
    ) -> Draft:
        """The answer to an inquiry, streamed into `sink`; `working` is filled in.

        Raises Unavailable when what we depend on fails.
        """
        working = working or Working()
        inquiry = replace(inquiry, question=tidy(inquiry.question))
        organization = inquiry.organization
        chat = small_talk(
            inquiry.question, organization=organization.name, assistant=organization.assistant
        )
        if chat is not None:
            return Draft(chat, "small_talk")
        with working.timed("embed"):
            [vector] = self.embedder.embed([inquiry.question])
        draft = self._from_documents(inquiry, vector, sink, interruption, working)
        return replace(draft, vector=vector)

    def _from_documents(
        self,
        inquiry: Inquiry,
        vector: Vector,
        sink: Sink,
        interruption: Interruption,
        working: Working,
    ) -> Draft:
        organization, question = inquiry.organization, inquiry.question
        with working.timed("search"):
            retrieved = retrieve(
                self.index,
                organization.id,
                text=question,
                vector=vector,
                limit=organization.passages,
                hidden_versions=inquiry.hidden_versions,
            )
        with working.timed("judge"):
            answerable = self.confidence.answerability(retrieved, question)
        threshold = inquiry.threshold
        if threshold is None:
            threshold = self.confidence.threshold
        working.retrieved, working.answerability = retrieved, answerable
        working.threshold = threshold
        if answerable < threshold:
            return Draft(replies.unknown(organization), "unknown", confidence=answerable)
        passages = [each.passage for each in retrieved]
        with working.timed("write"):
            draft = self._write(inquiry, passages, sink, interruption, working)
        if draft.stopped:
            return draft
        if not draft.citations:
            # A model that finds no answer in its sources is told to say so and to cite nothing.
            return replace(draft, kind="unknown", confidence=answerable)
        with working.timed("check"):
            working.grounding = grounding(draft.text, passages, question=question)
        confidence = answerable * working.grounding.score
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
        inquiry: Inquiry,
        passages: Sequence[Passage],
        sink: Sink,
        interruption: Interruption,
        working: Working,
    ) -> Draft:
        """Have the models write, in turn until one succeeds; quote after the last."""
        failed: list[str] = []
        for model in self.models:
            working.prompt = working.prompt or _prompt(inquiry, passages)
            try:
                return _streamed(
                    model.stream(working.prompt),
                    passages,
                    sink,
                    interruption,
                    model=model.name,
                    failed=failed,
                )
            except ModelUnavailable as error:
                logger.warning("a model failed", extra={"model": model.name, "cause": str(error)})
                failed.append(model.name)
                sink.restart()
        return _streamed(
            stream_extract(inquiry.question, passages),
            passages,
            sink,
            interruption,
            model=EXTRACTIVE,
            failed=failed,
        )


def _streamed(
    pieces: Iterable[str],
    passages: Sequence[Passage],
    sink: Sink,
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
            sink.write(piece)
            if len(text) >= MAX_ANSWER:
                text = text[:MAX_ANSWER]
                break
    sink.flush()
    cited = resolve(text.strip(), passages)
    return Draft(
        cited.text,
        "answer",
        citations=cited.citations,
        model=model,
        fallbacks=tuple(failed),
        stopped=stopped,
    )


def _prompt(inquiry: Inquiry, passages: Sequence[Passage]) -> Prompt:
    organization = inquiry.organization
    return build_prompt(
        organization=organization.name,
        assistant=organization.assistant,
        tone=organization.tone,
        passages=passages,
        history=[
            ports.Turn("customer" if message.role == "customer" else "assistant", message.text)
            for message in [each for each in inquiry.history if each.role in _SPEAKERS][-HISTORY:]
        ],
        question=inquiry.question,
    )
