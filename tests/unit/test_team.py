"""The team: invitations, roles, and the last owner."""

import pytest

from frontdesk.entities import User
from frontdesk.errors import Conflict
from frontdesk.mail.jobs import InvitationMail
from frontdesk.tables.client import Table
from frontdesk.tables.tokens import TokenGrant
from frontdesk.tables.users import LastOwner, actor_of
from tests.unit.deployment import is_problem
from tests.unit.test_auth import PASSWORD, Accounts, bearer


@pytest.fixture
def accounts(table: Table) -> Accounts:
    return Accounts(table)


@pytest.fixture
def owner(accounts: Accounts) -> dict[str, str]:
    return bearer(accounts.log_in().json()["access_token"])


def invitation_token(accounts: Accounts, invitation_id: str) -> str:
    return accounts.services.tokens.issue(
        TokenGrant(
            purpose="invitation",
            organization_id=accounts.user.organization_id,
            subject=invitation_id,
        )
    )


def test_who_is_invited_joins_the_team_in_the_role_of_the_invitation(
    accounts: Accounts, owner: dict[str, str]
) -> None:
    body = {"email": "Grace@navy.example", "role": "agent"}
    invited = accounts.http.post("/api/team/invitations", json=body, headers=owner)
    assert invited.status_code == 201
    [job] = accounts.mail.jobs
    assert isinstance(job, InvitationMail)
    assert job.invitation_id == invited.json()["id"]
    accept = {
        "token": invitation_token(accounts, job.invitation_id),
        "name": "Grace",
        "password": PASSWORD,
    }
    joined = accounts.http.post("/api/auth/accept-invitation", json=accept)
    assert joined.status_code == 200
    assert joined.json()["user"]["role"] == "agent"
    assert joined.json()["organization"]["id"] == accounts.user.organization_id
    team = accounts.http.get("/api/team", headers=owner).json()
    assert [member["name"] for member in team["members"]] == ["Ada", "Grace"]
    assert team["invitations"] == []
    assert is_problem(accounts.http.post("/api/auth/accept-invitation", json=accept), 403)


def test_inviting_an_address_again_replaces_the_first_invitation(
    accounts: Accounts, owner: dict[str, str]
) -> None:
    ids = [
        accounts.http.post(
            "/api/team/invitations", json={"email": "g@navy.example", "role": role}, headers=owner
        ).json()["id"]
        for role in ("viewer", "agent")
    ]
    open_ones = accounts.http.get("/api/team", headers=owner).json()["invitations"]
    assert [each["id"] for each in open_ones] == ids[1:]
    body = {"token": invitation_token(accounts, ids[0]), "name": "G", "password": PASSWORD}
    assert is_problem(accounts.http.post("/api/auth/accept-invitation", json=body), 403)


def test_a_withdrawn_invitation_lets_nobody_in(accounts: Accounts, owner: dict[str, str]) -> None:
    body = {"email": "g@navy.example", "role": "agent"}
    invited = accounts.http.post("/api/team/invitations", json=body, headers=owner).json()["id"]
    path = f"/api/team/invitations/{invited}"
    assert accounts.http.delete(path, headers=owner).status_code == 204
    assert is_problem(accounts.http.delete(path, headers=owner), 404)
    accept = {"token": invitation_token(accounts, invited), "name": "G", "password": PASSWORD}
    assert is_problem(accounts.http.post("/api/auth/accept-invitation", json=accept), 403)


def test_an_address_with_an_account_elsewhere_is_told_only_to_its_owner(
    accounts: Accounts, owner: dict[str, str]
) -> None:
    body = {"email": "ada@harbor.example", "role": "agent"}
    invited = accounts.http.post("/api/team/invitations", json=body, headers=owner)
    assert invited.status_code == 201
    accept = {
        "token": invitation_token(accounts, invited.json()["id"]),
        "name": "Ada",
        "password": PASSWORD,
    }
    assert is_problem(accounts.http.post("/api/auth/accept-invitation", json=accept), 409)


