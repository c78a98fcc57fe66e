"""Where sentences begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        ["It costs 1.5 EUR.", "Pay it!", "Why?", "“Because.”", "(See below.)", "3 days later."],
        ["See e.g. the guide, i.e. No. 7 of Dr. Bell.", "It is vs. Them."],
        ["Open at 9 a.m.", "Bring cards, keys, etc.", "Then wait."],
        ["Ask J. R. Smith.", "He knows."],
        ["What?!", "Yes…", "Well."],
        ["It works [2].", "Next."],
        ["¿Cuánto cuesta?", "¡Nada!"],
        ["Visit example.com now.", "Version 2.0 is out."],
    ],
)
def test_sentences_are_told_from_abbreviations_and_numbers(text: list[str]) -> None:
    assert sentences(" ".join(text)) == text


def test_line_breaks_and_east_asian_full_stops_end_sentences() -> None:
    assert sentences("14 Quay\nDublin 2") == ["14 Quay", "Dublin 2"]
    assert sentences("返金は五日です。お待ちください。") == ["返金は五日です。", "お待ちください。"]


@given(st.text(alphabet=st.sampled_from("aB1 .!?\n。“”()e.g")))
def test_only_white_space_lies_between_sentences(text: str) -> None:
    position = 0
    for start, end in sentence_spans(text):
        assert not text[position:start].strip()
        assert text[start:end].strip() == text[start:end]
        position = end
    assert not text[position:].strip()
