"""Work that is handed to functions/checks. Jobs carry ids and no text of anybody's."""

from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from frontdesk.entities import RunKind
from frontdesk.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


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


class SqsCheckQueue:
    """A standard SQS queue."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        """`url` is that of the queue."""
        self._client = client
        self._url = url

    def put(self, job: CheckJob, *, delay: int = 0) -> None:
        """Send one message. SQS delays by at most 900 seconds."""
        try:
            self._client.send_message(
                QueueUrl=self._url, MessageBody=job.model_dump_json(), DelaySeconds=delay
            )
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable("the queue of checks did not take the job") from error
