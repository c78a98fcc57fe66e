"""An organisation's documents."""

from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, status
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.credentials import Allowed, Principal
from api.plan_limits import LIMITED, plan_of
from api.services import AnyServices, Services
from api.text_fields import PRINTABLE, SINGLE_LINE, Identifier
from api.uploads import MAX_UPLOAD_BYTES
from frontdesk.entities import Document, DocumentStatus, Progress
from frontdesk.errors import Conflict, InvalidRequest, NotFound
from frontdesk.ids import is_ulid, new_id
from frontdesk.knowledge.web_addresses import MAX_LENGTH, parse_web_address
from frontdesk.tables.audit import audit_put
from frontdesk.tables.client import Put
from frontdesk.tables.documents import DocumentExists

router = APIRouter(prefix="/api/documents", tags=["documents"])

Reader = Annotated[Principal, Depends(Allowed("documents:read"))]
Writer = Annotated[Principal, Depends(Allowed("documents:write"))]

_TYPES: dict[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "text/markdown": (".md", ".markdown"),
    "text/plain": (".txt", ".text", ".md", ".markdown"),
    "text/html": (".html", ".htm"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
}

Title = Annotated[
    str,
    SINGLE_LINE,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    PRINTABLE,
]


class UploadRequest(BaseModel):
    """The file that is going to be uploaded."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"filename": "refunds.pdf", "content_type": "application/pdf", "size": 48_211}
            ]
        },
    )

    filename: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    content_type: Literal[
        "application/pdf",
        "text/markdown",
        "text/plain",
        "text/html",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ]
    size: Annotated[int, Field(ge=0, le=MAX_UPLOAD_BYTES)]
    title: Title | None = None
    category: Title | None = None


class NewUpload(UploadRequest):
    """The file of a new document. The same `id` again announces nothing again."""

    id: Identifier | None = None


class ImportRequest(BaseModel):
    """A page or file of the public web. Without a title it keeps the one it gives itself."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"url": "https://example.com/help/refunds", "category": "Payments"}]
        },
    )

    url: Annotated[str, StringConstraints(min_length=1, max_length=MAX_LENGTH)]
    title: Title | None = None
    category: Title | None = None


class UploadForm(BaseModel):
    """Post these fields to `url` as multipart/form-data, then the file as `file`."""

    url: str
    fields: dict[str, str]


class DocumentView(BaseModel):
    """A document as the team sees it.

    While `answering` is true a complete version answers questions, whatever `status` says of a
    newer upload.
    """

    id: str
    title: str
    filename: str
    category: str | None
    source_url: str | None
    size: int
    status: DocumentStatus
    progress: Progress | None
    answering: bool
    pages: int | None
    passages: int | None
    warnings: tuple[str, ...]
    error: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, document: Document) -> "DocumentView":
        """Leave out what is ours alone."""
        return cls.model_validate(
            {**document.model_dump(), "answering": document.version is not None}
        )


class ExpectedUpload(BaseModel):
    """A document, and where to post its file within 15 minutes."""

    document: DocumentView
    upload: UploadForm


class DocumentPage(BaseModel):
    """A page of documents, newest first."""

    documents: list[DocumentView]
    cursor: str | None


class PassageView(BaseModel):
    """A passage as the team sees it."""

    id: str
    text: str
    headings: tuple[str, ...]
    page: int | None
    last_page: int | None


class PassageList(BaseModel):
    """The passages that answer, in reading order."""

    passages: list[PassageView]


@router.post("", status_code=status.HTTP_201_CREATED, responses=LIMITED)
def create_document(body: NewUpload, services: AnyServices, team: Writer) -> ExpectedUpload:
    """Announce a new document and get a form to upload it with.

    With an `id`, a ULID made by the client, it can be sent again when no answer came: there is one
    document then, and another form. 409 once its file is there.
    """
    filename = _checked_filename(body)
    now = datetime.now(UTC)
    document = Document(
        id=body.id or new_id(),
        organization_id=team.organization_id,
        title=body.title or _title_of(filename),
        filename=filename,
        category=body.category,
        size=body.size,
        pending_version=new_id(),
        created_at=now,
        updated_at=now,
    )
    try:
        services.documents.create(
            document,
            plan=plan_of(services, team),
            also=[_audit(team, "documents.create", document.id)],
        )
    except DocumentExists:
        document = _found(services, team.organization_id, document.id)
        if document.status != "awaiting_upload":
            raise
    form = services.uploads.form(document, body.content_type)
    return ExpectedUpload(
        document=DocumentView.of(document), upload=UploadForm(url=form.url, fields=form.fields)
    )


@router.post("/import", status_code=status.HTTP_202_ACCEPTED, responses=LIMITED)
def import_document(body: ImportRequest, services: AnyServices, team: Writer) -> DocumentView:
    """Have a page or file fetched from the web. Only servers on the public internet are asked."""
    address = parse_web_address(body.url)
    now = datetime.now(UTC)
    document = Document(
        id=new_id(),
        organization_id=team.organization_id,
        title=body.title or address.title,
        filename=address.filename(),
        category=body.category,
        source_url=str(address),
        size=0,
        status="fetching",
        pending_version=new_id(),
        created_at=now,
        updated_at=now,
    )
    services.documents.create(
        document,
        plan=plan_of(services, team),
        also=[_audit(team, "documents.import", document.id)],
    )
    services.uploads.request_fetch(document)
    return DocumentView.of(document)


