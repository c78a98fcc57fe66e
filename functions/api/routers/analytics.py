"""What happened, in numbers."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from api.analytics import STEPS, Bucket, Totals, added, beginnings, bucket, totals
from api.credentials import Allowed, Principal
from api.services import AnyServices, Services
from frontdesk.errors import NotFound
from frontdesk.tables.counters import Step

router = APIRouter(prefix="/api/analytics", tags=["analytics"])

Reader = Annotated[Principal, Depends(Allowed("analytics:read"))]

_LONGEST: dict[Step, timedelta] = {"hour": timedelta(days=31), "day": timedelta(days=366)}
_YEARS = range(2000, 3000)


class Range(BaseModel):
    """A stretch of time. It is taken in whole days of UTC: every day that has a part in it."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime = Field(description="Its beginning, ISO 8601 with an offset; inclusive")
    until: AwareDatetime = Field(
        description="Its end, ISO 8601 with an offset; exclusive; at most 366 days later, "
        "or 31 where steps are hours"
    )

    @field_validator("since", "until")
    @classmethod
    def _in_utc(cls, moment: datetime) -> datetime:
        if moment.year not in _YEARS:
            raise ValueError("lies outside the years 2000 to 2999")
        return moment.astimezone(UTC)

    @model_validator(mode="after")
    def _of_some_length(self) -> "Range":
        if self.since >= self.until:
            raise ValueError("since must be before until")
        if self.until - self.since > _LONGEST[self.by]:
            days = _LONGEST[self.by].days
            raise ValueError(f"a range may be {days} days long when taken by the {self.by}")
        return self

    @property
    def by(self) -> Step:
        """The steps it is taken in."""
        return "day"

    @property
    def steps(self) -> list[datetime]:
        """The beginnings of its steps."""
        return list(beginnings(self.since, self.until, self.by))


class SteppedRange(Range):
    """A stretch of time, in whole steps: every hour, or day of UTC, that has a part in it."""

    step: Literal["hour", "day"] = Field(default="day", description="Days begin at midnight UTC")

    @property
    def by(self) -> Step:
        """The steps it is taken in."""
        return self.step


class TopRange(Range):
    """A stretch of time in whole days of UTC, and how many of the most frequent to list."""

    limit: int = Field(default=20, ge=1, le=50)


class Analytics(BaseModel):
    """The figures of a range: of every step, and together. `until` is not part of it."""

    since: datetime
    until: datetime
    step: Step
    series: list[Bucket]
    totals: Totals


class AskedQuestion(BaseModel):
    """Questions that mean the same: how often they were asked, and how often in vain.

    `text` is one way they were put; null if all of them have been erased since.
    """

    id: str
    text: str | None
    asked: int
    unanswered: int


class AskedQuestions(BaseModel):
    """The most frequent questions of some days. `asked` and `unanswered` are of all questions."""

    since: datetime
    until: datetime
    asked: int
    unanswered: int
    questions: list[AskedQuestion]


class CitedDocument(BaseModel):
    """A document, and how many answers cited it. One that was deleted since has no title."""

    id: str
    title: str | None
    deleted: bool
    cited: int


class CitedDocuments(BaseModel):
    """The documents that answers of some days cited most."""

    since: datetime
    until: datetime
    documents: list[CitedDocument]


@router.get("")
def read_analytics(
    span: Annotated[SteppedRange, Query()], services: AnyServices, team: Reader
) -> Analytics:
    """The figures of a range by hour or by day. Days are days of UTC.

    Four DynamoDB queries side by side, however long the history. Each is answered in pages of
    1 MB: one, or in a very busy month taken by the hour two.
    """
    steps = span.steps
    counted = services.counters.read(
        team.organization_id, steps[0], steps[-1], span.by, pool=services.pool
    )
    return Analytics(
        since=steps[0],
        until=steps[-1] + STEPS[span.by],
        step=span.by,
        series=[bucket(at, counted.get(at, {})) for at in steps],
        totals=totals(added(counted.values())),
    )


@router.get("/questions")
def list_top_questions(
    span: Annotated[TopRange, Query()], services: AnyServices, team: Reader
) -> AskedQuestions:
    """What was asked most, in whole days of UTC.

    Four DynamoDB queries side by side and one batch read. A query goes on for every 1 MB, some
    8,000 different questions of the range; what was asked at other times costs nothing.
    """
    return _asked(services, team.organization_id, span, "asked")


@router.get("/unanswered")
def list_unanswered_questions(
    span: Annotated[TopRange, Query()], services: AnyServices, team: Reader
) -> AskedQuestions:
    """What the documents failed to answer most, in whole days of UTC. Costs as /questions."""
    return _asked(services, team.organization_id, span, "unanswered")


@router.get("/documents")
def list_cited_documents(
    span: Annotated[TopRange, Query()], services: AnyServices, team: Reader
) -> CitedDocuments:
    """Which documents answers cited most, in whole days of UTC.

    Four DynamoDB queries side by side, and one read for each document listed.
    """
    days = span.steps
    counted = services.counters.read_subjects(
        team.organization_id, "CITED", days[0].date(), days[-1].date(), pool=services.pool
    )
    cited = {document_id: counts.get("cited", 0) for document_id, counts in counted.items()}
    most = sorted(cited, key=lambda each: (-cited[each], each))[: span.limit]
    titles = services.pool.map(lambda each: _title(services, team.organization_id, each), most)
    return CitedDocuments(
        since=days[0],
        until=days[-1] + STEPS["day"],
        documents=[
            CitedDocument(id=each, title=title, deleted=title is None, cited=cited[each])
            for each, title in zip(most, titles, strict=True)
        ],
    )


def _asked(
    services: Services,
    organization_id: str,
    span: TopRange,
    by: Literal["asked", "unanswered"],
) -> AskedQuestions:
    days = span.steps
    counted = services.counters.read_subjects(
        organization_id, "ASKED", days[0].date(), days[-1].date(), pool=services.pool
    )
    numbers = {group: counts.get(by, 0) for group, counts in counted.items()}
    most = sorted(
        (group for group, number in numbers.items() if number > 0),
        key=lambda group: (-numbers[group], group),
    )[: span.limit]
    groups = services.questions.get_many(organization_id, most) if most else {}
    together = added(counted.values())
    return AskedQuestions(
        since=days[0],
        until=days[-1] + STEPS["day"],
        asked=together["asked"],
        unanswered=together["unanswered"],
        questions=[
            AskedQuestion(
                id=group,
                text=groups[group].text if group in groups else None,
                asked=counted[group].get("asked", 0),
                unanswered=counted[group].get("unanswered", 0),
            )
            for group in most
        ],
    )


def _title(services: Services, organization_id: str, document_id: str) -> str | None:
    try:
        document = services.documents.get(organization_id, document_id)
    except NotFound:
        return None
    return None if document.status == "deleting" else document.title
