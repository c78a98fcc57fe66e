"""Asks the function that has the models to try a question out."""

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from pydantic import ValidationError

from frontdesk.checks.playground import PlaygroundAnswer, PlaygroundQuestion, PlaygroundReply
from frontdesk.errors import AnswersUnavailable
from frontdesk.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Playground(Protocol):
    """Tries questions out."""

    def ask(self, question: PlaygroundQuestion) -> PlaygroundAnswer:
        """The answer, and how it came about. Raises AnswersUnavailable."""
        ...


class LambdaPlayground:
    """functions/checks, invoked while the caller waits."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        """`client` must give up before the API's own time is over, and not try twice."""
        self._client = client
        self._function = function

    def ask(self, question: PlaygroundQuestion) -> PlaygroundAnswer:
        """Invoke the function once."""
        try:
            answer = self._client.invoke(
                FunctionName=self._function, Payload=question.model_dump_json().encode()
            )
            if "FunctionError" in answer:
                raise _unavailable("FunctionError")
            reply = PlaygroundReply.model_validate_json(answer["Payload"].read())
        except ReadTimeoutError as error:
            raise AnswersUnavailable(
                "The answer takes too long to wait for. Try again, or with fewer passages."
            ) from error
        except (ClientError, BotoCoreError, ValidationError) as error:
            raise _unavailable(type(error).__name__) from error
        if reply.answer is None:
            raise _unavailable(reply.unavailable or "unknown")
        return reply.answer


def _unavailable(cause: str) -> AnswersUnavailable:
    logger.warning("the playground did not answer", extra={"cause": cause})
    return AnswersUnavailable(
        "No answer could be made: something it depends on did not respond. Please try again."
    )
