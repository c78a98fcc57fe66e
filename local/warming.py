"""Has the functions a customer waits for start their processes before one does."""

import contextlib
import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_SECONDS = 60.0
_CLOSED = {"requestContext": {"eventType": "DISCONNECT", "connectionId": "nobody"}}


def warm_up(functions: "LambdaClient", outputs: Mapping[str, str], api_url: str) -> None:
    """Call the functions in the background with events that change nothing."""

    def invoke(output: str, event: Mapping[str, Any]) -> None:
        functions.invoke(FunctionName=outputs[output], Payload=json.dumps(event))

    def call_all() -> None:
        # One after another, so that the first to be needed is not slowed down by the others.
        with contextlib.suppress(ClientError, BotoCoreError, httpx.HTTPError):
            httpx.get(f"{api_url}/health", timeout=_SECONDS, trust_env=False)
            invoke("ChatGatewayFunction", _CLOSED)
            invoke("ChatAnswerFunction", {"Records": []})
            invoke("SentimentFunction", {"texts": ["Hello"]})

    threading.Thread(target=call_all, daemon=True).start()
