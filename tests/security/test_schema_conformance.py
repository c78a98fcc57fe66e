"""Whatever is sent, the API answers as its OpenAPI document says: schemathesis tries."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from tests.conftest import empty_table
from tests.unit.deployment import Deployment

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PER_OPERATION = 8


class Door:
    """An ASGI app that leads to another one: cases are collected before there is a deployment."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


nowhere: Any = None
door = Door(create_app(nowhere))
schema = schemathesis.openapi.from_asgi("/api/openapi.json", door)
schema.config.phases.coverage.enabled = False


@pytest.fixture(scope="module")
def api() -> Iterator[Deployment]:
    with empty_table() as table:
        deployment = Deployment(table)
        door.app = deployment.app
        yield deployment


@schema.parametrize()
@settings(
    max_examples=PER_OPERATION,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_gets_an_answer_outside_the_document(case: Any, api: Deployment) -> None:
    case.call_and_validate(headers=api.one.headers("owner"), checks=CHECKS)
