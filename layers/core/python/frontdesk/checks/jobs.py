"""Work that is handed to functions/checks. Jobs carry ids and no text of anybody's."""

from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from frontdesk.entities import RunKind
from frontdesk.queues import SqsQueue


class _Job(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    organization_id: str
    run_id: str


class DueJob(_Job):
    """Documents have changed: run the checks, as the run that this names."""

    job: Literal["due"] = "due"


class RunJob(_Job):
    """Begin a run that is stored: find its questions and split them into batches."""

    job: Literal["run"] = "run"
    kind: RunKind


class BatchJob(_Job):
    """Ask the questions of one batch of a run."""

    job: Literal["batch"] = "batch"
    kind: RunKind
    batch: int


CheckJob = Annotated[DueJob | RunJob | BatchJob, Field(discriminator="job")]
CHECK_JOB: TypeAdapter[CheckJob] = TypeAdapter(CheckJob)


class CheckQueue(Protocol):
    """Has functions/checks do something."""

    def put(self, job: CheckJob, *, delay: int = 0) -> None:
        """Queue a job that is to be done in `delay` seconds. Raises StoreUnavailable."""
        ...


class SqsCheckQueue(SqsQueue[CheckJob]):
    """A standard SQS queue."""

    refusal = "the queue of checks did not take the job"
