"""What a model thinks aloud is no part of its answer, however it marks it."""

import pytest

from frontdesk.answers.ports import Anew
from frontdesk.answers.thoughts import without_thoughts

ANSWER = "It takes five days [1]."


def said(text: str, step: int) -> str:
    answer = ""
    for piece in without_thoughts(text[i : i + step] for i in range(0, len(text), step)):
        assert piece != ""
        answer = "" if isinstance(piece, Anew) else answer + piece
    return answer


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        f"<think>Hm, source 1 says so.</think>\n\n{ANSWER}",
        f"\n <think>\nHm\n</think>{ANSWER}",
        f"<thinking>Hm</thinking>{ANSWER}",
        f"<reasoning effort='high'>Hm</reasoning>\n{ANSWER}",
        f"<THOUGHT>Hm</THOUGHT>\n{ANSWER}",
        f"<seed:think>Hm</seed:think>{ANSWER}",
        f"[THINK]Hm[/THINK]{ANSWER}",
        f"◁think▷Hm◁/think▷{ANSWER}",
        f"<|begin_of_thought|>Hm<|end_of_thought|>\n{ANSWER}",
        f"<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}",
        f"Source 1 [1] says so.\n</think>\n\n{ANSWER}",
        f"<think>I write <think> first. Hm</think>{ANSWER}",
        f"<think>a <think>b</think> c [1]</think>{ANSWER}",
        f"<think>a</think>\n<think>b</think>\n{ANSWER}",
        f"<think></think>{ANSWER}",
        f"<think>It says `five`</think>{ANSWER}",
        f"<think>I close with `</think>`, then</think>{ANSWER}",
        f"```\nThe block goes on\n</think>{ANSWER}",
        f"<thinking_process>Hm</thinking_process>{ANSWER}",
        f"<|START_THINKING|>Hm<|END_THINKING|><|START_RESPONSE|>{ANSWER}<|END_RESPONSE|>",
        f"<｜begin▁of▁thought｜>Hm<｜end▁of▁thought｜>{ANSWER}",
        f"<think>if a < b [x] then</think>{ANSWER}",
        f"[think]Hm[/think]\n{ANSWER}",
        f"<internal>Hm</internal>{ANSWER}",
        f"<unused94>thought\nHm<unused95>{ANSWER}",
    ],
)
@pytest.mark.parametrize("step", [1, 3, 7, 1000])
def test_thoughts_are_left_out_wherever_the_text_is_cut(text: str, step: int) -> None:
    assert said(text, step) == ANSWER


@pytest.mark.parametrize("step", [1, 5, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "Write `<think>` around it [1].",
        "The tag <think> is shown [1]. So is a < b.",
        "Use the `<reasoning>` tag, then `</reasoning>` [1].",
        "In XML:\n```xml\n<analysis>\n12\n</analysis>\n```\nThat is all [1].",
        "I think [1] so, <b>really</b>",
        "See [the guide](https://a.example) [1",
    ],
)
def test_what_is_no_thought_stays(text: str, step: int) -> None:
    assert said(text, step) == text


def test_thoughts_that_do_not_end_leave_no_answer() -> None:
    assert said("<think>It takes five days [1]. Or", 4) == ""


def test_the_first_words_do_not_wait_for_the_last() -> None:
    pieces = without_thoughts(iter(["<think>Hm</think>It takes ", "five days."]))
    assert next(pieces) == "It takes "
