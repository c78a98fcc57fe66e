"""The estimate of tokens, against the tokenizer that it stands in for."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from ingest.extract import extract
from ingest.passages import split
from ingest.tokens import estimate_tokens

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted((ROOT / "local/sample/documents").iterdir())


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [
        passage.text
        for path in DOCUMENTS
        for passage in split(
            extract(path.read_bytes(), filename=path.name),
            document_id="d",
            version="v",
            title=path.stem,
            count_tokens=estimate_tokens,
        )
    ]


def test_the_estimate_agrees_with_the_tokenizer(texts: list[str]) -> None:
    tokenizer = Tokenizer.from_file(str(ROOT / "layers/models/minilm/tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    counted = [len(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]
    estimated = [estimate_tokens(text) for text in texts]
    assert abs(sum(estimated) / sum(counted) - 1) < 0.05
    close = [abs(guess / true - 1) < 0.15 for guess, true in zip(estimated, counted, strict=True)]
    assert sum(close) >= 0.95 * len(close)


def test_nothing_has_no_tokens_and_more_text_has_more() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("返金") == 2
    assert 9 <= estimate_tokens("Refunds take 5 to 7 working days.") <= 10
