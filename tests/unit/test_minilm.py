import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copy

import pytest

from frontdesk.errors import EmbedderUnavailable
from frontdesk.knowledge.minilm import MAX_TOKENS, MiniLmEmbedder
from frontdesk.knowledge.ports import Vector

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "layers" / "models" / "minilm"
REFERENCE = json.loads((ROOT / "tests" / "fixtures" / "minilm_fp32.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def embedder() -> MiniLmEmbedder:
    return MiniLmEmbedder(MODEL)


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("row", REFERENCE, ids=lambda row: row["text"][:25])
def test_a_vector_agrees_with_that_of_the_fp32_original(
    embedder: MiniLmEmbedder, row: dict[str, object]
) -> None:
    (vector,) = embedder.embed([str(row["text"])])
    reference = row["vector"]
    assert isinstance(reference, list)
    assert cosine(vector, reference) > 0.985


def test_neighbours_in_meaning_are_closer_than_strangers(embedder: MiniLmEmbedder) -> None:
    question, paraphrase, stranger = embedder.embed(
        [
            "How do I reset my password?",
            "I forgot my login and cannot get into my account.",
            "Bees turn nectar into honey in their hives.",
        ]
    )
    assert cosine(question, paraphrase) > cosine(question, stranger) + 0.3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t ",
        "refund",
        "\x00\x01\x1b[31m\u200b\ufeff",
        "\ud83d",
        "😡😡😡",
        "漢字かな交じり文",
        "word " * 20_000,
        "a" * 100_000,
        " " * 100_000,
    ],
    ids=[
        "empty",
        "blank",
        "word",
        "control",
        "surrogate",
        "emoji",
        "cjk",
        "long",
        "one word",
        "long blank",
    ],
)
def test_any_text_has_a_unit_vector(embedder: MiniLmEmbedder, text: str) -> None:
    (vector,) = embedder.embed([text])
    assert len(vector) == embedder.dimensions == 384
    assert math.isclose(math.hypot(*vector), 1, abs_tol=1e-5)


def test_vectors_come_in_the_order_of_their_texts(embedder: MiniLmEmbedder) -> None:
    texts = [f"Invoice {n}. " * (n * 7 % 11 + 1) for n in range(20)]
    together = embedder.embed(texts)
    assert len(together) == len(texts)
    assert [max(range(20), key=lambda n: cosine(v, together[n])) for v in together] == [*range(20)]


def test_a_vector_does_not_depend_on_the_texts_beside_it(embedder: MiniLmEmbedder) -> None:
    texts = ["Short.", "How long does a refund take, and where do I see it? " * 8, "", "Thanks!"]
    alone = [embedder.embed([text])[0] for text in texts]
    assert embedder.embed(texts) == alone


def test_no_texts_have_no_vectors(embedder: MiniLmEmbedder) -> None:
    assert embedder.embed([]) == []


def test_what_lies_past_the_limit_is_not_read(embedder: MiniLmEmbedder) -> None:
    fits = "word " * (MAX_TOKENS - 2)
    whole, longer, shorter = embedder.embed(
        [fits, fits + "and something else entirely", fits[: len(fits) // 2] + "refund"]
    )
    assert longer == whole
    assert shorter != whole


def test_tokens_are_counted_past_the_limit(embedder: MiniLmEmbedder) -> None:
    assert embedder.count_tokens("") == 0
    assert embedder.count_tokens("Reset my password!") == 4
    assert embedder.count_tokens("word " * 1_000) == 1_000


def test_threads_can_share_an_embedder(embedder: MiniLmEmbedder) -> None:
    texts = [f"Question {n} about invoices" for n in range(16)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: embedder.embed([text])[0], texts))
    assert together == embedder.embed(texts)


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    for file in {"model.onnx", "tokenizer.json"} - {missing}:
        copy(MODEL / file, tmp_path)
    with pytest.raises(EmbedderUnavailable, match=missing):
        MiniLmEmbedder(tmp_path)


@pytest.mark.parametrize("broken", ["model.onnx", "tokenizer.json"])
def test_a_broken_file_makes_the_embedder_unavailable(tmp_path: Path, broken: str) -> None:
    for file in ("model.onnx", "tokenizer.json"):
        copy(MODEL / file, tmp_path)
    (tmp_path / broken).write_bytes((tmp_path / broken).read_bytes()[:1000])
    with pytest.raises(EmbedderUnavailable):
        MiniLmEmbedder(tmp_path)


def test_a_model_that_fails_makes_the_embedder_unavailable(
    tmp_path: Path, embedder: MiniLmEmbedder
) -> None:
    """A tokenizer of another model gives ids that this one has no rows for."""
    tokenizer = json.loads((MODEL / "tokenizer.json").read_text("utf-8"))
    tokenizer["model"]["vocab"]["refund"] = 40_000
    copy(MODEL / "model.onnx", tmp_path)
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    foreign = MiniLmEmbedder(tmp_path)
    with pytest.raises(EmbedderUnavailable):
        foreign.embed(["refund"])
