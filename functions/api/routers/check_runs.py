"""Runs of the checks and replays of past questions, and their reports."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, status
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from api.credentials import Allowed, Principal
from api.plan_limits import Entitled
from api.services import AnyServices, Services
from api.text_fields import Identifier
from frontdesk.checks.jobs import RunJob
from frontdesk.entities import (
    CheckResult,
    ConversationRef,
    ReplayChange,
    ReplayResult,
    ReplayScope,
    Run,
    RunKind,
    RunStatus,
    RunTrigger,
)
from frontdesk.errors import Conflict, InvalidRequest, NotFound, Unavailable
from frontdesk.ids import is_ulid, new_id
from frontdesk.tables.audit import audit_put
from frontdesk.tables.limits import limit_of_organization

router = APIRouter(prefix="/api/checks", tags=["checks"])

Reader = Annotated[Principal, Depends(Allowed("checks:read"))]
Starter = Annotated[Principal, Depends(Entitled("checks:write", "checks"))]
ConversationReader = Annotated[Principal, Depends(Allowed("conversations:read"))]

MOST_REPLAYED = 200

Cursor = Annotated[str | None, Query(max_length=26, description="From the page before")]
Limit = Annotated[int, Query(ge=1, le=100)]
OnlyChecks = Literal["better", "worse", "passed", "failed", "error"]


class RunView(BaseModel):
    """A run of the checks: how far it is, and how many passed, failed, or could not be asked.

    `better` failed in the run that it is compared with and passed now; `worse` is the reverse.
    """

    id: str
    status: RunStatus
    trigger: RunTrigger
    created_at: datetime
    finished_at: datetime | None
    compared_with: str | None
    total: int
    done: int
    passed: int
    failed: int
    error: int
    better: int
    worse: int

    @classmethod
    def of(cls, run: Run) -> "RunView":
        """Without what other runs count."""
        return cls.model_validate(run.model_dump())


class RunPage(BaseModel):
    """A page of runs, newest first."""

    runs: list[RunView]
    cursor: str | None


class RunReport(RunView):
    """A run with a page of its results, in the order in which the questions were written."""

    results: list[CheckResult]
    cursor: str | None


class ReplayRequest(BaseModel):
    """Which past questions to ask again: those of one conversation, or of a stretch of time.

    The stretch is that of a conversation's last message; `until` is not part of it. Of each
    conversation the newest 100 messages are looked at.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"conversation_id": "01KB0M3VQ0C5T1J7Z8N4R2X9AE"},
                {"since": "2026-01-01T00:00:00Z", "limit": 50},
            ]
        },
    )

    conversation_id: Identifier | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    limit: int = Field(default=MOST_REPLAYED, strict=True, ge=1, le=MOST_REPLAYED)

    @model_validator(mode="after")
    def _one_or_many(self) -> "ReplayRequest":
        if (self.conversation_id is None) == (self.since is None):
            raise ValueError("name a conversation_id, or a time since which to look")
        if self.until is not None and (self.since is None or self.until <= self.since):
            raise ValueError("until must be after since")
        return self


class ReplayView(BaseModel):
    """A replay: how far it is, and how many answers are the same, changed, there now, or gone.

    `conversation_gone`: erased, or its time was up, before the question was asked again.
    """

    id: str
    status: RunStatus
    scope: ReplayScope
    created_at: datetime
    finished_at: datetime | None
    total: int
    done: int
    same: int
    changed: int
    now_answered: int
    no_longer_answered: int
    conversation_gone: int
    error: int

    @classmethod
    def of(cls, run: Run) -> "ReplayView":
        """Without what other runs count."""
        return cls.model_validate({**run.model_dump(), "scope": run.scope or ReplayScope()})


class ReplayPage(BaseModel):
    """A page of replays, newest first."""

    replays: list[ReplayView]
    cursor: str | None


class ReplayReport(ReplayView):
    """A replay with a page of its results. Those whose conversation is gone are left out."""

    results: list[ReplayResult]
    cursor: str | None


