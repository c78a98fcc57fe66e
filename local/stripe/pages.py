"""The pages Stripe hosts, and one for developers. Plain HTML, no scripts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from local.stripe.cards import CARDS, TestCard, spaced
from local.stripe.checkout import PROMOTIONS, trial_days
from local.stripe.clock import DAY, add_months
from local.stripe.errors import CardDeclined, StripeError
from local.stripe.payments import card_named, subscription_of
from local.stripe.resources import Desk
from local.stripe.store import Delivery, Object
from local.stripe.subscriptions import period_end
from local.stripe.timeline import Timeline

_FOLDER = Path(__file__).parent / "templates"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
    "frame-ancestors 'none'; form-action {}"
)
_AUTHENTICATE = (
    "We are unable to authenticate your payment method. Choose another one and try again."
)

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A template and what it needs. `leads_to` are addresses at which its forms may end."""

    template: str
    values: Mapping[str, Any]
    leads_to: tuple[str | None, ...] = ()
    status: int = HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Go to this address."""

    url: str


Shown = Page | Elsewhere


class Pages:
    """Shows pages and takes their forms."""

    def __init__(self, desk: Desk, timeline: Timeline) -> None:
        self._desk = desk
        self._timeline = timeline
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined
        )
        self._environment.filters.update(
            money=_money, day=_day, moment=_moment, spaced=spaced, period_end=period_end
        )

    @property
    def routes(self) -> list[Route]:
        """Where the pages are."""
        return [
            Route("/style.css", _style),
            self._route("/c/pay/{name}", self._checkout),
            self._route("/p/session/{name}", self._portal),
            self._route("/i/{name}", self._invoice),
            self._route("/events/{name}", self._event),
            self._route("/", self._developer),
        ]

    def _route(self, path: str, show: Callable[[str, Form | None], Shown]) -> Route:
        async def serve(request: Request) -> Response:
            form = None
            if request.method == "POST":
                if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
                    return Response("Not from here.", HTTPStatus.FORBIDDEN)
                form = {name: str(value) for name, value in (await request.form()).items()}
            name = request.path_params.get("name", "")
            return self._response(await run_in_threadpool(self._show, show, name, form))

        return Route(path, serve, methods=["GET", "POST"])

    def _show(
        self, show: Callable[[str, Form | None], Shown], name: str, form: Form | None
    ) -> Shown:
        try:
            with self._desk.state.changing():
                self._timeline.catch_up()
                return show(name, form)
        except StripeError as error:
            return Page(
                "message.html", {"title": "Not possible", "text": str(error)}, (), error.status
            )

    def _response(self, shown: Shown) -> Response:
        if isinstance(shown, Elsewhere):
            return RedirectResponse(shown.url, HTTPStatus.SEE_OTHER)
        state = self._desk.state
        common = {"base": state.public_url, "now": state.clock.now(), "cards": CARDS.values()}
        html = self._environment.get_template(shown.template).render(**common, **shown.values)
        origins = {"{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in shown.leads_to if url}
        return HTMLResponse(
            html,
            shown.status,
            {
                "Content-Security-Policy": _POLICY.format(" ".join(["'self'", *sorted(origins)])),
                "Referrer-Policy": "same-origin",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )

    def _checkout(self, name: str, form: Form | None) -> Shown:
        desk = self._desk
        session = desk.state.require("checkout.session", name)
        if session["status"] != "open":
            text = "This page is no longer open: it was paid, or it has expired."
            return Page("message.html", {"title": "Nothing to pay here", "text": text})
        problem = ""
        if form is not None:
            try:
                found = self._pay(session, form)
            except StripeError as error:
                problem = str(error)
            else:
                if found:
                    return found
        customer = desk.state.store.find(session["customer"] or "") or {"email": None, "name": None}
        lines = session["_line_items"]["data"]
        return Page(
            "checkout.html",
            {
                "session": session,
                "lines": lines,
                "names": [desk.state.store.get(line["price"]["product"]) for line in lines],
                "trial_days": trial_days(session),
                "email": customer["email"] or session["customer_email"],
                "name": customer["name"],
                "form": form or {},
                "problem": problem,
                "promotions": PROMOTIONS,
            },
            (session["success_url"], session["cancel_url"]),
        )

    def _pay(self, session: Object, form: Form) -> Shown | None:
        """Take the checkout form. None shows the page again."""
        desk = self._desk
        if form.get("do") == "promote":
            desk.checkout.promote(session, form.get("promotion", ""))
            return None
        optional = (
            session["payment_method_collection"] == "if_required" and not session["amount_total"]
        )
        card = None if optional and not form.get("number") else self._card(form)
        leads_to = (session["success_url"], session["cancel_url"])
        if card and card[0].present == "authentication":
            if form.get("do") == "pay":
                return Page("authenticate.html", {"form": form, "session": session}, leads_to)
            if form.get("do") != "complete":
                raise StripeError(_AUTHENTICATE)
        session = desk.checkout.complete(
            session, email=form.get("email", ""), name=form.get("name", ""), card=card
        )
        return Elsewhere(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))

    def _card(self, form: Form) -> tuple[TestCard, tuple[int, int]]:
        today = datetime.fromtimestamp(self._desk.state.wall(), UTC)
        return card_named(
            form.get("number", ""),
            form.get("expiry", ""),
            form.get("cvc", ""),
            (today.year, today.month),
        )

    def _portal(self, name: str, form: Form | None) -> Shown:
        desk = self._desk
        session = desk.portal.find(name)
        customer = desk.customer(session["customer"])
        problem = ""
        if form is not None:
            try:
                self._change(customer, form)
            except StripeError as error:
                problem = str(error)
            else:
                return Elsewhere(self._after(session, form))
        customer = desk.customer(session["customer"])
        flow = session["flow"] or {"type": None}
        if form is not None:
            flow = {"type": form.get("view") or None}
            if form.get("view") == "subscription_update_confirm":
                flow = session["flow"]
        return Page(
            "portal.html",
            {
                "session": session,
                "customer": customer,
                "subscriptions": [
                    self._subscription(each)
                    for each in desk.state.store.all("subscription", customer=customer["id"])
                ],
                "invoices": desk.state.store.all("invoice", customer=customer["id"]),
                "method": desk.state.store.find(
                    customer["invoice_settings"]["default_payment_method"] or ""
                ),
                "flow": flow,
                "problem": problem,
                "form": form or {},
            },
            (session["return_url"],),
        )

    def _subscription(self, subscription: Object) -> Mapping[str, Any]:
        """What the portal shows of a subscription, with what each other plan would cost today."""
        store = self._desk.state.store
        item = subscription["items"]["data"][0]
        schedule = store.find(subscription["schedule"] or "")
        coming = None
        if schedule and schedule["phases"][-1]["start_date"] > self._desk.state.clock.now():
            coming = store.get(schedule["phases"][-1]["items"][0]["price"])
        others = [
            {
                "price": price,
                "product": store.get(price["product"]),
                "upgrade": price["unit_amount"] > item["price"]["unit_amount"],
                "due": self._desk.subscriptions.due_for(subscription, price)
                if subscription["ended_at"] is None
                else 0,
            }
            for price in reversed(store.all("price"))
            if price["currency"] == subscription["currency"] and price["id"] != item["price"]["id"]
        ]
        return {
            **subscription,
            "product": store.get(item["price"]["product"]),
            "price": item["price"],
            "coming": store.get(coming["product"]) if coming else None,
            "others": others,
        }

    def _change(self, customer: Object, form: Form) -> None:
        """Do what the portal's form asks for. Raises StripeError."""
        desk = self._desk
        if form.get("do") == "card":
            card = self._card(form)
            if card[0].present == "declined":
                raise CardDeclined(card[0].message, card[0].reason)
            desk.payments.attach(customer, *card)
            return
        subscription = desk.state.require("subscription", form.get("subscription", ""))
        if subscription["customer"] != customer["id"]:
            raise StripeError("This subscription is not yours.")
        match form.get("do"):
            case "cancel":
                desk.subscriptions.cancel_at_period_end(subscription, on=True)
            case "resume":
                desk.subscriptions.cancel_at_period_end(subscription, on=False)
            case "keep" if subscription["schedule"]:
                desk.subscriptions.release(desk.state.store.get(subscription["schedule"]))
            case "change":
                self._change_plan(subscription, desk.state.require("price", form.get("price", "")))
            case _:
                raise StripeError("There is nothing to do.")

    def _change_plan(self, subscription: Object, price: Object) -> None:
        desk = self._desk
        item = subscription["items"]["data"][0]
        if (
            price["unit_amount"] < item["price"]["unit_amount"]
            and subscription["status"] != "trialing"
        ):
            desk.subscriptions.schedule_price(subscription, price)
            return
        method = desk.payments.method_of(subscription)
        refused = desk.payments.refusal(method, present=True)
        if refused:
            raise refused
        if subscription["schedule"]:
            desk.subscriptions.release(desk.state.store.get(subscription["schedule"]))
        if subscription["cancel_at_period_end"]:
            desk.subscriptions.cancel_at_period_end(
                desk.state.store.get(subscription["id"]), on=False
            )
        subscription = desk.state.store.get(subscription["id"])
        desk.subscriptions.change_price(subscription, item["id"], price, "always_invoice")

    def _after(self, session: Object, form: Form) -> str:
        after = (session["flow"] or {}).get("after_completion") or {}
        if form.get("view") and after.get("type") == "redirect":
            return str(after["redirect"]["return_url"])
        # The flow is done: what is left is the portal as a whole.
        if session["flow"]:
            session["flow"] = None
            self._desk.state.store.put(session)
        return f"{self._desk.state.public_url}{session['url']}"

    def _invoice(self, name: str, form: Form | None) -> Shown:
        desk = self._desk
        invoice = desk.state.require("invoice", name)
        problem = ""
        if form is not None and invoice["status"] == "open":
            try:
                found = self._settle(invoice, form)
            except StripeError as error:
                problem = str(error)
            else:
                return found
        subscription = desk.state.store.get(subscription_of(invoice))
        return Page(
            "invoice.html",
            {
                "invoice": desk.state.store.get(name),
                "method": desk.payments.method_of(subscription),
                "problem": problem,
                "form": form or {},
            },
        )

    def _settle(self, invoice: Object, form: Form) -> Shown:
        """Pay an open invoice: with the card on file, or with another that is then kept."""
        desk = self._desk
        if form.get("number"):
            card = self._card(form)
            if card[0].present == "declined":
                raise CardDeclined(card[0].message, card[0].reason)
            if card[0].present == "authentication" and form.get("do") == "pay":
                return Page("authenticate.html", {"form": form, "session": None})
            if card[0].present == "authentication" and form.get("do") != "complete":
                raise StripeError(_AUTHENTICATE)
            desk.payments.attach(desk.customer(invoice["customer"]), *card)
        refused = desk.subscriptions.collect(invoice, present=True)
        if refused:
            raise refused
        return Elsewhere(f"{desk.state.public_url}/i/{invoice['id']}")

    def _event(self, name: str, form: Form | None) -> Shown:
        state = self._desk.state
        event = state.require("event", name)
        if form is not None:
            if not state.webhook_url:
                raise StripeError("There is no address that events are delivered to.")
            state.store.deliver(Delivery(name, 0, state.wall(), "waiting"))
            return Elsewhere(f"{state.public_url}/")
        return Page("event.html", {"event": state.rendered(event)})

    def _developer(self, _name: str, form: Form | None) -> Shown:
        state = self._desk.state
        if form is not None:
            match form.get("do"):
                case "renewal":
                    self._timeline.to_next_renewal()
                case "month":
                    now = state.clock.now()
                    self._timeline.advance(add_months(now, 1) - now)
                case "days":
                    days = form.get("days", "")
                    self._timeline.advance(int(days) * DAY if days.isdecimal() else 0)
                case "refund":
                    charge = state.require("charge", form.get("charge", ""))
                    self._desk.payments.refund(charge, None, "requested_by_customer")
            return Elsewhere(f"{state.public_url}/")
        store = state.store
        events = store.all("event")[:100]
        return Page(
            "developer.html",
            {
                "state": state,
                "customers": [each for each in store.all("customer") if not each.get("deleted")],
                "subscriptions": [
                    (each, store.get(each["customer"]), self._subscription(each)["product"])
                    for each in store.all("subscription")
                ],
                "charges": store.all("charge")[:20],
                "events": events,
                "deliveries": {each.event: each for each in store.deliveries()},
            },
        )


async def _style(_request: Request) -> Response:
    return FileResponse(_FOLDER / "style.css", media_type="text/css")


def _money(amount: int, currency: str = "usd") -> str:
    sign = "−" if amount < 0 else ""
    symbol = {"usd": "$", "eur": "€", "gbp": "£"}.get(currency, f"{currency.upper()} ")
    return f"{sign}{symbol}{abs(amount) / 100:,.2f}"


def _day(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%d %B %Y}".lstrip("0")


def _moment(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%d %b %Y, %H:%M} UTC".lstrip("0")
