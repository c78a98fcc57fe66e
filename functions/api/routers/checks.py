"""Questions that an organisation keeps, with what it expects of the answers."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, status
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from api.credentials import Allowed, Principal
from api.plan_limits import Entitled
from api.services import AnyServices, Services
from api.text_fields import PLAIN_BREAKS, PRINTABLE, SINGLE_LINE, Identifier
from frontdesk.entities import Check, Expectations, ExpectedSource
from frontdesk.errors import InvalidRequest, NotFound
from frontdesk.ids import is_ulid, new_id
from frontdesk.tables.audit import audit_put
from frontdesk.tables.client import Put

router = APIRouter(prefix="/api/checks", tags=["checks"])

Reader = Annotated[Principal, Depends(Allowed("checks:read"))]
Writer = Annotated[Principal, Depends(Allowed("checks:write"))]
Author = Annotated[Principal, Depends(Entitled("checks:write", "checks"))]

Question = Annotated[
    str,
    PLAIN_BREAKS,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000),
    PRINTABLE,
]
Phrase = Annotated[
    str,
    SINGLE_LINE,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"\w"),
    PRINTABLE,
]


class SourceField(BaseModel):
    """A document that the answer has to cite; with a `page`, a passage that stands on it."""

    model_config = ConfigDict(extra="forbid")

    document_id: Identifier
    page: int | None = Field(default=None, strict=True, ge=1, le=100_000)


class ExpectationsField(BaseModel):
    """What the answer has to be like: all of `sources` and `phrases`, or `unanswered`.

    Phrases are compared without regard to case, white space and marks; words and numbers whole.
    """

    model_config = ConfigDict(extra="forbid")

    sources: tuple[SourceField, ...] = Field(default=(), max_length=5)
    phrases: tuple[Phrase, ...] = Field(default=(), max_length=10)
    unanswered: StrictBool = False

    @model_validator(mode="after")
    def _something(self) -> "ExpectationsField":
        if self.unanswered == bool(self.sources or self.phrases):
            raise ValueError("expect sources and phrases, or unanswered")
        return self

    @property
    def entity(self) -> Expectations:
        """As they are stored."""
        return Expectations(
            sources=tuple(
                ExpectedSource(document_id=each.document_id, page=each.page)
                for each in self.sources
            ),
            phrases=self.phrases,
            unanswered=self.unanswered,
        )


class CheckContent(BaseModel):
    """A question, and what its answer has to be like. It is run while it is `enabled`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "question": "How long do refunds take?",
                    "expected": {
                        "sources": [{"document_id": "01KB0M3VQ0C5T1J7Z8N4R2X9AE", "page": 1}],
                        "phrases": ["5 to 10 working days"],
                    },
                }
            ]
        },
    )

    question: Question
    expected: ExpectationsField
    enabled: StrictBool = True


class CheckView(BaseModel):
    """A question that is kept."""

    id: str
    question: str
    expected: Expectations
    enabled: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, check: Check) -> "CheckView":
        """Leave out what is ours alone."""
        return cls.model_validate(check.model_dump())


class CheckPage(BaseModel):
    """A page of questions, newest first."""

    checks: list[CheckView]
    cursor: str | None


@router.get("")
def list_checks(
    services: AnyServices,
    team: Reader,
    cursor: Annotated[str | None, Query(max_length=26)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> CheckPage:
    """The questions that the organisation keeps."""
    if cursor is not None and not is_ulid(cursor):
        raise InvalidRequest("The cursor is not one of ours.")
    checks, following = services.checks.page(team.organization_id, after=cursor, limit=limit)
    return CheckPage(checks=[CheckView.of(check) for check in checks], cursor=following)


@router.post("", status_code=status.HTTP_201_CREATED)
def create_check(body: CheckContent, services: AnyServices, team: Author) -> CheckView:
    """Keep a question. There may be 500."""
    now = datetime.now(UTC)
    check = Check(
        id=new_id(),
        question=body.question,
        expected=_expected(services, team, body),
        enabled=body.enabled,
        revision=new_id(),
        created_at=now,
        updated_at=now,
    )
    services.checks.add(team.organization_id, check, _audit(team, "checks.create", check.id))
    return CheckView.of(check)


@router.get("/{check_id}")
def get_check(check_id: str, services: AnyServices, team: Reader) -> CheckView:
    """One question."""
    return CheckView.of(_found(services, team, check_id))


@router.put("/{check_id}")
def replace_check(
    check_id: str, body: CheckContent, services: AnyServices, team: Author
) -> CheckView:
    """Write a question anew. Its next result is compared with none of before, if it changes."""
    before = _found(services, team, check_id)
    expected = _expected(services, team, body)
    unchanged = (before.question, before.expected) == (body.question, expected)
    check = before.model_copy(
        update={
            "question": body.question,
            "expected": expected,
            "enabled": body.enabled,
            "revision": before.revision if unchanged else new_id(),
            "updated_at": datetime.now(UTC),
        }
    )
    services.checks.replace(team.organization_id, check, _audit(team, "checks.change", check.id))
    return CheckView.of(check)


@router.delete("/{check_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_check(check_id: str, services: AnyServices, team: Writer) -> None:
    """Keep a question no longer. What came of it in runs stays as long as these do."""
    check = _found(services, team, check_id)
    services.checks.delete(team.organization_id, check.id, _audit(team, "checks.delete", check.id))


def _found(services: Services, team: Principal, check_id: str) -> Check:
    if not is_ulid(check_id):
        raise NotFound("There is no such question.")
    return services.checks.get(team.organization_id, check_id)


def _expected(services: Services, team: Principal, body: CheckContent) -> Expectations:
    """What is expected. Raises NotFound when a document is not the organisation's."""
    for document_id in {source.document_id for source in body.expected.sources}:
        services.documents.get(team.organization_id, document_id)
    return body.expected.entity


def _audit(team: Principal, action: str, check_id: str) -> Put:
    return audit_put(team.organization_id, team.actor, action, target=check_id)
