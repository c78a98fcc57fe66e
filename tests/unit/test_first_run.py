"""What a new organisation needs from the API to begin."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk.ids import new_id
from frontdesk.tables.organizations import organization_puts
from tests.unit.deployment import ORIGIN, Deployment

UPLOAD: dict[str, Any] = {"filename": "refunds.md", "content_type": "text/markdown", "size": 48}


def settings(deployment: Deployment) -> dict[str, Any]:
    found: dict[str, Any] = deployment.http.get(
        "/api/organization", headers=deployment.one.team
    ).json()
    return found


def test_who_signs_up_has_a_widget_key_that_is_shown_again_and_opens_sessions(
    deployment: Deployment,
) -> None:
    answer = deployment.http.post(
        "/api/auth/signup",
        json={
            "organization": "Kestrel",
            "name": "Ada",
            "email": "ada@kestrel.example",
            "password": "a long sentence to remember",
        },
    )
    assert answer.status_code == 202
    services = deployment.services
    user = services.users.find("ada@kestrel.example")
    assert user
    [key] = services.keys.list(user.organization_id)
    assert key.kind == "widget"
    assert key.key
    assert services.keys.get(user.organization_id, key.id).key == key.key
    grant = services.keys.find(key.key, "widget")
    assert grant
    assert grant.organization_id == user.organization_id


def test_a_secret_key_is_kept_as_a_hash_and_a_widget_key_as_it_is(deployment: Deployment) -> None:
    made = [
        deployment.http.post("/api/keys", headers=deployment.one.team, json=body).json()
        for body in (
            {"kind": "widget", "name": "Shop"},
            {"kind": "team", "name": "Sync", "role": "agent"},
        )
    ]
    listed = deployment.http.get("/api/keys", headers=deployment.one.team).json()["keys"]
    keys = {key["id"]: key["key"] for key in listed}
    assert [keys[each["id"]] for each in made] == [made[0]["key"], None]


def test_the_widget_is_seen_where_it_is_and_noted_at_most_once_in_ten_minutes(
    deployment: Deployment,
) -> None:
    assert (settings(deployment)["seen_at"], settings(deployment)["seen_origin"]) == (None, None)
    assert deployment.session(deployment.one.widget_key).status_code == 200
    seen = settings(deployment)
    assert seen["seen_origin"] == ORIGIN
    assert datetime.now(UTC) - datetime.fromisoformat(seen["seen_at"]) < timedelta(minutes=1)
    assert deployment.session(deployment.one.widget_key).status_code == 200
    assert settings(deployment)["seen_at"] == seen["seen_at"]


@pytest.mark.parametrize(
    ("age", "origin", "noted"),
    [(599, "same", False), (601, "same", True), (30, "other", False), (61, "other", True)],
)
def test_another_page_is_noted_a_minute_later_and_the_same_after_ten(
    deployment: Deployment, age: int, origin: str, noted: bool
) -> None:
    organizations = deployment.services.organizations
    organization_id = deployment.one.organization_id
    organizations.note_seen(organizations.get(organization_id), "https://same.example")
    first = organizations.get(organization_id)
    earlier = first.model_copy(update={"seen_at": first.seen_at - age})
    deployment.table.transact(
        *(replace(put, condition=None) for put in organization_puts(earlier)),
    )
    organizations.note_seen(earlier, f"https://{origin}.example")
    assert (organizations.get(organization_id).seen_at != earlier.seen_at) == noted


def test_two_visitors_at_once_are_noted_as_one(deployment: Deployment) -> None:
    organizations = deployment.services.organizations
    both = organizations.get(deployment.one.organization_id)
    organizations.note_seen(both, "https://first.example")
    organizations.note_seen(both, "https://second.example")
    found = organizations.get(deployment.one.organization_id)
    assert found.seen_origin == "https://first.example"


def test_an_upload_announced_twice_is_one_document_and_counts_once(deployment: Deployment) -> None:
    body = {**UPLOAD, "id": new_id()}
    answers = [
        deployment.http.post("/api/documents", headers=deployment.one.team, json=body)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    first, second = (answer.json() for answer in answers)
    assert first["document"] == second["document"]
    assert first["document"]["id"] == body["id"]
    assert first["upload"]["fields"]["key"] == second["upload"]["fields"]["key"]
    listed = deployment.http.get("/api/documents", headers=deployment.one.team).json()["documents"]
    assert [each["id"] for each in listed].count(body["id"]) == 1


def test_an_upload_announced_again_once_its_file_is_there_is_refused(
    deployment: Deployment,
) -> None:
    body = {**UPLOAD, "id": new_id()}
    deployment.http.post("/api/documents", headers=deployment.one.team, json=body)
    document = deployment.services.documents.get(deployment.one.organization_id, body["id"])
    deployment.services.documents.mark_deleting(document)
    again = deployment.http.post("/api/documents", headers=deployment.one.team, json=body)
    assert again.status_code == 409


@pytest.mark.parametrize("wrong", ["", "x", "01KB0M3VQ0C5T1J7Z8N4R2X9A!", 7])
def test_an_id_that_is_no_ulid_is_refused(deployment: Deployment, wrong: object) -> None:
    answer = deployment.http.post(
        "/api/documents", headers=deployment.one.team, json={**UPLOAD, "id": wrong}
    )
    assert answer.status_code == 422


def test_two_organisations_may_choose_the_same_id(deployment: Deployment) -> None:
    body = {**UPLOAD, "id": new_id()}
    for tenant in (deployment.one, deployment.two):
        answer = deployment.http.post("/api/documents", headers=tenant.team, json=body)
        assert answer.status_code == 201
        key = answer.json()["upload"]["fields"]["key"]
        assert tenant.organization_id in key
