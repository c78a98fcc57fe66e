"""The stand-in as an ASGI app: the API below /v1, and pages for people.

with running(file, "http://127.0.0.1:4566/_stripe") as stand_in: ... stand_in.app ...
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.stripe.api import Api
from local.stripe.delivery import DELAYS, Deliveries
from local.stripe.desk import Desk, stock
from local.stripe.pages import Pages
from local.stripe.portal import Portal
from local.stripe.rendering import route, style
from local.stripe.state import State
from local.stripe.store import Store


@dataclass(frozen=True, slots=True)
class StandIn:
    """A stand-in that runs."""

    app: Starlette
    desk: Desk
    deliveries: Deliveries


@contextlib.contextmanager
def running(file: Path, public_url: str, *, delays: Sequence[float] = DELAYS) -> Iterator[StandIn]:
    """A stand-in that keeps everything in `file` and is found at `public_url`.

    `delays` are the seconds between attempts to deliver an event.
    """
    with contextlib.closing(Store(file)) as store:
        with store.transaction():
            stock(store)
        desk = Desk(State(store, public_url))
        deliveries = Deliveries(desk, delays)
        deliveries.start()
        try:
            yield StandIn(_app(desk), desk, deliveries)
        finally:
            deliveries.close()


def _app(desk: Desk) -> Starlette:
    api, pages, state = Api(desk), Pages(desk), desk.state

    async def answer(request: Request) -> Response:
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        pairs += parse_qsl((await request.body()).decode(), keep_blank_values=True)
        path = request.path_params["rest"]
        return await run_in_threadpool(api.answer, request.method, path, pairs, request.headers)

    async def connect(request: Request) -> Response:
        """Say where events go. Answers with the keys to use."""
        url = (await request.json())["url"]
        await run_in_threadpool(state.store.set, "webhook_url", url)
        keys = {"secret_key": state.secret_key, "webhook_secret": state.webhook_secret}
        return JSONResponse(keys)

    return Starlette(
        routes=[
            Route("/v1/{rest:path}", answer, methods=["GET", "POST", "DELETE", "PUT"]),
            Route("/control/webhook", connect, methods=["PUT"]),
            Route("/style.css", style),
            route(desk, "/c/pay/{name}", pages.checkout),
            route(desk, "/p/session/{name}", Portal(desk).show),
            route(desk, "/i/{name}", pages.invoice),
            route(desk, "/events/{name}", pages.event),
            route(desk, "/", pages.developer),
        ],
        # Pages of other sites cannot come here by a name of their own.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )
