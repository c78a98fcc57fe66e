"""Has the functions a customer waits for start their processes before one does."""

import contextlib
import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_SECONDS = 60.0
_CLOSED = {"requestContext": {"eventType": "DISCONNECT", "connectionId": "nobody"}}


PAGE = 6
"""How many requests a browser sends at once to show a page; each wants a process of its own."""


def start_at_once(api_url: str, count: int, *, seconds: float) -> None:
    """Has the API start so many processes, as it does for so many requests at once.

    Raises httpx.HTTPError when one does not answer in time.
    """

    def ask(_: int) -> None:
        httpx.get(f"{api_url}/health", timeout=seconds, trust_env=False)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(ask, range(count)))


def warm_up(
    functions: "LambdaClient", outputs: Mapping[str, str], api_url: str, *, at_once: int
) -> None:
    """Call the functions in the background with events that change nothing.

    Afterwards the API answers so many requests `at_once` without another start of a process.
    """

    def invoke(output: str, event: Mapping[str, Any]) -> None:
        functions.invoke(FunctionName=outputs[output], Payload=json.dumps(event))

    def call_all() -> None:
        # One after another, so that the first to be needed is not slowed down by the others.
        with contextlib.suppress(ClientError, BotoCoreError, httpx.HTTPError):
            start_at_once(api_url, 1, seconds=_SECONDS)
            invoke("ChatGatewayFunction", _CLOSED)
            invoke("ChatAnswerFunction", {"Records": []})
            invoke("SentimentFunction", {"texts": ["Hello"]})
            if at_once > 1:
                start_at_once(api_url, at_once, seconds=_SECONDS)

    threading.Thread(target=call_all, daemon=True).start()
