"""Answers written by a language model, on a stack whose workers are killed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import stack as stacks
from local.chat_client import ChatClient
from local.stack import Stack
from tests.contract.openai_stand_in import DONE, Refusal, StandIn, Streamed, chunk, serving

pytestmark = pytest.mark.stack

QUESTION = "How long do refunds take?"
HALF = Streamed((chunk("A refund takes 5 to 10 working days [1]. It"),), then="listen")
"""What is shown of it ends at the citation."""


def whole(text: str) -> Streamed:
    return Streamed((chunk(text), chunk(finish="stop"), DONE))


@pytest.fixture(scope="module")
def model() -> Iterator[StandIn]:
    with serving(whole("")) as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def model_stack(model: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    environ = {
        **os.environ,
        "FRONTDESK_MODEL": "openai:stand-in",
        "FRONTDESK_OPENAI_BASE_URL": model.url,
    }
    folder = tmp_path_factory.mktemp("model-stack")
    with stacks.start(state_dir=folder, environ=environ) as running:
        yield running


@pytest.fixture
def visitor(model_stack: Stack) -> Iterator[ChatClient]:
    assert model_stack.sample
    with ChatClient(
        api_url=model_stack.api_url, key=model_stack.sample.widget_key, origin=model_stack.origin
    ) as client:
        yield client


def kill_workers(stack: Stack) -> int:
    """Kill every process that runs a function, as an outage would."""
    killed = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == stack.emulator.pid:
            os.kill(int(entry.parent.name), signal.SIGKILL)
            killed += 1
    return killed


def test_an_answer_whose_worker_is_killed_arrives_once(
    model_stack: Stack, model: StandIn, visitor: ChatClient
) -> None:
    model.replies[:] = [HALF, whole("Refunds reach the card within 5 to 10 working days [1].")]
    frames: list[dict[str, Any]] = []
    for frame in visitor.ask(QUESTION, seconds=36):
        frames.append(frame)
        if frame["type"] == "delta" and len(model.requests) == 1:
            assert kill_workers(model_stack) > 0
    history = visitor.open_session()["conversation"]["messages"]
    assert [message["role"] for message in history] == ["customer", "assistant"]
    assert len(model.requests) == 2
    assert "A refund takes" in "".join(frame.get("text", "") for frame in frames)
    assert "A refund takes" not in history[-1]["text"]


def test_a_model_that_fails_gives_way_to_quotes(model: StandIn, visitor: ChatClient) -> None:
    model.replies[:] = [Refusal(500)]
    *_, last = visitor.ask("When does the money of a refund reach my card?")
    assert last["message"]["model"] == "extractive"
    assert last["message"]["citations"]
