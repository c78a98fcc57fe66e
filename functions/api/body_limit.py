"""Refuses request bodies that are larger than anything the API takes.

FastAPI can do this too, but its refusal is no problem document.
"""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import respond

MAX_BODY_BYTES = 256 * 1024
"""Files do not pass through the API; the largest body is an article that answers a gap."""


class BodyLimit:
    """Answers 413 instead of reading on."""

    def __init__(self, app: ASGIApp) -> None:
        """`app` is what it stands in front of."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MAX_BODY_BYTES:
                refusal = respond(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"A request may hold at most {MAX_BODY_BYTES // 1024} KB.",
                )
                await refusal(scope, receive, send)
                return

        async def replay() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)
