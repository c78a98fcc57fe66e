"""How many tokens a text has, when nobody can tell for sure."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from frontdesk.answers.tokens import TokenCounter, estimate_tokens
from tests.unit.answer_desk import MODELS

ROOT = MODELS.parents[1]

# Counted with the published vocabularies o200k_base and cl100k_base.
COUNTED = {
    "How long does a refund take, and can I cancel my annual plan before June 2026?": (20, 20),
    "Wie lange dauert eine Rückerstattung, und kann ich meinen Jahresvertrag kündigen?": (17, 22),
    "Combien de temps prend un remboursement, et puis-je le résilier ?": (15, 20),
    "退款需要多长时间？我可以在六月之前取消年度套餐吗？": (16, 26),
    "返金にはどのくらい時間がかかりますか。年間プランは解約できますか。": (23, 31),
    "Сколько времени занимает возврат денег и можно ли отменить годовой тариф?": (16, 29),
    "for item in sorted(found, key=score):\n    total += item.price * 2\n": (19, 19),
}


@pytest.mark.parametrize(("text", "counted"), COUNTED.items())
def test_a_text_is_not_taken_for_shorter_than_models_count_it(
    text: str, counted: tuple[int, int]
) -> None:
    assert estimate_tokens(text) >= 0.95 * max(counted)
    assert estimate_tokens(text) <= 2.5 * min(counted)


def test_documents_and_code_come_out_above_a_tokenizer_of_words() -> None:
    tokenizer = Tokenizer.from_file(str(MODELS / "minilm" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    files = [*ROOT.glob("docs/*.md"), *ROOT.glob("local/sample/**/*.md"), Path(__file__)]
    assert len(files) > 3
    for file in files:
        text = file.read_text()
        counted = len(tokenizer.encode(text, add_special_tokens=False).ids)
        assert 0.97 * counted <= estimate_tokens(text) <= 1.6 * counted, file


@given(st.text(max_size=300), st.text(max_size=300))
def test_more_text_is_never_fewer_tokens(one: str, other: str) -> None:
    assert estimate_tokens(f"{one}\n{other}") >= max(estimate_tokens(one), estimate_tokens(other))
    # A byte is a token at worst, in every vocabulary that is made of bytes.
    assert estimate_tokens(one) <= 2 * len(one.encode("utf-8", "surrogatepass"))


def test_a_server_that_counts_more_makes_the_counter_careful() -> None:
    counter = TokenCounter()
    text = json.dumps({"words": "a few of them"})
    before = counter.count(text)
    for _ in range(20):
        counter.learn(estimated=100, reported=150)
    assert counter.count(text) == pytest.approx(before * 1.5, abs=1)


def test_a_server_that_counts_less_makes_nobody_careless() -> None:
    counter = TokenCounter()
    before = counter.count("a few words")
    for _ in range(20):
        counter.learn(estimated=100, reported=10)
    assert counter.count("a few words") == before


def test_no_report_can_starve_prompts() -> None:
    counter = TokenCounter()
    for _ in range(100):
        counter.learn(estimated=1, reported=10**9)
        counter.learn(estimated=0, reported=5)
    assert counter.count("a few words") <= 2 * estimate_tokens("a few words")
