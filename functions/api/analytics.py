"""What the counters say: figures of a stretch of time, made of whole numbers alone.

Every mean is a sum of integers divided by a count, so the figures of a range are exactly those of
its parts taken together. A share or mean of nothing is None.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import get_args

from pydantic import BaseModel

from frontdesk.entities import AnswerKind, HandoffReason
from frontdesk.realtime.views import NANO
from frontdesk.tables.counters import SECONDS_BUCKETS, UNIT, Step

Counts = Mapping[str, int]

STEPS: Mapping[Step, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


class MessageCounts(BaseModel):
    """Messages by who wrote them."""

    customer: int
    assistant: int
    agent: int


class ResolutionCounts(BaseModel):
    """How conversations ended in this time.

    `confirmed` by the customer, `assumed` because nothing more came, `by_agent` declared by the
    team. `reopened` counts those a customer wrote to again, `reopened_within_7_days` those of them
    that had been resolved for less than a week. `rate` is what was resolved, less what was reopened
    within 7 days, per conversation begun; it can exceed 1 when older conversations end.
    """

    confirmed: int
    assumed: int
    by_agent: int
    reopened: int
    reopened_within_7_days: int
    rate: float | None


class Handoffs(BaseModel):
    """Conversations handed to a person, by why."""

    total: int
    by_reason: dict[HandoffReason, int]


class Score(BaseModel):
    """The mean of scores, and of how many."""

    mean: float | None
    count: int


class Verdicts(BaseModel):
    """What customers said of answers. `share` is that of Helpful among the verdicts."""

    helpful: int
    not_helpful: int
    share: float | None


class Satisfaction(BaseModel):
    """What customers thought of it in the end: by points from 1 to 5, and their mean."""

    by_score: dict[int, int]
    count: int
    mean: float | None


class Mood(BaseModel):
    """How customers' messages sounded. `mean` is of scores in [-1, 1]."""

    negative: int
    neutral: int
    positive: int
    mean: float | None


class Duration(BaseModel):
    """How long something took: in seconds, the mean of `count` times."""

    count: int
    mean: float | None


class DurationClass(BaseModel):
    """How many took longer than the class before, and up to `up_to` seconds; null is no end."""

    up_to: int | None
    count: int


class Durations(Duration):
    """How long something took, and how that was spread."""

    distribution: list[DurationClass]


class ModelUsage(BaseModel):
    """What language models were used for the answers that were stored.

    Of `calls`, `estimated` are those whose tokens the server did not count, so that we did, and
    `unpriced` those of models without a price in the settings; `cost_usd` is what the others cost
    by the settings' prices, null if there are calls and none has a price.
    """

    calls: int
    prompt_tokens: int
    completion_tokens: int
    estimated: int
    unpriced: int
    cost_usd: float | None


class Figures(BaseModel):
    """What happened in a stretch of time.

    An event counts at the time of the message that records it: a verdict on an answer at the
    answer's. `answers_cached` are those of `answers` that were given before and given again.
    """

    conversations: int
    messages: MessageCounts
    answers: dict[AnswerKind, int]
    answers_cached: int
    resolution: ResolutionCounts
    handoffs: Handoffs
    confidence: Score
    feedback: Verdicts
    satisfaction: Satisfaction
    mood: Mood
    language_models: ModelUsage
    first_response: Duration
    human_response: Duration
    resolution_time: Duration


class Totals(Figures):
    """What happened in the whole range."""

    first_response: Durations
    human_response: Durations
    resolution_time: Durations


class Bucket(Figures):
    """What happened in one step, which begins at `at`."""

    at: datetime


def beginnings(since: datetime, until: datetime, step: Step) -> Iterator[datetime]:
    """The beginnings of the steps, in UTC, that have a part in [since, until)."""
    moment = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if step == "day":
        moment = moment.replace(hour=0)
    while moment < until:
        yield moment
        moment += STEPS[step]


def added(parts: Iterable[Counts]) -> Counter[str]:
    """Counts of several stretches, taken together."""
    together: Counter[str] = Counter()
    for part in parts:
        together.update(part)
    return together


def bucket(at: datetime, counts: Counts) -> Bucket:
    """The figures of one step."""
    return Bucket(
        at=at,
        **_common(counts),
        first_response=_duration(counts, "first_response"),
        human_response=_duration(counts, "human_response"),
        resolution_time=_duration(counts, "resolution"),
    )


