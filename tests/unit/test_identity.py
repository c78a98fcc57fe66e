"""Visitors whom the organisation's own site vouches for."""

import json
import re
import time
from typing import Any

import jwt
import pytest

from chat import gateway
from frontdesk.entities import ConversationRef
from frontdesk.ids import new_id
from frontdesk.tables.client import Table
from tests.unit.chat_routes import routes_on
from tests.unit.deployment import OPERATOR, UNLIMITED, Deployment, Tenant, is_problem
from tests.unit.test_gateway import ListedTurns

SECRET = "the organisation's identity secret, long enough"


@pytest.fixture
def deployment(table: Table) -> Deployment:
    made = Deployment(table, rates=UNLIMITED)
    made.services.organizations.put_identity_secret(made.one.organization_id, SECRET, OPERATOR)
    return made


def identity(secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    payload = {
        "sub": "customer-7",
        "aud": "frontdesk",
        "exp": int(time.time()) + 600,
        "email": "Sam@Example.org",
        "name": "Sam",
        **claims,
    }
    return jwt.encode(
        {name: value for name, value in payload.items() if value is not None},
        secret if algorithm != "none" else None,  # type: ignore[arg-type]
        algorithm=algorithm,
    )


def session(deployment: Deployment, **body: str) -> Any:
    return deployment.session(deployment.one.widget_key, **body)


def test_a_customer_has_one_conversation_on_every_device(deployment: Deployment) -> None:
    phone, laptop = (session(deployment, identity=identity()).json() for _ in range(2))
    assert phone["conversation"]["id"] == laptop["conversation"]["id"]
    assert phone["visitor"] != laptop["visitor"]
    ref = ConversationRef(
        organization_id=deployment.one.organization_id,
        conversation_id=phone["conversation"]["id"],
    )
    customer = deployment.services.conversations.get(ref).customer
    assert (customer.id, customer.email, customer.name) == ("customer-7", "sam@example.org", "Sam")
    stranger = session(deployment).json()
    assert stranger["conversation"]["id"] != phone["conversation"]["id"]


@pytest.mark.parametrize(
    "token",
    [
        lambda: identity("another secret that is long enough to be one"),
        lambda: identity("", "none"),
        lambda: identity(exp=int(time.time()) - 120),
        lambda: identity(exp=int(time.time()) + 3 * 86_400),
        lambda: identity(exp=None),
        lambda: identity(sub=None),
        lambda: identity(aud="someone else"),
        lambda: identity(exp=float("inf")),
        lambda: identity(exp="9" * 400),
        lambda: identity(nbf=float("inf")),
        lambda: identity(iat=float("inf")),
        lambda: identity(sub="a\x00b"),
        lambda: identity(sub="\ud800"),
        lambda: identity(sub=" \u00a0"),
        lambda: identity(sub=""),
        lambda: "e30.e30.e30",
        lambda: "nonsense",
    ],
)
def test_an_identity_that_is_not_right_is_refused(deployment: Deployment, token: Any) -> None:
    assert is_problem(session(deployment, identity=token()), 401)


@pytest.mark.parametrize(
    "details",
    [
        {"name": ""},
        {"name": " \t"},
        {"name": "Maria " * 17},
        {"name": "Ma\x00ria"},
        {"name": "\u200b"},
        {"name": "\ud800"},
        {"name": ["Maria"]},
        {"name": 7},
        {"email": ""},
        {"email": "no address"},
        {"email": "maria@" + "x" * 300 + ".example"},
        {"email": {"home": "maria@example.org"}},
        {"email": False, "name": None},
    ],
)
def test_what_cannot_be_used_of_an_identity_is_left_out(
    deployment: Deployment, details: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    opened = session(deployment, identity=identity(**details))
    assert opened.status_code == 200
    customer = deployment.services.conversations.get(
        ConversationRef(
            organization_id=deployment.one.organization_id,
            conversation_id=opened.json()["conversation"]["id"],
        )
    ).customer
    assert customer.id == "customer-7"
    assert customer.name == (None if "name" in details else "Sam")
    assert customer.email == (None if "email" in details else "sam@example.org")
    assert [record.message for record in caplog.records] == ["part of an identity left out"]
    assert "aria" not in str([vars(record) for record in caplog.records])


def test_another_organisations_secret_vouches_for_nobody_here(deployment: Deployment) -> None:
    other = "the other organisation's secret, long enough"
    deployment.services.organizations.put_identity_secret(
        deployment.two.organization_id, other, OPERATOR
    )
    assert is_problem(session(deployment, identity=identity(other)), 401)


def test_a_replaced_secret_counts_for_a_day(deployment: Deployment) -> None:
    deployment.services.organizations.put_identity_secret(
        deployment.one.organization_id, "the new secret, which is long enough too", OPERATOR
    )
    assert session(deployment, identity=identity()).status_code == 200


def test_where_an_identity_is_required_nobody_comes_in_without(deployment: Deployment) -> None:
    deployment.services.organizations.change(
        deployment.one.organization_id,
        {"identity_required": True},
        by=OPERATOR,
        action="test",
    )
    assert is_problem(session(deployment), 401)
    assert session(deployment, identity=identity()).status_code == 200


ROUTES: list[tuple[str, str, Any]] = [
    ("POST", "messages", {"id": new_id(), "text": "Hi", "email": "eve@example.org"}),
    ("PUT", "contact", {"email": "eve@example.org"}),
    ("POST", "transcript", None),
    ("POST", "resolve", None),
    ("POST", "rating", {"score": 1}),
    ("GET", f"messages/{new_id()}/citations/1", None),
    ("POST", "files", {"name": "bill.pdf", "size": 10}),
    ("POST", f"files/{new_id()}/complete", None),
    ("GET", f"files/{new_id()}", None),
]
"""Every widget route that a visitor token opens."""


def asked(
    deployment: Deployment, token: str, who: str | None, *, routes: Any = tuple(ROUTES)
) -> list[int]:
    """The statuses of all routes, for a token and the identity in the header."""
    headers = {"Authorization": f"Bearer {token}", "X-Frontdesk-Key": deployment.one.widget_key}
    if who is not None:
        headers["X-Frontdesk-Identity"] = who
    return [
        deployment.http.request(
            method, f"/api/widget/{path}", json=body, headers=headers
        ).status_code
        for method, path, body in routes
    ]


REFUSED = [401] * len(ROUTES)


def test_every_route_of_a_visitor_is_tried_here(deployment: Deployment) -> None:
    documented = deployment.http.get("/api/openapi.json").json()["paths"]
    under_way = {
        (method.upper(), path.removeprefix("/api/widget/"))
        for path, operations in documented.items()
        for method in operations
        if path.startswith("/api/widget/")
    }
    untried = {
        (method, path)
        for method, path in under_way
        if not any(
            method == each and re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), address)
            for each, address, _ in ROUTES
        )
    }
    assert untried == {("POST", "session")}


