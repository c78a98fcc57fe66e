"""The stand-in of Stripe on a free port, and a receiver of its events that can be told to fail."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, cast

import httpx
import stripe
from hypercorn.asyncio import serve
from hypercorn.config import Config

from local.stripe import app
from local.stripe.clock import DAY
from local.stripe.objects import new_price
from local.stripe.state import API_VERSION
from tests.http_server import StandInServer, running

VALID = {"expiry": "12 / 40", "cvc": "123"}


@dataclass
class RunningStripe:
    """A stand-in over real HTTP."""

    url: str
    stand_in: app.StandIn

    @property
    def webhook_secret(self) -> str:
        return self.stand_in.desk.state.webhook_secret

    def client(self) -> stripe.StripeClient:
        """The real SDK."""
        return stripe.StripeClient(
            self.stand_in.desk.state.secret_key,
            base_addresses={"api": self.url},
            stripe_version=API_VERSION,
            max_network_retries=2,
        )

    def post(self, page: str, **form: str) -> httpx.Response:
        """Send a page's form."""
        return httpx.post(page, data=form, trust_env=False, timeout=10)

    def pay(self, page: str, card: str = "4242 4242 4242 4242", **form: str) -> httpx.Response:
        """Fill in a checkout page. It leads to the success URL when the card is taken."""
        return self.post(page, **{**VALID, "number": card, "do": "pay", **form})

    def subscribe(
        self, customer: str, price: str = "price_pro_monthly", card: str = "4242424242424242"
    ) -> stripe.Subscription:
        """A subscription that was paid on a checkout page."""
        client = self.client()
        session = client.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "customer": customer,
                "line_items": [{"price": price, "quantity": 1}],
                "success_url": "https://harbor.example/?session={CHECKOUT_SESSION_ID}",
            }
        )
        answer = self.pay(str(session.url), card)
        assert answer.status_code == 303, answer.text
        found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
        return cast("stripe.Subscription", found.subscription)

    def advance(self, days: float) -> None:
        """Put the clock forward."""
        with self.stand_in.desk.state.changing():
            self.stand_in.desk.advance(int(days * DAY))

    def send_events_to(self, url: str) -> None:
        """Name the receiver of the events from now on."""
        httpx.put(
            f"{self.url}/control/webhook", json={"url": url}, trust_env=False
        ).raise_for_status()

    def price_in(self, currency: str) -> str:
        """The id of a price in another currency, for the same as Pro."""
        price = new_price(f"price_{currency}", "prod_pro", currency, 9900, 0)
        self.stand_in.desk.state.store.put(price)
        return str(price["id"])

    def delivered(self, seconds: float = 10.0) -> None:
        """Wait until every event was delivered or given up."""
        assert self.stand_in.deliveries.wait_until_idle(seconds)

    def events(self) -> list[str]:
        """The types of all events, the oldest first."""
        found = self.client().v1.events.list({"limit": 100})
        return [event.type for event in reversed(found.data)]


@contextmanager
def serving(
    folder: Path, *, receiver: str = "", delays: Sequence[float] = (0.01,) * 19
) -> Iterator[RunningStripe]:
    """A stand-in with its state in `folder`, whose events go to the address `receiver`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with app.running(folder / "stripe.sqlite", url, delays=delays) as stand_in:
            loop, stopping = asyncio.new_event_loop(), asyncio.Event()
            config = Config()
            config.bind = [f"fd://{listening.detach()}"]  # it closes it
            config.loglevel = "WARNING"
            config.graceful_timeout = 0.1

            def run() -> None:
                loop.run_until_complete(
                    serve(cast("Any", stand_in.app), config, shutdown_trigger=stopping.wait)
                )
                loop.close()

            thread = threading.Thread(target=run)
            thread.start()
            running = RunningStripe(url, stand_in)
            _wait_for(url)
            if receiver:
                running.send_events_to(receiver)
            try:
                yield running
            finally:
                loop.call_soon_threadsafe(stopping.set)
                thread.join()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            httpx.get(f"{url}/style.css", trust_env=False).raise_for_status()
            return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise


@dataclass
class Receiver:
    """Takes events: keeps bodies and signatures, and answers `statuses` in turn, then 200."""

    url: str
    statuses: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    accepted: list[bytes] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        """The types of the events that were taken."""
        return [json.loads(body)["type"] for body in self.accepted]


@contextmanager
def receiving(*statuses: int) -> Iterator[Receiver]:
    """A receiver on a free port."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                receiver.bodies.append(body)
                receiver.signatures.append(self.headers["Stripe-Signature"])
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                if status == 200:
                    receiver.accepted.append(body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = StandInServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/webhook", list(statuses))
    with running(server):
        yield receiver
