"""Two organisations with the same shapes of data: nothing of one is there for the other.

Every operation of the OpenAPI document is called with one's credentials and the other's ids.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.aws import empty_table
from tests.security.furniture import Furnished, furnish
from tests.security.operations import Operation, operations
from tests.unit.deployment import ORIGIN, Deployment

NOW = datetime.now(UTC)
RANGE = {
    "since": (NOW - timedelta(days=1)).isoformat(),
    "until": (NOW + timedelta(days=1)).isoformat(),
    "text": "question",
}
"""For those who ask for one, or for words: all that was furnished lies in it, or has some."""

OWN_TRACES = ("LIMIT#",)
"""What a refused request may leave behind: that it was made."""


class World:
    """A deployment with two furnished organisations."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.mine = furnish(deployment, deployment.one, "MINE")
        self.theirs = furnish(deployment, deployment.two, "THEIRS")
        self.operations = list(operations(deployment.app))

    def call(self, operation: Operation, who: Furnished, values: Mapping[str, str]) -> Any:
        """Send the operation with the credentials of `who`, about what `values` name."""
        return self.deployment.http.request(
            operation.method,
            operation.url(values),
            params=operation.filters({**values, **RANGE}),
            json=operation.filled(values),
            headers={**credentials(operation, who), "Origin": ORIGIN},
        )

    def stored(self, organization_id: str) -> dict[tuple[str, str], str]:
        """Everything stored that belongs to an organisation."""
        items: dict[tuple[str, str], str] = {}
        client = self.deployment.table._client
        for page in client.get_paginator("scan").paginate(TableName="frontdesk"):
            for item in page["Items"]:
                text = json.dumps(item, sort_keys=True, default=str)
                if organization_id in text and not item["pk"]["S"].startswith(OWN_TRACES):
                    items[item["pk"]["S"], item["sk"]["S"]] = text
        return items


def credentials(operation: Operation, who: Furnished) -> dict[str, str]:
    """The headers by which `who` would call this operation."""
    if frozenset({"visitorToken", "widgetKey"}) in operation.credentials:
        return who.visitor_headers
    if operation.credentials:
        return who.team_headers
    return {}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with empty_table() as table:
        yield World(Deployment(table))


def test_no_operation_reveals_or_changes_anything_of_another_organisation(world: World) -> None:
    before = world.stored(world.theirs.organization_id)
    asked = refused = 0
    # One's own come last: among them is the one that makes one's visitors' identities worthless.
    for operation in sorted(world.operations, key=lambda each: not each.parameters):
        if not operation.credentials:
            continue
        answer = world.call(operation, world.mine, world.theirs.values)
        asked += 1
        assert answer.status_code < 500, (operation.name, answer.text)
        if operation.parameters:
            refused += 1
            assert answer.status_code == 404, (operation.name, answer.status_code, answer.text)
        for secret in world.theirs.secrets:
            assert secret not in answer.text, (operation.name, secret)
    after = world.stored(world.theirs.organization_id)
    assert {key for key in before if before[key] != after.get(key)} == set()
    assert set(after) - set(before) == set()
    assert refused > 20
    print(f"\n{asked} operations asked with another's ids, {refused} of them 404, 0 revealed")


def test_the_same_operations_find_what_is_ones_own(world: World) -> None:
    """The walk above would pass as well if nothing were ever found."""
    reads = [each for each in world.operations if each.method == "GET" and each.parameters]
    assert len(reads) >= 6
    for operation in reads:
        answer = world.call(operation, world.theirs, world.theirs.values)
        assert answer.status_code == 200, (operation.name, answer.text)


def test_lists_show_what_is_ones_own_and_nothing_else(world: World) -> None:
    for operation in world.operations:
        if operation.method != "GET" or operation.parameters or not operation.permission:
            continue
        answer = world.call(operation, world.theirs, {})
        assert answer.status_code == 200, operation.name
        for secret in world.mine.secrets:
            assert secret not in answer.text, operation.name


@pytest.mark.parametrize("field", ["organization_id", "organization", "org", "tenant"])
def test_naming_an_organisation_in_a_request_changes_nothing(world: World, field: str) -> None:
    theirs = world.theirs.organization_id
    for place in ("params", "headers", "cookies"):
        named: dict[str, Any] = {place: {field: theirs}}
        headers = {**world.mine.team_headers, **named.pop("headers", {})}
        answer = world.deployment.http.get(
            "/api/organization", headers=headers, params=named.get("params")
        )
        if place == "params":
            assert answer.status_code == 422
        else:
            assert answer.json()["id"] == world.mine.organization_id
    answer = world.deployment.http.patch(
        "/api/organization", headers=world.mine.team_headers, json={field: theirs, "tone": "x"}
    )
    assert answer.status_code == 422


def test_an_upload_form_is_good_for_one_key_of_ones_own(world: World) -> None:
    import base64

    answer = world.deployment.http.post(
        "/api/documents",
        json={"filename": "a.pdf", "content_type": "application/pdf", "size": 10},
        headers=world.mine.team_headers,
    )
    fields = answer.json()["upload"]["fields"]
    assert fields["key"].startswith(f"documents/{world.mine.organization_id}/")
    conditions = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    assert {"key": fields["key"]} in conditions
    assert ["starts-with", "$key"] not in [list(each)[:2] for each in conditions]