def test_a_customers_conversation_opens_with_their_identity_only(deployment: Deployment) -> None:
    opened = session(deployment, identity=identity()).json()
    for who in (
        None,
        "",
        "nonsense",
        identity(sub="customer-8"),
        identity(sub="Customer-7"),
        identity(exp=int(time.time()) - 120),
        identity("another secret that is long enough to be one"),
        identity(aud="someone else"),
    ):
        assert asked(deployment, opened["visitor"], who) == REFUSED
    assert 401 not in asked(deployment, opened["visitor"], identity())
    nobody = session(deployment).json()["visitor"]
    assert asked(deployment, nobody, identity()) == REFUSED
    assert 401 not in asked(deployment, nobody, None)


def test_identities_exchanged_on_one_browser_lead_to_nobody_else(deployment: Deployment) -> None:
    anna, ben = identity(sub="anna"), identity(sub="ben")
    first = session(deployment, identity=anna).json()
    second = session(deployment, identity=ben, visitor=first["visitor"]).json()
    third = session(deployment, identity=anna, visitor=second["visitor"]).json()
    bare = session(deployment, visitor=third["visitor"]).json()
    assert first["conversation"]["id"] == third["conversation"]["id"]
    assert len({each["conversation"]["id"] for each in (first, second, bare)}) == 3
    assert len({each["visitor"] for each in (first, second, third, bare)}) == 4
    for token in (first["visitor"], second["visitor"]):
        for who in (None, anna, ben):
            assert asked(deployment, token, who) == REFUSED
    assert asked(deployment, third["visitor"], ben) == REFUSED
    assert 401 not in asked(deployment, third["visitor"], anna)


