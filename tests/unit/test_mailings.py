"""That a mail is being sent, or was: claims."""

import time

import pytest

from frontdesk.tables.client import Table
from frontdesk.tables.mailings import SENDING_SECONDS, BeingSent, Mailings
from frontdesk.tables.suppressions import Suppressions


@pytest.fixture
def mailings(table: Table) -> Mailings:
    return Mailings(table)


def test_what_was_sent_is_claimed_by_nobody_again(mailings: Mailings) -> None:
    claim = mailings.claim("quota/one/80", "ada@harbor.example")
    assert claim is not None
    mailings.settle(claim)
    assert mailings.claim("quota/one/80", "Ada@Harbor.example") is None
    assert mailings.claim("quota/one/100", "ada@harbor.example") is not None
    assert mailings.claim("quota/one/80", "bo@harbor.example") is not None


def test_two_workers_do_not_send_the_same_mail(mailings: Mailings) -> None:
    assert mailings.claim("quota/one/80", "ada@harbor.example") is not None
    with pytest.raises(BeingSent):
        mailings.claim("quota/one/80", "ada@harbor.example")


def test_a_claim_that_is_let_go_is_there_for_the_next_try(mailings: Mailings) -> None:
    claim = mailings.claim("quota/one/80", "ada@harbor.example")
    assert claim is not None
    mailings.release(claim)
    assert mailings.claim("quota/one/80", "ada@harbor.example") is not None


def test_the_claim_of_a_worker_that_died_is_taken_over_and_worth_nothing_to_it(
    mailings: Mailings, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = mailings.claim("quota/one/80", "ada@harbor.example")
    assert dead is not None
    later = time.time() + SENDING_SECONDS + 1
    monkeypatch.setattr("time.time", lambda: later)
    taken = mailings.claim("quota/one/80", "ada@harbor.example")
    assert taken is not None
    mailings.release(dead)
    mailings.settle(dead)
    with pytest.raises(BeingSent):
        mailings.claim("quota/one/80", "ada@harbor.example")


def test_no_address_is_stored(table: Table, mailings: Mailings) -> None:
    mailings.claim("quota/one/80", "ada@harbor.example")
    Suppressions(table).add("ada@harbor.example", "complaint")
    items = table._client.scan(TableName="frontdesk")["Items"]
    assert len(items) == 2
    assert "ada" not in str(items)
