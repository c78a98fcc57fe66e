"""The published pages and the API behind them at one origin, as the local stack serves them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page
from starlette.testclient import TestClient

from api.payments import Payments
from frontdesk.billing.ports import CancelFlow, Checkout, CheckoutOrder, PlanFlow
from frontdesk.billing.prices import Prices
from frontdesk.billing.stripe_objects import Item, Items, Price, StripeSubscription
from frontdesk.entities import Customer, Handoff
from frontdesk.errors import PaymentsUnavailable
from frontdesk.tables.accounts import Accounts, Standings
from infra.site_files import site_files
from local.website import content_type
from tests.e2e.conversation_items import ago, put_conversation, said
from tests.http_server import StandInServer, running
from tests.unit.deployment import PASSWORD, Deployment

WEB = Path(__file__).parents[2] / "web"
_STAGE = "/_aws/execute-api/fd000001/$default"
_PRICES = Prices(
    {"starter": ["price_starter"], "pro": ["price_pro"], "business": ["price_business"]}
)
_HOP_BY_HOP = {"content-length", "connection", "host", "accept-encoding"}


@dataclass
class HostedPages:
    """The payments port: Stripe's pages are one page of ours, whose address says what was asked."""

    url: str = ""
    fails: bool = False

    def create_customer(
        self,
        organization_id: str,
        *,
        name: str,  # noqa: ARG002 - the port's
        email: str,  # noqa: ARG002
        after: str | None,  # noqa: ARG002
    ) -> str:
        return f"cus_{organization_id}"

    def create_checkout(self, order: CheckoutOrder) -> Checkout:
        if self.fails:
            raise PaymentsUnavailable("nobody answers")
        return Checkout(session_id="cs_1", url=f"{self.url}?checkout={order.price_id}")

    def close_checkout(self, session_id: str) -> None:
        pass

    def create_portal(
        self,
        customer_id: str,  # noqa: ARG002
        *,
        return_url: str,  # noqa: ARG002
        flow: PlanFlow | CancelFlow | None = None,
    ) -> str:
        match flow:
            case PlanFlow():
                return f"{self.url}?portal={flow.price_id}"
            case CancelFlow():
                return f"{self.url}?portal=cancel"
        return f"{self.url}?portal="

    def subscription(self, subscription_id: str) -> StripeSubscription | None:
        item = Item(id="si_1", price=Price(id="price_pro"))
        return StripeSubscription(
            id=subscription_id,
            customer="cus_1",
            status="active",
            currency="usd",
            created=0,
            items=Items(data=(item,)),
        )


@dataclass(frozen=True)
class TeamSite:
    """Where the pages are, and the API they speak to."""

    url: str
    deployment: Deployment
    pages: HostedPages

    def page(self, name: str) -> str:
        """The address of a page."""
        return f"{self.url}/site/{name}"

    def log_in(self, page: Page, email: str, password: str = PASSWORD) -> None:
        """Give the browser the login's cookies, without a page."""
        answer = page.context.request.post(
            f"{self.url}{_STAGE}/api/auth/login",
            data={"email": email, "password": password},
            headers={"Origin": self.url},
        )
        assert answer.ok, answer.text()


def waiting(team: TeamSite, name: str, *texts: str, minutes: int = 5, **fields: Any) -> str:
    """A conversation whose customer waits for a person. Returns its id."""
    texts = texts or ("Where is my parcel?",)
    return put_conversation(
        team.deployment.table,
        team.deployment.one.organization_id,
        [said("customer", text, ago(minutes=minutes, seconds=-i)) for i, text in enumerate(texts)],
        **{
            "status": "waiting",
            "handoff": Handoff(reason="asked", at=ago(minutes=minutes)),
            "customer": Customer(name=name),
            **fields,
        },
    )


def stored(team: TeamSite, conversation_id: str) -> Any:
    """A conversation as the API has it."""
    path = f"/api/conversations/{conversation_id}"
    return team.deployment.http.get(path, headers=team.deployment.one.team).json()


def replies(team: TeamSite, conversation_id: str) -> list[str]:
    """What the team has said in a conversation."""
    messages = stored(team, conversation_id)["messages"]
    return [each["text"] for each in messages if each["role"] == "agent"]


@contextmanager
def team_site(deployment: Deployment, *, billed: bool = True) -> Iterator[TeamSite]:
    """Serve web/ below /site/, and `deployment`'s API where MiniStack has it."""
    pages = HostedPages()
    if billed:
        _bill(deployment, pages)
    files = {
        **site_files(WEB),
        "config.json": json.dumps({"api": f"{_STAGE}/api"}).encode(),
        "hosted.html": b"<!doctype html><title>Hosted</title><h1>A page of Stripe's</h1>",
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.startswith(_STAGE):
                self._call_api()
                return
            name = urlsplit(self.path).path.removeprefix("/site/")
            content = files.get(name)
            self._answer(
                404 if content is None else 200,
                [("Content-Type", content_type(name))],
                content or b"",
            )

        def do_POST(self) -> None:
            self._call_api()

        do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - names of the base class

        def _call_api(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            sent = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
            # A client for each request: cookies are the browser's to keep.
            client = TestClient(deployment.app, raise_server_exceptions=False)
            answer = client.request(
                self.command, self.path.removeprefix(_STAGE), headers=sent, content=body
            )
            fields = [
                (name, value)
                for name, value in answer.headers.multi_items()
                if name.lower() not in _HOP_BY_HOP
            ]
            self._answer(answer.status_code, fields, answer.content)

        def _answer(self, status: int, fields: list[tuple[str, str]], content: bytes) -> None:
            self.send_response(status)
            for name, value in fields:
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = StandInServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    pages.url = f"{url}/site/hosted.html"
    with running(server):
        yield TeamSite(url, deployment, pages)


def _bill(deployment: Deployment, pages: HostedPages) -> None:
    accounts = Accounts(deployment.table)
    deployment.services = replace(
        deployment.services,
        payments=Payments(accounts, _PRICES, lambda: pages, "https://site.test"),
        standings=Standings(accounts, billed=True),
    )
    deployment.app.state.services = deployment.services
