"""Files that customers and the team send each other, for the routes of both."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.services import Services
from api.text_fields import PRINTABLE, SINGLE_LINE, Identifier
from frontdesk.entities import ConversationFile, ConversationRef, FileSide
from frontdesk.errors import Conflict
from frontdesk.file_store import LINK_SECONDS
from frontdesk.file_types import FileType
from frontdesk.tables.limits import Limit, limit_of_organization

MAX_FILE_BYTES = 10 * 1024 * 1024

_FILES_A_MINUTE = 20

_PATH = re.compile(r"[/\\]")


class NewFile(BaseModel):
    """A file that is about to be uploaded. The same `id` again is the same file."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "01KB0M3VQ0C5T1J7Z8N4R2X9AG",
                    "name": "screenshot.png",
                    "type": "image/png",
                    "size": 48_211,
                }
            ]
        },
    )

    id: Identifier
    name: Annotated[
        str,
        SINGLE_LINE,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
        PRINTABLE,
    ]
    type: FileType
    size: Annotated[int, Field(ge=1, le=MAX_FILE_BYTES, strict=True)]


class FileForm(BaseModel):
    """Post these fields to `url` as multipart/form-data, then the file as `file`."""

    url: str
    fields: dict[str, str]


class ExpectedFile(BaseModel):
    """Where to post a file within 15 minutes. Then say that it is complete."""

    id: str
    upload: FileForm


class StoredFile(BaseModel):
    """A file that is there, and can be sent with one message."""

    id: str
    name: str
    type: FileType
    size: int


class FileLink(StoredFile):
    """Where to download a file, for `expires_in` seconds. Browsers save it, and show nothing."""

    url: str
    expires_in: int = LINK_SECONDS


def expect(services: Services, ref: ConversationRef, body: NewFile, side: FileSide) -> ExpectedFile:
    """Note a file and make the form to upload it with. Raises NotFound, Conflict, RateLimited."""
    services.limits.use(_limit(ref, side))
    file = services.files.announce(
        ref,
        ConversationFile(
            id=body.id,
            name=_PATH.split(body.name)[-1] or "file",
            type=body.type,
            size=body.size,
            side=side,
        ),
    )
    if file.side != side or file.stored:
        raise Conflict("There is a file of this id already.")
    form = services.file_store.form(ref, file)
    return ExpectedFile(id=file.id, upload=FileForm(url=form.url, fields=form.fields))


def complete(services: Services, ref: ConversationRef, file_id: str, side: FileSide) -> StoredFile:
    """Look at a file that was uploaded, and keep it. Raises NotFound, Conflict, InvalidRequest."""
    file = services.files.find(ref, file_id, side)
    if file.side == side and not file.stored:
        file = services.files.store(ref, file, services.file_store.take_in(ref, file))
    return StoredFile.model_validate(file, from_attributes=True)


def link(services: Services, ref: ConversationRef, file_id: str, side: FileSide) -> FileLink:
    """Where to download a file. Raises NotFound."""
    file = services.files.find(ref, file_id, side)
    if not file.stored:
        raise Conflict("The file has not been uploaded.")
    return FileLink(
        id=file.id,
        name=file.name,
        type=file.type,
        size=file.size,
        url=services.file_store.link(ref, file),
    )


def _limit(ref: ConversationRef, side: FileSide) -> Limit:
    return limit_of_organization(
        ref.organization_id, f"files-{side}", subject=ref.conversation_id, most=_FILES_A_MINUTE
    )
