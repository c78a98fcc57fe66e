"""How pages are shown. Plain HTML, no scripts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from local.stripe.cards import CARDS, spaced
from local.stripe.desk import Desk
from local.stripe.errors import StripeError
from local.stripe.state import State
from local.stripe.subscriptions import period_end

_FOLDER = Path(__file__).parent / "templates"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

Form = Mapping[str, str]


Show = Callable[[str, Form | None], Response]
"""A page, by the name in its address and the form that was sent, if one was."""


def route(desk: Desk, path: str, show: Show) -> Route:
    """Where a page is. What `show` changes is kept also when it shows a problem."""

    def answer(name: str, form: Form | None) -> Response:
        try:
            with desk.state.changing():
                desk.catch_up()
                return show(name, form)
        except StripeError as error:
            values = {"title": "Not possible", "text": str(error)}
            return page(desk.state, "message.html", values, error.status)

    async def serve(request: Request) -> Response:
        form = None
        if request.method == "POST":
            if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
                return Response("Not from here.", HTTPStatus.FORBIDDEN)
            form = {name: str(value) for name, value in (await request.form()).items()}
        name = request.path_params.get("name", "")
        return await run_in_threadpool(answer, name, form)

    return Route(path, serve, methods=["GET", "POST"])


async def style(_request: Request) -> Response:
    """What the pages look like."""
    return FileResponse(_FOLDER / "style.css", media_type="text/css")


def page(
    state: State, template: str, values: Mapping[str, Any], status: int = HTTPStatus.OK
) -> Response:
    """A template, with what it needs."""
    common = {"base": state.public_url, "now": state.clock.now(), "cards": CARDS.values()}
    html = _TEMPLATES.get_template(template).render(**common, **values)
    return HTMLResponse(html, status, _HEADERS)


def elsewhere(url: str) -> Response:
    """Go to this address."""
    return RedirectResponse(url, HTTPStatus.SEE_OTHER)


def _money(amount: int, currency: str) -> str:
    symbol = {"usd": "$", "eur": "€", "gbp": "£"}.get(currency, f"{currency.upper()} ")
    return f"{'−' if amount < 0 else ''}{symbol}{abs(amount) / 100:,.2f}"


def _day(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%d %B %Y}".lstrip("0")


def _moment(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%d %b %Y, %H:%M} UTC".lstrip("0")


_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined
)
_TEMPLATES.filters.update(
    money=_money, day=_day, moment=_moment, spaced=spaced, period_end=period_end
)
