"""Every route with every role: allowed exactly as the one table says."""

from collections.abc import Iterator

import pytest

from frontdesk.access.roles import ROLES
from tests.aws import empty_table
from tests.security.furniture import furnish
from tests.security.operations import operations
from tests.unit.deployment import ROLES as EVERY_ROLE
from tests.unit.deployment import Deployment


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with empty_table() as table:
        yield Deployment(table)


def test_every_role_may_do_what_the_table_says_and_nothing_else(deployment: Deployment) -> None:
    furnished = furnish(deployment, deployment.one, "MINE")
    checked = 0
    for operation in operations(deployment.app):
        if operation.permission is None:
            continue
        for role in reversed(EVERY_ROLE):
            answer = deployment.http.request(
                operation.method,
                operation.url(furnished.values),
                json=operation.filled(furnished.values),
                headers=deployment.one.headers(role),
            )
            refused = answer.status_code == 403 and operation.permission in answer.text
            allowed = role in ROLES[operation.permission]
            assert refused is not allowed, (operation.name, role, answer.text)
            checked += 1
    assert checked > 160
    print(f"\n{checked} pairs of route and role checked")


def test_every_permission_is_asked_for_somewhere(deployment: Deployment) -> None:
    asked = {operation.permission for operation in operations(deployment.app)}
    assert asked - {None} == set(ROLES)


def test_an_owner_may_do_everything_and_whoever_may_write_may_read() -> None:
    for permission, roles in ROLES.items():
        assert "owner" in roles
        resource = permission.partition(":")[0]
        for other, readers in ROLES.items():
            if other == f"{resource}:read":
                assert roles <= readers
