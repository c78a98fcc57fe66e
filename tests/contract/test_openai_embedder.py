"""The real OpenAI SDK against a stand-in embeddings server: unit vectors or EmbedderUnavailable."""

import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from frontdesk.errors import EmbedderUnavailable
from frontdesk.knowledge.openai_embedder import OpenAiEmbedder
from tests.contract.openai_embeddings_stand_in import API_KEY, Failure, StandIn, serving


@contextmanager
def embedding(stand_in: StandIn, **settings: Any) -> Iterator[OpenAiEmbedder]:
    defaults: dict[str, Any] = {
        "api_key": SecretStr(API_KEY),
        "model": "some-model",
        "base_url": stand_in.url,
        "timeout": 2.0,
    }
    with closing(OpenAiEmbedder(**{**defaults, **settings})) as embedder:
        yield embedder


def failure(stand_in: StandIn, **settings: Any) -> str:
    with (
        embedding(stand_in, **settings) as embedder,
        pytest.raises(EmbedderUnavailable) as caught,
    ):
        embedder.embed(["refunds"])
    return str(caught.value)


def test_vectors_come_back_in_the_order_of_the_texts_whatever_the_batches() -> None:
    texts = [f"passage {n} about topic {n % 7}" for n in range(300)]
    with serving() as stand_in, embedding(stand_in) as embedder:
        together = embedder.embed(texts)
        alone = [embedder.embed([text])[0] for text in texts[::50]]
        batches = [len(request["input"]) for request in stand_in.requests[:3]]
    assert together[::50] == alone
    assert batches == [128, 128, 44]


def test_every_vector_has_unit_length_also_from_a_server_that_does_not_normalise() -> None:
    with serving(scale=17.0) as stand_in, embedding(stand_in) as embedder:
        vectors = embedder.embed(["one", "two words here", "a b c d e f g"])
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1.0, 1.0, 1.0])


def test_the_dimensions_are_those_the_server_sends() -> None:
    with serving(dimensions=48) as stand_in, embedding(stand_in) as embedder:
        assert embedder.dimensions == 48
        assert "dimensions" not in stand_in.requests[0]


def test_shorter_vectors_are_asked_for() -> None:
    with serving() as stand_in, embedding(stand_in, dimensions=32) as embedder:
        assert embedder.dimensions == 32
        assert len(embedder.embed(["refunds"])[0]) == 32
        assert stand_in.requests[0]["dimensions"] == 32


def test_nothing_to_embed_asks_nobody() -> None:
    with serving() as stand_in, embedding(stand_in) as embedder:
        assert embedder.embed([]) == []
        assert stand_in.requests == []


@pytest.mark.parametrize("text", ["", "  \n\t ", "\ud800", "x" * 50_000, "🙂" * 9_000, "a\x00b"])
def test_any_text_has_a_vector(text: str) -> None:
    with serving() as stand_in, embedding(stand_in) as embedder:
        vectors = embedder.embed(["before", text, "after"])
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1.0, 1.0, 1.0])


def test_many_long_texts_stay_within_what_one_request_may_hold() -> None:
    with serving() as stand_in, embedding(stand_in) as embedder:
        assert len(embedder.embed(["ü" * 10_000] * 100)) == 100
        assert len(stand_in.requests) > 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_tried_again(status: int) -> None:
    with serving() as stand_in, embedding(stand_in) as embedder:
        stand_in.failures = [Failure(status), Failure(status)]
        assert len(embedder.embed(["refunds"])) == 1


@pytest.mark.parametrize("status", [429, 500])
def test_a_lasting_failure_is_an_embedder_that_is_unavailable(status: int) -> None:
    with serving() as stand_in:
        stand_in.failures = [Failure(status)] * 3
        assert f"answered {status}" in failure(stand_in)


def test_silence_ends_with_the_timeout() -> None:
    with serving() as stand_in:
        stand_in.failures = [Failure(silent_seconds=5.0)] * 2
        assert "Timeout" in failure(stand_in, timeout=0.2, max_retries=1)


def test_a_refused_key_is_named_and_not_quoted() -> None:
    with serving() as stand_in:
        told = failure(stand_in, api_key="sk-wrong")
    assert "401 invalid_api_key" in told
    assert API_KEY not in told


def test_a_server_that_is_gone_is_an_embedder_that_is_unavailable() -> None:
    with serving() as stand_in:
        pass
    assert "Connection" in failure(stand_in, max_retries=0)


@pytest.mark.parametrize(
    "body",
    [
        {"object": "list", "data": []},
        {"object": "list", "data": [{"index": 0}]},
        {"object": "list", "data": [{"index": 0, "embedding": ["x"]}]},
        {"object": "list", "data": [{"index": 0, "embedding": [0.0, 0.0]}]},
        {"object": "list", "data": [{"index": n, "embedding": [1.0]} for n in range(2)]},
        ["not", "an", "answer"],
        "hello",
    ],
)
def test_an_answer_that_is_none_is_an_embedder_that_is_unavailable(body: object) -> None:
    with serving() as stand_in:
        stand_in.failures = [Failure(200, body)]
        failure(stand_in, max_retries=0)


def test_the_sdk_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, frontdesk.knowledge.openai_embedder as e; "
        "e.OpenAiEmbedder(api_key='k', model='m'); sys.exit('openai' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
