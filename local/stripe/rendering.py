"""How pages are shown. Plain HTML, no scripts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
from local.stripe.subscriptions import period_end

_FOLDER = Path(__file__).parent / "templates"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
)

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A template and what it needs."""

    template: str
    values: Mapping[str, Any]
    status: int = HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Go to this address."""

    url: str


Shown = Page | Elsewhere
Show = Callable[[str, Form | None], Shown]
"""A page, by the name in its address and the form that was sent, if one was."""


def route(desk: Desk, path: str, show: Show) -> Route:
    """Where a page is. What `show` changes is kept also when it shows a problem."""

    def shown(name: str, form: Form | None) -> Shown:
        try:
            with desk.state.changing():
                desk.catch_up()
                return show(name, form)
        except StripeError as error:
            said = {"title": "Not possible", "text": str(error)}
            return Page("message.html", said, error.status)

    async def serve(request: Request) -> Response:
        form = None
        if request.method == "POST":
            if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
                return Response("Not from here.", HTTPStatus.FORBIDDEN)
            form = {name: str(value) for name, value in (await request.form()).items()}
        name = request.path_params.get("name", "")
        return _response(desk, await run_in_threadpool(shown, name, form))

    return Route(path, serve, methods=["GET", "POST"])


async def style(_request: Request) -> Response:
    """What the pages look like."""
    return FileResponse(_FOLDER / "style.css", media_type="text/css")


def _response(desk: Desk, shown: Shown) -> Response:
    if isinstance(shown, Elsewhere):
        return RedirectResponse(shown.url, HTTPStatus.SEE_OTHER)
    state = desk.state
    common = {"base": state.public_url, "now": state.clock.now(), "cards": CARDS.values()}
    html = _TEMPLATES.get_template(shown.template).render(**common, **shown.values)
    headers = {
        "Content-Security-Policy": _POLICY,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(html, shown.status, headers)


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
