"""One customer's data, exported and erased."""

import json
from typing import Any

import pytest

from frontdesk.entities import Customer
from frontdesk.errors import NotFound
from frontdesk.ids import new_id
from frontdesk.tables.client import Table
from frontdesk.tables.conversation_items import conversation_partition
from tests.security.furniture import Furnished, furnish
from tests.unit.deployment import UNLIMITED, Deployment, is_problem


class Office:
    """A deployment in which one customer has said and left a lot."""

    def __init__(self, table: Table) -> None:
        self.deployment = Deployment(table, rates=UNLIMITED)
        self.there: Furnished = furnish(self.deployment, self.deployment.one, "WATERMARK")
        self.ref = self.deployment.services.privacy.conversations(
            self.there.organization_id, email=self.there.values["email"], customer_id=None
        )[0]

    def ask(self, act: str, **body: str) -> Any:
        return self.deployment.http.post(
            f"/api/privacy/{act}", json=body, headers=self.deployment.one.headers("admin")
        )

    def everything(self) -> str:
        client = self.deployment.table._client
        pages = client.get_paginator("scan").paginate(TableName="frontdesk")
        return json.dumps([page["Items"] for page in pages], default=str)


@pytest.fixture
def office(table: Table) -> Office:
    return Office(table)


def test_an_export_holds_all_that_was_said_and_none_of_our_keys(office: Office) -> None:
    exported = office.ask("export", email=office.there.values["email"])
    [record] = exported.json()["conversations"]
    texts = [message["text"] for message in record["messages"]]
    assert "WATERMARK question?" in texts
    assert "WATERMARK note" in texts
    assert record["conversation"]["customer"]["email"] == office.there.values["email"]
    assert record["ticket"]["status"] == "open"
    assert "gsi1" not in exported.text


@pytest.mark.parametrize("by", ["email", "customer_id", "conversation_id"])
def test_nothing_of_an_erased_customer_is_left_anywhere(office: Office, by: str) -> None:
    values = office.there.values
    erased = office.ask("erase", **{by: values[by]})
    assert erased.json() == {"conversations": 1}
    assert office.deployment.table.query(conversation_partition(office.ref)) == []
    left = office.everything()
    for word in ("WATERMARK question", "WATERMARK note", "WATERMARK person", values["email"]):
        assert word not in left, word
    assert is_problem(office.ask("erase", **{by: values[by]}), 404)


def test_the_statistics_and_the_log_stay(office: Office) -> None:
    headers = office.deployment.one.headers("admin")

    def today() -> Any:
        return office.deployment.http.get("/api/admin/stats", headers=headers).json()["today"]

    before = today()
    assert before["conversations"]["value"] == 1
    office.ask("erase", email=office.there.values["email"])
    assert today() == before
    entries = office.deployment.http.get("/api/audit", headers=headers).json()["entries"]
    [entry] = [each for each in entries if each["action"] == "privacy.erase"]
    assert "@" not in json.dumps(entry)


def test_a_message_that_comes_while_erasing_revives_nothing(office: Office) -> None:
    office.ask("erase", conversation_id=office.ref.conversation_id)
    with pytest.raises(NotFound):
        office.deployment.services.conversations.accept(
            office.ref, client_id=new_id(), text="Am I still here?", per_minute=9
        )
    assert office.deployment.table.query(conversation_partition(office.ref)) == []


@pytest.mark.parametrize("by", ["email", "conversation_id"])
def test_erasing_that_was_broken_off_is_finished_by_asking_again(office: Office, by: str) -> None:
    privacy = office.deployment.services.privacy
    table = office.deployment.table
    delete_many = table.delete_many

    def broken(_keys: Any) -> None:
        raise ConnectionError

    table.delete_many = broken  # type: ignore[method-assign,assignment]
    with pytest.raises(ConnectionError):
        privacy.erase(office.ref)
    table.delete_many = delete_many  # type: ignore[method-assign]
    with pytest.raises(NotFound):
        office.deployment.services.conversations.accept(
            office.ref, client_id=new_id(), text="Am I still here?", per_minute=9
        )
    again = office.ask("erase", **{by: office.there.values[by]})
    assert again.json() == {"conversations": 1}
    assert office.deployment.table.query(conversation_partition(office.ref)) == []
    assert office.there.values["email"] not in office.everything()


def test_an_address_that_was_corrected_leads_nowhere_any_more(office: Office) -> None:
    services = office.deployment.services
    services.visitors.set_customer(
        services.conversations.get(office.ref), Customer(email="new@example.org")
    )
    organization_id = office.there.organization_id
    old = office.there.values["email"]
    assert services.visitors.conversations_of(organization_id, old) == []
    assert services.visitors.conversations_of(organization_id, "new@example.org") == [office.ref]


def test_an_id_finds_only_what_a_site_vouched_for(office: Office) -> None:
    deployment = office.deployment
    ref = deployment.asked(deployment.one)
    claimed = Customer(email=office.there.values["customer_id"])
    deployment.services.visitors.set_customer(deployment.services.conversations.get(ref), claimed)
    found = deployment.services.privacy.conversations(
        office.there.organization_id, email=None, customer_id=office.there.values["customer_id"]
    )
    assert found == [office.ref]


@pytest.mark.parametrize(
    "body", [{}, {"email": "a@b.example", "customer_id": "7"}, {"email": "nobody"}]
)
def test_exactly_one_thing_says_who_it_is_about(office: Office, body: dict[str, str]) -> None:
    assert is_problem(office.ask("erase", **body), 422)
