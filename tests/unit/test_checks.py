"""Questions that an organisation keeps: what the API takes, stores and shows."""

from typing import Any

import pytest

from frontdesk.ids import new_id
from frontdesk.tables import checks as table_of_checks
from tests.unit.check_desk import REFUND
from tests.unit.deployment import Deployment, is_problem

UNANSWERED = {"question": "Who won the cup?", "expected": {"unanswered": True}}


def call(
    deployment: Deployment, method: str, path: str = "", body: Any = None, **query: Any
) -> Any:
    role = query.pop("role", "admin")
    return deployment.http.request(
        method,
        f"/api/checks{path}",
        json=body,
        params=query,
        headers=deployment.one.headers(role),
    )


def test_a_question_is_kept_changed_and_removed(deployment: Deployment) -> None:
    made = call(deployment, "POST", body=UNANSWERED)
    assert made.status_code == 201
    check = made.json()
    assert (check["question"], check["enabled"]) == ("Who won the cup?", True)
    assert check["expected"] == {"sources": [], "phrases": [], "unanswered": True}
    path = f"/{check['id']}"
    assert call(deployment, "GET", path).json() == check
    changed = {
        "question": REFUND,
        "expected": {"phrases": ["5 to 10 working days"]},
        "enabled": False,
    }
    assert call(deployment, "PUT", path, changed).json()["enabled"] is False
    assert call(deployment, "GET", path).json()["question"] == REFUND
    assert call(deployment, "DELETE", path).status_code == 204
    assert is_problem(call(deployment, "GET", path), 404)
    assert is_problem(call(deployment, "DELETE", path), 404)
    assert deployment.services.checks.count(deployment.one.organization_id) == 0


def test_questions_are_listed_newest_first_by_pages(deployment: Deployment) -> None:
    ids = [
        call(deployment, "POST", body={**UNANSWERED, "question": f"{n}?"}).json()["id"]
        for n in range(3)
    ]
    page = call(deployment, "GET", limit=2, role="viewer").json()
    assert [each["id"] for each in page["checks"]] == [ids[2], ids[1]]
    rest = call(deployment, "GET", cursor=page["cursor"]).json()
    assert ([each["id"] for each in rest["checks"]], rest["cursor"]) == ([ids[0]], None)


def test_there_is_a_limit_that_makes_room_again(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_of_checks, "MAX_CHECKS", 2)
    ids = [call(deployment, "POST", body=UNANSWERED).json()["id"] for _ in range(2)]
    assert is_problem(call(deployment, "POST", body=UNANSWERED), 409)
    call(deployment, "DELETE", f"/{ids[0]}")
    assert call(deployment, "POST", body=UNANSWERED).status_code == 201
    assert len(call(deployment, "GET").json()["checks"]) == 2


def test_what_was_done_is_in_the_audit_log(deployment: Deployment) -> None:
    check_id = call(deployment, "POST", body=UNANSWERED).json()["id"]
    call(deployment, "PUT", f"/{check_id}", UNANSWERED)
    call(deployment, "POST", "/runs")
    call(deployment, "DELETE", f"/{check_id}")
    entries, _ = deployment.services.audit.page(
        deployment.one.organization_id, before=None, limit=10, action="checks."
    )
    actions = [entry.action for entry in reversed(entries)]
    assert actions == ["checks.create", "checks.change", "checks.run", "checks.delete"]


@pytest.mark.parametrize(
    "expected",
    [
        *({}, {"unanswered": False}, {"unanswered": True, "phrases": ["5 days"]}),
        *({"phrases": [""]}, {"phrases": ["***"]}, {"phrases": ["a"] * 11}, {"sources": [{}]}),
        *({"sources": [{"document_id": "x"}]}, {"sources": [{"document_id": new_id(), "page": 0}]}),
    ],
)
def test_what_cannot_be_expected_is_a_clear_problem(deployment: Deployment, expected: Any) -> None:
    answer = call(deployment, "POST", body={"question": "Why?", "expected": expected})
    assert is_problem(answer, 422)


def test_only_documents_of_ones_own_can_be_expected(deployment: Deployment) -> None:
    expected = {"sources": [{"document_id": new_id()}]}
    body = {"question": "Why?", "expected": expected}
    assert is_problem(call(deployment, "POST", body=body), 404)
    check_id = call(deployment, "POST", body=UNANSWERED).json()["id"]
    assert is_problem(call(deployment, "PUT", f"/{check_id}", body), 404)


@pytest.mark.parametrize("path", ["", "/runs", "/replays"])
def test_an_unknown_cursor_is_a_clear_problem(deployment: Deployment, path: str) -> None:
    assert is_problem(call(deployment, "GET", path, cursor="x"), 400)


def test_agents_read_and_admins_write(deployment: Deployment) -> None:
    assert is_problem(call(deployment, "POST", body=UNANSWERED, role="agent"), 403)
    check_id = call(deployment, "POST", body=UNANSWERED).json()["id"]
    assert call(deployment, "GET", f"/{check_id}", role="agent").status_code == 200
    for path in ("/runs", "/replays"):
        body = {"conversation_id": new_id()} if path == "/replays" else None
        assert is_problem(call(deployment, "POST", path, body, role="agent"), 403)
