"""The OpenAPI document says all that a caller has to know."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.security.operations import Operation, operations

nowhere: Any = None
APP = create_app(nowhere)
DOCUMENT = APP.openapi()
OPERATIONS = list(operations(APP))

PUBLIC = {
    "GET /api/health",
    "GET /api/mail/unsubscribe",
    "GET /api/payments/plans",
    "POST /api/auth/accept-invitation",
    "POST /api/auth/forgot",
    "POST /api/auth/login",
    "POST /api/auth/logout",
    "POST /api/auth/refresh",
    "POST /api/auth/reset",
    "POST /api/auth/signup",
    "POST /api/auth/verify",
    "POST /api/mail/unsubscribe",
    "POST /api/widget/session",
}
"""What may be called without a credential in a header. A route that is added is not among them."""

OWN = {"GET /api/auth/me", "PATCH /api/auth/me", "POST /api/auth/password"}
"""What everyone may do who is logged in, because it is about themselves."""


def of(operation: Operation) -> Any:
    return DOCUMENT["paths"][operation.path][operation.method.lower()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_an_operation_is_described_with_its_problems_and_an_example(operation: Operation) -> None:
    described = of(operation)
    assert described["summary"]
    assert described["description"]
    assert described["tags"]
    for status, response in described["responses"].items():
        if status >= "400":
            assert list(response["content"]) == ["application/problem+json"]
    if "requestBody" in described:
        assert operation.body is not None
    if operation.credentials:
        assert "401" in described["responses"]
    if operation.permission:
        assert "403" in described["responses"]
    if operation.parameters:
        assert "404" in described["responses"]


def test_every_route_asks_for_a_credential_unless_it_is_listed_here() -> None:
    assert {each.name for each in OPERATIONS if not each.credentials} == PUBLIC


def test_every_route_of_the_team_asks_for_a_permission() -> None:
    team = {each.name: each for each in OPERATIONS if frozenset({"teamKey"}) in each.credentials}
    assert len(team) > 40
    assert {name for name, each in team.items() if each.permission is None} == OWN


def test_everything_that_is_sent_or_answered_is_described() -> None:
    undescribed = [
        name
        for name, schema in DOCUMENT["components"]["schemas"].items()
        if not schema.get("description")
    ]
    assert undescribed == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_a_query_parameter_that_a_route_does_not_know_is_refused(operation: Operation) -> None:
    url = operation.url(dict.fromkeys(operation.parameters, "x"))
    known = operation.queries[0] if operation.queries else "limits"
    for name in (f"{known}x", "organization_id", "x" * 2_000):
        answer = TestClient(APP).request(operation.method, url, params={name: "1"})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert f"query.{name[:40]}: is not known" in answer.json()["detail"]
        assert len(answer.text) < 300
