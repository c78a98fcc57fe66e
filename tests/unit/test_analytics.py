"""Figures, recomputed from the raw messages; and what they cost."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ulid import ULID

from frontdesk.entities import (
    AnswerKind,
    Citation,
    Conversation,
    HandoffReason,
    Message,
    ModelUse,
    Sentiment,
    Status,
    Summary,
)
from frontdesk.escalation.rules import Escalation
from frontdesk.ids import new_id
from frontdesk.tables import conversations as conversations_module
from frontdesk.tables import outcomes as outcomes_module
from frontdesk.tables.client import Put, Table
from frontdesk.tables.conversation_items import status_attributes
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.counters import SECONDS_BUCKETS, UNIT, Counters, Tally
from frontdesk.tables.outcomes import Outcome
from frontdesk.tables.visitors import Visitors
from tests.unit.deployment import Deployment, is_problem

NOW = datetime.now(UTC)
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class History:
    """Conversations led through the real classes, on a clock that is set by hand."""

    def __init__(
        self, table: Table, organization_id: str, chance: random.Random, since: datetime
    ) -> None:
        self.organization_id = organization_id
        self.conversations = Conversations(table)
        self.visitors = Visitors(table)
        self.chance = chance
        self.now = since.timestamp()
        self.begun: list[Conversation] = []

    def new_id(self) -> str:
        """An id of this moment, which then is over."""
        self.now += 0.01
        return str(ULID.from_timestamp(self.now))

    def step(self) -> None:
        """Something happens, and then time passes: seconds, minutes, or hours."""
        act = self.chance.choice((self.ask, self.ask, self.answer, self.answer, self.judge))
        act()
        self.now += self.chance.choice((0.3, 4, 50, 900, 9_000)) * self.chance.random()

    def ask(self) -> None:
        if not self.begun or self.chance.random() < 0.4:
            self.begun.append(self.visitors.open(self.organization_id, self.new_id()))
        self.conversations.accept(
            self.chance.choice(self.begun).ref,
            client_id=self.new_id(),
            text="?",
            per_minute=1000,
        )

    def answer(self) -> None:
        for begun in self.begun:
            taken = self.conversations.acquire_lease(begun.ref, "worker")
            assert taken is not None
            if taken.unanswered:
                self._store(taken)
                self.conversations.release_lease(begun.ref, "worker")
                return
            self.conversations.release_lease(begun.ref, "worker")

    def _store(self, taken: Conversation) -> None:
        chance = self.chance
        answered = [
            self.conversations.message(taken.ref, message_id).model_copy(
                update={"sentiment": self._sentiment()}
            )
            for message_id in taken.unanswered[: chance.randint(1, 3)]
        ]
        kind: Any = chance.choice(get_args(AnswerKind))
        citations = tuple(
            Citation(
                number=number,
                passage_id=str(number),
                document_id=chance.choice(("one", "two", "three")),
                title="T",
                quote="Q",
            )
            for number in range(chance.randint(0, 3) if kind == "answer" else 0)
        )
        self.now += chance.choice((0.2, 3, 40, 4_000, 100_000))
        answer = Message(
            id=self.new_id(),
            role="assistant",
            text="!",
            at=datetime.fromtimestamp(self.now, UTC),
            kind=kind,
            citations=citations,
            confidence=chance.random() if kind in {"answer", "unknown"} else None,
            usage=self._usage(),
            cached=kind == "answer" and chance.random() < 0.3,
        )
        self.conversations.acquire_lease(taken.ref, "worker")
        escalation = None
        if taken.status == "open" and chance.random() < 0.2:
            reason: Any = chance.choice(("asked", "mood", "unanswered"))
            escalation = Escalation(reason, "question", Summary(wants="?", mood="Calm."))
        outcome = Outcome(answered, [answer], escalation=escalation)
        self.conversations.store_outcome(taken, "worker", outcome)

    def _usage(self) -> tuple[ModelUse, ...]:
        return tuple(
            ModelUse(
                model="m",
                purpose="answer",
                prompt_tokens=self.chance.randint(1, 6_000),
                completion_tokens=self.chance.randint(0, 800),
                estimated=self.chance.random() < 0.3,
                cost_nano_usd=self.chance.choice((None, self.chance.randint(0, 10**7))),
            )
            for _ in range(self.chance.randint(0, 3))
        )

    def _sentiment(self) -> Sentiment | None:
        label: Any = self.chance.choice(("NEGATIVE", "NEUTRAL", "POSITIVE", None))
        score = self.chance.uniform(-1, 1)
        return Sentiment(label=label, score=score, confidence=0.5) if label else None

    def judge(self) -> None:
        for begun in self.begun:
            for message in self.conversations.recent_messages(begun.ref, 100):
                if message.role == "assistant" and self.chance.random() < 0.3:
                    self.conversations.judge(
                        begun.ref, message.id, helpful=self.chance.random() < 0.6
                    )

    def raw(self) -> list[list[Message]]:
        """The messages as they are stored, of each conversation."""
        return [self.conversations.recent_messages(begun.ref, 1000) for begun in self.begun]


def recomputed(threads: list[list[Message]], since: datetime, until: datetime) -> dict[str, Any]:
    """The figures of [since, until), from nothing but the messages."""
    threads = [thread for thread in threads if thread]
    messages = [each for thread in threads for each in thread if since <= each.at < until]
    roles = Counter(message.role for message in messages)
    kinds = Counter(message.kind for message in messages)
    verdicts = Counter(message.helpful for message in messages)
    moods = [message.sentiment for message in messages if message.sentiment]
    labels = Counter(mood.label for mood in moods)
    sure = [message.confidence for message in messages if message.confidence is not None]
    waits = []
    for thread in threads:
        answers = [message for message in thread if message.role == "assistant"]
        if answers and since <= answers[0].at < until:
            waits.append((answers[0].at - thread[0].at).total_seconds())
    uses = [use for message in messages for use in message.usage]
    costs = [use.cost_nano_usd for use in uses if use.cost_nano_usd is not None]
    reasons = Counter(message.detail for message in messages if message.event == "handed_off")
    judged = verdicts[True] + verdicts[False]
    ends = (0, *SECONDS_BUCKETS)
    return {
        "conversations": sum(since <= thread[0].at < until for thread in threads),
        "messages": {"customer": roles["customer"], "assistant": roles["assistant"], "agent": 0},
        "answers": {kind: kinds[kind] for kind in get_args(AnswerKind)},
        "answers_cached": sum(message.cached for message in messages),
        "confidence": {
            "mean": sum(round(each * UNIT) for each in sure) / (len(sure) * UNIT) if sure else None,
            "count": len(sure),
        },
        "feedback": {
            "helpful": verdicts[True],
            "not_helpful": verdicts[False],
            "share": verdicts[True] / judged if judged else None,
        },
        "handoffs": {
            "total": reasons.total(),
            "by_reason": {reason: reasons[reason] for reason in get_args(HandoffReason)},
        },
        "mood": {
            "negative": labels["NEGATIVE"],
            "neutral": labels["NEUTRAL"],
            "positive": labels["POSITIVE"],
            "mean": sum(round(mood.score * UNIT) for mood in moods) / (len(moods) * UNIT)
            if moods
            else None,
        },
        "language_models": {
            "calls": len(uses),
            "prompt_tokens": sum(use.prompt_tokens for use in uses),
            "completion_tokens": sum(use.completion_tokens for use in uses),
            "estimated": sum(use.estimated for use in uses),
            "unpriced": len(uses) - len(costs),
            "cost_usd": sum(costs) / 1e9 if costs or not uses else None,
        },
        "first_response": {
            "count": len(waits),
            "mean": sum(round(wait * 1000) for wait in waits) / (len(waits) * 1000)
            if waits
            else None,
        },
        "distribution": [
            {"up_to": end, "count": sum(begin < wait <= end for wait in waits)}
            for begin, end in pairwise(ends)
        ]
        + [{"up_to": None, "count": sum(wait > ends[-1] for wait in waits)}],
    }


def read(deployment: Deployment, path: str = "", **query: Any) -> Any:
    params = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in query.items()
    }
    return deployment.http.get(
        f"/api/analytics{path}", params=params, headers=deployment.one.headers("viewer")
    )


def agrees(figures: dict[str, Any], expected: dict[str, Any]) -> None:
    shown = dict(figures, first_response=dict(figures["first_response"]))
    distribution = shown["first_response"].pop("distribution", None)
    assert {name: shown[name] for name in expected if name != "distribution"} == {
        name: expected[name] for name in expected if name != "distribution"
    }
    if distribution is not None:
        assert distribution == expected["distribution"]


@settings(
    max_examples=2,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, 2**32))
def test_every_number_is_that_of_the_raw_messages(deployment: Deployment, seed: int) -> None:
    tenant = deployment.one = deployment.tenant("Any")
    # In the evening, so that the history runs over midnights.
    start = TODAY - 5 * DAY + 22 * HOUR
    history = History(deployment.table, tenant.organization_id, random.Random(seed), start)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(conversations_module, "new_id", history.new_id)
        patched.setattr(outcomes_module, "new_id", history.new_id)
        patched.setattr(conversations_module, "time", SimpleNamespace(time=lambda: history.now))
        for _ in range(25):
            history.step()
    threads = history.raw()
    last = datetime.fromtimestamp(history.now, UTC)
    for step, length, longest in (("day", DAY, 366), ("hour", HOUR, 31)):
        since = start.replace(hour=0)
        until = min(last + DAY, since + longest * DAY)
        answer = read(deployment, since=since, until=until, step=step)
        assert answer.status_code == 200
        found = answer.json()
        end = datetime.fromisoformat(found["until"])
        agrees(found["totals"], recomputed(threads, since, end))
        moment = since
        for bucket in found["series"]:
            assert datetime.fromisoformat(bucket["at"]) == moment
            agrees(bucket, recomputed(threads, moment, moment + length))
            moment += length
        assert moment == end
    cited: Counter[str] = Counter()
    for thread in threads:
        for message in thread:
            cited.update({citation.document_id for citation in message.citations})
    documents = read(deployment, "/documents", since=start, until=last + DAY).json()["documents"]
    assert {each["id"]: each["cited"] for each in documents} == cited
    assert [each["cited"] for each in documents] == sorted(cited.values(), reverse=True)


def count(deployment: Deployment, *tallies: Tally) -> None:
    for tally in tallies:
        deployment.table.transact(*tally.updates(deployment.one.organization_id))


def test_a_stretch_in_which_nothing_happened_has_zeros_and_no_means(
    deployment: Deployment,
) -> None:
    found = read(deployment, since=TODAY, until=TODAY + DAY, step="hour").json()
    assert len(found["series"]) == 24
    totals = found["totals"]
    assert totals["resolution"] == {
        "confirmed": 0,
        "assumed": 0,
        "by_agent": 0,
        "reopened": 0,
        "reopened_within_7_days": 0,
        "rate": None,
    }
    assert totals["handoffs"]["total"] == 0
    assert set(totals["handoffs"]["by_reason"].values()) == {0}
    for name in ("first_response", "human_response", "resolution_time"):
        assert totals[name]["count"] == 0
        assert totals[name]["mean"] is None
        assert len(totals[name]["distribution"]) == len(SECONDS_BUCKETS) + 1
    assert totals["language_models"]["calls"] == totals["language_models"]["cost_usd"] == 0
    assert totals["mood"]["mean"] is totals["confidence"]["mean"] is None
    assert totals["feedback"]["share"] is None


def test_what_the_team_did_is_shown(deployment: Deployment) -> None:
    tally = Tally()
    tally.add("conversations", TODAY, 10)
    tally.add("messages_agent", TODAY, 3)
    tally.add("resolved_customer", TODAY, 4)
    tally.add("resolved_silence", TODAY, 2)
    tally.add("resolved_agent", TODAY)
    tally.add("reopened", TODAY, 3)
    tally.add("reopened_within_7_days", TODAY, 2)
    tally.add("handoffs", TODAY, 2)
    tally.add("handoff_mood", TODAY)
    tally.add("handoff_asked", TODAY)
    tally.add_duration("human_response", TODAY, 90)
    tally.add_duration("human_response", TODAY, 10.5)
    tally.add_duration("resolution", TODAY, 200_000)
    count(deployment, tally)
    totals = read(deployment, since=TODAY, until=TODAY + DAY).json()["totals"]
    assert totals["messages"]["agent"] == 3
    assert totals["resolution"] == {
        "confirmed": 4,
        "assumed": 2,
        "by_agent": 1,
        "reopened": 3,
        "reopened_within_7_days": 2,
        "rate": 0.5,
    }
    reasons = totals["handoffs"]["by_reason"]
    assert {reason: number for reason, number in reasons.items() if number} == {
        "mood": 1,
        "asked": 1,
    }
    assert totals["human_response"]["mean"] == 50.25
    classes = totals["human_response"]["distribution"]
    assert [each["up_to"] for each in classes if each["count"]] == [30, 300]
    assert totals["resolution_time"]["distribution"][-1] == {"up_to": None, "count": 1}


def test_a_range_is_taken_in_whole_steps(deployment: Deployment) -> None:
    found = read(
        deployment, since="2026-03-01T10:20:00+05:30", until="2026-03-01T07:00:00.001Z", step="hour"
    ).json()
    assert [bucket["at"] for bucket in found["series"]] == [
        f"2026-03-01T0{hour}:00:00Z" for hour in (4, 5, 6, 7)
    ]
    assert (found["since"], found["until"]) == ("2026-03-01T04:00:00Z", "2026-03-01T08:00:00Z")
    days = read(deployment, since="2026-03-01T23:30:00-01:00", until="2026-03-03T00:00:00Z").json()
    assert [bucket["at"] for bucket in days["series"]] == ["2026-03-02T00:00:00Z"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"since": TODAY},
        {"since": "yesterday", "until": TODAY},
        {"since": "2026-01-01", "until": "2026-01-02"},
        {"since": "2026-01-01T00:00:00", "until": "2026-01-02T00:00:00"},
        {"since": TODAY, "until": TODAY},
        {"since": TODAY, "until": TODAY - DAY},
        {"since": TODAY - 367 * DAY, "until": TODAY},
        {"since": TODAY - 32 * DAY, "until": TODAY, "step": "hour"},
        {"since": TODAY - DAY, "until": TODAY, "step": "minute"},
        {"since": "0001-01-01T00:00:00+14:00", "until": "0001-01-02T00:00:00Z"},
        {"since": "9999-12-31T00:00:00Z", "until": "9999-12-31T23:59:59Z"},
        {"since": TODAY - DAY, "until": TODAY, "organization_id": "other"},
    ],
)
def test_a_bad_range_is_a_problem(deployment: Deployment, query: dict[str, Any]) -> None:
    assert is_problem(read(deployment, **query), 422)


def listed(organization_id: str, status: Status, number: int) -> list[Put]:
    """Conversations of a status, as far as lists know."""
    return [
        Put(
            (f"ORG#{organization_id}#CONV#{identifier}", "CONV"),
            {"gsi1sk": identifier, **status_attributes(organization_id, status)},
        )
        for identifier in (new_id() for _ in range(number))
    ]


class Calls:
    """How often the table was called, by operation."""

    def __init__(self, deployment: Deployment, patched: pytest.MonkeyPatch) -> None:
        self.made: Counter[str] = Counter()
        inner = deployment.table._client

        class Counting:
            def __getattr__(counting, name: str) -> Any:  # noqa: N805
                self.made[name] += 1
                return getattr(inner, name)

        patched.setattr(deployment.table, "_client", Counting())

    def of(self, call: Any) -> dict[str, int]:
        self.made.clear()
        assert call().status_code == 200
        # The key and the two limits are read and noted for every request.
        return {
            name: number
            for name, number in self.made.items()
            if name not in {"update_item", "transact_write_items"}
        }


@pytest.mark.slow
def test_what_a_call_costs_does_not_grow_with_history(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Calls(deployment, monkeypatch)

    def costs() -> list[dict[str, int]]:
        span: dict[str, Any] = {"since": TODAY - 90 * DAY, "until": TODAY}
        stats = "/api/admin/stats"
        return [
            calls.of(lambda: read(deployment, **span)),
            calls.of(lambda: read(deployment, since=TODAY - 30 * DAY, until=TODAY, step="hour")),
            calls.of(lambda: read(deployment, "/documents", **span)),
            calls.of(lambda: deployment.http.get(stats, headers=deployment.one.team)),
        ]

    before = costs()
    tally = Tally()
    for back in range(1000):
        tally.add("conversations", TODAY - back * DAY)
        tally.add_to("CITED", new_id(), TODAY - (91 + back) * DAY, "cited")
    deployment.table.put_many(
        [Put(row.key, row.values) for row in tally.updates(deployment.one.organization_id)]
        + listed(deployment.one.organization_id, "open", 100)
    )
    assert costs() == before
    assert before == [
        {"get_item": 1, "query": 4},
        {"get_item": 1, "query": 4},
        {"get_item": 1, "query": 4},
        {"get_item": 1, "query": 9},
    ]


def test_documents_are_named_and_deleted_ones_told(deployment: Deployment) -> None:
    body = {"filename": "a.md", "content_type": "text/markdown", "size": 1, "title": "Returns"}
    created = deployment.http.post("/api/documents", json=body, headers=deployment.one.team)
    kept, gone = created.json()["document"]["id"], new_id()
    tally = Tally()
    tally.add_to("CITED", kept, NOW, "cited", 2)
    tally.add_to("CITED", gone, NOW, "cited", 3)
    tally.add_to("CITED", "too-early", TODAY - 1 * HOUR, "cited", 9)
    count(deployment, tally)
    span: dict[str, Any] = {"since": TODAY, "until": TODAY + DAY}
    assert read(deployment, "/documents", **span).json()["documents"] == [
        {"id": gone, "title": None, "deleted": True, "cited": 3},
        {"id": kept, "title": "Returns", "deleted": False, "cited": 2},
    ]
    assert len(read(deployment, "/documents", **span, limit=1).json()["documents"]) == 1
    assert is_problem(read(deployment, "/documents", **span, limit=51), 422)


def test_questions_are_listed_by_how_often_they_were_asked(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, erased = (new_id() for _ in range(3))
    tally = Tally()
    for group, asked, unanswered in ((one, 5, 0), (two, 3, 3), (erased, 4, 1)):
        tally.add_to("ASKED", group, NOW, "asked", asked)
        tally.add_to("ASKED", group, NOW, "unanswered", unanswered)
    count(deployment, tally)
    texts = {one: SimpleNamespace(text="Open?"), two: SimpleNamespace(text="Returns?")}
    looked: list[tuple[str, list[str]]] = []

    def get_many(organization_id: str, ids: list[str]) -> dict[str, Any]:
        looked.append((organization_id, list(ids)))
        return {each: texts[each] for each in ids if each in texts}

    monkeypatch.setattr(deployment.services.questions, "get_many", get_many, raising=False)
    span: dict[str, Any] = {"since": TODAY, "until": TODAY + DAY}
    top = read(deployment, "/questions", **span).json()
    assert (top["asked"], top["unanswered"]) == (12, 4)
    assert top["questions"] == [
        {"id": one, "text": "Open?", "asked": 5, "unanswered": 0},
        {"id": erased, "text": None, "asked": 4, "unanswered": 1},
        {"id": two, "text": "Returns?", "asked": 3, "unanswered": 3},
    ]
    missed = read(deployment, "/unanswered", **span).json()["questions"]
    assert [each["id"] for each in missed] == [two, erased]
    assert looked == [
        (deployment.one.organization_id, [one, erased, two]),
        (deployment.one.organization_id, [two, erased]),
    ]


def test_the_overview_compares_with_the_days_before(deployment: Deployment) -> None:
    by_day: dict[int, dict[str, int]] = defaultdict(dict)
    by_day |= {0: {"n": 6}, 1: {"n": 4}, 6: {"n": 2}, 7: {"n": 3}, 13: {"n": 3}}
    by_day |= {29: {"n": 1}, 30: {"n": 10}, 59: {"n": 10}, 60: {"n": 1000}}
    for back, counts in by_day.items():
        tally = Tally()
        tally.add("conversations", TODAY - back * DAY, counts["n"])
        count(deployment, tally)
    tally = Tally()
    tally.add("helpful", NOW)
    tally.add("unhelpful", NOW - 7 * DAY)
    count(deployment, tally)
    deployment.asked(deployment.one)
    stats = deployment.http.get("/api/admin/stats", headers=deployment.one.headers("viewer"))
    assert stats.status_code == 200
    found = stats.json()
    assert found["today"]["conversations"] == {"value": 7, "before": 4, "change": 0.75}
    assert found["last_7_days"]["conversations"] == {"value": 13, "before": 6, "change": 7 / 6}
    assert found["last_30_days"]["conversations"] == {"value": 20, "before": 20, "change": 0.0}
    assert found["last_7_days"]["helpful"] == {"value": 1.0, "before": 0.0, "change": 1.0}
    assert found["today"]["helpful"] == {"value": 1.0, "before": None, "change": None}
    assert found["today"]["handoffs"] == {"value": 0, "before": 0, "change": None}
    assert found["conversations"] == {
        "open": {"count": 1, "at_least": False},
        "waiting": {"count": 0, "at_least": False},
        "human": {"count": 0, "at_least": False},
    }
    assert found["open_gaps"] == {"count": 0, "at_least": False}
    assert found["documents"]["count"] == 0


def test_the_overview_counts_no_list_to_its_end(deployment: Deployment) -> None:
    deployment.table.put_many(listed(deployment.one.organization_id, "waiting", 1_002))
    found = deployment.http.get("/api/admin/stats", headers=deployment.one.team).json()
    assert found["conversations"]["waiting"] == {"count": 1_000, "at_least": True}
    other = deployment.http.get("/api/admin/stats", headers=deployment.two.team).json()
    assert other["conversations"]["waiting"] == {"count": 0, "at_least": False}


def test_another_organisation_sees_nothing(deployment: Deployment) -> None:
    deployment.asked(deployment.one)
    span = {"since": TODAY.isoformat(), "until": (TODAY + DAY).isoformat()}
    for path in ("", "/documents", "/questions", "/unanswered"):
        answer = deployment.http.get(
            f"/api/analytics{path}", params=span, headers=deployment.two.headers("viewer")
        )
        assert answer.status_code == 200
        if path == "":
            assert answer.json()["totals"]["messages"]["customer"] == 0
    counted = Counters(deployment.table).read(deployment.one.organization_id, TODAY, NOW, "day")
    assert counted[TODAY]["messages_customer"] == 1
