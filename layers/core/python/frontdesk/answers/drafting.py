"""From a question to a checked answer, whoever asks: a customer, the playground, an evaluation."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from frontdesk.answers import replies
from frontdesk.answers.adapters import EXTRACTIVE
from frontdesk.answers.addresses import Known
from frontdesk.answers.citations import resolve
from frontdesk.answers.confidence import Confidence
from frontdesk.answers.extractive import stream_extract
from frontdesk.answers.grounding import Grounding, Meaning, grounding
from frontdesk.answers.history import tell_history
from frontdesk.answers.metering import Ledger, Meter
from frontdesk.answers.model_rewriting import rewrite_with_model
from frontdesk.answers.outgoing import Outgoing, Vetting
from frontdesk.answers.planted import unplanted
from frontdesk.answers.ports import Anew, Completer, CrossEncoder, LanguageModel, Prompt
from frontdesk.answers.prompt import PROMPT_TOKENS, build_prompt, history_room
from frontdesk.answers.question_forms import tidy
from frontdesk.answers.reranking import CONSIDERED, rerank
from frontdesk.answers.rewriting import needs_context, standalone, was_asked
from frontdesk.answers.small_talk import is_assent, small_talk
from frontdesk.answers.suggestions import suggest
from frontdesk.answers.text import language
from frontdesk.entities import (
    AnswerKind,
    Citation,
    HistorySummary,
    Message,
    ModelUse,
    Organization,
    SuggestedAction,
)
from frontdesk.errors import ModelUnavailable
from frontdesk.knowledge.ports import Embedder, Passage, PassageIndex, Vector
from frontdesk.knowledge.retrieval import Retrieved, joined, prefer, retrieve
from frontdesk.observability import logger

MAX_ANSWER = 6_000
"""Characters. A longer answer would not fit a frame, and nobody reads it."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked, of whose documents, in the light of what was said before.

    With `categories`, only documents of those are searched. `summary` is what was stored of a
    history too long to be told. `generation` names what the documents said when `hidden_versions`
    was read. Without one the answer is neither taken from those kept nor kept.
    """

    organization: Organization
    hidden_versions: frozenset[str]
    question: str
    history: tuple[Message, ...] = ()
    categories: frozenset[str] | None = None
    summary: HistorySummary | None = None
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

    `query` is the question as it was searched for: with what it leans on. `ranked` are the passages
    that were weighed, best first; `retrieved` those of them that the answer may rest on, neighbours
    joined. `written` is the answer before it was checked. `ledger` has the calls of models,
    `summary` what one of them wrote of the history. `seconds` is how long each stage took.
    """

    query: str = ""
    ranked: Sequence[Retrieved] = ()
    retrieved: Sequence[Retrieved] = ()
    answerability: float | None = None
    threshold: float | None = None
    prompt: Prompt | None = None
    written: str = ""
    grounding: Grounding | None = None
    ledger: Ledger = field(default_factory=lambda: Ledger(Meter()))
    summary: HistorySummary | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def relevance(self) -> float | None:
        """The best logit of the cross-encoder, if one read the passages."""
        read = [each.relevance for each in self.ranked if each.relevance is not None]
        return max(read, default=None)

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
    """An answer before it becomes a message.

    `usage` are the calls of language models that it took; `summary` is to be stored, if there is
    one, for the answers to come. `kept_as`: see `Message`.
    """

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
    usage: tuple[ModelUse, ...] = ()
    summary: HistorySummary | None = None


