"""Runs: many questions asked in one go, in batches, each counted once.

A run is planned in one transaction, which splits it into batches. Each result is stored in a
transaction that counts it, under the condition that it is the first; so a batch may be worked on
twice, at the same time even, and the counts are exact.
"""

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime

from frontdesk.entities import (
    CheckResult,
    ReplayScope,
    Run,
    RunKind,
    RunTrigger,
)
from frontdesk.errors import NotFound
from frontdesk.ids import time_of
from frontdesk.tables.client import ConditionFailed, Item, Key, Operation, Put, Table, Update

BATCH = 10
"""Questions of a batch. If each takes as long as two language models may, they fit a worker's 900
seconds."""

KEPT_SECONDS = 90 * 86_400
"""How long runs and their results are kept."""

_LOOKED_BACK = 20
_STEP = 100


class Runs:
    """Reads and writes runs, and the results of checks."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def create(
        self,
        organization_id: str,
        run_id: str,
        kind: RunKind,
        *also: Operation,
        trigger: RunTrigger = "team",
        scope: ReplayScope | None = None,
    ) -> Run:
        """Store a new run, and `also` with it. If it is there already, this is how it stands."""
        run = Run(
            id=run_id,
            organization_id=organization_id,
            kind=kind,
            trigger=trigger,
            scope=scope,
            created_at=time_of(run_id),
            expires_at=int(time.time()) + KEPT_SECONDS,
        )
        try:
            self._table.transact(
                Put(
                    _key(organization_id, kind, run_id),
                    run.model_dump(mode="json", exclude_none=True),
                    "attribute_not_exists(pk)",
                ),
                *also,
            )
        except ConditionFailed:
            return self.get(organization_id, kind, run_id)
        return run

    def get(self, organization_id: str, kind: RunKind, run_id: str) -> Run:
        """One run. Raises NotFound."""
        item = self._table.get(_key(organization_id, kind, run_id))
        if item is None:
            raise NotFound("There is no such run.")
        return Run.model_validate(item)

    def page(
        self, organization_id: str, kind: RunKind, *, after: str | None, limit: int
    ) -> tuple[list[Run], str | None]:
        """Up to `limit` runs of a kind, newest first, and the cursor of the next page, if any."""
        prefix = _prefix(kind)
        last = f"{prefix}{after[:-1]}{chr(ord(after[-1]) - 1)}~" if after else f"{prefix}~"
        items = self._table.query(
            _partition(organization_id),
            first=prefix,
            last=last,
            limit=limit + 1,
            newest_first=True,
        )
        runs = [Run.model_validate(item) for item in items[:limit]]
        return runs, runs[-1].id if len(items) > limit else None

    def under_way(self, organization_id: str, *, since: datetime) -> bool:
        """Whether one of the newest runs of the checks, begun after `since`, is not done yet."""
        runs, _ = self.page(organization_id, "checks", after=None, limit=_LOOKED_BACK)
        return any(run.status == "running" and run.created_at > since for run in runs)

    def plan(self, run: Run, questions: Sequence[Item]) -> Run:
        """Split a run into batches of `questions`, unless it has been, and return how it stands.

        One transaction, so there is one plan. A run without questions is finished.
        """
        batches = [questions[begin : begin + BATCH] for begin in range(0, len(questions), BATCH)]
        before = self._last_finished(run) if run.kind == "checks" else None
        changes: Item = {
            "status": "running" if batches else "finished",
            "total": len(questions),
            "batches": len(batches),
            **({"compared_with": before.id} if before else {}),
            **({} if batches else {"finished_at": _now()}),
        }
        with contextlib.suppress(ConditionFailed):
            self._table.transact(
                Update(
                    _key(run.organization_id, run.kind, run.id),
                    "SET " + ", ".join(f"#{name} = :{name}" for name in changes),
                    {**changes, "queued": "queued"},
                    names=tuple(changes),
                    condition="#status = :queued",
                ),
                *(
                    Put(
                        _batch_key(run, number),
                        {"questions": list(batch), "expires_at": run.expires_at},
                    )
                    for number, batch in enumerate(batches)
                ),
            )
        return self.get(run.organization_id, run.kind, run.id)

    def batch(self, run: Run, number: int) -> list[Item]:
        """The questions of a batch, as they were planned."""
        item = self._table.get(_batch_key(run, number))
        return list(item["questions"]) if item else []

    def have_results(self, run: Run, ids: Collection[str]) -> frozenset[str]:
        """Those of the questions, by id, that have a result in this run."""
        found = self._table.get_many([result_key(run, each) for each in ids])
        return frozenset(key[1].removeprefix("RESULT#") for key in found)

    def store(self, run: Run, result: CheckResult) -> bool:
        """Store and count what came of a check. False if that had been done."""
        counted: set[str] = {result.verdict}
        if result.change in {"better", "worse"}:
            counted.add(result.change)
        try:
            self._table.transact(
                Put(
                    result_key(run, result.check_id),
                    {
                        **result.model_dump(mode="json", exclude_none=True),
                        "expires_at": run.expires_at,
                    },
                    "attribute_not_exists(pk)",
                ),
                count_result(run, counted),
            )
        except ConditionFailed:
            return False
        return True

    def results(
        self,
        run: Run,
        *,
        after: str | None,
        limit: int,
        keep: Callable[[CheckResult], bool] = lambda _: True,
    ) -> tuple[list[CheckResult], str | None]:
        """Up to `limit` results of a run that `keep` wants, and the cursor of the next page.

        In the order in which the checks were written.
        """
        found: list[CheckResult] = []
        for item in self.result_items(run, after=after):
            result = CheckResult.model_validate(item)
            if keep(result):
                if len(found) == limit:
                    return found, found[-1].check_id
                found.append(result)
        return found, None

    def result_items(self, run: Run, *, after: str | None) -> Iterator[Item]:
        """What is stored of a run's results, in the order of their ids, from behind `after` on."""
        partition, first = result_key(run, f"{after}~" if after else "")
        while True:
            items = self._table.query(partition, first=first, last="RESULT#~", limit=_STEP)
            yield from items
            if len(items) < _STEP:
                return
            first = f"{items[-1]['sk']}~"

    def results_of(
        self, organization_id: str, run_id: str, check_ids: Collection[str]
    ) -> dict[str, CheckResult]:
        """What came of these checks in a run, by check, as far as it is still kept."""
        keys = [(_results(organization_id, run_id), f"RESULT#{each}") for each in check_ids]
        found = map(CheckResult.model_validate, self._table.get_many(keys).values())
        return {result.check_id: result for result in found}

    def finish(self, run: Run) -> Run:
        """Finish a run whose questions all have a result. Safe to repeat."""
        now = self.get(run.organization_id, run.kind, run.id)
        if now.status == "running" and now.done >= now.total:
            self._end(now, "finished", "running")
            return self.get(run.organization_id, run.kind, run.id)
        return now

    def fail(self, run: Run) -> None:
        """Give up on a run that could not be planned. Safe to repeat."""
        self._end(run, "failed", "queued")

    def _end(self, run: Run, status: str, before: str) -> None:
        try:
            self._table.update(
                Update(
                    _key(run.organization_id, run.kind, run.id),
                    "SET #status = :status, finished_at = :now",
                    {"status": status, "now": _now(), "before": before},
                    names=("status",),
                    condition="#status = :before",
                )
            )
        except ConditionFailed:
            return

    def _last_finished(self, run: Run) -> Run | None:
        runs, _ = self.page(run.organization_id, "checks", after=None, limit=_LOOKED_BACK)
        return next((each for each in runs if each.status == "finished" and each.total), None)


def count_result(run: Run, counted: Collection[str]) -> Update:
    """The update that counts one result, and that one more question is done."""
    names = sorted({"done", *counted})
    return Update(
        _key(run.organization_id, run.kind, run.id),
        "ADD " + ", ".join(f"#{name} :one" for name in names),
        {"one": 1},
        names=tuple(names),
    )


def result_key(run: Run, question_id: str) -> Key:
    """Where the result of a question is stored."""
    return _results(run.organization_id, run.id), f"RESULT#{question_id}"


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _prefix(kind: RunKind) -> str:
    return f"{kind.upper()}#"


def _partition(organization_id: str) -> str:
    return f"ORG#{organization_id}#RUNS"


def _key(organization_id: str, kind: RunKind, run_id: str) -> Key:
    return _partition(organization_id), f"{_prefix(kind)}{run_id}"


def _results(organization_id: str, run_id: str) -> str:
    return f"ORG#{organization_id}#RUN#{run_id}"


def _batch_key(run: Run, number: int) -> Key:
    return _results(run.organization_id, run.id), f"BATCH#{number:03d}"
