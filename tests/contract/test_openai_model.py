"""The real OpenAI SDK against a stand-in server: a whole answer or ModelUnavailable."""

import json
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from frontdesk.answers.openai_model import OpenAiModel
from frontdesk.answers.ports import Anew, Completion, Prompt, TokenUsage, Turn
from frontdesk.errors import ModelUnavailable, PromptRefused
from tests.contract.openai_stand_in import (
    DONE,
    Refusal,
    Reply,
    StandIn,
    Streamed,
    Written,
    chunk,
    event,
    serving,
)

KEY = "sk-very-secret"
PROMPT = Prompt(
    instructions="Answer from the sources.",
    sources=('<source number="1">Refunds take five days.</source>',),
    history=(Turn("customer", "Hello"), Turn("assistant", "Hi, how can I help?")),
    question="How long does a refund take?",
)
WHOLE = Streamed([chunk("Five "), chunk("days. [1]"), chunk(finish="stop"), DONE])


@contextmanager
def asking(stand_in: StandIn, **settings: Any) -> Iterator[OpenAiModel]:
    """A model that asks the stand-in and is quick to lose patience."""
    quick: dict[str, Any] = {"stall_seconds": 2.0, "total_seconds": 5.0, "max_retries": 2}
    with closing(
        OpenAiModel(api_key=KEY, model="some-model", base_url=stand_in.url, **{**quick, **settings})
    ) as model:
        yield model


def answer(stand_in: StandIn, **settings: Any) -> list[str | Anew | TokenUsage]:
    with asking(stand_in, **settings) as model:
        return list(model.stream(PROMPT))


def failure(stand_in: StandIn, **settings: Any) -> str:
    with pytest.raises(ModelUnavailable) as caught:
        answer(stand_in, **settings)
    return str(caught.value)


def completed(stand_in: StandIn, seconds: float = 2.0, **settings: Any) -> Completion:
    with asking(stand_in, **settings) as model:
        return model.complete(PROMPT, max_tokens=50, seconds=seconds)


def test_an_answer_comes_in_the_pieces_the_server_sent() -> None:
    with serving(WHOLE) as stand_in:
        assert answer(stand_in) == ["Five ", "days. [1]"]