@router.post("/runs", status_code=status.HTTP_202_ACCEPTED)
def start_run(services: AnyServices, team: Starter) -> RunView:
    """Ask all questions that are kept. The documents' changes have the same done by themselves."""
    if not services.checks.count(team.organization_id):
        raise Conflict("There are no questions yet. Keep one first.")
    return RunView.of(_start(services, team, "checks", None))


@router.get("/runs")
def list_runs(
    services: AnyServices, team: Reader, cursor: Cursor = None, limit: Limit = 20
) -> RunPage:
    """Runs of the last 90 days."""
    runs, following = services.runs.page(
        team.organization_id, "checks", after=_checked(cursor), limit=limit
    )
    return RunPage(runs=[RunView.of(run) for run in runs], cursor=following)


@router.get("/runs/{run_id}")
def get_run(
    run_id: str,
    services: AnyServices,
    team: Reader,
    *,
    only: OnlyChecks | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> RunReport:
    """What came of a run, also while it is under way."""
    run = _found(services, team, "checks", run_id)
    results, following = services.runs.results(
        run,
        after=_checked(cursor),
        limit=limit,
        keep=lambda result: only in (None, result.verdict, result.change),
    )
    return RunReport(**RunView.of(run).model_dump(), results=results, cursor=following)


@router.post("/replays", status_code=status.HTTP_202_ACCEPTED)
def start_replay(body: ReplayRequest, services: AnyServices, team: Starter) -> ReplayView:
    """Ask questions of the past again, of the documents as they are today."""
    if body.conversation_id is not None:
        services.conversations.get(
            ConversationRef(
                organization_id=team.organization_id, conversation_id=body.conversation_id
            )
        )
    for moment in (body.since, body.until):
        if moment is not None and not 1970 <= moment.year <= 9000:
            raise InvalidRequest("There is nothing at that time.")
    scope = ReplayScope.model_validate(body.model_dump())
    return ReplayView.of(_start(services, team, "replay", scope))


@router.get("/replays")
def list_replays(
    services: AnyServices, team: ConversationReader, cursor: Cursor = None, limit: Limit = 20
) -> ReplayPage:
    """Replays of the last 90 days."""
    runs, following = services.runs.page(
        team.organization_id, "replay", after=_checked(cursor), limit=limit
    )
    return ReplayPage(replays=[ReplayView.of(run) for run in runs], cursor=following)


@router.get("/replays/{replay_id}")
def get_replay(
    replay_id: str,
    services: AnyServices,
    team: ConversationReader,
    *,
    only: ReplayChange | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ReplayReport:
    """What came of a replay, also while it is under way."""
    run = _found(services, team, "replay", replay_id)
    results, following = services.replays.results(
        run, after=_checked(cursor), limit=limit, only=only
    )
    return ReplayReport(**dict(ReplayView.of(run)), results=results, cursor=following)


def _start(services: Services, team: Principal, kind: RunKind, scope: ReplayScope | None) -> Run:
    """Store a run and have it begun."""
    services.limits.use(
        limit_of_organization(
            team.organization_id, "runs", most=services.rates.runs_an_hour, seconds=3600
        )
    )
    run_id = new_id()
    action = "checks.run" if kind == "checks" else "checks.replay"
    detail = {"conversation_id": scope.conversation_id} if scope and scope.conversation_id else None
    run = services.runs.create(
        team.organization_id,
        run_id,
        kind,
        audit_put(team.organization_id, team.actor, action, target=run_id, detail=detail),
        scope=scope,
    )
    try:
        services.check_queue.put(
            RunJob(organization_id=team.organization_id, run_id=run_id, kind=kind)
        )
    except Unavailable:
        services.runs.fail(run)
        raise
    return run


def _found(services: Services, team: Principal, kind: RunKind, run_id: str) -> Run:
    if not is_ulid(run_id):
        raise NotFound("There is no such run.")
    return services.runs.get(team.organization_id, kind, run_id)


def _checked(cursor: str | None) -> str | None:
    if cursor is not None and not is_ulid(cursor):
        raise InvalidRequest("The cursor is not one of ours.")
    return cursor
