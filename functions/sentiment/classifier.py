"""Reads the mood of a message, and the emotions behind it, with the fine-tuned MiniLM."""

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tokenizers import Tokenizer

from frontdesk.entities import Sentiment
from frontdesk.errors import ModelUnavailable
from sentiment.text import is_demand, is_readable, normalize

MAX_TOKENS = 128
"""How much of a message is read, [CLS] and [SEP] included."""

MAX_EMOTIONS = 3

_POSITIVE = 2
_PRAISE = frozenset({"gratitude", "joy", "admiration"})


UNREADABLE = Sentiment(label="NEUTRAL", score=0.0, confidence=0.3333)
"""For a text without a Latin letter: all three labels are equally likely."""


class Calibration(BaseModel):
    """What turns the network's outputs into probabilities and names.

    `temperature` divides the mood's logits, so that a probability says how often the label is right
    (Guo et al. 2017, "On Calibration of Modern Neural Networks"). `emotions` maps each emotion, in
    the order of the network's outputs, to the probability from which it is named.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    labels: tuple[Literal["NEGATIVE"], Literal["NEUTRAL"], Literal["POSITIVE"]]
    temperature: float = Field(gt=0)
    emotions: dict[str, float] = Field(min_length=1)


def load_calibration(file: Path) -> Calibration:
    """Read a calibration.json. Raises ModelUnavailable if it is missing or broken."""
    try:
        return Calibration.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ModelUnavailable(f"the sentiment model's {file.name} is missing") from error
    except ValidationError as error:
        raise ModelUnavailable(f"the sentiment model's {file.name} is broken") from error


class SentimentClassifier:
    """Reads messages with the model in `folder`. Safe to share between threads.

    Texts go through the model one by one, on purpose: its activations are quantised per call, so in
    a batch a reading would depend on its neighbours, and on a CPU a batch with its padding takes
    longer, not less.
    """

    def __init__(
        self, folder: Path, *, calibration: Calibration | None = None, threads: int = 1
    ) -> None:
        """Load model.onnx, tokenizer.json and calibration.json (or take `calibration` instead).

        Raises ModelUnavailable if a file is missing or broken, or if they do not fit together.
        """
        model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
        for file in (model, tokenizer):
            if not file.is_file():
                raise ModelUnavailable(f"the sentiment model's {file.name} is missing")
        self._calibration = calibration or load_calibration(folder / "calibration.json")
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
            self._session = onnxruntime.InferenceSession(
                str(model),
                _options(threads),
                providers=["CPUExecutionProvider"],
                # What it would fuse takes five times as long on a CPU.
                disabled_optimizers=["SkipLayerNormFusion"],
            )
        # Both libraries raise their own subclasses of Exception and document none of them.
        except Exception as error:
            raise ModelUnavailable("the sentiment model cannot be loaded") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._unknown: int = self._tokenizer.token_to_id("[UNK]") or 0
        outputs = {output.name: output.shape[-1] for output in self._session.get_outputs()}
        if outputs != {"mood": 3, "emotions": len(self._calibration.emotions)}:
            raise ModelUnavailable("the sentiment model does not fit its calibration")

    def classify(self, texts: Sequence[str]) -> list[Sentiment]:
        """One reading per text, in order. Raises ModelUnavailable if the model fails."""
        return [self._classify(text) for text in texts]

    def _classify(self, text: str) -> Sentiment:
        if not is_readable(text):
            return UNREADABLE
        read = normalize(text)
        ids = self._tokens(read)
        content = ids[1:-1]
        if content.count(self._unknown) * 2 >= len(content):
            return UNREADABLE
        mood, emotions = self._run(ids)
        probabilities = _softmax(mood / self._calibration.temperature)
        named = self._named(1 / (1 + np.exp(-emotions)))
        if _asks_without_praise(read, named):
            probabilities[_POSITIVE] = 0.0
            probabilities /= probabilities.sum()
            named.pop("approval", None)
        best = int(np.argmax(probabilities))
        return Sentiment(
            label=self._calibration.labels[best],
            # Never -0.0, which people and JSON would show.
            score=round(float(probabilities[_POSITIVE] - probabilities[0]), 4) + 0.0,
            confidence=round(float(probabilities[best]), 4),
            emotions=named,
        )

    def _tokens(self, text: str) -> list[int]:
        """The tokens of `text`; of a long one those of its two ends."""
        ids: list[int] = self._tokenizer.encode(text).ids
        if len(ids) <= MAX_TOKENS:
            return ids
        half = MAX_TOKENS // 2
        return ids[:half] + ids[-half:]

    def _run(self, ids: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        inputs = {
            "input_ids": np.array([ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
        }
        try:
            mood, emotions = self._session.run(["mood", "emotions"], inputs)
        except Exception as error:
            raise ModelUnavailable("the sentiment model failed") from error
        return mood[0].astype(np.float64), emotions[0].astype(np.float64)

    def _named(self, probabilities: NDArray[np.float64]) -> dict[str, float]:
        thresholds = self._calibration.emotions
        found = [
            (round(float(probability), 4), name)
            for probability, (name, least) in zip(probabilities, thresholds.items(), strict=True)
            if probability >= least
        ]
        best = sorted(found, reverse=True)[:MAX_EMOTIONS]
        return {name: probability for probability, name in best}


def _asks_without_praise(read: str, named: dict[str, float]) -> bool:
    """Whether a text only asks for something, however politely.

    The model has learnt "fixed", "help" and exclamation marks from those who rejoice, so "I want
    this fixed NOW!!!" is praise to it. Of a demand the other two labels are left.
    """
    return _PRAISE.isdisjoint(named) and is_demand(read)


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    exponentials: NDArray[np.float64] = np.exp(logits - logits.max())
    return exponentials / float(exponentials.sum())


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    if _adds_in_16_bits():
        # The fast INT8 product would overflow (kOrtSessionOptionsAvx2PrecisionMode). Where it does
        # not, the exact one would take twice as long for nothing.
        options.add_session_config_entry("session.x64quantprecision", "1")
    return options


def _adds_in_16_bits(cpu: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this is an x86 processor without VNNI, as far as the system tells."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return False
    try:
        return "vnni" not in cpu.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
