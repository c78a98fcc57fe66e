"""Questions the documents could not answer."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.credentials import Allowed, Principal
from api.plan_limits import LIMITED, plan_of
from api.services import AnyServices, Services
from api.text_fields import PLAIN_BREAKS, PRINTABLE, SINGLE_LINE
from frontdesk.entities import Document, GroupStatus, QuestionGroup
from frontdesk.errors import Conflict, InvalidRequest, NotFound
from frontdesk.ids import is_ulid, new_id
from frontdesk.shown_text import cut
from frontdesk.tables.audit import audit_put

router = APIRouter(prefix="/api/gaps", tags=["gaps"])

Reader = Annotated[Principal, Depends(Allowed("gaps:read"))]
Writer = Annotated[Principal, Depends(Allowed("gaps:write"))]

_MARKDOWN = "text/markdown"
_TITLE = 200

QuestionTitle = Annotated[
    str,
    SINGLE_LINE,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=_TITLE),
    PRINTABLE,
]
AnswerText = Annotated[
    str,
    PLAIN_BREAKS,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
    PRINTABLE,
]


class Example(BaseModel):
    """A question as a customer put it, and the message that failed to answer it."""

    message_id: str
    conversation_id: str
    text: str
    at: datetime


class Gap(BaseModel):
    """Questions that mean the same. `unanswered` of the `asked` were asked in vain.

    `text` is one of them; it is null when all have been erased. `document_id` is the document that
    the team has answered them with.
    """

    id: str
    text: str | None
    status: GroupStatus
    asked: int
    unanswered: int
    examples: list[Example]
    first_at: datetime
    last_at: datetime
    document_id: str | None

    @classmethod
    def of(cls, group: QuestionGroup) -> "Gap":
        """Leave out what is ours alone."""
        return cls.model_validate({**group.model_dump(), "text": group.text})


class GapPage(BaseModel):
    """A page of gaps, those asked most often first."""

    gaps: list[Gap]
    cursor: str | None


class GapAnswer(BaseModel):
    """The answer, in Markdown. `title` is the question in better words than the customer's."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "Do you ship to Norway?",
                    "text": "Yes. It takes **5 days** and costs 12 euros.",
                }
            ]
        },
    )

    title: QuestionTitle | None = None
    text: AnswerText


@router.get("")
def list_gaps(
    services: AnyServices,
    team: Reader,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> GapPage:
    """What the documents could not answer, neither answered nor dismissed since."""
    groups, following = services.questions.page_gaps(team.organization_id, cursor, limit)
    return GapPage(gaps=[Gap.of(group) for group in groups], cursor=following)


@router.get("/{gap_id}")
def get_gap(gap_id: str, services: AnyServices, team: Reader) -> Gap:
    """One group of questions, whatever became of it."""
    return Gap.of(_found(services, team, gap_id))


@router.post("/{gap_id}/answer", responses=LIMITED)
def answer_gap(gap_id: str, body: GapAnswer, services: AnyServices, team: Writer) -> Gap:
    """Make a document of the answer. Again, while that document is there, makes no second one."""
    group = _found(services, team, gap_id)
    document = _answer_of(services, group)
    if document is None:
        title = body.title or _one_line(group.text or "")
        if not title:
            raise InvalidRequest("Give the question as the title: no customer's words are left.")
        size = len(_file(title, body.text))
        document, group = _begin_answer(services, team, group, title, size)
    if document.status == "awaiting_upload":
        # New, or an earlier try broke off before the text was stored.
        file = _file(document.title, body.text)
        if len(file) != document.size:
            services.documents.note_file(
                document.organization_id,
                document.id,
                document.pending_version,
                filename=document.filename,
                size=len(file),
                plan=plan_of(services, team),
            )
        services.uploads.store(document, file, _MARKDOWN)
    return Gap.of(group)


@router.post("/{gap_id}/dismiss")
def dismiss_gap(gap_id: str, services: AnyServices, team: Writer) -> Gap:
    """Take a gap off the list for good, however often it is asked. Again changes nothing."""
    group = _found(services, team, gap_id)
    if group.status != "dismissed":
        audit = audit_put(team.organization_id, team.actor, "gaps.dismiss", target=group.id)
        services.questions.dismiss(group, audit)
    return Gap.of(_found(services, team, gap_id))


def _found(services: Services, team: Principal, gap_id: str) -> QuestionGroup:
    if not is_ulid(gap_id):
        raise NotFound("There is no such question.")
    return services.questions.get(team.organization_id, gap_id)


def _answer_of(services: Services, group: QuestionGroup) -> Document | None:
    """The document that answers a group now, if it is still there."""
    if group.status != "answered" or group.document_id is None:
        return None
    try:
        document = services.documents.get(group.organization_id, group.document_id)
    except NotFound:
        return None
    return None if document.status == "deleting" else document


def _begin_answer(
    services: Services, team: Principal, group: QuestionGroup, title: str, size: int
) -> tuple[Document, QuestionGroup]:
    """A new document that answers the group. When someone else was faster, it is theirs."""
    now, plan = datetime.now(UTC), plan_of(services, team)
    document = Document(
        id=new_id(),
        organization_id=team.organization_id,
        title=title,
        filename="answer.md",
        size=size,
        pending_version=new_id(),
        created_at=now,
        updated_at=now,
    )
    audit = audit_put(
        team.organization_id,
        team.actor,
        "gaps.answer",
        target=group.id,
        detail={"document_id": document.id},
    )
    try:
        services.questions.answer(
            group,
            document.id,
            lambda writes: services.documents.create(document, plan=plan, also=[*writes, audit]),
        )
    except Conflict:
        group = services.questions.get(team.organization_id, group.id)
        theirs = _answer_of(services, group)
        if theirs is None:
            raise
        return theirs, group
    return document, services.questions.get(team.organization_id, group.id)


def _file(title: str, text: str) -> bytes:
    return f"# {title}\n\n{text}\n".encode()


def _one_line(text: str) -> str:
    """A customer's question as a heading and title."""
    return cut(" ".join(text.split()).lstrip("# "), _TITLE)
