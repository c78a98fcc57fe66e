"""Runs checks and replays: plans a run, then asks its questions batch by batch."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from checks.asking import Asker
from checks.judging import compare_answers, compare_verdicts, judge
from frontdesk.checks.jobs import BatchJob, CheckJob, CheckQueue, DueJob, RunJob
from frontdesk.entities import (
    MESSAGE_LENGTH,
    AnswerSnapshot,
    Check,
    CheckResult,
    Message,
    ReplayResult,
    ReplayScope,
    ReplayTarget,
    Run,
    Verdict,
)
from frontdesk.errors import NotFound
from frontdesk.observability import logger
from frontdesk.shown_text import cut
from frontdesk.tables.checks import Checks
from frontdesk.tables.replays import PastQuestion, Replays
from frontdesk.tables.runs import Runs

_LOOK_AGAIN_SECONDS = 30
_LONGEST_RUN = timedelta(hours=1)
"""A run that takes longer has lost a batch, or asks very slowly: others go ahead of it then."""

_TRIES = 3
"""The queue delivers once more than this, so that a run does not stay unfinished for ever."""


@dataclass(frozen=True, slots=True)
class CheckWorker:
    """What running needs. Every job is safe to repeat, also beside itself."""

    asker: Asker
    checks: Checks
    runs: Runs
    replays: Replays
    queue: CheckQueue

    def work(self, job: CheckJob, *, tries: int) -> None:
        """Do a job. Raises Unavailable when it should be tried again."""
        match job:
            case DueJob():
                self._begin_due(job)
            case RunJob() if tries > _TRIES:
                self.runs.fail(self.runs.get(job.organization_id, job.kind, job.run_id))
            case RunJob():
                self._begin(self.runs.get(job.organization_id, job.kind, job.run_id))
            case BatchJob():
                self._ask(job, last_try=tries > _TRIES)

    def _begin_due(self, job: DueJob) -> None:
        """Run the checks because documents have changed, unless a later run will.

        While a run is under way the next one waits: who uploads for an hour pays for few of them.
        """
        organization_id = job.organization_id
        if self.runs.under_way(organization_id, since=datetime.now(UTC) - _LONGEST_RUN):
            self.queue.put(job, delay=_LOOK_AGAIN_SECONDS)
            return
        if not self.checks.take_due(organization_id, job.run_id):
            try:
                run = self.runs.get(organization_id, "checks", job.run_id)
            except NotFound:
                return
        elif self.checks.enabled(organization_id):
            run = self.runs.create(organization_id, job.run_id, "checks", trigger="documents")
        else:
            return
        self._begin(run)

    def _begin(self, run: Run) -> None:
        """Plan a run, and have its batches asked."""
        if run.status == "queued":
            run = self.runs.plan(run, self._questions(run))
            logger.info("run planned", extra={"run": run.id, "questions": run.total})
        if run.status != "running":
            return
        for number in range(run.batches):
            self.queue.put(
                BatchJob(
                    organization_id=run.organization_id,
                    run_id=run.id,
                    kind=run.kind,
                    batch=number,
                )
            )

    def _questions(self, run: Run) -> list[dict[str, object]]:
        if run.kind == "checks":
            checks = self.checks.enabled(run.organization_id)
            return [check.model_dump(mode="json", exclude_none=True) for check in checks]
        targets = self.replays.targets(run.organization_id, run.scope or ReplayScope())
        return [target.model_dump(mode="json") for target in targets]

    def _ask(self, job: BatchJob, *, last_try: bool) -> None:
        """Ask what of a batch has no result yet; on the last try, give up on that."""
        run = self.runs.get(job.organization_id, job.kind, job.run_id)
        planned = self.runs.batch(run, job.batch)
        if run.kind == "checks":
            self._check(run, [Check.model_validate(item) for item in planned], last_try=last_try)
        else:
            targets = [ReplayTarget.model_validate(item) for item in planned]
            self._replay(run, targets, last_try=last_try)
        run = self.runs.finish(run)
        logger.info("batch asked", extra={"run": run.id, "done": run.done, "total": run.total})

    def _check(self, run: Run, checks: list[Check], *, last_try: bool) -> None:
        done = self.runs.have_results(run, [check.id for check in checks])
        left = [check for check in checks if check.id not in done]
        earlier: dict[str, CheckResult] = {}
        if run.compared_with:
            earlier = self.runs.results_of(
                run.organization_id, run.compared_with, [check.id for check in left]
            )
        for check in left:
            answer = self._answer(run, check.question, last_try=last_try)
            misses = () if answer is None else judge(check.expected, answer)
            verdict: Verdict = "error" if answer is None else "failed" if misses else "passed"
            before = earlier.get(check.id)
            result = CheckResult(
                check_id=check.id,
                question=check.question,
                revision=check.revision,
                verdict=verdict,
                misses=misses,
                answer=answer,
                before=before.verdict if before else None,
                confidence_before=before.answer.confidence if before and before.answer else None,
                change=compare_verdicts(verdict, check.revision, before),
            )
            self.runs.store(run, result)

    def _replay(self, run: Run, targets: list[ReplayTarget], *, last_try: bool) -> None:
        done = self.runs.have_results(run, [target.answer_id for target in targets])
        for target in targets:
            if target.answer_id in done:
                continue
            past = self.replays.question(run.organization_id, target)
            if past is None:
                self.replays.store_gone(run, target.conversation_id, target.answer_id)
                continue
            now = self._answer(run, past.text, past.history, last_try=last_try)
            self.replays.store(run, _replayed(past, now))

    def _answer(
        self, run: Run, question: str, history: tuple[Message, ...] = (), *, last_try: bool
    ) -> AnswerSnapshot | None:
        """The answer of today. None on the last try: asking may be what ended the others."""
        if last_try:
            logger.warning("a question was given up on", extra={"run": run.id})
            return None
        return self.asker.ask(run.organization_id, question, history=history).snapshot


def _replayed(past: PastQuestion, now: AnswerSnapshot | None) -> ReplayResult:
    answer = past.answer
    before = AnswerSnapshot(
        text=answer.text,
        kind=answer.kind or "answer",
        citations=answer.citations,
        confidence=answer.confidence,
        model=answer.model,
    )
    return ReplayResult(
        conversation_id=past.target.conversation_id,
        answer_id=past.target.answer_id,
        question=cut(past.text, MESSAGE_LENGTH),
        before=before,
        now=now,
        change="error" if now is None else compare_answers(before, now),
    )