@router.post("/{document_id}/versions", status_code=status.HTTP_201_CREATED, responses=LIMITED)
def replace_document(
    document_id: str, body: UploadRequest, services: AnyServices, team: Writer
) -> ExpectedUpload:
    """Announce a new version. The present one answers until the new one is complete."""
    filename = _checked_filename(body)
    document = _changeable(services, team.organization_id, document_id)
    document = services.documents.begin_version(
        document,
        version=new_id(),
        filename=filename,
        size=body.size,
        plan=plan_of(services, team),
        also=[_audit(team, "documents.replace", document.id)],
    )
    form = services.uploads.form(document, body.content_type)
    return ExpectedUpload(
        document=DocumentView.of(document), upload=UploadForm(url=form.url, fields=form.fields)
    )


@router.get("")
def list_documents(
    services: AnyServices,
    team: Reader,
    cursor: Annotated[str | None, Query(max_length=26)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> DocumentPage:
    """The organisation's documents, newest first."""
    if cursor is not None and not is_ulid(cursor):
        raise InvalidRequest("The cursor is not one of ours.")
    documents, following = services.documents.page(team.organization_id, after=cursor, limit=limit)
    return DocumentPage(
        documents=[DocumentView.of(document) for document in documents], cursor=following
    )


@router.get("/{document_id}")
def get_document(document_id: str, services: AnyServices, team: Reader) -> DocumentView:
    """One document."""
    return DocumentView.of(_found(services, team.organization_id, document_id))


@router.delete("/{document_id}", status_code=status.HTTP_202_ACCEPTED)
def delete_document(document_id: str, services: AnyServices, team: Writer) -> DocumentView:
    """Stop the document from answering now; its file, passages and vectors are removed next."""
    document = _found(services, team.organization_id, document_id)
    if document.status != "deleting":
        services.documents.mark_deleting(
            document, also=[_audit(team, "documents.delete", document.id)]
        )
    services.uploads.request_deletion(document)
    return DocumentView.of(_found(services, team.organization_id, document_id))


@router.post("/{document_id}/reindex", status_code=status.HTTP_202_ACCEPTED, responses=LIMITED)
def reindex_document(document_id: str, services: AnyServices, team: Writer) -> DocumentView:
    """Ingest the stored file again, as a new version. What was imported is fetched again."""
    document = _changeable(services, team.organization_id, document_id)
    audit = _audit(team, "documents.reindex", document_id)
    if document.source_url is not None:
        document = services.documents.begin_version(
            document,
            version=new_id(),
            filename=document.filename,
            size=document.size,
            source_url=document.source_url,
            plan=plan_of(services, team),
            also=[audit],
        )
        services.uploads.request_fetch(document)
        return DocumentView.of(document)
    source, size = document.pending_version, document.size
    if document.status == "awaiting_upload":
        # The newest upload never came; what answers was uploaded, if anything does.
        if document.version is None:
            raise Conflict("There is no file yet. Upload it first.")
        source, size = document.version, document.answering_size
    document = services.documents.begin_version(
        document,
        version=new_id(),
        filename=document.filename,
        size=size,
        plan=plan_of(services, team),
        also=[audit],
    )
    services.uploads.copy(document, source=source, target=document.pending_version)
    return DocumentView.of(document)


@router.get("/{document_id}/passages")
def list_passages(document_id: str, services: AnyServices, team: Reader) -> PassageList:
    """What of the document answers questions."""
    document = _found(services, team.organization_id, document_id)
    if document.version is None:
        return PassageList(passages=[])
    passages = services.documents.passages(
        team.organization_id, document_id, document.version, limit=2_000
    )
    return PassageList(
        passages=[
            PassageView(
                id=passage.id,
                text=passage.text,
                headings=passage.headings,
                page=passage.page,
                last_page=passage.last_page,
            )
            for passage in passages
        ]
    )


def _audit(team: Principal, action: str, document_id: str) -> Put:
    return audit_put(team.organization_id, team.actor, action, target=document_id)


def _found(services: Services, organization_id: str, document_id: str) -> Document:
    if not is_ulid(document_id):
        raise NotFound("There is no such document.")
    return services.documents.get(organization_id, document_id)


def _changeable(services: Services, organization_id: str, document_id: str) -> Document:
    document = _found(services, organization_id, document_id)
    if document.status == "deleting":
        raise Conflict("The document is being deleted.")
    return document


def _checked_filename(body: UploadRequest) -> str:
    """The bare file name, if its ending suits its type. Raises InvalidRequest."""
    name = PurePosixPath(body.filename.replace("\\", "/")).name
    name = "".join(character for character in name if character.isprintable())
    if not name.lower().endswith(_TYPES[body.content_type]):
        endings = ", ".join(_TYPES[body.content_type])
        raise InvalidRequest(f"A file of type {body.content_type} should end in {endings}.")
    return name


def _title_of(filename: str) -> str:
    stem = PurePosixPath(filename).stem.replace("_", " ").replace("-", " ").strip()
    return (stem[:1].upper() + stem[1:]) or filename
