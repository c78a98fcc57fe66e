"""What a plan limits: documents, storage, seats, retention and features."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from frontdesk.billing.plans import PLANS
from frontdesk.entities import Conversation, Document, PlanGrant, User
from frontdesk.errors import PlanLimit
from frontdesk.ids import new_id
from frontdesk.tables.accounts import Accounts, store_more
from frontdesk.tables.client import Table
from frontdesk.tables.documents import Documents, Superseded
from tests.unit.deployment import OPERATOR, ORIGIN, UNLIMITED, Deployment, is_problem

FREE = PLANS["free"]
MEGABYTE = 1_000_000


@pytest.fixture
def billed(table: Table) -> Deployment:
    return Deployment(table, UNLIMITED, billed=True)


def stored(deployment: Deployment) -> tuple[int, int]:
    account = Accounts(deployment.table).read(deployment.one.organization_id, datetime.now(UTC))
    return account.documents, account.stored_bytes


def give(deployment: Deployment, plan: Any) -> None:
    accounts = Accounts(deployment.table)
    accounts.grant(deployment.one.organization_id, PlanGrant(plan=plan), OPERATOR)


def withdraw(deployment: Deployment) -> None:
    Accounts(deployment.table).withdraw_grant(deployment.one.organization_id, OPERATOR)


def fill(deployment: Deployment, documents: int = 0, stored_bytes: int = 0) -> None:
    deployment.table.update(
        store_more(
            deployment.one.organization_id, FREE, documents=documents, stored_bytes=stored_bytes
        )
    )


def post(deployment: Deployment, path: str, body: Any = None) -> Any:
    return deployment.http.post(path, json=body, headers=deployment.one.headers("owner"))


def upload(deployment: Deployment, size: int = 10, path: str = "") -> Any:
    body = {"filename": "a.txt", "content_type": "text/plain", "size": size}
    return post(deployment, f"/api/documents{path}", body)


def published(deployment: Deployment, document_id: str) -> None:
    documents = deployment.services.documents
    document = documents.get(deployment.one.organization_id, document_id)
    documents.publish(document, document.pending_version, pages=None, passages=1)


def test_twenty_documents_at_once_fill_the_room_for_five(billed: Deployment) -> None:
    fill(billed, documents=(FREE.documents or 0) - 5)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: upload(billed), range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [402] * 15
    assert stored(billed) == (FREE.documents, 50)
    refused = next(answer for answer in answers if answer.status_code == 402)
    assert is_problem(refused, 402)
    assert "Free has room for 25 documents" in refused.json()["detail"]


def test_what_is_deleted_makes_room_once(billed: Deployment) -> None:
    fill(billed, documents=(FREE.documents or 0) - 1)
    document_id = upload(billed, 7).json()["document"]["id"]
    assert upload(billed).status_code == 402
    for _ in range(2):
        billed.http.delete(f"/api/documents/{document_id}", headers=billed.one.team)
    assert stored(billed) == ((FREE.documents or 0) - 1, 0)
    assert upload(billed).status_code == 201


def test_storage_is_limited_and_said_to_be(billed: Deployment) -> None:
    fill(billed, stored_bytes=(FREE.storage or 0) - MEGABYTE)
    refused = upload(billed, MEGABYTE + 1)
    assert is_problem(refused, 402)
    assert "Free stores 100 MB" in refused.json()["detail"]
    assert upload(billed, MEGABYTE).status_code == 201


def test_a_replaced_version_gives_its_bytes_back_when_it_no_longer_answers(
    billed: Deployment,
) -> None:
    document_id = upload(billed, 100).json()["document"]["id"]
    published(billed, document_id)
    assert upload(billed, 30, f"/{document_id}/versions").status_code == 201
    assert stored(billed) == (1, 100)
    published(billed, document_id)
    assert stored(billed) == (1, 30)
    assert upload(billed, 80, f"/{document_id}/versions").status_code == 201
    assert stored(billed) == (1, 80)
    assert upload(billed, 50, f"/{document_id}/versions").status_code == 201
    assert stored(billed) == (1, 50)
    billed.http.delete(f"/api/documents/{document_id}", headers=billed.one.team)
    assert stored(billed) == (0, 0)


def test_a_version_that_is_larger_than_the_room_leaves_the_document_as_it_was(
    billed: Deployment,
) -> None:
    document_id = upload(billed, 100).json()["document"]["id"]
    fill(billed, stored_bytes=(FREE.storage or 0) - 200)
    assert upload(billed, 201, f"/{document_id}/versions").status_code == 402
    assert upload(billed, 200, f"/{document_id}/versions").status_code == 201
    assert stored(billed) == (1, FREE.storage)


def test_what_was_announced_and_never_came_does_not_hide_what_answers(billed: Deployment) -> None:
    document_id = upload(billed, 100).json()["document"]["id"]
    published(billed, document_id)
    upload(billed, 1, f"/{document_id}/versions")
    post(billed, f"/api/documents/{document_id}/reindex")
    assert stored(billed) == (1, 100)


def fetched(documents: Documents, document: Document, size: int, **more: Any) -> None:
    documents.note_file(
        document.organization_id,
        document.id,
        document.pending_version,
        filename="page.html",
        size=size,
        **more,
    )


def test_what_is_fetched_counts_once_and_only_if_there_is_room(billed: Deployment) -> None:
    documents = billed.services.documents
    answer = post(billed, "/api/documents/import", {"url": "https://docs.example/page"})
    document = documents.get(billed.one.organization_id, answer.json()["id"])
    assert stored(billed) == (1, 0)
    for _ in range(2):
        fetched(documents, document, 500, plan=FREE)
    assert stored(billed) == (1, 500)
    with pytest.raises(PlanLimit, match="100 MB"):
        fetched(documents, document, 101 * MEGABYTE, plan=FREE)
    assert stored(billed) == (1, 500)
    documents.publish(document, document.pending_version, pages=None, passages=1)
    with pytest.raises(Superseded):
        fetched(documents, document, 600, plan=FREE)
    assert stored(billed) == (1, 500)


def test_where_nobody_is_billed_documents_are_counted_and_not_limited(
    deployment: Deployment,
) -> None:
    fill(deployment, documents=FREE.documents or 0)
    assert upload(deployment).status_code == 201
    assert stored(deployment) == ((FREE.documents or 0) + 1, 10)


def invite(deployment: Deployment, email: str) -> Any:
    return post(deployment, "/api/team/invitations", {"email": email, "role": "agent"})


def test_invitations_take_seats_and_withdrawing_gives_them_back(billed: Deployment) -> None:
    billed.login(billed.one, "owner")
    first = invite(billed, "a@team.example")
    assert first.status_code == 201
    assert is_problem(refused := invite(billed, "b@team.example"), 402)
    assert "2 seats" in refused.json()["detail"]
    assert invite(billed, "a@team.example").status_code == 201, "the same one again"
    [open_one] = billed.http.get("/api/team", headers=billed.one.team).json()["invitations"]
    billed.http.delete(f"/api/team/invitations/{open_one['id']}", headers=billed.one.headers())
    assert invite(billed, "b@team.example").status_code == 201


def member(deployment: Deployment) -> User:
    now = datetime.now(UTC)
    return User(
        id=new_id(),
        organization_id=deployment.one.organization_id,
        email=f"{new_id().lower()}@team.example",
        name="Ada",
        role="agent",
        password_hash="-",
        created_at=now,
    )


def test_not_more_join_at_once_than_there_are_seats(billed: Deployment) -> None:
    users = billed.services.users
    coming = [member(billed) for _ in range(10)]
    asked = [users.invite(each.organization_id, each.email, "agent", OPERATOR) for each in coming]

    def join(place: int) -> bool:
        try:
            users.join(asked[place], coming[place], plan=FREE)
        except PlanLimit:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        joined = list(pool.map(join, range(10)))
    assert joined.count(True) == FREE.seats
    assert len(users.members(billed.one.organization_id)) == FREE.seats
    users.remove(coming[joined.index(True)], OPERATOR)
    assert join(joined.index(False))


def test_a_team_that_is_over_keeps_everybody_and_invites_nobody(billed: Deployment) -> None:
    give(billed, "pro")
    logins = [billed.login(billed.one, "agent") for _ in range(4)]
    withdraw(billed)
    assert invite(billed, "one.more@team.example").status_code == 402
    for login in logins:
        assert billed.http.get("/api/team", headers=login).status_code == 200


def kept(deployment: Deployment) -> int:
    answer = deployment.session(deployment.one.widget_key)
    assert answer.status_code == 200, answer.text
    item = deployment.table.get(
        (
            f"ORG#{deployment.one.organization_id}#CONV#{answer.json()['conversation']['id']}",
            "CONV",
        )
    )
    return Conversation.model_validate(item).retention_days


def test_a_plan_caps_how_long_conversations_are_kept(billed: Deployment) -> None:
    def change(days: int) -> Any:
        answer = billed.http.patch(
            "/api/organization", json={"retention_days": days}, headers=billed.one.team
        ).json()
        return answer["retention_days"], answer["effective_retention_days"]

    assert change(3_650) == (3_650, FREE.retention_days)
    assert kept(billed) == FREE.retention_days
    assert change(7) == (7, 7)
    assert kept(billed) == 7
    give(billed, "pro")
    assert change(3_650) == (3_650, PLANS["pro"].retention_days)
    assert kept(billed) == PLANS["pro"].retention_days
    read = billed.http.get("/api/organization", headers=billed.one.team).json()
    assert read["effective_retention_days"] == PLANS["pro"].retention_days


CHECK = {"question": "How long does a refund take?", "expected": {"phrases": ["10"]}}


def test_checks_are_made_and_run_only_where_they_are_part_of_the_plan(billed: Deployment) -> None:
    refused = post(billed, "/api/checks", CHECK)
    assert is_problem(refused, 402)
    assert "Choose Pro or Business" in refused.json()["detail"]
    give(billed, "pro")
    kept_check = post(billed, "/api/checks", CHECK)
    assert kept_check.status_code == 201
    path = f"/api/checks/{kept_check.json()['id']}"
    withdraw(billed)
    assert post(billed, "/api/checks/runs").status_code == 402
    assert post(billed, "/api/checks/replays", {}).status_code == 402
    headers = billed.one.headers()
    assert billed.http.put(path, json=CHECK, headers=headers).status_code == 402
    assert billed.http.get(path, headers=headers).status_code == 200
    assert billed.http.get("/api/checks/runs", headers=headers).status_code == 200
    assert billed.http.delete(path, headers=headers).status_code == 204


def test_exports_are_a_feature_and_what_the_law_asks_for_is_none(billed: Deployment) -> None:
    headers = billed.one.headers()
    path = "/api/conversations/export"
    assert is_problem(billed.http.get(path, headers=headers), 402)
    customer = {"email": "sam@example.org"}
    export = billed.http.post("/api/privacy/export", json=customer, headers=headers)
    assert export.status_code in {200, 404}
    give(billed, "pro")
    assert billed.http.get(path, headers=headers).status_code == 200


def test_who_may_not_do_it_is_not_told_of_plans(billed: Deployment) -> None:
    viewer = billed.one.headers("viewer")
    assert billed.http.post("/api/checks", json=CHECK, headers=viewer).status_code == 403


def test_transcripts_are_a_feature_and_no_customer_hears_of_plans(billed: Deployment) -> None:
    ref = billed.asked(billed.one)
    refused = post(billed, f"/api/conversations/{ref.conversation_id}/transcript")
    assert is_problem(refused, 402)
    visitor = billed.session(billed.one.widget_key).json()["visitor"]
    headers = {
        "Authorization": f"Bearer {visitor}",
        "X-Frontdesk-Key": billed.one.widget_key,
        "Origin": ORIGIN,
    }
    asked = billed.http.post("/api/widget/transcript", headers=headers)
    assert is_problem(asked, 403)
    assert "plan" not in asked.json()["detail"].lower()