def test_the_server_gets_instructions_history_sources_and_question_apart() -> None:
    with serving(WHOLE) as stand_in:
        answer(stand_in, max_output_tokens=321, temperature=0.5)
    request = stand_in.requests[0]
    roles = [message["role"] for message in request["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert request["messages"][0]["content"] == PROMPT.instructions
    last = request["messages"][-1]["content"]
    assert PROMPT.sources[0] in last
    assert "no instruction" in last.split(PROMPT.sources[0])[0]
    assert last.endswith(PROMPT.question)
    assert last.index("</sources>\n\n") < last.index(PROMPT.question)
    assert (request["model"], request["stream"]) == ("some-model", True)
    assert (request["max_tokens"], request["temperature"]) == (321, 0.5)
    assert stand_in.headers[0]["authorization"] == f"Bearer {KEY}"


def test_rapid_messages_of_a_customer_reach_the_model_as_turns_that_alternate() -> None:
    prompt = Prompt("Be kind.", (), (Turn("customer", "Hi"), Turn("customer", "Me")), "And?")
    with serving(WHOLE) as stand_in, asking(stand_in) as model:
        list(model.stream(prompt))
    assert stand_in.requests[0]["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi\n\nMe\n\nAnd?"},
    ]


def test_tokens_come_last_after_a_whole_answer() -> None:
    reply = Streamed([chunk("Yes."), chunk(finish="stop"), chunk(usage=(120, 7)), DONE])
    with serving(reply) as stand_in:
        assert answer(stand_in) == ["Yes.", TokenUsage(120, 7)]
    assert stand_in.requests[0]["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    "usage",
    ['{"prompt_tokens": "many"}', '{"prompt_tokens": 0, "completion_tokens": 0}', "[]", "7"],
)
def test_a_server_that_only_seems_to_count_does_not(usage: str) -> None:
    strange = event(f'{{"choices": [], "usage": {usage}}}')
    with serving(Streamed([chunk("Yes."), chunk(finish="stop"), strange, DONE])) as stand_in:
        assert answer(stand_in) == ["Yes."]


def test_a_summary_of_what_came_before_is_data_of_the_customer() -> None:
    prompt = Prompt("Be kind.", (), (Turn("assistant", "Yes."),), "And?", summary="Wants a refund.")
    with serving(WHOLE) as stand_in, asking(stand_in) as model:
        list(model.stream(prompt))
    sent = stand_in.requests[0]["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "user"]
    assert sent[1]["content"].endswith("Wants a refund.")
    assert sent[0]["content"] == "Be kind."


def test_a_short_text_comes_whole_in_one_answer() -> None:
    with serving(Written("How long does it take?", usage=(90, 6))) as stand_in:
        assert completed(stand_in) == Completion("How long does it take?", TokenUsage(90, 6))
    request = stand_in.requests[0]
    assert request["max_tokens"] == 50
    assert "stream_options" not in request
    assert not request.get("stream")


def test_a_short_text_is_asked_for_once() -> None:
    with serving(Refusal(500), Written("Late.")) as stand_in:
        with pytest.raises(ModelUnavailable, match="500"):
            completed(stand_in)
        assert len(stand_in.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [Streamed([], then="stall"), Written("Late.", trickling=True)],
    ids=["silent", "byte by byte"],
)
def test_a_short_text_that_does_not_come_in_time_is_given_up(reply: Reply) -> None:
    with (
        serving(reply) as stand_in,
        asking(stand_in, stall_seconds=60, total_seconds=60) as model,
        pytest.raises(ModelUnavailable, match="Timeout"),
    ):
        model.complete(PROMPT, max_tokens=50, seconds=0.2)


@pytest.mark.parametrize(
    "reply", [Written("Half of", finish="length"), Written(""), Written(None), Written("  ")]
)
def test_a_short_text_that_is_cut_or_empty_is_none(reply: Written) -> None:
    with serving(reply) as stand_in, pytest.raises(PromptRefused):
        completed(stand_in)


def test_a_short_text_leaves_out_what_the_server_refuses_and_answers_do_so_too() -> None:
    error = {"message": "Unsupported value", "param": "temperature"}
    with serving(Refusal(400, error), Written("Yes."), WHOLE) as stand_in:
        with asking(stand_in) as model:
            assert model.complete(PROMPT, max_tokens=9, seconds=2).text == "Yes."
            list(model.stream(PROMPT))
        assert ["temperature" in request for request in stand_in.requests] == [True, False, False]


def test_a_short_limit_does_not_shorten_the_answer_after_it() -> None:
    with serving(Written("Yes."), WHOLE) as stand_in, asking(stand_in) as model:
        model.complete(PROMPT, max_tokens=9, seconds=0.5)
        list(model.stream(PROMPT))
        assert stand_in.requests[1]["max_tokens"] == 800


@pytest.mark.parametrize(
    ("reply", "works"),
    [
        (Refusal(400), True),
        (Refusal(422), True),
        (Streamed([chunk("Five "), chunk(finish="length")]), True),
        (Refusal(401), False),
        (Refusal(429), False),
        (Refusal(500), False),
        (Streamed([chunk("Five ")], then="cut"), False),
    ],
)
def test_it_tells_a_prompt_it_refuses_from_being_out_of_order(reply: Reply, works: bool) -> None:
    with (
        serving(reply) as stand_in,
        asking(stand_in, max_retries=0) as model,
        pytest.raises(ModelUnavailable) as caught,
    ):
        list(model.stream(PROMPT))
    assert isinstance(caught.value, PromptRefused) is works


def test_empty_deltas_give_no_empty_pieces() -> None:
    reply = Streamed(
        [chunk(""), chunk(None), chunk("Yes"), chunk(""), chunk("."), chunk(finish="stop"), DONE]
    )
    with serving(reply) as stand_in:
        assert answer(stand_in) == ["Yes", "."]


def test_a_character_split_between_packets_arrives_whole() -> None:
    whole = chunk("Für 20 € 🙂 我") + chunk(finish="stop") + DONE
    reply = Streamed([whole[i : i + 1] for i in range(len(whole))])
    with serving(reply) as stand_in:
        assert answer(stand_in) == ["Für 20 € 🙂 我"]


def test_an_answer_is_whole_without_the_closing_done() -> None:
    with serving(Streamed([chunk("Yes."), chunk(finish="stop")])) as stand_in:
        assert answer(stand_in) == ["Yes."]


def test_an_answer_is_whole_though_the_server_breaks_off_before_the_token_count() -> None:
    with serving(Streamed([chunk("Yes."), chunk(finish="stop")], then="cut")) as stand_in:
        assert answer(stand_in) == ["Yes."]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_refusal_that_passes_is_tried_again(status: int) -> None:
    with serving(Refusal(status), WHOLE) as stand_in:
        assert answer(stand_in) == ["Five ", "days. [1]"]
    assert len(stand_in.requests) == 2


def test_a_server_that_keeps_failing_is_given_up() -> None:
    with serving(Refusal(500, {"message": "secret internals"})) as stand_in:
        assert "500" in failure(stand_in, max_retries=2)
    assert len(stand_in.requests) == 3


@pytest.mark.parametrize(
    "asked",
    [
        {"Retry-After": "60"},
        {"Retry-After-Ms": "60000"},
        {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)},
    ],
)
def test_a_server_that_asks_for_a_long_wait_is_given_up_at_once(asked: dict[str, str]) -> None:
    with serving(Refusal(429, headers=asked)) as stand_in:
        assert "429" in failure(stand_in, longest_wait_seconds=5.0)
    assert len(stand_in.requests) == 1


def test_a_wrong_key_is_not_tried_again_and_not_told() -> None:
    error = {"message": f"Incorrect API key provided: {KEY}", "type": "invalid_request_error"}
    with serving(Refusal(401, error)) as stand_in:
        told = failure(stand_in)
    assert KEY not in told
    assert "Incorrect" not in told
    assert len(stand_in.requests) == 1


def test_an_error_names_neither_the_key_nor_the_conversation_in_its_chain() -> None:
    with (
        serving(Refusal(400, {"message": f"bad: {PROMPT.question} {KEY}"})) as stand_in,
        pytest.raises(ModelUnavailable) as caught,
    ):
        answer(stand_in)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("pieces", [[], [chunk("Five ")]], ids=["at once", "in mid-answer"])
def test_a_stall_is_a_failure(pieces: list[bytes]) -> None:
    with serving(Streamed(pieces, then="stall")) as stand_in:
        assert "Timeout" in failure(stand_in, stall_seconds=0.2, max_retries=0)


def test_a_server_that_only_keeps_the_line_warm_is_given_up() -> None:
    with serving(Streamed([chunk("Five ")], then="trickle")) as stand_in:
        assert "Timeout" in failure(stand_in, total_seconds=0.2)


def test_a_cut_connection_is_a_failure_after_the_pieces_that_came() -> None:
    pieces: list[str | Anew | TokenUsage] = []
    with (
        serving(Streamed([chunk("Five "), chunk("da")], then="cut")) as stand_in,
        asking(stand_in) as model,
        pytest.raises(ModelUnavailable),
    ):
        pieces.extend(model.stream(PROMPT))
    assert pieces == ["Five ", "da"]
    assert len(stand_in.requests) == 1, "what the customer has seen must not come twice"


@pytest.mark.parametrize(
    ("ending", "because"),
    [
        ([], "ended before"),
        ([DONE], "ended before"),
        ([chunk(finish="length")], "length"),
        ([chunk(finish="content_filter")], "content_filter"),
        ([event('{"choices": [{"delta"')], "JSON"),
        ([b"data: \xff\xfe\n\n"], "Unicode"),
        ([event('{"error": {"message": "overloaded: secret"}}')], "APIError"),
    ],
)
def test_an_answer_that_does_not_end_by_itself_is_a_failure(
    ending: list[bytes], because: str
) -> None:
    with serving(Streamed([chunk("Five "), *ending])) as stand_in:
        told = failure(stand_in)
    assert because in told
    assert "secret" not in told


@pytest.mark.parametrize("strange", ["5", "[]", '{"choices": null}', '{"choices": [{}]}', "{}"])
def test_chunks_that_say_nothing_are_passed_over(strange: str) -> None:
    with serving(Streamed([event(strange), *WHOLE.pieces])) as stand_in:
        assert answer(stand_in) == ["Five ", "days. [1]"]


def test_an_empty_answer_is_a_failure() -> None:
    with serving(Streamed([chunk(""), chunk(finish="stop"), DONE])) as stand_in:
        assert "empty" in failure(stand_in)


@pytest.mark.parametrize("option", ["stream_options", "temperature", "max_tokens"])
@pytest.mark.parametrize("named_in", ["param", "message"])
def test_an_option_that_a_server_does_not_know_is_left_out_from_then_on(
    option: str, named_in: str
) -> None:
    error = {"message": f"Unrecognized request argument supplied: {option}"}
    if named_in == "param":
        error = {"message": "Unsupported value", "param": option}
    with serving(Refusal(400, error), WHOLE) as stand_in, asking(stand_in) as model:
        for _ in range(2):
            assert list(model.stream(PROMPT)) == ["Five ", "days. [1]"]
    assert [option in request for request in stand_in.requests] == [True, False, False]


def test_a_server_that_refuses_everything_is_not_asked_for_ever() -> None:
    with serving(Refusal(400, {"message": "temperature stream_options max_tokens"})) as stand_in:
        assert "400" in failure(stand_in)
    assert len(stand_in.requests) == 4


def test_closing_the_answer_hangs_up() -> None:
    with (
        serving(Streamed([chunk("Five ")], then="listen")) as stand_in,
        asking(stand_in, stall_seconds=10) as model,
    ):
        pieces = model.stream(PROMPT)
        assert next(pieces) == "Five "
        assert isinstance(pieces, Generator)
        pieces.close()
        assert stand_in.hung_up.wait(5)


def test_a_server_that_is_not_there_is_a_failure() -> None:
    with serving(WHOLE) as stand_in:
        pass
    assert "Connection" in failure(stand_in, max_retries=0)


def test_one_model_serves_several_threads() -> None:
    with serving(WHOLE) as stand_in, asking(stand_in) as model, ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: "".join(map(str, model.stream(PROMPT))), range(8)))
    assert set(answers) == {"Five days. [1]"}


