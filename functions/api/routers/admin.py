"""The overview."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, get_args

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.analytics import (
    Counts,
    added,
    helpful_share,
    mean_score,
    mean_seconds,
    ratio,
    resolution_rate,
)
from api.credentials import Allowed, Principal
from api.services import AnyServices
from frontdesk.entities import DocumentStatus
from frontdesk.tables.counters import Listed

router = APIRouter(prefix="/api/admin", tags=["admin"])

Reader = Annotated[Principal, Depends(Allowed("analytics:read"))]

_LISTS: tuple[Listed, ...] = ("open", "waiting", "human", "gaps")

_LISTED = 1_000
"""How far a list is counted. The dashboard says 1000+ beyond."""


class Number(BaseModel):
    """A count, the one of the period before, and the change as a part of that; null after none."""

    value: int
    before: int
    change: float | None


class Mean(BaseModel):
    """A mean or share, the one of the period before, and the difference; null where one is."""

    value: float | None
    before: float | None
    change: float | None


class Period(BaseModel):
    """What happened in some days, beside as many days before them.

    Times are in seconds, `mood` is in [-1, 1]. See `/api/analytics` for what each figure means.
    """

    conversations: Number
    customer_messages: Number
    answers: Number
    unanswered: Number
    resolved: Number
    handoffs: Number
    resolution_rate: Mean
    confidence: Mean
    helpful: Mean
    mood: Mean
    first_response: Mean
    human_response: Mean


class BoundedCount(BaseModel):
    """How many there are now; with `at_least` there are more than `count`."""

    count: int
    at_least: bool


class ConversationsNow(BaseModel):
    """Conversations that are not resolved: with the assistant, waiting for a person, with one."""

    open: BoundedCount
    waiting: BoundedCount
    human: BoundedCount


class DocumentsNow(BoundedCount):
    """Documents, and how many of the newest 1,000 are in each state."""

    by_status: dict[DocumentStatus, int]


class Stats(BaseModel):
    """The overview. Days are days of UTC; `today` and the last days include the present one."""

    at: datetime
    today: Period
    last_7_days: Period
    last_30_days: Period
    conversations: ConversationsNow
    open_gaps: BoundedCount
    documents: DocumentsNow


@router.get("/stats")
def read_stats(services: AnyServices, team: Reader) -> Stats:
    """The overview: today, the last 7 and the last 30 days (of UTC), and how things stand now.

    Nine DynamoDB queries, four at a time, however long the history: four for 60 days of counters,
    one each for three lists of conversations, for gaps and for documents. A list is counted up to
    1,000; a query of it takes a second or third page where its items are large.
    """
    now = datetime.now(UTC)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    organization_id, counters, pool = team.organization_id, services.counters, services.pool
    listing = {
        what: pool.submit(counters.count_listed, organization_id, what, most=_LISTED + 1)
        for what in _LISTS
    }
    documents = pool.submit(services.documents.page, organization_id, after=None, limit=_LISTED)
    first = today - timedelta(days=59)
    counted = counters.read(organization_id, first, today, "day", pool=pool)
    days = [counted.get(today - timedelta(days=back), {}) for back in range(60)]
    listed = {what: _bounded(each.result()) for what, each in listing.items()}
    newest, older = documents.result()
    return Stats(
        at=now,
        today=_period(days, 1),
        last_7_days=_period(days, 7),
        last_30_days=_period(days, 30),
        conversations=ConversationsNow(
            open=listed["open"], waiting=listed["waiting"], human=listed["human"]
        ),
        open_gaps=listed["gaps"],
        documents=DocumentsNow(
            count=len(newest),
            at_least=older is not None,
            by_status={
                **dict.fromkeys(get_args(DocumentStatus), 0),
                **Counter(document.status for document in newest),
            },
        ),
    )


def _period(days: Sequence[Counts], length: int) -> Period:
    """The first `length` of `days`, which go back in time, beside the next as many."""
    now, before = added(days[:length]), added(days[length : 2 * length])

    def number(*names: str) -> Number:
        value, earlier = (sum(counts[name] for name in names) for counts in (now, before))
        return Number(value=value, before=earlier, change=ratio(value - earlier, earlier))

    def mean(of: Callable[[Counts], float | None]) -> Mean:
        value, earlier = of(now), of(before)
        change = None if value is None or earlier is None else value - earlier
        return Mean(value=value, before=earlier, change=change)

    return Period(
        conversations=number("conversations"),
        customer_messages=number("messages_customer"),
        answers=number("answers_answer"),
        unanswered=number("answers_unknown"),
        resolved=number("resolved_customer", "resolved_silence", "resolved_agent"),
        handoffs=number("handoffs"),
        resolution_rate=mean(resolution_rate),
        confidence=mean(lambda counts: mean_score(counts, "confidence")),
        helpful=mean(helpful_share),
        mood=mean(lambda counts: mean_score(counts, "mood")),
        first_response=mean(lambda counts: mean_seconds(counts, "first_response")),
        human_response=mean(lambda counts: mean_seconds(counts, "human_response")),
    )


def _bounded(number: int) -> BoundedCount:
    return BoundedCount(count=min(number, _LISTED), at_least=number > _LISTED)
