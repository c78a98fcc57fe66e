"""The audit log, read in pages and searched."""

from typing import Any

import pytest

from frontdesk.entities import Actor
from frontdesk.ids import new_id
from frontdesk.tables import audit as stored
from frontdesk.tables.audit import Audit
from frontdesk.tables.client import Table
from tests.unit.deployment import Deployment, is_problem

ONE = Actor(type="user", id="one", name="One")
TWO = Actor(type="user", id="two", name="Two")


@pytest.fixture
def audit(table: Table) -> Audit:
    return Audit(table)


def pages(audit: Audit, limit: int, **filters: Any) -> list[list[str]]:
    found, cursor = [], None
    while True:
        entries, cursor = audit.page("org", before=cursor, limit=limit, **filters)
        found.append([entry.action for entry in entries])
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
def test_pages_hold_every_entry_once(audit: Audit, limit: int) -> None:
    for number in range(5):
        audit.add("org", ONE, f"act.{number}")
    together = [action for page in pages(audit, limit) for action in page]
    assert together == [f"act.{number}" for number in (4, 3, 2, 1, 0)]
    assert all(len(page) <= limit for page in pages(audit, limit))


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_a_search_goes_on_where_a_page_found_nothing(
    audit: Audit, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "_SEARCHED", 3)
    for number in range(4):
        audit.add("org", TWO, f"rare.{number}")
        for _ in range(7):
            audit.add("org", ONE, "common.act")
    for filters in ({"action": "rare."}, {"actor_id": "two"}, {"action": "r", "actor_id": "two"}):
        found = pages(audit, limit, **filters)
        assert [action for page in found for action in page] == [
            f"rare.{number}" for number in (3, 2, 1, 0)
        ]
        assert all(len(page) <= limit for page in found)
    assert [
        each for page in pages(audit, limit, action="rare", actor_id="one") for each in page
    ] == []


def read(deployment: Deployment, **query: Any) -> Any:
    return deployment.http.get("/api/audit", params=query, headers=deployment.one.team)


def test_the_log_tells_who_did_what(deployment: Deployment) -> None:
    team, owner = deployment.one.team, deployment.one.headers("owner")
    body = {"kind": "team", "name": "Sync", "role": "viewer"}
    key = deployment.http.post("/api/keys", json=body, headers=team).json()
    deployment.http.patch("/api/organization", json={"name": "New"}, headers=owner)
    answer = read(deployment, limit=2)
    assert answer.status_code == 200
    changed, created = answer.json()["entries"]
    assert (changed["action"], changed["actor"]["name"]) == ("organization.update", "owner")
    assert changed["detail"] == {"fields": "name"}
    assert (created["action"], created["target"]) == ("keys.create_team", key["id"])
    older = read(deployment, cursor=answer.json()["cursor"]).json()
    assert older["cursor"] is None
    assert {entry["action"] for entry in older["entries"]} == {
        "keys.create_team",
        "keys.create_widget",
    }
    mine = read(deployment, actor=created["actor"]["id"], action="keys.").json()["entries"]
    assert mine == [created]


def test_the_log_of_another_organisation_is_not_shown(deployment: Deployment) -> None:
    deployment.http.patch("/api/organization", json={"name": "X"}, headers=deployment.two.team)
    assert read(deployment, action="organization.").json() == {"entries": [], "cursor": None}


def test_only_admins_read_the_log(deployment: Deployment) -> None:
    answer = deployment.http.get("/api/audit", headers=deployment.one.headers("agent"))
    assert is_problem(answer, 403)


def test_an_unknown_cursor_is_refused(deployment: Deployment) -> None:
    assert is_problem(read(deployment, cursor="nonsense"), 400)
    assert read(deployment, cursor=new_id()).status_code == 200
    assert is_problem(read(deployment, limit=0), 422)
    assert is_problem(read(deployment, limit=101), 422)
    assert is_problem(read(deployment, action="A B"), 422)
