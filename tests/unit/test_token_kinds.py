"""Tokens of every kind, brought to those who take another kind."""

from typing import Any

import pytest

from api.cookies import REFRESH_COOKIE
from chat import gateway
from frontdesk.entities import Author
from frontdesk.ids import new_id
from frontdesk.tables.client import Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.tokens import SECONDS, TokenGrant
from tests.unit.deployment import UNLIMITED, Deployment

PASSWORD = "a long sentence to remember"


def tokens(deployment: Deployment) -> dict[str, str]:
    """One of each kind, all of one organisation and one person."""
    services, one = deployment.services, deployment.one
    headers = deployment.login(one)
    me = deployment.http.get("/api/auth/me", headers=headers).json()["user"]
    refresh = deployment.http.cookies[REFRESH_COOKIE]
    family = services.sessions.look_up(refresh)
    visit = services.visitors.enter(one.organization_id, None)
    grants: dict[str, str] = {
        purpose: services.tokens.issue(
            TokenGrant(purpose=purpose, organization_id=one.organization_id, subject=me["id"])
        )
        for purpose in SECONDS
    }
    return {
        "refresh": refresh,
        "connect of the team": services.connections.issue_agent_token(
            one.organization_id, Author(id=me["id"], name="Ada"), family.id
        ),
        "connect": services.connections.issue_token(visit.conversation),
        "visitor": visit.token,
        "widget key": one.widget_key,
        "team key": one.team_keys["owner"],
        "access": headers["Authorization"].removeprefix("Bearer "),
        "csrf": family.csrf,
        **grants,
    }


def statuses(deployment: Deployment, token: str) -> dict[str, int]:
    """What each taker of tokens answers to this one."""
    http, one = deployment.http, deployment.one
    http.cookies.clear()
    cookie = {"Cookie": f"{REFRESH_COOKIE}={token}"}
    bearer = {"Authorization": f"Bearer {token}"}
    proof = {"token": token, "password": PASSWORD}

    def status(method: str, path: str, **arguments: Any) -> int:
        answer = http.request(method, f"/api{path}", **arguments)
        http.cookies.clear()
        return answer.status_code

    event = {"queryStringParameters": {"token": token}}
    connected = gateway._connect(Connections(deployment.table), new_id(), event)
    return {
        "refresh": status("POST", "/auth/refresh", headers=cookie),
        "verify": status("POST", "/auth/verify", json=proof),
        "reset": status("POST", "/auth/reset", json=proof),
        "invitation": status("POST", "/auth/accept-invitation", json={**proof, "name": "Eve"}),
        "visitor": status(
            "PUT",
            "/widget/contact",
            json={"email": "sam@example.org"},
            headers={**bearer, "X-Frontdesk-Key": one.widget_key},
        ),
        "widget key": status("POST", "/widget/session", json={"key": token}),
        "team": status("GET", "/team", headers=bearer),
        "connect": int(str(connected["statusCode"])),
    }


def test_a_token_opens_only_what_its_kind_is_for(table: Table) -> None:
    deployment = Deployment(table, rates=UNLIMITED)
    opened = {
        (kind, taker)
        for kind, token in tokens(deployment).items()
        for taker, status in statuses(deployment, token).items()
        if not 400 <= status < 500
    }
    assert opened == {
        ("verify", "verify"),
        ("visitor", "visitor"),
        ("team key", "team"),
        ("access", "team"),
        ("connect", "connect"),
        ("connect of the team", "connect"),
    }


@pytest.mark.parametrize("kind", ["connect of the team", "connect", "verify", "unsubscribe"])
def test_logging_out_with_a_token_of_another_kind_ends_nothing(table: Table, kind: str) -> None:
    deployment = Deployment(table, rates=UNLIMITED)
    made = tokens(deployment)
    deployment.http.cookies.clear()
    cookie = {"Cookie": f"{REFRESH_COOKIE}={made[kind]}"}
    assert deployment.http.post("/api/auth/logout", headers=cookie).status_code == 204
    assert deployment.services.sessions.look_up(made["refresh"])
