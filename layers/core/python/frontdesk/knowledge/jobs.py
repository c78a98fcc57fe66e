"""Work on documents that is handed to the ingest worker, beside S3's notices of uploads."""

from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from frontdesk.queues import SqsQueue

SWEEP_DELAY = 900
"""Seconds, the longest an ingest worker may run: whoever was writing has ended after them."""


class _Job(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DeleteJob(_Job):
    """Remove everything a deleted document has left behind."""

    job: Literal["delete"] = "delete"
    organization_id: str
    document_id: str


class FetchJob(_Job):
    """Fetch the page that a document is imported from, as one version of it."""

    job: Literal["fetch"] = "fetch"
    organization_id: str
    document_id: str
    version: str


class SweepJob(_Job):
    """Look once more for what is left of versions that were removed, then forget them.

    A worker that was busy with a version when it was removed may have written more of it. So the
    versions stay hidden until this job, which comes SWEEP_DELAY seconds later, has run.
    """

    job: Literal["sweep"] = "sweep"
    organization_id: str
    document_id: str
    versions: tuple[str, ...]


class QuestionsJob(_Job):
    """Have the index know groups of questions as they are stored now, after some were erased."""

    job: Literal["questions"] = "questions"
    organization_id: str
    group_ids: tuple[str, ...]


KnowledgeJob = Annotated[DeleteJob | FetchJob | SweepJob | QuestionsJob, Field(discriminator="job")]
KNOWLEDGE_JOB: TypeAdapter[KnowledgeJob] = TypeAdapter(KnowledgeJob)


class JobQueue(Protocol):
    """Has the ingest worker do something."""

    def put(self, job: KnowledgeJob, *, delay: int = 0) -> None:
        """Queue a job that is to be done in `delay` seconds. Raises StoreUnavailable."""
        ...


class SqsJobQueue(SqsQueue[KnowledgeJob]):
    """A standard SQS queue, the one that S3 sends its notices to as well."""

    refusal = "the queue of work on documents did not take the job"
