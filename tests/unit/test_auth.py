"""Accounts: signing up, logging in, and all that keeps or ends a login."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from api.access_tokens import SigningKeys
from api.cookies import CSRF_COOKIE, REFRESH_COOKIE
from frontdesk.access.passwords import hash_password
from frontdesk.entities import Role, User
from frontdesk.ids import new_id
from frontdesk.mail.jobs import VerifyMail, WelcomeMail
from frontdesk.tables.client import Table
from frontdesk.tables.sessions import REFRESH_SECONDS, LoginEnded
from frontdesk.tables.tokens import TokenGrant
from frontdesk.tables.users import reset_binding
from tests.unit.deployment import UNLIMITED, Deployment, is_problem

PASSWORD = "a long sentence to remember"
ADA = {"organization": "Harbor", "name": "Ada", "email": "ada@harbor.example", "password": PASSWORD}


class Accounts:
    """A deployment with one verified owner, and a browser."""

    def __init__(self, table: Table) -> None:
        self.deployment = Deployment(table, rates=UNLIMITED)
        self.http = self.deployment.http
        self.services = self.deployment.services
        self.mail = self.deployment.mail
        assert self.http.post("/api/auth/signup", json=ADA).status_code == 202
        user = self.services.users.find("ada@harbor.example")
        assert user is not None
        self.user = self.services.users.verify(user)
        self.mail.jobs.clear()

    def member(self, role: Role, email: str) -> User:
        """One more verified member of the same team."""
        user = User(
            id=new_id(),
            organization_id=self.user.organization_id,
            email=email,
            name=role.title(),
            role=role,
            password_hash=hash_password(PASSWORD, 4),
            verified_at=datetime.now(UTC),
            created_at=datetime.now(UTC),
        )
        by = self.deployment.services.users
        from frontdesk.tables.users import actor_of

        by.join(by.invite(user.organization_id, email, role, actor_of(self.user)), user)
        return user

    def log_in(self, email: str = "ada@harbor.example", password: str = PASSWORD) -> Any:
        return self.http.post("/api/auth/login", json={"email": email, "password": password})

    def me(self, access_token: str) -> Any:
        return self.http.get("/api/auth/me", headers=bearer(access_token))

    def refresh(self, csrf: str, cookie: str | None = None) -> Any:
        """With the browser's own cookie, or with one that was captured."""
        if cookie is not None:
            self.http.cookies.clear()
            self.http.cookies.set(REFRESH_COOKIE, cookie)
        return self.http.post("/api/auth/refresh", headers={"X-CSRF-Token": csrf})

    def audit(self) -> list[str]:
        entries, _ = self.services.audit.page(self.user.organization_id, before=None, limit=100)
        return [entry.action for entry in entries]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def accounts(table: Table) -> Accounts:
    return Accounts(table)


def test_signing_up_asks_for_proof_of_the_address_and_then_logs_in(accounts: Accounts) -> None:
    grace = {**ADA, "email": "Grace@Navy.example", "organization": "Navy"}
    answer = accounts.http.post("/api/auth/signup", json=grace)
    assert answer.status_code == 202
    [job] = accounts.mail.jobs
    assert isinstance(job, VerifyMail)
    assert job.email == "grace@navy.example"
    refused = accounts.log_in("grace@navy.example")
    assert is_problem(refused, 403)
    user = accounts.services.users.find("grace@navy.example")
    assert user is not None
    token = accounts.services.tokens.issue(
        TokenGrant(purpose="verify", organization_id=user.organization_id, subject=user.id)
    )
    verified = accounts.http.post("/api/auth/verify", json={"token": token, "password": PASSWORD})
    assert verified.status_code == 200
    assert verified.json()["user"]["role"] == "owner"
    assert verified.json()["organization"]["name"] == "Navy"
    assert accounts.me(verified.json()["access_token"]).status_code == 200
    assert accounts.mail.jobs[-1] == WelcomeMail(
        organization_id=user.organization_id, user_id=user.id
    )
    assert is_problem(
        accounts.http.post("/api/auth/verify", json={"token": token, "password": PASSWORD}), 403
    )


