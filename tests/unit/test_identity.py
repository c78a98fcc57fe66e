"""Visitors whom the organisation's own site vouches for."""

import time
from typing import Any

import jwt
import pytest

from frontdesk.entities import ConversationRef
from frontdesk.tables.client import Table
from tests.unit.deployment import OPERATOR, UNLIMITED, Deployment, Tenant, is_problem

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
        lambda: identity(email="no address"),
        lambda: identity(exp=float("inf")),
        lambda: identity(exp="9" * 400),
        lambda: identity(nbf=float("inf")),
        lambda: identity(iat=float("inf")),
        lambda: identity(sub="a\x00b"),
        lambda: identity(sub="\ud800"),
        lambda: identity(name=["Sam"]),
        lambda: "e30.e30.e30",
        lambda: "nonsense",
    ],
)
def test_an_identity_that_is_not_right_is_refused(deployment: Deployment, token: Any) -> None:
    assert is_problem(session(deployment, identity=token()), 401)


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


def test_what_a_customer_types_does_not_replace_what_was_vouched_for(
    deployment: Deployment,
) -> None:
    tenant: Tenant = deployment.one
    opened = session(deployment, identity=identity()).json()
    headers = {
        "Authorization": f"Bearer {opened['visitor']}",
        "X-Frontdesk-Key": tenant.widget_key,
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
