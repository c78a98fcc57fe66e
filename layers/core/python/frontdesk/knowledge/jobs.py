"""Work on documents that the API hands to the ingest worker."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class DeleteJob(BaseModel):
    """Remove everything a deleted document has left behind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job: Literal["delete"] = "delete"
    organization_id: str
    document_id: str
