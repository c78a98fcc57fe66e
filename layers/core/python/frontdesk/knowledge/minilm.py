"""The embedder that needs no account: all-MiniLM-L6-v2 as INT8 ONNX, on this machine's CPU."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from frontdesk.errors import EmbedderUnavailable
from frontdesk.knowledge.minilm_tokens import MiniLmTokenizer
from frontdesk.knowledge.ports import Vector

MAX_TOKENS = 256
"""Where a text is cut, [CLS] and [SEP] included: the model's published max_seq_length."""

# A token is rarely longer than a word. This bounds the tokenizer's work on a huge text and still
# leaves 256 tokens of any prose.
_MAX_CHARACTERS = 64 * MAX_TOKENS


class MiniLmEmbedder:
    """Embeds text with the model in `folder` (model.onnx and tokenizer.json).

    Texts go through the model one by one, on purpose: its activations are quantised per call, so
    in a batch a vector would depend on its neighbours (cosine down to 0.985), and on a CPU a
    batch with its padding takes longer, not less. Safe to share between threads.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Load the model. Raises EmbedderUnavailable if a file is missing or broken."""
        model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
        for file in (model, tokenizer):
            if not file.is_file():
                raise EmbedderUnavailable(f"the embedding model's {file.name} is missing")
        self._tokenizer = MiniLmTokenizer(folder)
        try:
            self._session = onnxruntime.InferenceSession(
                str(model), session_options(threads), providers=["CPUExecutionProvider"]
            )
        # The library raises its own subclasses of Exception and documents none of them.
        except Exception as error:
            raise EmbedderUnavailable("the embedding model cannot be loaded") from error
        self._dimensions = int(self._session.get_outputs()[0].shape[-1])

    @property
    def dimensions(self) -> int:
        """Length of every vector: 384."""
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One unit vector per text, in order; what lies past 256 tokens is not read.

        Raises EmbedderUnavailable if the model fails.
        """
        return [self._embed(text) for text in texts]

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` has, uncut, without the two that frame it."""
        return self._tokenizer.count_tokens(text)

    def _embed(self, text: str) -> Vector:
        ids = self._tokenizer.encode(text[:_MAX_CHARACTERS])
        if len(ids) > MAX_TOKENS:
            ids = [*ids[: MAX_TOKENS - 1], ids[-1]]
        inputs = {
            "input_ids": np.array([ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
        }
        try:
            vector: Vector = self._session.run(["embedding"], inputs)[0][0].tolist()
        except Exception as error:
            raise EmbedderUnavailable("the embedding model failed") from error
        return vector


def session_options(threads: int) -> onnxruntime.SessionOptions:
    """How an INT8 model of ours is run on this CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # On x86 without VNNI the fast INT8 product overflows 16 bits and vectors are wrong. This takes
    # the exact one there and changes nothing elsewhere (kOrtSessionOptionsAvx2PrecisionMode).
    options.add_session_config_entry("session.x64quantprecision", "1")
    return options