def totals(counts: Counts) -> Totals:
    """The figures of a range."""
    return Totals(
        **_common(counts),
        first_response=_durations(counts, "first_response"),
        human_response=_durations(counts, "human_response"),
        resolution_time=_durations(counts, "resolution"),
    )


def ratio(part: float, whole: int) -> float | None:
    """`part` of `whole`; None if there is nothing to divide by."""
    return part / whole if whole else None


def mean_score(counts: Counts, name: str) -> float | None:
    """The mean of what was counted with `Tally.add_score`."""
    return ratio(counts.get(f"{name}_sum", 0), counts.get(f"{name}_count", 0) * UNIT)


def resolved(counts: Counts) -> int:
    """How many conversations ended, in whichever way."""
    return sum(counts.get(f"resolved_{by}", 0) for by in ("customer", "silence", "agent"))


def resolution_rate(counts: Counts) -> float | None:
    """What was resolved and not reopened within 7 days, per conversation begun; never below 0."""
    held = max(0, resolved(counts) - counts.get("reopened_within_7_days", 0))
    return ratio(held, counts.get("conversations", 0))


def helpful_share(counts: Counts) -> float | None:
    """The share of Helpful among the verdicts."""
    helpful = counts.get("helpful", 0)
    return ratio(helpful, helpful + counts.get("unhelpful", 0))


def mean_seconds(counts: Counts, name: str) -> float | None:
    """The mean of what was counted with `Tally.add_duration`, in seconds."""
    return ratio(counts.get(f"{name}_ms", 0), counts.get(f"{name}_count", 0) * 1000)


def _common(counts: Counts) -> dict[str, BaseModel | int | dict[str, int]]:
    def of(name: str) -> int:
        return counts.get(name, 0)

    return {
        "conversations": of("conversations"),
        "messages": MessageCounts(
            customer=of("messages_customer"),
            assistant=of("messages_assistant"),
            agent=of("messages_agent"),
        ),
        "answers": {kind: of(f"answers_{kind}") for kind in get_args(AnswerKind)},
        "answers_cached": of("answers_cached"),
        "resolution": ResolutionCounts(
            confirmed=of("resolved_customer"),
            assumed=of("resolved_silence"),
            by_agent=of("resolved_agent"),
            reopened=of("reopened"),
            reopened_within_7_days=of("reopened_within_7_days"),
            rate=resolution_rate(counts),
        ),
        "handoffs": Handoffs(
            total=of("handoffs"),
            by_reason={reason: of(f"handoff_{reason}") for reason in get_args(HandoffReason)},
        ),
        "confidence": Score(mean=mean_score(counts, "confidence"), count=of("confidence_count")),
        "feedback": Verdicts(
            helpful=of("helpful"), not_helpful=of("unhelpful"), share=helpful_share(counts)
        ),
        "satisfaction": _satisfaction({score: of(f"rated_{score}") for score in range(1, 6)}),
        "mood": Mood(
            negative=of("mood_negative"),
            neutral=of("mood_neutral"),
            positive=of("mood_positive"),
            mean=mean_score(counts, "mood"),
        ),
        "language_models": _model_usage(counts),
    }


def _model_usage(counts: Counts) -> ModelUsage:
    calls, unpriced = counts.get("model_calls", 0), counts.get("model_calls_unpriced", 0)
    known = unpriced < calls or not calls
    return ModelUsage(
        calls=calls,
        prompt_tokens=counts.get("prompt_tokens", 0),
        completion_tokens=counts.get("completion_tokens", 0),
        estimated=counts.get("model_calls_estimated", 0),
        unpriced=unpriced,
        cost_usd=counts.get("cost_nano_usd", 0) / NANO if known else None,
    )


def _satisfaction(by_score: dict[int, int]) -> Satisfaction:
    count = sum(by_score.values())
    points = sum(score * number for score, number in by_score.items())
    return Satisfaction(by_score=by_score, count=count, mean=ratio(points, count))


def _duration(counts: Counts, name: str) -> Duration:
    return Duration(count=counts.get(f"{name}_count", 0), mean=mean_seconds(counts, name))


def _durations(counts: Counts, name: str) -> Durations:
    ends: tuple[int | None, ...] = (*SECONDS_BUCKETS, None)
    return Durations(
        count=counts.get(f"{name}_count", 0),
        mean=mean_seconds(counts, name),
        distribution=[
            DurationClass(
                up_to=end, count=counts.get(f"{name}_upto_{'more' if end is None else end}", 0)
            )
            for end in ends
        ],
    )
