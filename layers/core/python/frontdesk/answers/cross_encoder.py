"""Reads a question and a passage together: MiniLM with one score, as INT8 ONNX, on this CPU."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from frontdesk.errors import RerankerUnavailable
from frontdesk.knowledge.minilm import session_options
from frontdesk.knowledge.minilm_tokens import encodable

QUESTION_TOKENS, MAX_TOKENS = 64, 256
"""Where a question is cut, and where the pair is, [CLS] and [SEP] included: as in training."""

# A token is rarely longer than a word. This bounds the tokenizer's work on a huge text.
_CHARACTERS_PER_TOKEN = 64


class MiniLmCrossEncoder:
    """The model in `folder` (model.onnx), with the tokenizer of the embedding model.

    Pairs go through the model one by one, on purpose: its activations are quantised per call, so in
    a batch a score would depend on its neighbours. Safe to share between threads.
    """

    def __init__(self, folder: Path, tokenizer: Path, *, threads: int = 1) -> None:
        """Load the model. Raises RerankerUnavailable if a file is missing or broken."""
        model = folder / "model.onnx"
        for file in (model, tokenizer):
            if not file.is_file():
                raise RerankerUnavailable(f"the re-ranking model's {file.name} is missing")
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
            self._session = onnxruntime.InferenceSession(
                str(model), session_options(threads), providers=["CPUExecutionProvider"]
            )
        # Both libraries raise their own subclasses of Exception and document none of them.
        except Exception as error:
            raise RerankerUnavailable("the re-ranking model cannot be loaded") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._cls, self._sep = self._tokenizer.encode("").ids

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each of `texts` answers `question`, in order: logits, 0 being even odds.

        A text is a passage under its title and headings (`searchable_text`). What lies past 256
        tokens is not read. Raises RerankerUnavailable if the model fails.
        """
        asked = [self._cls, *self._ids(question, QUESTION_TOKENS), self._sep]
        return [self._score(asked, text) for text in texts]

    def _score(self, asked: list[int], text: str) -> float:
        said = [*self._ids(text, MAX_TOKENS - len(asked) - 1), self._sep]
        ids = np.array([asked + said], dtype=np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.array([[0] * len(asked) + [1] * len(said)], dtype=np.int64),
        }
        try:
            return float(self._session.run(["score"], inputs)[0][0])
        except Exception as error:
            raise RerankerUnavailable("the re-ranking model failed") from error

    def _ids(self, text: str, most: int) -> list[int]:
        text = encodable(text[: most * _CHARACTERS_PER_TOKEN])
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids[:most]