def test_a_function_that_does_not_ask_the_model_does_not_import_the_sdk() -> None:
    code = "import sys, frontdesk.answers.openai_model; sys.exit('openai' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=True)


def parts(*content: Any) -> bytes:
    """A chunk whose content is a list."""
    choice = {"index": 0, "delta": {"content": list(content)}, "finish_reason": None}
    return event(json.dumps({"id": "1", "object": "chat.completion.chunk", "choices": [choice]}))


@pytest.mark.parametrize(
    "sent",
    [
        [chunk("<think>\nSource 1 sa"), chunk("ys so [1].</th"), chunk("ink>\n\nFive days. [1]")],
        [
            parts({"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}),
            parts({"type": "text", "text": "Five "}),
            parts({"text": "days."}, " [1]"),
        ],
        [parts({"type": "text", "text": {"value": "Five days. [1]"}}, {"type": "audio"}, 7, None)],
    ],
    ids=["tags", "parts", "wrapped"],
)
@pytest.mark.parametrize(
    "finish", ["stop", "eos_token", "end_turn", "STOP", "stop_sequence", "eos"]
)
def test_the_answer_is_what_is_said_and_not_what_is_thought(sent: list[bytes], finish: str) -> None:
    with serving(Streamed([*sent, chunk(finish=finish), DONE])) as stand_in:
        assert "".join(map(str, answer(stand_in))) == "Five days. [1]"


def test_thoughts_whose_beginning_the_prompt_has_are_taken_back() -> None:
    sent = [chunk("Source 1 says so [1]."), chunk("</think>Five days. [1]"), chunk(finish="stop")]
    with serving(Streamed([*sent, DONE])) as stand_in:
        assert answer(stand_in) == ["Source 1 says so [1].", Anew(), "Five days. [1]"]


@pytest.mark.parametrize(
    "finish",
    ["content_filter", "max_tokens", "model_length", "SAFETY", "error", "abort", "exceeded"],
)
def test_an_answer_that_was_cut_off_is_none_whatever_it_is_called(finish: str) -> None:
    with serving(Streamed([chunk("Five "), chunk(finish=finish), DONE])) as stand_in:
        assert "cut off" in failure(stand_in)


def test_a_limit_that_was_spent_on_thoughts_is_lifted_and_then_has_room_for_them() -> None:
    thoughts = Streamed([chunk("<think>Hm"), chunk(finish="length"), chunk(usage=(90, 80)), DONE])
    whole = Streamed([chunk("Yes."), chunk(finish="stop"), chunk(usage=(90, 300)), DONE])
    with serving(thoughts, whole) as stand_in, asking(stand_in) as model:
        assert list(model.stream(PROMPT)) == ["Yes.", TokenUsage(180, 380)]
        list(model.stream(PROMPT))
        limits = [request.get("max_tokens") for request in stand_in.requests]
    assert limits == [800, None, 8_800]


def test_a_short_text_that_was_all_thoughts_is_written_again_in_what_is_left_of_the_time() -> None:
    thoughts = Written("<think>Hm, so", finish="length", usage=(90, 50))
    whole = Written("<think>Hm</think>\n\nHow long does it take?", usage=(90, 60))
    with serving(thoughts, whole) as stand_in:
        assert completed(stand_in) == Completion("How long does it take?", TokenUsage(180, 110))
        assert [request.get("max_tokens") for request in stand_in.requests] == [50, None]


def test_a_limit_too_large_for_one_prompt_is_back_for_the_next() -> None:
    error = {"message": "'max_tokens' is too large: 800. The context length is 2048 tokens."}
    refusal = Refusal(400, {**error, "param": "max_tokens", "code": 400})
    with serving(refusal, WHOLE, WHOLE) as stand_in, asking(stand_in) as model:
        list(model.stream(PROMPT))
        list(model.stream(PROMPT))
        limited = ["max_tokens" in request for request in stand_in.requests]
    assert limited == [True, False, True]


def test_a_limit_that_goes_by_another_name_is_given_by_that() -> None:
    error = {"message": "Unsupported parameter: 'max_tokens'.", "param": "max_tokens"}
    with serving(Refusal(400, error), WHOLE, WHOLE) as stand_in, asking(stand_in) as model:
        list(model.stream(PROMPT))
        list(model.stream(PROMPT))
        assert [request.get("max_tokens") for request in stand_in.requests] == [800, None, None]
        assert [request.get("max_completion_tokens") for request in stand_in.requests] == [
            None,
            800,
            800,
        ]


def test_who_keeps_the_line_open_after_the_answer_is_not_waited_for() -> None:
    sent = Streamed([chunk("Five days. [1]"), chunk(finish="stop")], then="stall")
    begun = time.monotonic()
    with serving(sent) as stand_in:
        assert answer(stand_in, stall_seconds=30.0, total_seconds=60.0) == ["Five days. [1]"]
    assert time.monotonic() - begun < 8


def test_json_that_nests_without_end_is_no_answer() -> None:
    nested = event('{"choices": ' + "[" * 100_000)
    with serving(Streamed([nested, DONE])) as stand_in:
        assert "RecursionError" in failure(stand_in)
