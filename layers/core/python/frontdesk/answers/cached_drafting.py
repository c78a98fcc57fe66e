"""The same question again is given the same answer, without asking anybody.

Kept are answers to questions that stand alone: nothing was said before that could have coloured
them, and they hold nothing of the customer's own. The key of an answer is made of all that it
depends on (organisation with its settings, generation of the documents, code and models, question),
so whatever changes, it is another key.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace

from frontdesk.answers.adapters import EXTRACTIVE
from frontdesk.answers.drafting import Draft, Drafter, Inquiry, Interruption, Sink, Working
from frontdesk.answers.question_forms import is_personal, tidy
from frontdesk.answers.small_talk import small_talk
from frontdesk.entities import Organization
from frontdesk.errors import FrontdeskError, StoreUnavailable
from frontdesk.knowledge.ports import Embedder, Vector
from frontdesk.observability import logger
from frontdesk.tables.answer_cache import AnswerCache, KeptAnswer

MOST_DAYS = 7
"""How long an answer is given again, at most. Never longer than conversations are kept."""

_SPOKEN = frozenset({"customer", "assistant", "agent"})
_PIECE = re.compile(r"(?:\s*\S+){1,3}\s*")


@dataclass(frozen=True, slots=True)
class CachedDrafter:
    """A Drafter that remembers. `fingerprint` stands for settings and code: see `fingerprint`."""

    drafter: Drafter
    cache: AnswerCache
    pool: Executor
    fingerprint: str

    def draft(
        self,
        inquiry: Inquiry,
        sink: Sink,
        interruption: Interruption,
        working: Working | None = None,
    ) -> Draft:
        """The answer that was kept, or else the one that `Drafter.draft` makes.

        It is looked up while the question is embedded. Raises Unavailable when what we depend on
        fails.
        """
        key = self._key(inquiry)
        if key is None:
            return self.drafter.draft(inquiry, sink, interruption, working)
        embedder = self.drafter.embedder
        question = tidy(inquiry.question)
        begun = self.pool.submit(embedder.embed, [question])
        kept = self._kept(inquiry.organization.id, key)
        if kept is not None:
            return _given_again(kept, begun, sink, interruption)
        ahead = replace(self.drafter, embedder=_Begun(embedder, question, begun))
        draft = ahead.draft(inquiry, sink, interruption, working)
        return replace(draft, kept_as=key) if self._worth_keeping(draft) else draft

    def keep(self, organization: Organization, draft: Draft) -> None:
        """Keep a draft that is worth it for who asks the same next.

        The draft is the customer's by now: if it cannot be kept, that is logged and no more.
        """
        if draft.kept_as is None:
            return
        answer = KeptAnswer(
            text=draft.text,
            citations=draft.citations,
            confidence=draft.confidence,
            model=draft.model,
            actions=draft.actions,
        )
        days = min(MOST_DAYS, organization.retention_days)
        try:
            self.cache.put(organization.id, draft.kept_as, answer, days=days)
        except FrontdeskError as error:
            logger.warning("answer not kept", extra={"cause": type(error).__name__})

    def _worth_keeping(self, draft: Draft) -> bool:
        """Whether it is a whole answer of the first writer."""
        best = self.drafter.models[0].name if self.drafter.models else EXTRACTIVE
        whole = not (draft.stopped or draft.fallbacks)
        return draft.kind == "answer" and whole and draft.model == best and bool(draft.citations)

    def _key(self, inquiry: Inquiry) -> str | None:
        """What the answer is kept under; None for what is not to be kept."""
        organization, question = inquiry.organization, inquiry.question
        if inquiry.generation is None or not _stands_alone(inquiry) or is_personal(question):
            return None
        if small_talk(question, organization=organization.name, assistant=organization.assistant):
            return None
        decisive = [
            self.fingerprint,
            organization.model_dump_json(),
            inquiry.generation,
            sorted(inquiry.categories or ()),
            tidy(question),
        ]
        return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()

    def _kept(self, organization_id: str, key: str) -> KeptAnswer | None:
        try:
            return self.cache.get(organization_id, key)
        except StoreUnavailable as error:
            logger.warning("kept answers not read", extra={"cause": str(error)})
            return None


@dataclass(frozen=True, slots=True)
class _Begun:
    """An embedder that has one text under way already."""

    embedder: Embedder
    text: str
    vectors: Future[list[Vector]]

    @property
    def dimensions(self) -> int:
        return self.embedder.dimensions

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        return self.vectors.result() if list(texts) == [self.text] else self.embedder.embed(texts)


def _stands_alone(inquiry: Inquiry) -> bool:
    """Whether nothing was said before, but for greetings and the like."""
    greetings = {
        client_id
        for message in inquiry.history
        if message.kind == "small_talk"
        for client_id in message.reply_to
    }
    return all(
        message.role not in _SPOKEN
        or message.kind == "small_talk"
        or message.client_id in greetings
        for message in inquiry.history
    )


def _given_again(
    kept: KeptAnswer, begun: Future[list[Vector]], sink: Sink, interruption: Interruption
) -> Draft:
    """A kept answer, into `sink`. It has a vector if that was made by then: nobody waits for it."""
    text = ""
    stopped = False
    for piece in _PIECE.findall(kept.text):
        if interruption.should_stop or interruption.must_leave:
            stopped = True
            break
        text += piece
        sink.write(piece)
    sink.flush()
    made = not begun.cancel() and begun.done() and begun.exception() is None
    return Draft(
        text.strip(),
        "answer",
        citations=tuple(each for each in kept.citations if f"[{each.number}]" in text),
        confidence=kept.confidence,
        model=kept.model,
        stopped=stopped,
        vector=begun.result()[0] if made else None,
        cached=True,
        actions=kept.actions,
    )
