"""The headers that every answer of the API carries, whatever it is."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS: Mapping[str, str] = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Answers are somebody's data: nothing on the way keeps them, or takes them for something else."""


class ResponseHeaders:
    """Sets them on what comes from inside."""

    def __init__(self, app: ASGIApp) -> None:
        """`app` is what it stands in front of."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(ALWAYS)
            await send(message)

        await self._app(scope, receive, marked)
