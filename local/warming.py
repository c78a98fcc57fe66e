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


def warm_up(
    functions: "LambdaClient", outputs: Mapping[str, str], api_url: str, *, at_once: int
) -> None:
    """Call the functions in the background with events that change nothing.

    Afterwards the API answers so many requests `at_once` without another start of a process.
    """

    def invoke(output: str, event: Mapping[str, Any]) -> None:
        functions.invoke(FunctionName=outputs[output], Payload=json.dumps(event))

    def call_api(_: int = 0) -> None:
        httpx.get(f"{api_url}/health", timeout=_SECONDS, trust_env=False)

    def call_all() -> None:
        # One after another, so that the first to be needed is not slowed down by the others.
        with contextlib.suppress(ClientError, BotoCoreError, httpx.HTTPError):
            call_api()
            invoke("ChatGatewayFunction", _CLOSED)
            invoke("ChatAnswerFunction", {"Records": []})
            invoke("SentimentFunction", {"texts": ["Hello"]})
            if at_once > 1:
                with ThreadPoolExecutor(at_once) as pool:
                    list(pool.map(call_api, range(at_once)))

    threading.Thread(target=call_all, daemon=True).start()