def test_only_an_owner_makes_and_unmakes_owners(accounts: Accounts) -> None:
    accounts.member("admin", "admin@harbor.example")
    agent = accounts.member("agent", "agent@harbor.example")
    admin = bearer(accounts.log_in("admin@harbor.example").json()["access_token"])
    for request in (
        ("POST", "/api/team/invitations", {"email": "x@y.example", "role": "owner"}),
        ("PATCH", f"/api/team/members/{agent.id}", {"role": "owner"}),
        ("PATCH", f"/api/team/members/{accounts.user.id}", {"role": "viewer"}),
        ("DELETE", f"/api/team/members/{accounts.user.id}", None),
    ):
        method, path, body = request
        assert is_problem(accounts.http.request(method, path, json=body, headers=admin), 403)
    promoted = accounts.http.patch(
        f"/api/team/members/{agent.id}", json={"role": "admin"}, headers=admin
    )
    assert promoted.status_code == 200


def test_the_last_owner_can_neither_leave_nor_be_demoted(
    accounts: Accounts, owner: dict[str, str]
) -> None:
    path = f"/api/team/members/{accounts.user.id}"
    assert is_problem(accounts.http.delete(path, headers=owner), 409)
    assert is_problem(accounts.http.patch(path, json={"role": "admin"}, headers=owner), 409)
    second = accounts.member("owner", "second@harbor.example")
    assert accounts.http.delete(path, headers=owner).status_code == 204
    users = accounts.services.users
    with pytest.raises(LastOwner):
        users.remove(second, actor_of(second))


def test_two_owners_who_demote_each_other_at_once_leave_one(accounts: Accounts) -> None:
    users = accounts.services.users
    second = accounts.member("owner", "second@harbor.example")
    users.change_role(second, "admin", actor_of(accounts.user))
    with pytest.raises(LastOwner):
        users.change_role(accounts.user, "admin", actor_of(second))


def test_a_role_that_was_changed_meanwhile_is_not_changed_back(accounts: Accounts) -> None:
    users = accounts.services.users
    agent = accounts.member("agent", "agent@harbor.example")
    users.change_role(agent, "admin", actor_of(accounts.user))
    with pytest.raises(Conflict):
        users.change_role(agent, "viewer", actor_of(accounts.user))
    assert users.get(agent.organization_id, agent.id).role == "admin"


def test_a_login_sees_its_own_team_and_no_other(accounts: Accounts) -> None:
    deployment = accounts.deployment
    ours, theirs = deployment.login(deployment.one, "viewer"), deployment.login(deployment.two)
    [member] = accounts.http.get("/api/team", headers=ours).json()["members"]
    [other] = accounts.http.get("/api/team", headers=theirs).json()["members"]
    assert (member["role"], other["role"]) == ("viewer", "admin")
    path = f"/api/team/members/{member['id']}"
    assert is_problem(accounts.http.delete(path, headers=theirs), 404)
    assert is_problem(accounts.http.patch(path, json={"role": "agent"}, headers=theirs), 404)


def test_an_invited_person_cannot_take_the_address_as_the_password(
    accounts: Accounts, owner: dict[str, str]
) -> None:
    body = {"email": "grace@navy.example", "role": "agent"}
    invited = accounts.http.post("/api/team/invitations", json=body, headers=owner).json()["id"]
    accept = {"token": invitation_token(accounts, invited), "name": "Grace", "password": PASSWORD}
    weak = {**accept, "password": "grace@navy.example"}
    assert is_problem(accounts.http.post("/api/auth/accept-invitation", json=weak), 400)
    joined = accounts.http.post("/api/auth/accept-invitation", json=accept)
    assert joined.status_code == 200


def test_nobody_sees_a_password_hash(accounts: Accounts, owner: dict[str, str]) -> None:
    user: User = accounts.user
    for path in ("/api/team", "/api/auth/me", "/api/audit"):
        assert user.password_hash not in accounts.http.get(path, headers=owner).text