def test_no_answer_tells_whether_there_is_an_account(accounts: Accounts) -> None:
    def both(path: str, body: Mapping[str, str]) -> tuple[Any, Any]:
        known, unknown = (
            accounts.http.post(path, json={**body, "email": email})
            for email in ("ada@harbor.example", "nobody@harbor.example")
        )
        return known, unknown

    for path, body in (
        ("/api/auth/signup", {**ADA, "organization": "Other"}),
        ("/api/auth/login", {"password": "not the password"}),
        ("/api/auth/forgot", {}),
    ):
        known, unknown = both(path, body)
        assert known.status_code == unknown.status_code
        assert known.content == unknown.content
        assert set(known.headers) == set(unknown.headers)
    asked = [job.model_dump(exclude={"id"}) for job in accounts.mail.jobs]
    assert asked == [
        {"mail": "account_exists", "email": "ada@harbor.example"},
        {"mail": "verify", "email": "nobody@harbor.example"},
        {"mail": "reset", "email": "ada@harbor.example"},
        {"mail": "reset", "email": "nobody@harbor.example"},
    ]


def test_an_unknown_account_costs_a_hash_and_as_many_requests_as_a_known_one(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bcrypt

    hashed: list[int] = []
    check = bcrypt.checkpw

    def counted(password: bytes, stored: bytes) -> bool:
        hashed.append(int(stored.split(b"$")[2]))
        return check(password, stored)

    def made(_password: bytes, _salt: bytes) -> bytes:
        raise AssertionError("nothing is hashed but what is compared")

    monkeypatch.setattr("frontdesk.access.passwords.bcrypt.checkpw", counted)
    monkeypatch.setattr("frontdesk.access.passwords.bcrypt.hashpw", made)
    calls: list[str] = []
    events = accounts.deployment.table._client.meta.events
    events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    traces = []
    for email in ("ada@harbor.example", "nobody@harbor.example"):
        calls.clear()
        assert is_problem(accounts.log_in(email, "not the password"), 401)
        traces.append(list(calls))
    assert hashed == [4, 4]
    assert traces[0] == traces[1]


def test_cookies_are_for_this_host_over_tls_from_its_own_pages(accounts: Accounts) -> None:
    answer = accounts.log_in()
    cookies = {
        line.partition("=")[0]: line.lower() for line in answer.headers.get_list("set-cookie")
    }
    for name in (REFRESH_COOKIE, CSRF_COOKIE):
        for needed in ("secure", "samesite=strict", "path=/", "max-age=604800"):
            assert needed in cookies[name]
        assert "domain" not in cookies[name]
    assert "httponly" in cookies[REFRESH_COOKIE]
    assert "httponly" not in cookies[CSRF_COOKIE]
    assert answer.json()["expires_in"] == 900
    assert "rt_" not in answer.text


def test_refreshing_goes_on_with_the_login_and_with_new_tokens(accounts: Accounts) -> None:
    first = accounts.log_in()
    before = accounts.http.cookies[REFRESH_COOKIE]
    again = accounts.refresh(first.json()["csrf_token"])
    assert again.status_code == 200
    assert accounts.http.cookies[REFRESH_COOKIE] != before
    assert accounts.me(again.json()["access_token"]).status_code == 200
    assert accounts.refresh(again.json()["csrf_token"]).status_code == 200


def test_a_captured_refresh_token_used_twice_ends_the_login_for_everyone(
    accounts: Accounts,
) -> None:
    first = accounts.log_in().json()
    captured = accounts.http.cookies[REFRESH_COOKIE]
    thief = accounts.refresh(first["csrf_token"], captured)
    assert thief.status_code == 200
    stolen_next = thief.cookies[REFRESH_COOKIE]
    owner = accounts.refresh(first["csrf_token"], captured)
    assert is_problem(owner, 401)
    assert is_problem(accounts.refresh(first["csrf_token"], stolen_next), 401)
    assert is_problem(accounts.me(thief.json()["access_token"]), 401)
    assert is_problem(accounts.me(first["access_token"]), 401)
    assert "auth.refresh_reused" in accounts.audit()


def test_a_used_refresh_token_ends_the_login_even_without_the_csrf_token(
    accounts: Accounts,
) -> None:
    first = accounts.log_in().json()
    captured = accounts.http.cookies[REFRESH_COOKIE]
    assert accounts.refresh(first["csrf_token"], captured).status_code == 200
    assert is_problem(accounts.refresh("", captured), 401)
    assert is_problem(accounts.me(first["access_token"]), 401)
    assert accounts.audit().count("auth.refresh_reused") == 1


def test_of_two_uses_of_a_refresh_token_at_once_one_wins_and_the_other_is_a_reuse(
    accounts: Accounts,
) -> None:
    sessions = accounts.services.sessions
    login = sessions.begin(accounts.user)
    # Both have read the token as unused before either writes.
    first, second = (sessions.look_up(login.refresh_token) for _ in range(2))
    won = sessions.rotate(first, login.refresh_token)
    with pytest.raises(LoginEnded):
        sessions.rotate(second, login.refresh_token)
    with pytest.raises(LoginEnded):
        sessions.look_up(won.refresh_token)
    user = accounts.user
    assert sessions.user_of(user.organization_id, user.id, login.family.id) is None
    assert accounts.audit().count("auth.refresh_reused") == 1


def test_a_refresh_token_that_is_too_old_ends_quietly(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = accounts.log_in().json()
    later = time.time() + REFRESH_SECONDS + 1
    monkeypatch.setattr("frontdesk.tables.client.time.time", lambda: later)
    assert is_problem(accounts.refresh(login["csrf_token"]), 401)
    assert "auth.refresh_reused" not in accounts.audit()


def test_another_login_of_the_same_person_is_not_ended_by_a_theft(accounts: Accounts) -> None:
    phone = accounts.log_in().json()
    laptop = accounts.log_in().json()
    captured = accounts.http.cookies[REFRESH_COOKIE]
    accounts.refresh(laptop["csrf_token"], captured)
    accounts.refresh(laptop["csrf_token"], captured)
    assert accounts.me(laptop["access_token"]).status_code == 401
    assert accounts.me(phone["access_token"]).status_code == 200


def test_refreshing_and_logging_out_need_the_token_of_our_own_pages(accounts: Accounts) -> None:
    login = accounts.log_in().json()
    for csrf in ("", "guess", login["csrf_token"][:-1]):
        assert is_problem(accounts.refresh(csrf), 403)
        headers = {"X-CSRF-Token": csrf}
        assert is_problem(accounts.http.post("/api/auth/logout", headers=headers), 403)
    assert accounts.refresh(login["csrf_token"]).status_code == 200


def test_logging_out_ends_the_access_token_too(accounts: Accounts) -> None:
    login = accounts.log_in().json()
    headers = {"X-CSRF-Token": login["csrf_token"]}
    for _ in range(2):
        assert accounts.http.post("/api/auth/logout", headers=headers).status_code == 204
    assert is_problem(accounts.me(login["access_token"]), 401)
    assert is_problem(accounts.refresh(login["csrf_token"]), 401)
    assert "auth.logout" in accounts.audit()


def forged(accounts: Accounts, secret: str, algorithm: str = "HS256", **claims: Any) -> str:
    keys = accounts.services.signing_keys
    now = int(time.time())
    payload = {
        "iss": "frontdesk",
        "aud": "frontdesk-api",
        "sub": accounts.user.id,
        "org": accounts.user.organization_id,
        "sid": new_id(),
        "iat": now,
        "exp": now + 900,
        **claims,
    }
    key: Any = secret if algorithm != "none" else None
    return jwt.encode(payload, key, algorithm=algorithm, headers={"kid": keys.current.id})


def test_no_forged_token_is_accepted(accounts: Accounts) -> None:
    secret = accounts.services.signing_keys.current.secret
    family = accounts.services.sessions.begin(accounts.user).family.id
    good = forged(accounts, secret, sid=family)
    assert accounts.me(good).status_code == 200
    header, payload, signature = good.split(".")
    for token in (
        forged(accounts, "x" * 64, sid=family),
        forged(accounts, "", "none", sid=family),
        forged(accounts, secret, "HS512", sid=family),
        forged(accounts, secret, sid=family, aud="another-api"),
        forged(accounts, secret, sid=family, iss="someone"),
        forged(accounts, secret, sid=family, exp=int(time.time()) - 1),
        forged(accounts, secret, sid=family, org=accounts.deployment.one.organization_id),
        forged(accounts, secret, sid=new_id()),
        forged(accounts, secret, sid=family, sub=None),
        jwt.encode({"sub": accounts.user.id}, secret, headers={"kid": "unknown"}),
        f"{header}.{payload}.",
        f"{header}.{payload}.{signature[:-2]}AA",
        "e30.e30.e30",
        "." * 5_000,
        "\x00",
    ):
        assert is_problem(accounts.me(token.replace("\x00", "%00")), 401), token[:40]


def test_a_key_is_rotated_without_logging_anybody_out(accounts: Accounts) -> None:
    secrets = ["old" * 20]
    keys = SigningKeys(lambda: secrets)
    services = accounts.services
    object.__setattr__(services, "signing_keys", keys)
    before = accounts.log_in().json()["access_token"]
    secrets[:] = ["new" * 20, "old" * 20]
    elsewhere = SigningKeys(lambda: secrets)
    object.__setattr__(services, "signing_keys", elsewhere)
    after = accounts.log_in().json()["access_token"]
    assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]
    assert accounts.me(before).status_code == accounts.me(after).status_code == 200
    # A function that started before the rotation learns of the new key when it meets it.
    keys._loaded_at = float("-inf")
    object.__setattr__(services, "signing_keys", keys)
    assert accounts.me(after).status_code == 200
    # Rotated once more, because the old key had leaked.
    secrets[:] = ["newest" * 10, "new" * 20]
    object.__setattr__(services, "signing_keys", SigningKeys(lambda: secrets))
    assert accounts.me(after).status_code == 200
    assert is_problem(accounts.me(before), 401)


def test_a_reset_link_works_once_and_ends_every_login(accounts: Accounts) -> None:
    login = accounts.log_in().json()
    grant = TokenGrant(
        purpose="reset",
        organization_id=accounts.user.organization_id,
        subject=accounts.user.id,
        binding=reset_binding(accounts.user),
    )
    token, older = accounts.services.tokens.issue(grant), accounts.services.tokens.issue(grant)
    body = {"token": token, "password": "another sentence entirely"}
    assert accounts.http.post("/api/auth/reset", json=body).status_code == 204
    assert is_problem(accounts.http.post("/api/auth/reset", json=body), 403)
    assert is_problem(accounts.http.post("/api/auth/reset", json={**body, "token": older}), 403)
    assert is_problem(accounts.me(login["access_token"]), 401)
    assert is_problem(accounts.log_in(), 401)
    assert accounts.log_in(password="another sentence entirely").status_code == 200
    assert "auth.reset_password" in accounts.audit()


def test_a_password_that_is_refused_leaves_the_link_good(accounts: Accounts) -> None:
    token = accounts.services.tokens.issue(
        TokenGrant(
            purpose="reset",
            organization_id=accounts.user.organization_id,
            subject=accounts.user.id,
            binding=reset_binding(accounts.user),
        )
    )
    for password in ("password123", "Ada@Harbor.example"):
        body = {"token": token, "password": password}
        assert is_problem(accounts.http.post("/api/auth/reset", json=body), 400)
    better = {"token": token, "password": "another sentence entirely"}
    assert accounts.http.post("/api/auth/reset", json=better).status_code == 204


def test_a_link_is_good_for_its_own_purpose_alone(accounts: Accounts) -> None:
    token = accounts.services.tokens.issue(
        TokenGrant(
            purpose="verify",
            organization_id=accounts.user.organization_id,
            subject=accounts.user.id,
        )
    )
    body = {"token": token, "password": "another sentence entirely"}
    assert is_problem(accounts.http.post("/api/auth/reset", json=body), 403)
    assert (
        accounts.http.post(
            "/api/auth/verify", json={"token": token, "password": PASSWORD}
        ).status_code
        == 200
    )


def test_a_link_that_is_too_old_is_refused(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = accounts.services.tokens.issue(
        TokenGrant(
            purpose="verify",
            organization_id=accounts.user.organization_id,
            subject=accounts.user.id,
        )
    )
    now = time.time()
    monkeypatch.setattr("frontdesk.tables.tokens.time.time", lambda: now + 3 * 86_400 + 1)
    assert is_problem(
        accounts.http.post("/api/auth/verify", json={"token": token, "password": PASSWORD}), 403
    )


def test_changing_the_password_ends_the_other_logins(accounts: Accounts) -> None:
    other, own = accounts.log_in().json(), accounts.log_in().json()
    headers = bearer(own["access_token"])
    wrong = {"current": "not the password", "new": "another sentence entirely"}
    assert is_problem(accounts.http.post("/api/auth/password", json=wrong, headers=headers), 403)
    right = {**wrong, "current": PASSWORD}
    assert accounts.http.post("/api/auth/password", json=right, headers=headers).status_code == 204
    assert accounts.me(own["access_token"]).status_code == 200
    assert is_problem(accounts.me(other["access_token"]), 401)


@pytest.mark.parametrize(
    "password", ["short", "password123", "aaaaaaaaaaaa", "ada@harbor.example", "x" * 201]
)
def test_a_password_that_is_easy_to_guess_is_refused(accounts: Accounts, password: str) -> None:
    answer = accounts.http.post("/api/auth/signup", json={**ADA, "password": password})
    assert answer.status_code in {400, 422}


def test_a_long_password_counts_to_its_end(accounts: Accounts) -> None:
    long = "long " * 39
    user = accounts.member("agent", "long@harbor.example")
    by = accounts.services.users
    from frontdesk.tables.users import actor_of

    by.set_password(user, hash_password(long + "a", 4), actor_of(user), "test")
    assert is_problem(accounts.log_in("long@harbor.example", long + "b"), 401)
    assert accounts.log_in("long@harbor.example", long + "a").status_code == 200


def test_a_hash_of_another_cost_is_renewed_at_the_next_login(accounts: Accounts) -> None:
    user = accounts.member("agent", "old@harbor.example")
    from frontdesk.tables.users import actor_of

    cheap = hash_password(PASSWORD, 5)
    accounts.services.users.set_password(user, cheap, actor_of(user), "test")
    assert accounts.log_in("old@harbor.example").status_code == 200
    now = accounts.services.users.get(user.organization_id, user.id)
    assert now.password_hash.split("$")[2] == "04"
    assert accounts.log_in("old@harbor.example").status_code == 200


@pytest.mark.usefixtures("young_minute")
def test_too_many_tries_have_to_wait_whether_there_is_an_account_or_not(table: Table) -> None:
    from api.services import Rates

    deployment = Deployment(table, rates=Rates(logins=3))
    for email in ("ada@harbor.example", "nobody@harbor.example"):
        body = {"email": email, "password": "not the password"}
        answers = [deployment.http.post("/api/auth/login", json=body) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert is_problem(
        deployment.http.post("/api/auth/forgot", json={"email": "ada@harbor.example"}), 429
    )


@pytest.mark.usefixtures("young_minute")
def test_an_address_may_not_try_many_accounts(table: Table) -> None:
    from api.services import Rates

    deployment = Deployment(table, rates=Rates(logins=3))
    statuses = [
        deployment.http.post(
            "/api/auth/login", json={"email": f"a{number}@x.example", "password": PASSWORD}
        ).status_code
        for number in range(11)
    ]
    assert statuses == [401] * 9 + [429] * 2


def test_me_tells_what_one_may_do(accounts: Accounts) -> None:
    accounts.member("viewer", "viewer@harbor.example")
    token = accounts.log_in("viewer@harbor.example").json()["access_token"]
    answer = accounts.me(token).json()
    assert answer["user"]["role"] == "viewer"
    assert "conversations:read" in answer["permissions"]
    assert "conversations:write" not in answer["permissions"]
    key = accounts.deployment.one.headers("owner")
    assert is_problem(accounts.http.get("/api/auth/me", headers=key), 403)


def test_a_new_role_counts_from_the_next_request_on(accounts: Accounts) -> None:
    owner = accounts.log_in().json()["access_token"]
    agent = accounts.member("agent", "agent@harbor.example")
    token = accounts.log_in("agent@harbor.example").json()["access_token"]
    assert is_problem(accounts.http.get("/api/keys", headers=bearer(token)), 403)
    path = f"/api/team/members/{agent.id}"
    changed = accounts.http.patch(path, json={"role": "admin"}, headers=bearer(owner))
    assert changed.json()["role"] == "admin"
    assert accounts.http.get("/api/keys", headers=bearer(token)).status_code == 200
    assert accounts.http.delete(path, headers=bearer(owner)).status_code == 204
    assert is_problem(accounts.http.get("/api/keys", headers=bearer(token)), 401)
    assert is_problem(accounts.log_in("agent@harbor.example"), 401)


@pytest.mark.usefixtures("young_minute")
def test_what_is_left_of_the_minute_is_told(table: Table) -> None:
    from api.services import Rates

    deployment = Deployment(table, rates=Rates(requests=3))
    headers = deployment.one.headers()
    answers = [deployment.http.get("/api/organization", headers=headers) for _ in range(4)]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert is_problem(answers[-1], 429)
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    other = deployment.one.headers("viewer")
    assert deployment.http.get("/api/organization", headers=other).status_code == 200


def test_who_clicks_a_link_for_somebody_elses_signup_proves_nothing(accounts: Accounts) -> None:
    victim = {**ADA, "email": "victim@harbor.example"}
    accounts.http.post("/api/auth/signup", json=victim)
    user = accounts.services.users.find("victim@harbor.example")
    assert user is not None
    token = accounts.services.tokens.issue(
        TokenGrant(purpose="verify", organization_id=user.organization_id, subject=user.id)
    )
    guess = {"token": token, "password": "the victim knows no password"}
    assert is_problem(accounts.http.post("/api/auth/verify", json=guess), 403)
    assert is_problem(accounts.log_in("victim@harbor.example"), 403)


def test_an_address_is_stored_as_mail_servers_take_it(accounts: Accounts) -> None:
    signup = {**ADA, "email": "Ada@Bücher.example"}
    assert accounts.http.post("/api/auth/signup", json=signup).status_code == 202
    assert accounts.services.users.find("ada@xn--bcher-kva.example") is not None
    unsendable = {**ADA, "email": "ädä@harbor.example"}
    assert accounts.http.post("/api/auth/signup", json=unsendable).status_code == 422
