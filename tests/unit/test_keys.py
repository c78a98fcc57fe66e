"""Keys: made, used, listed and revoked."""

from typing import Any

import pytest

from frontdesk.access.tokens import new_token
from frontdesk.entities import Actor, Role
from frontdesk.errors import Conflict, NotFound
from frontdesk.ids import new_id
from frontdesk.tables import keys as stored
from frontdesk.tables.client import Table
from frontdesk.tables.keys import KeyGrant, KeyKind, Keys
from tests.unit.deployment import Deployment, is_problem

BY = Actor(type="user", id="u", name="Ursula")


@pytest.fixture
def keys(table: Table) -> Keys:
    return Keys(table)


def made(keys: Keys, organization_id: str = "org", kind: KeyKind = "team") -> tuple[str, KeyGrant]:
    key = new_token("sk")
    grant = KeyGrant(id=new_id(), organization_id=organization_id, kind=kind, name="Test")
    keys.add(key, grant, BY)
    return key, grant


def test_a_key_added_again_is_counted_once(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MAX_KEYS", 2)
    key, grant = made(keys)
    assert keys.add(key, grant, BY).id == grant.id
    made(keys)
    assert len(keys.list("org")) == 2


def test_there_are_only_so_many_keys_that_work(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MAX_KEYS", 2)
    _, first = made(keys)
    made(keys)
    with pytest.raises(Conflict):
        made(keys)
    assert len(keys.list("org")) == 2
    made(keys, "another")
    for _ in range(2):
        keys.revoke("org", first.id, BY)
    made(keys)
    with pytest.raises(Conflict):
        made(keys)


def test_a_key_is_not_found_for_another_organisation(keys: Keys) -> None:
    key, grant = made(keys)
    with pytest.raises(NotFound):
        keys.revoke("another", grant.id, BY)
    assert keys.find(key, "team") is not None


def test_a_key_whose_use_is_noted_meanwhile_is_revoked_all_the_same(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, grant = made(keys)
    get, looks = keys.get, []

    def get_then_use(organization_id: str, key_id: str) -> Any:
        found = get(organization_id, key_id)
        looks.append(found)
        keys.find(key, "team")
        return found

    monkeypatch.setattr(keys, "get", get_then_use)
    keys.revoke("org", grant.id, BY)
    assert len(looks) == 2
    assert keys.find(key, "team") is None
    [listed] = keys.list("org")
    assert listed.revoked_at is not None
    assert listed.last_used_at is not None


def test_revoked_keys_never_crowd_out_those_that_work(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "_REVOKED_SHOWN", 3)
    _, oldest = made(keys)
    gone = [made(keys)[1].id for _ in range(5)]
    for key_id in gone:
        keys.revoke("org", key_id, BY)
    assert [key.id for key in keys.list("org")] == [oldest.id, *gone[2:]]


def create(deployment: Deployment, by: Role = "admin", **body: Any) -> Any:
    return deployment.http.post("/api/keys", json=body, headers=deployment.one.headers(by))


def listed(deployment: Deployment) -> dict[str, dict[str, Any]]:
    answer = deployment.http.get("/api/keys", headers=deployment.one.team)
    return {key["id"]: key for key in answer.json()["keys"]}


def test_a_key_is_shown_once_and_works(deployment: Deployment) -> None:
    answer = create(deployment, kind="team", name="Sync", role="agent")
    assert answer.status_code == 201
    new = answer.json()
    key = new.pop("key")
    assert new["beginning"] == key[:7]
    assert (new["kind"], new["name"], new["role"]) == ("team", "Sync", "agent")
    assert new["last_used_at"] is None
    assert listed(deployment)[new["id"]] == {**new, "key": None}
    every = deployment.http.get("/api/keys", headers=deployment.one.team)
    assert key not in every.text
    assert "hash" not in every.text
    headers = {"Authorization": f"Bearer {key}"}
    assert deployment.http.get("/api/documents", headers=headers).status_code == 200
    assert is_problem(deployment.http.get("/api/keys", headers=headers), 403)
    assert listed(deployment)[new["id"]]["last_used_at"] is not None


def test_a_revoked_widget_key_opens_no_session(deployment: Deployment) -> None:
    new = create(deployment, kind="widget", name="Shop").json()
    assert new["role"] is None
    assert deployment.session(new["key"]).status_code == 200
    for _ in range(2):
        answer = deployment.http.delete(f"/api/keys/{new['id']}", headers=deployment.one.team)
        assert answer.status_code == 204
        assert not answer.content
    assert is_problem(deployment.session(new["key"]), 401)
    assert listed(deployment)[new["id"]]["revoked_at"] is not None
    entries, _ = deployment.services.audit.page(
        deployment.one.organization_id, before=None, limit=2
    )
    assert [(entry.action, entry.target) for entry in entries] == [
        ("keys.revoke_widget", new["id"]),
        ("keys.create_widget", new["id"]),
    ]


def test_nobody_makes_a_key_above_their_own_role(deployment: Deployment) -> None:
    assert is_problem(create(deployment, kind="team", name="Up", role="owner"), 403)
    assert create(deployment, "owner", kind="team", name="Up", role="owner").status_code == 201
    assert is_problem(create(deployment, "agent", kind="team", name="Up", role="viewer"), 403)


def test_a_key_of_another_organisation_is_not_there(deployment: Deployment) -> None:
    new = create(deployment, kind="widget", name="Shop").json()
    for key_id in (new["id"], new_id(), "nonsense"):
        answer = deployment.http.delete(f"/api/keys/{key_id}", headers=deployment.two.team)
        assert is_problem(answer, 404)
    assert deployment.session(new["key"]).status_code == 200


def test_a_key_that_makes_no_sense_is_refused(deployment: Deployment) -> None:
    bodies: tuple[dict[str, Any], ...] = (
        {},
        {"kind": "widget"},
        {"kind": "widget", "name": ""},
        {"kind": "widget", "name": "a\x00"},
        {"kind": "widget", "name": "a" * 101},
        {"kind": "widget", "name": "Shop", "role": "owner"},
        {"kind": "team", "name": "Sync"},
        {"kind": "team", "name": "Sync", "role": "god"},
        {"kind": "master", "name": "Sync"},
    )
    for body in bodies:
        assert is_problem(create(deployment, **body), 422)
