"""In which order passages stand before one answers from them."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from frontdesk.answers.adapters import open_reranker
from frontdesk.answers.drafting import Inquiry, Unheard, Working
from frontdesk.answers.reranking import READ, rerank
from frontdesk.errors import RerankerUnavailable
from frontdesk.knowledge.minilm import MiniLmEmbedder
from frontdesk.knowledge.ports import Passage
from frontdesk.knowledge.retrieval import Retrieved, prefer
from frontdesk.settings import RankingSettings
from tests.unit.help_centre import HARBOR, HelpCentre

MODELS = Path(__file__).parents[2] / "layers" / "models"
QUESTION = "How long does a refund take?"


class Reader:
    """A cross-encoder that gives what it is told to, by the last word of a passage."""

    def __init__(self, **logits: float) -> None:
        self.logits = logits
        self.read: list[str] = []

    def scores(self, _question: str, texts: Sequence[str]) -> list[float]:
        self.read += texts
        return [self.logits.get(text.split()[-1], -6.0) for text in texts]


def found(*names: str) -> list[Retrieved]:
    """Passages that only their names and their cosines tell apart, best first."""
    return [
        Retrieved(
            Passage("document", "v1", n, f"Something about {name}", "Guide"), 0.0, 0.9 - n / 10, 1.0
        )
        for n, name in enumerate(names)
    ]


def names(ranked: Sequence[Retrieved]) -> list[str]:
    return [each.passage.text.split()[-1] for each in ranked]


SEVEN = found("a", "b", "c", "d", "e", "f", "g")


def test_without_a_cross_encoder_nothing_was_read() -> None:
    ranked = rerank(QUESTION, SEVEN)
    assert names(ranked) == ["a", "b", "c", "d", "e", "f", "g"]
    assert {each.relevance for each in ranked} == {None}


def test_what_answers_comes_first_and_says_how_well_it_does() -> None:
    ranked = rerank(QUESTION, SEVEN, Reader(c=4.0, b=1.0))
    assert names(ranked)[:3] == ["c", "b", "a"]
    assert [each.relevance for each in ranked[:3]] == [4.0, 1.0, -6.0]


def test_only_the_first_few_are_read_and_stay_before_the_rest() -> None:
    reader = Reader(g=9.0)
    ranked = rerank(QUESTION, SEVEN, reader)
    assert len(reader.read) == READ
    assert names(ranked)[READ:] == names(SEVEN)[READ:]
    assert [each.score for each in ranked] == sorted((e.score for e in ranked), reverse=True)
    assert names(prefer(ranked, "en")) == names(ranked)


def test_words_still_count_where_reading_sees_little_difference() -> None:
    ranked = rerank(QUESTION, SEVEN, Reader(a=-1.0, b=-0.9, c=-1.1, d=-1.0, e=-1.0))
    assert names(ranked)[0] == "a"


def test_the_order_of_reading_does_not_hang_on_how_low_all_logits_are() -> None:
    high = rerank(QUESTION, SEVEN, Reader(a=1.0, b=2.0, c=3.0, d=4.0, e=5.0))
    low = rerank(QUESTION, SEVEN, Reader(a=-9.0, b=-8.0, c=-7.0, d=-6.0, e=-5.0))
    assert names(high) == names(low)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_passages_are_all_read(count: int) -> None:
    reader = Reader()
    assert len(rerank(QUESTION, SEVEN[:count], reader)) == len(reader.read) == count


def test_a_passage_is_read_under_its_title_and_headings() -> None:
    reader = Reader()
    [one] = found("a")
    one = replace(one, passage=replace(one.passage, headings=("Refunds",)))
    rerank(QUESTION, [one], reader)
    assert reader.read == ["Guide > Refunds\nSomething about a"]


@pytest.mark.slow
def test_an_answer_tells_how_well_its_best_passage_was_judged(
    tmp_path: Path, embedder: MiniLmEmbedder
) -> None:
    drafter = HelpCentre.open(tmp_path / "index.sqlite", embedder).drafter
    inquiry = Inquiry(HARBOR, frozenset(), QUESTION)
    plain, read = Working(), Working()
    drafter.draft(inquiry, Unheard(), Unheard(), plain)
    settings = RankingSettings(reranker="minilm", models=MODELS)
    with_reader = replace(drafter, cross_encoder=open_reranker(settings))
    with_reader.draft(inquiry, Unheard(), Unheard(), read)
    assert plain.relevance is None
    assert read.relevance is not None
    assert read.relevance > 0
    assert "refund" in read.ranked[0].passage.text.lower()


def test_words_alone_decide_unless_the_environment_says_otherwise() -> None:
    assert open_reranker(RankingSettings.read({})) is None
    with pytest.raises(ValidationError, match="reranker"):
        RankingSettings.read({"FRONTDESK_RERANKER": "magic"})


def test_a_function_without_the_model_fails_at_once(tmp_path: Path) -> None:
    chosen = {"FRONTDESK_RERANKER": "minilm", "FRONTDESK_MODELS": str(tmp_path)}
    with pytest.raises(RerankerUnavailable, match=r"model\.onnx"):
        open_reranker(RankingSettings.read(chosen))


def test_who_ranks_by_words_loads_no_model() -> None:
    """The chat function ships no ONNX Runtime, and a cold start has no time for one."""
    program = (
        "import sys\n"
        "from frontdesk.answers import adapters, drafting, reranking\n"
        "from frontdesk.settings import RankingSettings\n"
        "assert adapters.open_reranker(RankingSettings()) is None\n"
        "assert not {'onnxruntime', 'numpy', 'tokenizers'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(MODELS.parent / "core" / "python")},
    )
    assert done.returncode == 0, done.stderr
