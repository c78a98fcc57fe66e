"""What this machine adds to MiniStack's HTTP: the site, the stand-in of Stripe, and its control.

Runs inside the emulator's process.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CONTROL = "/_frontdesk/"
SITE = "/site"
STRIPE = "/_stripe"
API = "/api"
_MISSING = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class EmulatorApp:
    """MiniStack's ASGI app with a door in front.

    `POST /_frontdesk/save` saves the state and answers when it is on disk. `PUT /_frontdesk/site`
    names the distribution's host in its body; from then on /site/ is that distribution, because
    hosts below `localhost` do not resolve on every machine. /_stripe/ is the stand-in of Stripe.
    """

    def __init__(
        self,
        app: App,
        *,
        stripe: App,
        save: Callable[[], Awaitable[bool]],
        touch: Callable[[], None],
    ) -> None:
        """`touch` is called when a request may have changed something in MiniStack."""
        self._app = app
        self._stripe = stripe
        self._save = save
        self._touch = touch
        self._site_host: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith(CONTROL):
            await self._control(scope, receive, send)
            return
        if scope["type"] == "http" and _is_below(STRIPE, path):
            await self._stripe({**scope, "root_path": STRIPE}, receive, send)
            return
        if scope["type"] == "websocket" or scope.get("method") not in _READS:
            self._touch()
        if scope["type"] == "http" and self._site_host and _is_below(SITE, path):
            if path == SITE:
                await _answer(send, HTTPStatus.PERMANENT_REDIRECT, location=f"{SITE}/")
                return
            scope = _to_distribution(scope, self._site_host)
            if not _is_below(API, scope["path"]):
                await self._page(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A file of the site, or its page that says there is none (on AWS infra/website.py)."""
        missing = False

        async def pass_on(message: MutableMapping[str, Any]) -> None:
            nonlocal missing
            missing = missing or message.get("status") in _MISSING
            if not missing:
                await send(message)

        async def say_missing(message: MutableMapping[str, Any]) -> None:
            status = {"status": HTTPStatus.NOT_FOUND} if "status" in message else {}
            await send({**message, **status})

        await self._app(scope, receive, pass_on)
        if missing:
            page = {"path": "/404.html", "raw_path": b"/404.html"}
            await self._app({**scope, **page}, receive, say_missing)

    async def _control(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["method"], scope["path"]:
            case "POST", "/_frontdesk/save":
                saved = await self._save()
                status = HTTPStatus.NO_CONTENT if saved else HTTPStatus.INTERNAL_SERVER_ERROR
                await _answer(send, status)
            case "PUT", "/_frontdesk/site":
                self._site_host = (await _body(receive)).decode("ascii")
                await _answer(send, HTTPStatus.NO_CONTENT)
            case _:
                await _answer(send, HTTPStatus.NOT_FOUND)


def _is_below(folder: str, path: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _to_distribution(scope: Scope, host: str) -> Scope:
    """The same request as a browser that resolves `host` would have sent it."""
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
    raw = scope.get("raw_path") or scope["path"].encode()
    return {
        **scope,
        "path": scope["path"].removeprefix(SITE),
        "raw_path": raw.removeprefix(SITE.encode()),
        "headers": [(b"host", host.encode()), *headers],
    }


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _answer(send: Send, status: HTTPStatus, *, location: str | None = None) -> None:
    headers = [(b"content-length", b"0")]
    if location:
        headers.append((b"location", location.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
