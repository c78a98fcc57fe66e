"""MiniLM's embedding of a message under a calibrated linear head."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from frontdesk.entities import Sentiment
from frontdesk.errors import ModelUnavailable
from frontdesk.knowledge.ports import Embedder

UNREADABLE = Sentiment(label="NEUTRAL", score=0.0, confidence=0.3333)
"""For a text without a letter or digit: all three labels are equally likely."""


class Head(BaseModel):
    """Multinomial logistic regression: one row of weights per label.

    `temperature` divides the logits, so that a probability says how often the label is right
    (Guo et al. 2017, "On Calibration of Modern Neural Networks").
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    labels: tuple[Literal["NEGATIVE"], Literal["NEUTRAL"], Literal["POSITIVE"]]
    weights: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
    intercepts: tuple[float, float, float]
    temperature: float = Field(gt=0)

    @model_validator(mode="after")
    def _rows_are_equally_long(self) -> Self:
        if len({len(row) for row in self.weights}) != 1:
            raise ValueError("the rows of weights differ in length")
        return self


def load_head(file: Path) -> Head:
    """Read a head.json. Raises ModelUnavailable if it is missing or broken."""
    try:
        return Head.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ModelUnavailable(f"the sentiment model's {file.name} is missing") from error
    except ValidationError as error:
        raise ModelUnavailable(f"the sentiment model's {file.name} is broken") from error


class SentimentClassifier:
    """Labels messages. Safe to share between threads."""

    def __init__(self, embedder: Embedder, head: Head) -> None:
        """Raises ModelUnavailable if `head` was trained on vectors of another length."""
        if len(head.weights[0]) != embedder.dimensions:
            raise ModelUnavailable("the sentiment model does not fit the embedding model")
        self._embedder = embedder
        self._labels = head.labels
        # Dividing the parameters divides the logits.
        self._weights = np.array(head.weights) / head.temperature
        self._intercepts = np.array(head.intercepts) / head.temperature

    def classify(self, texts: Sequence[str]) -> list[Sentiment]:
        """One reading per text, in order. Raises EmbedderUnavailable."""
        return [self._classify(text) for text in texts]

    def _classify(self, text: str) -> Sentiment:
        # The tokenizer knows no emoji: what has no word in it would be judged by its punctuation.
        if not any(character.isalnum() for character in text):
            return UNREADABLE
        vector = np.array(self._embedder.embed([text])[0])
        logits = self._weights @ vector + self._intercepts
        exponentials = np.exp(logits - logits.max())
        negative, neutral, positive = probabilities = exponentials / exponentials.sum()
        best = int(np.argmax((negative, neutral, positive)))
        return Sentiment(
            label=self._labels[best],
            score=round(float(positive - negative), 4),
            confidence=round(float(probabilities[best]), 4),
        )
