"""Entry point of the sentiment function."""

import functools
import time
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from frontdesk.entities import EscalationRules
from frontdesk.observability import logger
from frontdesk.settings import SentimentSettings
from sentiment.assessment import Assessment, assess
from sentiment.classifier import SentimentClassifier

Text = Annotated[str, StringConstraints(max_length=100_000)]


class Request(BaseModel):
    """The event: the messages to read, each by itself, and the rules of whose they are."""

    texts: list[Text] = Field(min_length=1, max_length=64)
    rules: EscalationRules = EscalationRules()


class Response(BaseModel):
    """One assessment per message, in order."""

    results: list[Assessment]


@functools.cache
def _wire() -> SentimentClassifier:
    return SentimentClassifier(SentimentSettings.read().models / "sentiment")


def handler(event: object, _context: object) -> dict[str, Any]:
    """Entry point: `{"texts": […]}` in, `{"results": […]}` or `{"error": {…}}` out."""
    return respond(event, _wire())


def respond(event: object, classifier: SentimentClassifier) -> dict[str, Any]:
    """Classify the texts of `event`; an event that is not a Request is answered with why."""
    started = time.perf_counter()
    try:
        request = Request.model_validate(event)
    except ValidationError as error:
        logger.warning("invalid event")
        return {"error": {"code": "invalid", "message": _explain(error)}}
    results = [
        assess(text, sentiment, request.rules)
        for text, sentiment in zip(request.texts, classifier.classify(request.texts), strict=True)
    ]
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    logger.info("classified", extra={"texts": len(results), "milliseconds": milliseconds})
    return Response(results=results).model_dump()


def _explain(error: ValidationError) -> str:
    """The first few problems by place and kind, without what was sent."""
    problems = error.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(
        f"{'.'.join(map(str, problem['loc'])) or 'event'}: {problem['msg']}"
        for problem in problems[:3]
    )
