"""Whatever is sent, the API answers as its OpenAPI document says: schemathesis tries."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from tests.aws import empty_table
from tests.security.furniture import furnish
from tests.unit.deployment import UNLIMITED, Deployment

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PER_OPERATION = 12


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
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


class Api:
    """An organisation with one of everything, and its credentials."""

    def __init__(self, deployment: Deployment) -> None:
        self.there = furnish(deployment, deployment.one, "MINE")

    def headers_for(self, case: Any) -> dict[str, str]:
        of_visitors = case.operation.path.startswith("/api/widget")
        return self.there.visitor_headers if of_visitors else self.there.team_headers


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with empty_table() as table:
        deployment = Deployment(table, rates=UNLIMITED)
        door.app = deployment.app
        yield Api(deployment)


@schema.parametrize()
@settings(
    max_examples=PER_OPERATION,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_gets_an_answer_outside_the_document(case: Any, api: Api) -> None:
    """Once as generated, once about things that are there."""
    headers = api.headers_for(case)
    case.call_and_validate(headers=headers, checks=CHECKS)
    if case.path_parameters:
        case.path_parameters = {name: api.there.values[name] for name in case.path_parameters}
        case.call_and_validate(headers=headers, checks=CHECKS)
