"""Accounts on the whole stack: queue, mail function, SES, and cookies in a browser-like client."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local import mailbox
from local.stack import Stack

pytestmark = pytest.mark.stack
PASSWORD = "a long sentence to remember"


@pytest.fixture(scope="module")
def http(stack: Stack) -> Iterator[httpx.Client]:
    base = stack.api_url.removesuffix("/api")
    with httpx.Client(base_url=base, timeout=60, trust_env=False) as client:
        yield client


def mailed(stack: Stack, address: str, purpose: str) -> str:
    """The token of the newest mail to an address, as soon as it is there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [
            re.findall(rf"#{purpose}=(ot_[\w-]+)", mail.text)
            for mail in mailbox.sent(stack.endpoint_url)
            if address in mail.to
        ]
        tokens = [token for tokens in found for token in tokens]
        if tokens:
            return str(tokens[-1])
        time.sleep(0.1)
    raise AssertionError(f"no mail with a {purpose} link came")


def refreshed(http: httpx.Client, login: httpx.Response) -> httpx.Response:
    """Refresh as a browser would; httpx keeps Secure cookies from plain HTTP, browsers do not
    from this machine."""
    cookies = "; ".join(f"{name}={value}" for name, value in login.cookies.items())
    headers = {"Cookie": cookies, "X-CSRF-Token": login.json()["csrf_token"]}
    return http.post("/api/auth/refresh", headers=headers)


def test_an_organisation_signs_up_invites_and_serves_a_visitor(
    stack: Stack, http: httpx.Client
) -> None:
    ada = {
        "organization": "Acme",
        "name": "Ada",
        "email": "ada@acme.example",
        "password": PASSWORD,
    }
    assert http.post("/api/auth/signup", json=ada).status_code == 202
    token = mailed(stack, "ada@acme.example", "verify")
    login = http.post("/api/auth/verify", json={"token": token, "password": PASSWORD})
    assert login.status_code == 200
    owner = {"Authorization": f"Bearer {login.json()['access_token']}"}

    invited = http.post(
        "/api/team/invitations", json={"email": "bo@acme.example", "role": "agent"}, headers=owner
    )
    assert invited.status_code == 201
    accept = {
        "token": mailed(stack, "bo@acme.example", "invitation"),
        "name": "Bo",
        "password": PASSWORD,
    }
    joined = http.post("/api/auth/accept-invitation", json=accept)
    agent = {"Authorization": f"Bearer {joined.json()['access_token']}"}
    assert http.get("/api/keys", headers=agent).status_code == 403

    origin = "https://acme.example"
    origins = http.put("/api/organization/origins", json={"origins": [origin]}, headers=owner)
    assert origins.status_code == 200, origins.text
    created = http.post("/api/keys", json={"kind": "widget", "name": "Shop"}, headers=owner)
    key = created.json()["key"]
    session = http.post("/api/widget/session", json={"key": key}, headers={"Origin": origin})
    assert session.json()["widget"]["name"] == "Acme"

    visitor = {"Authorization": f"Bearer {session.json()['visitor']}", "X-Frontdesk-Key": key}
    left = http.post(
        "/api/widget/messages",
        json={"id": "01KB0M3VQ0C5T1J7Z8N4R2X9AE", "text": "Call me", "email": "sam@example.org"},
        headers=visitor,
    )
    assert left.status_code == 201
    path = f"/api/conversations/{session.json()['conversation']['id']}"
    reply = {"id": "01KB0M3VQ0C5T1J7Z8N4R2X9AF", "text": "We call you at ten."}
    assert http.post(f"{path}/replies", json=reply, headers=agent).status_code == 201
    deadline = time.monotonic() + 30
    while not any("We call you at ten." in mail.text for mail in mailbox.sent(stack.endpoint_url)):
        assert time.monotonic() < deadline, "the reply was not mailed"
        time.sleep(0.1)
    resolved = http.post(f"{path}/resolve", headers=agent)
    assert resolved.json()["status"] == "resolved"
    stats: dict[str, Any] = http.get("/api/admin/stats", headers=owner).json()
    assert stats["today"]["conversations"]["value"] == 1


def test_a_refresh_token_used_twice_ends_the_login(stack: Stack, http: httpx.Client) -> None:
    login = http.post("/api/auth/login", json={"email": "ada@acme.example", "password": PASSWORD})
    assert login.status_code == 200
    bearer = {"Authorization": f"Bearer {login.json()['access_token']}"}
    assert http.get("/api/auth/me", headers=bearer).status_code == 200
    assert refreshed(http, login).status_code == 200
    assert refreshed(http, login).status_code == 401
    assert http.get("/api/auth/me", headers=bearer).status_code == 401


def test_a_forgotten_password_is_replaced_by_mail(stack: Stack, http: httpx.Client) -> None:
    assert http.post("/api/auth/forgot", json={"email": "ada@acme.example"}).status_code == 202
    body = {
        "token": mailed(stack, "ada@acme.example", "reset"),
        "password": "another sentence to remember",
    }
    assert http.post("/api/auth/reset", json=body).status_code == 204
    old = http.post("/api/auth/login", json={"email": "ada@acme.example", "password": PASSWORD})
    assert old.status_code == 401


def test_the_upkeep_runs_and_finds_nothing_to_do(stack: Stack) -> None:
    answer = stack.client("lambda").invoke(FunctionName=stack.outputs["UpkeepFunction"])
    assert "FunctionError" not in answer
    assert json.load(answer["Payload"]) == {
        "given_back": 0,
        "shortened": 0,
        "resolved": 0,
        "files_erased": 0,
        "overdue": 0,
    }