@dataclass(frozen=True, slots=True)
class Drafter:
    """What drafting needs. `models` are tried in turn; after the last one come quotes.

    `helper` writes short texts on the way, if there is one: a summary of a long history.
    `prompt_tokens` is how long a prompt may be. With a `cross_encoder` the best passages are read
    before one is chosen; with `meaning` an answer may say things in other words than its sources.
    """

    embedder: Embedder
    index: PassageIndex
    models: Sequence[LanguageModel]
    confidence: Confidence
    helper: Completer | None = None
    meter: Meter = field(default_factory=Meter)
    prompt_tokens: int = PROMPT_TOKENS
    cross_encoder: CrossEncoder | None = None
    meaning: Meaning | None = None

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
        working.ledger = Ledger(self.meter)
        inquiry = replace(inquiry, question=tidy(inquiry.question))
        organization = inquiry.organization
        chat = small_talk(
            inquiry.question,
            organization=organization.name,
            assistant=organization.assistant,
            names=[each.author.name for each in inquiry.history if each.author],
        )
        if chat is not None:
            return Draft(chat, "small_talk")
        if is_assent(inquiry.question) and not was_asked(inquiry.history):
            return _nothing_asked(inquiry.history)
        with working.timed("rewrite"):
            working.query = self._query(inquiry, working)
        with working.timed("embed"):
            [vector] = self.embedder.embed([working.query])
        draft = self._from_documents(inquiry, vector, sink, interruption, working)
        return replace(
            draft,
            vector=vector,
            fallbacks=(*working.ledger.failed, *draft.fallbacks),
            usage=working.ledger.uses,
            summary=working.summary,
        )

    def _query(self, inquiry: Inquiry, working: Working) -> str:
        """What to search for: the question, made whole if it leans on the conversation."""
        question, history = inquiry.question, inquiry.history
        by_rules = standalone(question, history)
        if self.helper is None or not needs_context(question, history):
            return by_rules
        helper = working.ledger.charged(self.helper, "rewrite")
        return rewrite_with_model(helper, question, history, fallback=by_rules)

    def _from_documents(
        self,
        inquiry: Inquiry,
        vector: Vector,
        sink: Sink,
        interruption: Interruption,
        working: Working,
    ) -> Draft:
        organization, query = inquiry.organization, working.query
        with working.timed("search"):
            found = retrieve(
                self.index,
                organization.id,
                text=query,
                vector=vector,
                limit=CONSIDERED,
                hidden_versions=inquiry.hidden_versions,
                categories=inquiry.categories,
            )
        with working.timed("rank"):
            working.ranked = prefer(rerank(query, found, self.cross_encoder), language(query))
            # Some will join others: a few more than there are places for.
            best = unplanted(working.ranked[: 2 * organization.passages])
            retrieved = joined(best, organization.passages)
        with working.timed("judge"):
            answerable = self.confidence.answerability(working.ranked, query)
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
        working.written = draft.text
        if draft.stopped:
            return draft
        if not draft.citations:
            # A model that finds no answer in its sources is told to say so and to cite nothing.
            # Its words are not shown: what cites nothing could say anything.
            unknown = replies.unknown(organization)
            return replace(draft, text=unknown, kind="unknown", confidence=answerable)
        with working.timed("check"):
            working.grounding = grounding(
                draft.text, passages, question=query, meaning=self.meaning
            )
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
        with working.timed("suggest"):
            actions = suggest(
                query,
                [message.text for message in inquiry.history if message.role == "customer"],
                retrieved,
                draft.citations,
                confidence=confidence,
            )
        return replace(draft, confidence=confidence, actions=actions)

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
        known = Known.of(passages, inquiry.organization.allowed_origins)
        count = len(passages)
        for model in self.models:
            working.prompt = working.prompt or self._prompt(inquiry, passages, working)
            said = [message.text for message in inquiry.history if message.role == "assistant"]
            vetting = Vetting(passages, inquiry.question, working.prompt.instructions, said)
            try:
                return _streamed(
                    working.ledger.stream(model, working.prompt),
                    passages,
                    Outgoing(sink, known, sources=count, vetting=vetting),
                    interruption,
                    model=model.name,
                    failed=failed,
                )
            except ModelUnavailable as error:
                logger.warning("a model failed", extra={"model": model.name, "cause": str(error)})
                failed.append(model.name)
                sink.restart()
        return _streamed(
            stream_extract(working.query, passages),
            passages,
            Outgoing(sink, known, sources=count),
            interruption,
            model=EXTRACTIVE,
            failed=failed,
        )

    def _prompt(self, inquiry: Inquiry, passages: Sequence[Passage], working: Working) -> Prompt:
        organization = inquiry.organization
        told = tell_history(
            inquiry.history,
            inquiry.summary,
            room=history_room(self.prompt_tokens),
            counter=self.meter.counter,
            helper=self.helper and working.ledger.charged(self.helper, "summary"),
        )
        working.summary = told.written
        return build_prompt(
            organization=organization.name,
            assistant=organization.assistant,
            tone=organization.tone,
            passages=passages,
            history=told.turns,
            question=inquiry.question,
            summary=told.summary,
            tokens=self.prompt_tokens,
            counter=self.meter.counter,
        )


def _nothing_asked(history: Sequence[Message]) -> Draft:
    """To an "ok", which is no question that the documents could leave unanswered."""
    last = next((each for each in reversed(history) if each.role == "assistant"), None)
    if last is not None and last.kind in {"answer", "small_talk"}:
        return Draft(replies.ANYTHING_ELSE, "small_talk")
    return Draft(replies.NOTHING_ASKED, "small_talk", actions=(replies.TALK_TO_A_PERSON,))


def _streamed(
    pieces: Iterable[str | Anew],
    passages: Sequence[Passage],
    outgoing: Outgoing,
    interruption: Interruption,
    *,
    model: str,
    failed: Sequence[str],
) -> Draft:
    length = 0
    stopped = False
    with closing(iter(pieces)) as source:  # type: ignore[type-var]
        for piece in source:
            if interruption.should_stop or interruption.must_leave:
                stopped = True
                break
            if isinstance(piece, Anew):
                outgoing.restart()
                length = 0
                continue
            outgoing.write(piece[: MAX_ANSWER - length])
            length += len(piece)
            if length >= MAX_ANSWER:
                break
    cited = resolve(outgoing.finish(stopped=stopped), passages)
    return Draft(
        cited.text,
        "answer",
        citations=cited.citations,
        model=model,
        fallbacks=tuple(failed),
        stopped=stopped,
    )
