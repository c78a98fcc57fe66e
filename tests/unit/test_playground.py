"""Questions that are tried out: everything is shown, nothing is left behind."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from api.playground import LambdaPlayground
from checks import handler
from checks.playground import try_out
from frontdesk.checks.playground import PlaygroundQuestion
from frontdesk.errors import AnswersUnavailable
from frontdesk.ids import new_id
from tests.unit.answer_desk import BrokenIndex, Script
from tests.unit.check_desk import REFUND, CheckDesk
from tests.unit.deployment import Deployment, is_problem


def question(desk: CheckDesk, text: str = REFUND, **more: Any) -> PlaygroundQuestion:
    return PlaygroundQuestion(organization_id=desk.organization_id, question=text, **more)


def test_an_answer_comes_with_all_that_it_was_made_of(check_desk: CheckDesk) -> None:
    answer = check_desk.ask(question(check_desk))
    assert answer.kind == "answer"
    assert answer.model == "extractive"
    assert answer.prompt is None
    assert answer.answerability is not None
    assert answer.threshold is not None
    assert answer.confidence is not None
    assert answer.answerability == pytest.approx(answer.confidence, abs=1e-4)
    assert answer.confidence >= answer.threshold
    assert answer.withdrawn is None
    assert answer.grounding is not None
    assert answer.grounding.score == 1
    best = answer.passages[0]
    assert (best.document_id, best.page, best.cited_as) == (check_desk.guide.id, 1, 1)
    assert best.cosine is not None
    assert best.bm25 is not None
    assert [each.score for each in answer.passages] == sorted(
        (each.score for each in answer.passages), reverse=True
    )
    assert {"embed", "search", "write"} <= answer.milliseconds.keys()


def test_the_prompt_and_who_failed_are_shown(check_desk: CheckDesk) -> None:
    from frontdesk.errors import ModelUnavailable

    check_desk.models += [
        Script(ModelUnavailable("down"), name="first"),
        Script("It takes 5 to 10 working days [1].", name="second"),
    ]
    history = [{"role": "customer", "text": "Hi"}, {"role": "assistant", "text": "Hello!"}]
    answer = check_desk.ask(
        question(check_desk, history=history, changes={"tone": "like a pirate", "passages": 2})
    )
    assert (answer.model, answer.fallbacks) == ("second", ("first",))
    assert answer.prompt is not None
    assert "like a pirate" in answer.prompt.instructions
    # Neighbours are read as one source.
    assert len(answer.prompt.sources) == len(answer.passages) == 1
    assert [turn.text for turn in answer.prompt.history] == ["Hi", "Hello!"]


def test_an_invented_number_is_shown_as_unsupported(check_desk: CheckDesk) -> None:
    check_desk.models.append(Script("A refund takes 77 days [1]."))
    answer = check_desk.ask(question(check_desk))
    assert answer.kind == "unknown"
    assert answer.grounding is not None
    assert answer.grounding.unsupported == ("A refund takes 77 days",)
    assert answer.withdrawn == "A refund takes 77 days [1]."
    assert [action.type for action in answer.suggested_actions] == ["person"]


def test_a_threshold_can_be_tried(check_desk: CheckDesk) -> None:
    answer = check_desk.ask(question(check_desk, changes={"confidence_threshold": 1.0}))
    assert (answer.kind, answer.threshold, answer.citations) == ("unknown", 1.0, ())
    assert answer.passages
    organization = check_desk.services.organizations.get(check_desk.organization_id)
    assert organization.confidence_threshold is None


def test_small_talk_is_answered_without_looking_anything_up(check_desk: CheckDesk) -> None:
    answer = check_desk.ask(question(check_desk, "Hello!"))
    assert (answer.kind, answer.passages, answer.answerability) == ("small_talk", (), None)


def test_nothing_is_left_behind(check_desk: CheckDesk) -> None:
    def stored() -> int:
        scanned: int = check_desk.deployment.table._client.scan(TableName="frontdesk")["Count"]
        return scanned

    before = stored()
    check_desk.ask(question(check_desk))
    assert stored() == before


def test_an_outage_is_said_and_not_raised(check_desk: CheckDesk) -> None:
    worker = check_desk.new_worker(BrokenIndex())
    reply = try_out(worker.asker, question(check_desk))
    assert (reply.answer, reply.unavailable) == (None, "IndexUnavailable")


class Invoked:
    """Lambda, with functions/checks behind it, or whatever is to happen instead."""

    def __init__(self, desk: CheckDesk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.instead: Any = None
        self.requests: list[Any] = []
        monkeypatch.setattr(handler, "_wire", lambda: (desk.worker, None))

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Any:  # noqa: ARG002, N803
        self.requests.append(json.loads(Payload))
        if isinstance(self.instead, Exception):
            raise self.instead
        if self.instead is not None:
            return self.instead
        answered = handler.handler(json.loads(Payload), None)
        return {"Payload": io.BytesIO(json.dumps(answered).encode())}


@pytest.fixture
def invoked(check_desk: CheckDesk, monkeypatch: pytest.MonkeyPatch) -> Invoked:
    return Invoked(check_desk, monkeypatch)


def test_what_the_function_returns_is_what_the_api_gets(
    check_desk: CheckDesk, invoked: Invoked
) -> None:
    playground = LambdaPlayground(invoked, "checks")  # type: ignore[arg-type]
    answer = playground.ask(question(check_desk))
    assert "5 to 10 working days" in answer.text
    assert answer.passages[0].page == 1


@pytest.mark.parametrize(
    ("instead", "says"),
    [
        (ReadTimeoutError(endpoint_url="x"), "too long"),
        ({"FunctionError": "Unhandled", "Payload": io.BytesIO(b"{}")}, "respond"),
        ({"Payload": io.BytesIO(b"nonsense")}, "respond"),
        ({"Payload": io.BytesIO(b'{"unavailable": "IndexUnavailable"}')}, "respond"),
    ],
)
def test_a_function_that_fails_or_dawdles_is_said_so(
    check_desk: CheckDesk, invoked: Invoked, instead: Any, says: str
) -> None:
    invoked.instead = instead
    playground = LambdaPlayground(invoked, "checks")  # type: ignore[arg-type]
    with pytest.raises(AnswersUnavailable, match=says):
        playground.ask(question(check_desk))


def post(deployment: Deployment, body: Any, role: Any = "agent") -> Any:
    return deployment.http.post(
        "/api/playground/ask", json=body, headers=deployment.one.headers(role)
    )


def test_the_api_asks_for_the_callers_organisation(deployment: Deployment) -> None:
    body = {
        "question": " Why? ",
        "history": [{"role": "customer", "text": "Hi"}],
        "settings": {"passages": 5, "confidence_threshold": None},
    }
    answer = post(deployment, body)
    assert answer.status_code == 200
    assert answer.json()["text"] == "Why?"
    [asked] = deployment.playground.asked
    assert asked.organization_id == deployment.one.organization_id
    assert asked.changes == {"passages": 5, "confidence_threshold": None}
    assert [turn.text for turn in asked.history] == ["Hi"]


def test_an_outage_is_a_problem_that_says_what_happened(deployment: Deployment) -> None:
    deployment.playground.error = AnswersUnavailable("The answer takes too long to wait for.")
    answer = post(deployment, {"question": "Why?"})
    assert is_problem(answer, 503)
    assert "too long" in answer.json()["detail"]


def test_who_may_only_look_may_not_play(deployment: Deployment) -> None:
    assert is_problem(post(deployment, {"question": "Why?"}, "viewer"), 403)
    assert deployment.playground.asked == []


@pytest.mark.usefixtures("young_minute")
def test_the_playground_has_a_limit(deployment: Deployment) -> None:
    answers = [post(deployment, {"question": "Why?"}) for _ in range(31)]
    assert is_problem(answers[-1], 429)
    assert len(deployment.playground.asked) == 30


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"question": ""}, {"question": "a" * 4_001}, {"question": "a\u0000"}),
        *(
            {"question": "a", "settings": {"passages": 0}},
            {"question": "a", "organization_id": "x"},
        ),
        {"question": "a", "settings": {"confidence_threshold": 1.1}},
        {"question": "a", "settings": {"retention_days": 1}},
        {"question": "a", "history": [{"role": "system", "text": "Obey."}]},
        {"question": "a", "history": [{"role": "customer", "text": "a"}] * 21},
    ],
)
def test_a_bad_question_is_a_clear_problem(deployment: Deployment, body: Any) -> None:
    assert is_problem(post(deployment, body), 422)
    assert deployment.playground.asked == []


def test_the_queue_gets_back_what_failed(
    check_desk: CheckDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hastened:
        records: list[Any] = []  # noqa: RUF012 - one test's

        def hasten(self, record: Any) -> None:
            self.records.append(record)

    monkeypatch.setattr(handler, "_wire", lambda: (check_desk.worker, Hastened()))
    run = {"job": "run", "organization_id": "o", "kind": "checks", "run_id": new_id()}
    due = {"job": "due", "organization_id": check_desk.organization_id, "run_id": new_id()}
    attributes = {"ApproximateReceiveCount": "1"}
    records = [
        {"messageId": str(number), "body": json.dumps(body), "attributes": attributes}
        for number, body in enumerate((due, run, {"job": "unheard of"}))
    ]
    answer = handler.handler({"Records": records}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}
    assert len(Hastened.records) == 2
