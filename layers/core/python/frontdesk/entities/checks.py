"""Questions that an organisation keeps to see that its documents answer them, and their runs."""

from datetime import datetime
from typing import Literal

from frontdesk.entities.base import Entity
from frontdesk.entities.messages import AnswerKind, Citation


class ExpectedSource(Entity):
    """A document that an answer has to cite, and the page of it, if that matters."""

    document_id: str
    page: int | None = None


class Expectations(Entity):
    """What an answer has to be like: it cites all `sources` and contains all `phrases`.

    With `unanswered` the documents must not answer the question, and there is nothing else to ask.
    """

    sources: tuple[ExpectedSource, ...] = ()
    phrases: tuple[str, ...] = ()
    unanswered: bool = False


class Check(Entity):
    """A question that an organisation keeps, and what it expects of the answer.

    `revision` changes with the question and with what is expected.
    """

    id: str
    question: str
    expected: Expectations
    enabled: bool = True
    revision: str
    created_at: datetime
    updated_at: datetime


class AnswerSnapshot(Entity):
    """An answer as it was given."""

    text: str
    kind: AnswerKind
    citations: tuple[Citation, ...] = ()
    confidence: float | None = None
    model: str | None = None

    @property
    def answered(self) -> bool:
        """Whether the documents answered."""
        return self.kind == "answer"


RunKind = Literal["checks", "replay"]
RunStatus = Literal["queued", "running", "finished", "failed"]
RunTrigger = Literal["team", "documents"]
"""Who had it run: somebody of the team, or a change of the documents."""

Verdict = Literal["passed", "failed", "error"]
"""`error`: the question could not be asked."""

CheckChange = Literal["better", "worse", "same", "new"]
"""Against the run before. `new`: there is nothing to compare with."""

ReplayChange = Literal[
    "same", "changed", "now_answered", "no_longer_answered", "conversation_gone", "error"
]


class ReplayScope(Entity):
    """Which past questions are asked again: those of a conversation, or of a stretch of time.

    The stretch is that of the conversation's last message, `until` excluded; at most `limit`
    questions, the newest conversations first.
    """

    conversation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 200


class Run(Entity):
    """Many questions asked in one go, in batches.

    `total` is known once it is planned; `done` and the counts below move with each result.
    `compared_with` is the run of checks that had finished last when this one was planned.
    """

    id: str
    organization_id: str
    kind: RunKind
    status: RunStatus = "queued"
    trigger: RunTrigger = "team"
    scope: ReplayScope | None = None
    created_at: datetime
    finished_at: datetime | None = None
    expires_at: int
    compared_with: str | None = None
    batches: int = 0
    total: int = 0
    done: int = 0
    error: int = 0
    passed: int = 0
    failed: int = 0
    better: int = 0
    worse: int = 0
    same: int = 0
    changed: int = 0
    now_answered: int = 0
    no_longer_answered: int = 0
    conversation_gone: int = 0


class Miss(Entity):
    """An expectation that an answer does not meet. `expected` is the phrase or the document."""

    what: Literal["answered", "unanswered", "source", "phrase"]
    expected: str | None = None
    page: int | None = None


class CheckResult(Entity):
    """What came of one check in one run.

    `revision` is that of the check then. `before` is the verdict of the run it is compared with.
    """

    check_id: str
    question: str
    revision: str
    verdict: Verdict
    misses: tuple[Miss, ...] = ()
    answer: AnswerSnapshot | None = None
    before: Verdict | None = None
    confidence_before: float | None = None
    change: CheckChange = "new"


class ReplayTarget(Entity):
    """A question of the past: the customer's messages, and the answer they got."""

    conversation_id: str
    question_ids: tuple[str, ...]
    answer_id: str


class ReplayResult(Entity):
    """A question of the past, its answer then, and its answer from the documents of today."""

    conversation_id: str
    answer_id: str
    question: str
    before: AnswerSnapshot
    now: AnswerSnapshot | None
    change: ReplayChange
