"""Pinecone's real SDK when Pinecone is slow, overloaded, late or set up differently."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Timer
from typing import Any

import pytest
from pinecone._internal.bulk import get_registry
from pinecone._internal.http_client import get_budget_registry
from pydantic import SecretStr

from frontdesk.errors import IndexUnavailable
from frontdesk.knowledge.pinecone_index import PineconeIndex, ensure_index
from frontdesk.knowledge.ports import Candidate, Passage
from tests.contract.pinecone_stand_in import API_KEY, Failure, StandIn, serving

VECTOR = [0.6, 0.8, 0.0]


@pytest.fixture(autouse=True)
def _forgetting() -> None:
    """The SDK remembers per host, for the whole process, how often it failed, and holds back."""
    get_budget_registry()._reset()
    get_registry()._reset()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with serving() as running:
        ensure_index(api_key=API_KEY, name="kb", dimensions=3, control_host=running.url)
        running.requests.clear()
        yield running


@contextmanager
def opened(stand_in: StandIn, **settings: Any) -> Iterator[PineconeIndex]:
    defaults: dict[str, Any] = {
        "api_key": SecretStr(API_KEY),
        "name": "kb",
        "control_host": stand_in.url,
    }
    with closing(PineconeIndex(**{**defaults, **settings})) as index:
        yield index


def passages(count: int, *, text: str = "refunds take days") -> list[Passage]:
    return [Passage("doc", "v1", n, text, "Guide") for n in range(count)]


def search(index: PineconeIndex, text: str = "refunds") -> list[Candidate]:
    return index.search("acme", text=text, vector=VECTOR, limit=5)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_tried_again(stand_in: StandIn, status: int) -> None:
    with opened(stand_in) as index:
        index.upsert("acme", passages(1), [VECTOR])
        stand_in.failures = [Failure(status)] * 2
        assert len(search(index)) == 1
        stand_in.failures = [Failure(status)] * 2
        index.upsert("acme", passages(2), [VECTOR] * 2)
        stand_in.failures = [Failure(status)] * 2
        index.delete_version("acme", "doc", "v1")
        assert search(index) == []


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_a_lasting_failure_is_an_index_that_is_unavailable(stand_in: StandIn, status: int) -> None:
    with opened(stand_in) as index:
        index.upsert("acme", passages(1), [VECTOR])
        for act in (
            lambda: index.upsert("acme", passages(1), [VECTOR]),
            lambda: search(index),
            lambda: index.delete_version("acme", "doc", "v1"),
        ):
            stand_in.failures = [Failure(status)] * 20
            with pytest.raises(IndexUnavailable) as caught:
                act()
            assert str(status) in str(caught.value)
            assert API_KEY not in str(caught.value)
        stand_in.failures = []
        assert len(search(index)) == 1


def test_silence_ends_with_the_search_deadline_and_leaves_the_next_search_free(
    stand_in: StandIn,
) -> None:
    with opened(stand_in, timeout=5.0, search_deadline=0.3) as index:
        index.upsert("acme", passages(1), [VECTOR])
        search(index)
        stand_in.failures = [Failure(silent_seconds=3.0)] * 2
        started = time.monotonic()
        with pytest.raises(IndexUnavailable, match="in time"):
            search(index)
        assert time.monotonic() - started < 1.5
        assert len(search(index)) == 1
        stand_in.over.set()


def test_a_silent_attempt_is_given_up_and_tried_again(stand_in: StandIn) -> None:
    with opened(stand_in, timeout=0.2) as index:
        index.upsert("acme", passages(1), [VECTOR])
        stand_in.failures = [Failure(silent_seconds=1.0)]
        assert len(search(index)) == 1


def test_a_host_that_is_gone_is_an_index_that_is_unavailable(stand_in: StandIn) -> None:
    gone = "http://127.0.0.1:9"
    with opened(stand_in, host=gone) as index, pytest.raises(IndexUnavailable):
        search(index)


def test_an_index_that_does_not_exist_is_an_index_that_is_unavailable(stand_in: StandIn) -> None:
    with opened(stand_in, name="nothing") as index, pytest.raises(IndexUnavailable, match="404"):
        search(index)


def test_vectors_of_the_wrong_length_are_an_index_that_is_unavailable(stand_in: StandIn) -> None:
    with opened(stand_in) as index:
        with pytest.raises(IndexUnavailable, match="did not store 1 of 1"):
            index.upsert("acme", passages(1), [[1.0]])
        with pytest.raises(IndexUnavailable, match="400"):
            index.search("acme", text="refunds", vector=[1.0], limit=3)


def test_a_search_is_two_requests_and_asks_for_no_vectors(stand_in: StandIn) -> None:
    with opened(stand_in) as index:
        index.upsert("acme", passages(1), [VECTOR])
        search(index)
        stand_in.requests.clear()
        search(index)
    assert [path for path, _ in stand_in.requests] == ["POST /namespaces/acme/documents/search"] * 2
    assert all("embedding" not in body["include_fields"] for _, body in stand_in.requests)


def test_a_text_without_words_is_searched_by_vector_alone(stand_in: StandIn) -> None:
    with opened(stand_in) as index:
        index.upsert("acme", passages(1), [VECTOR])
        stand_in.requests.clear()
        (found,) = search(index, "?!")
        assert len(stand_in.requests) == 1
    assert found.bm25 is None


def test_what_a_customer_types_is_sent_as_plain_text(stand_in: StandIn) -> None:
    with opened(stand_in) as index:
        index.upsert("acme", passages(1), [VECTOR])
        stand_in.requests.clear()
        search(index, 'title:"refunds"^9 AND NOT (days OR [a TO z])')
    clauses = [clause for _, body in stand_in.requests for clause in body["score_by"]]
    assert {clause["type"] for clause in clauses} == {"dense_vector", "text"}
    (plain,) = [clause["query"] for clause in clauses if clause["type"] == "text"]
    assert plain == "title refunds 9 days z"


def test_the_known_host_saves_asking_for_it(stand_in: StandIn) -> None:
    with opened(stand_in, host=stand_in.url) as index:
        index.upsert("acme", passages(1), [VECTOR])
    assert [path for path, _ in stand_in.requests] == ["POST /namespaces/acme/documents/upsert"]


def test_large_vectors_are_stored_though_a_request_holds_two_megabytes() -> None:
    vector = [0.123456789012345] * 3072
    with serving() as stand_in:
        ensure_index(api_key=API_KEY, name="kb", dimensions=3072, control_host=stand_in.url)
        with opened(stand_in) as index:
            index.upsert("acme", passages(60), [vector] * 60)
        assert len(stand_in.namespaces["acme"]) == 60


def test_waiting_ends_when_searches_see_what_was_written(stand_in: StandIn) -> None:
    with opened(stand_in) as index:
        assert index.wait_until_searchable("acme")
        stand_in.lag = True
        index.upsert("acme", passages(1), [VECTOR])
        assert search(index) == []
        assert not index.wait_until_searchable("acme", seconds=0.1)
        Timer(0.3, stand_in.catch_up).start()
        assert index.wait_until_searchable("acme", seconds=10.0)
        assert len(search(index)) == 1


def test_making_the_index_twice_leaves_it_as_it_is(stand_in: StandIn) -> None:
    ensure_index(api_key=API_KEY, name="kb", dimensions=3, control_host=stand_in.url)
    assert [path for path, _ in stand_in.requests] == ["GET /indexes/kb"]
    assert stand_in.indexes["kb"]["deletion_protection"] == "enabled"


def test_an_index_for_other_vectors_is_refused_with_the_reason(stand_in: StandIn) -> None:
    with pytest.raises(IndexUnavailable, match="vectors of 1536 dimensions"):
        ensure_index(api_key=API_KEY, name="kb", dimensions=1536, control_host=stand_in.url)


def test_the_sdk_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, frontdesk.knowledge.pinecone_index as p; "
        "p.PineconeIndex(api_key='k', name='kb'); sys.exit('pinecone' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