def test_without_its_secret_an_identity_opens_nothing_more(deployment: Deployment) -> None:
    opened = session(deployment, identity=identity()).json()
    organizations, one = deployment.services.organizations, deployment.one.organization_id
    organizations.delete_identity_secret(one, OPERATOR)
    for _ in range(2):
        for who in (None, identity()):
            assert asked(deployment, opened["visitor"], who) == REFUSED
        assert is_problem(session(deployment, identity=identity()), 401)
        bare = session(deployment, visitor=opened["visitor"]).json()
        assert bare["visitor"] != opened["visitor"]
        assert bare["conversation"]["id"] != opened["conversation"]["id"]
        another = "made after the first one was deleted, long enough"
        if organizations.identity_secret(one) is None:
            organizations.put_identity_secret(one, another, OPERATOR)


def revoked(deployment: Deployment) -> None:
    one, keys = deployment.one.organization_id, deployment.services.keys
    [widget_key] = [key for key in keys.list(one) if key.kind == "widget"]
    keys.revoke(one, widget_key.id, OPERATOR)


def deleted(deployment: Deployment) -> None:
    deployment.services.organizations.delete_identity_secret(
        deployment.one.organization_id, OPERATOR
    )


@pytest.mark.parametrize(("end", "vouched"), [(revoked, True), (revoked, False), (deleted, True)])
def test_a_socket_is_over_with_what_it_was_opened_with(
    deployment: Deployment, end: Any, vouched: bool
) -> None:
    routes = routes_on(deployment.table, ListedTurns(), deployment.sockets)
    body = {"identity": identity()} if vouched else {}
    tokens = [session(deployment, **body).json()["connect"]["token"] for _ in range(2)]

    def connect(name: str, token: str) -> int:
        event = {"queryStringParameters": {"token": token}}
        return int(str(gateway._connect(routes.connections, name, event)["statusCode"]))

    def say() -> Any:
        frame = json.dumps({"action": "message", "id": new_id(), "text": "Hello"})
        return json.loads(str(gateway._frame(routes, "socket", frame)["body"]))

    assert connect("socket", tokens[0]) == 200
    assert say()["type"] == "ack"
    end(deployment)
    assert say()["code"] == "not_found"
    assert deployment.sockets.closed == ["socket"]
    assert say()["code"] == "not_found"
    assert connect("late", tokens[1]) == 403


def test_where_an_identity_is_required_a_token_alone_opens_nothing(deployment: Deployment) -> None:
    nobody = session(deployment).json()["visitor"]
    deployment.services.organizations.change(
        deployment.one.organization_id, {"identity_required": True}, by=OPERATOR, action="test"
    )
    for who in (None, identity()):
        assert asked(deployment, nobody, who) == REFUSED
    assert is_problem(session(deployment, visitor=nobody), 401)


def test_an_address_that_was_typed_can_be_typed_anew_beside_a_name_that_was_vouched_for(
    deployment: Deployment,
) -> None:
    who = identity(email=None)
    opened = session(deployment, identity=who).json()
    ref = ConversationRef(
        organization_id=deployment.one.organization_id,
        conversation_id=opened["conversation"]["id"],
    )
    for typed in ("sma@example.org", "sam@example.org"):
        contact = ("PUT", "contact", {"email": typed, "name": "Nobody"})
        assert asked(deployment, opened["visitor"], who, routes=[contact]) == [204]
        session(deployment, identity=who, visitor=opened["visitor"])
        customer = deployment.services.conversations.get(ref).customer
        assert (customer.email, customer.name) == (typed, "Sam")


def test_what_a_customer_types_does_not_replace_what_was_vouched_for(
    deployment: Deployment,
) -> None:
    tenant: Tenant = deployment.one
    who = identity()
    opened = session(deployment, identity=who).json()
    headers = {
        "Authorization": f"Bearer {opened['visitor']}",
        "X-Frontdesk-Key": tenant.widget_key,
        "X-Frontdesk-Identity": who,
    }
    body = {
        "id": "01KB0M3VQ0C5T1J7Z8N4R2X9AE",
        "text": "Hi",
        "email": "ceo@example.org",
        "name": "The boss",
    }
    assert deployment.http.post("/api/widget/messages", json=body, headers=headers).is_success
    ref = ConversationRef(
        organization_id=tenant.organization_id, conversation_id=opened["conversation"]["id"]
    )
    customer = deployment.services.conversations.get(ref).customer
    assert (customer.email, customer.name) == ("sam@example.org", "Sam")
