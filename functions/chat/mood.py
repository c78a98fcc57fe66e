"""Asks the sentiment function how messages sound."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ValidationError

from frontdesk.entities import Sentiment
from frontdesk.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Moods(Protocol):
    """Tells how messages sound."""

    def read(self, texts: Sequence[str]) -> list[Sentiment | None]:
        """One reading per text, None where there is none. Never raises."""
        ...


class _Reply(BaseModel):
    results: list[Sentiment]


class LambdaMoods:
    """The sentiment function."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        """`client` should have a short read timeout: an answer waits for this."""
        self._client = client
        self._function = function

    def read(self, texts: Sequence[str]) -> list[Sentiment | None]:
        """Invoke the function once for all texts."""
        try:
            answer = self._client.invoke(
                FunctionName=self._function, Payload=json.dumps({"texts": list(texts)}).encode()
            )
            results = _Reply.model_validate_json(answer["Payload"].read()).results
        except (ClientError, BotoCoreError, ValidationError) as error:
            logger.warning("sentiment is missing", extra={"cause": type(error).__name__})
            return [None] * len(texts)
        if len(results) != len(texts):
            logger.warning("sentiment is missing", extra={"cause": "count"})
            return [None] * len(texts)
        return list(results)
