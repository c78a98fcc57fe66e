"""The HTTP API in process, with two organisations of the same shape."""

import atexit
import copy
import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.datastructures import State

from api.access_tokens import SigningKeys
from api.app import create_app
from api.payments import Payments
from api.services import Rates, Services
from api.uploads import Uploads
from frontdesk.access.passwords import hash_password
from frontdesk.access.tokens import new_token
from frontdesk.billing.ports import (
    CancelFlow,
    Checkout,
    CheckoutDone,
    CheckoutOrder,
    CustomerGone,
    PlanFlow,
)
from frontdesk.billing.prices import Prices
from frontdesk.billing.stripe_objects import StripeSubscription
from frontdesk.checks.jobs import CheckJob
from frontdesk.checks.playground import PlaygroundAnswer, PlaygroundQuestion
from frontdesk.entities import Actor, ConversationRef, Organization, Role, User
from frontdesk.errors import AnswersUnavailable, StoreUnavailable
from frontdesk.file_store import FileStore
from frontdesk.ids import new_id
from frontdesk.mail.jobs import MailJob
from frontdesk.tables.accounts import Accounts
from frontdesk.tables.client import Table
from frontdesk.tables.keys import KeyGrant, KeyKind
from tests.aws import aws_client

ORIGIN = "https://shop.example"
ROLES: tuple[Role, ...] = ("owner", "admin", "agent", "viewer")
FEW_SESSIONS = Rates(sessions=5)
PASSWORD = "a long sentence to remember"
UNLIMITED = Rates(*[10**9] * 8)
STRIPE_PRICES = Prices.of({"starter": "price_starter", "pro": "price_pro", "business": "price_biz"})
OPERATOR = Actor(type="system", id="test", name="Test")


class MailBox:
    """A mail queue that keeps what is put into it."""

    def __init__(self) -> None:
        self.jobs: list[MailJob] = []

    def put(self, job: MailJob) -> None:
        self.jobs.append(job)


class CheckBox:
    """A queue of checks that keeps what is put into it. It is down when told to be."""

    def __init__(self) -> None:
        self.jobs: list[tuple[CheckJob, int]] = []
        self.is_down = False

    def put(self, job: CheckJob, *, delay: int = 0) -> None:
        if self.is_down:
            raise StoreUnavailable("down")
        self.jobs.append((job, delay))


class Parrot:
    """A playground without models: it says what it was asked. It breaks when told to."""

    def __init__(self) -> None:
        self.asked: list[PlaygroundQuestion] = []
        self.error: AnswersUnavailable | None = None

    def ask(self, question: PlaygroundQuestion) -> PlaygroundAnswer:
        self.asked.append(question)
        if self.error:
            raise self.error
        return PlaygroundAnswer(
            query="How long does a refund take?",
            text=question.question,
            kind="answer",
            citations=(),
            withdrawn=None,
            confidence=1.0,
            answerability=1.0,
            threshold=0.5,
            model="parrot",
            fallbacks=(),
            passages=(),
            prompt=None,
            grounding=None,
            milliseconds={},
            suggested_actions=(),
        )


class SentFrames:
    """Sockets that keep what is sent to them. Those in `gone` are gone."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, str]] = []
        self.closed: list[str] = []
        self.gone: set[str] = set()

    def send(self, connection_id: str, text: str) -> bool:
        if connection_id in self.gone:
            return False
        self.frames.append((connection_id, text))
        return True

    def close(self, connection_id: str) -> None:
        self.closed.append(connection_id)


class Till:
    """Pages to pay on that keep what they were asked for. Customers in `gone` are gone.

    `paid` has the subscriptions that came of checkouts.
    """

    def __init__(self) -> None:
        self.customers: dict[str, tuple[str, str, str]] = {}
        self.orders: dict[CheckoutOrder, Checkout] = {}
        self.closed: list[str] = []
        self.paid: dict[str, str] = {}
        self.gone: set[str] = set()
        self.flows: list[PlanFlow | CancelFlow | None] = []
        self.subscriptions: dict[str, StripeSubscription] = {}

    def create_customer(
        self, organization_id: str, *, name: str, email: str, after: str | None
    ) -> str:
        number = 1 if after is None else int(after.removeprefix("cus_")) + 1
        self.customers[f"cus_{number}"] = organization_id, name, email
        return f"cus_{number}"

    def create_checkout(self, order: CheckoutOrder) -> Checkout:
        if order.customer_id in self.gone:
            raise CustomerGone("gone")
        number = len(self.orders) + 1
        page = Checkout(f"cs_{number}", f"https://pay.example/cs_{number}")
        return self.orders.setdefault(order, page)

    def close_checkout(self, session_id: str) -> None:
        if session_id in self.paid:
            raise CheckoutDone("paid", self.paid[session_id])
        self.closed.append(session_id)

    def create_portal(
        self, customer_id: str, *, return_url: str, flow: PlanFlow | CancelFlow | None = None
    ) -> str:
        if customer_id in self.gone:
            raise CustomerGone("gone")
        assert return_url.startswith("https://frontdesk.example/billing.html")
        self.flows.append(flow)
        return f"https://pay.example/{customer_id}"

    def subscription(self, subscription_id: str) -> StripeSubscription | None:
        return self.subscriptions.get(subscription_id)


class TeamKeys(dict[Role, str]):
    """A team key for each role, made when it is first asked for."""

    def __init__(self, make: Callable[[Role], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, role: Role) -> str:
        self[role] = self._make(role)
        return self[role]


@dataclass
class Tenant:
    """An organisation, and a key for every way to speak for it."""

    organization_id: str
    widget_key: str
    team_keys: TeamKeys

    def headers(self, role: Role = "admin") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.team_keys[role]}"}

    @property
    def team(self) -> dict[str, str]:
        return self.headers()


class Deployment:
    """The API with two organisations."""

    def __init__(self, table: Table, rates: Rates = FEW_SESSIONS, *, billed: bool = False) -> None:
        self.table = table
        self.s3 = aws_client("s3")
        self.s3.create_bucket(Bucket="documents")
        self.s3.create_bucket(Bucket="files")
        self.sqs = aws_client("sqs")
        self.queue = self.sqs.create_queue(QueueName="ingest")["QueueUrl"]
        self.check_queue = CheckBox()
        self.mail = MailBox()
        self.playground = Parrot()
        self.sockets = SentFrames()
        self.till = Till()
        payments = Payments(
            Accounts(table), STRIPE_PRICES, lambda: self.till, "https://frontdesk.example"
        )
        self.services = Services.on(
            table,
            check_queue=self.check_queue,
            file_store=FileStore(self.s3, "files"),
            mail=self.mail,
            playground=self.playground,
            signing_keys=SigningKeys(lambda: ["k" * 64]),
            sockets=self.sockets,
            uploads=Uploads(self.s3, self.sqs, bucket="documents", ingest_queue_url=self.queue),
            websocket_url="wss://socket.example/prod",
            bcrypt_cost=4,
            rates=rates,
            payments=payments if billed else None,
        )
        self.app = app_with(self.services)
        # https, because the cookies are Secure.
        self.http = TestClient(
            self.app,
            base_url="https://frontdesk.example",
            raise_server_exceptions=False,
        )
        # Else each request begins and ends a thread with an event loop.
        self.http.portal = _portal()

    @functools.cached_property
    def one(self) -> Tenant:
        return self.tenant("One")

    @functools.cached_property
    def two(self) -> Tenant:
        return self.tenant("Two")

    def tenant(self, name: str) -> Tenant:
        organization_id, widget_key = new_id(), new_token("pk")
        self.services.organizations.create(
            Organization(id=organization_id, name=name, allowed_origins=(ORIGIN,))
        )
        self._add_key(organization_id, widget_key, "viewer", "widget")

        def make(role: Role) -> str:
            key = new_token("sk")
            self._add_key(organization_id, key, role, "team")
            return key

        return Tenant(organization_id, widget_key, TeamKeys(make))

    def _add_key(self, organization_id: str, key: str, role: Role, kind: KeyKind) -> None:
        grant = KeyGrant(
            id=new_id(), organization_id=organization_id, kind=kind, role=role, name=role
        )
        self.services.keys.add(key, grant, OPERATOR)

    def member(
        self,
        role: Role,
        *,
        organization_id: str | None = None,
        name: str | None = None,
        email: str | None = None,
        member_id: str | None = None,
    ) -> User:
        """A new member of an organisation, or of the first one, whose password is PASSWORD."""
        now = datetime.now(UTC)
        user = User(
            id=member_id or new_id(),
            organization_id=organization_id or self.one.organization_id,
            email=email or f"{role}@one.example",
            name=name or role.title(),
            role=role,
            password_hash=hash_password(PASSWORD, self.services.bcrypt_cost),
            verified_at=now,
            created_at=now,
        )
        users = self.services.users
        users.join(users.invite(user.organization_id, user.email, role, OPERATOR), user)
        return user

    def login(self, tenant: Tenant, role: Role = "admin") -> dict[str, str]:
        """The headers of a new member of the team, who has just logged in."""
        email = f"{new_id().lower()}@team.example"
        self.member(role, organization_id=tenant.organization_id, email=email)
        answer = self.http.post("/api/auth/login", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def session(self, key: str, origin: str | None = ORIGIN, **body: object) -> Any:
        headers = {"Origin": origin} if origin else {}
        return self.http.post("/api/widget/session", json={"key": key, **body}, headers=headers)

    def asked(self, tenant: Tenant, *texts: str) -> ConversationRef:
        """A conversation whose customer has said something."""
        conversation = self.services.visitors.open(tenant.organization_id, new_id())
        for text in texts or ("Where is my parcel?",):
            self.services.conversations.accept(
                conversation.ref, client_id=new_id(), text=text, per_minute=1000
            )
        return conversation.ref


@functools.cache
def _portal() -> BlockingPortal:
    """An event loop in a thread, for the whole run."""
    loop = start_blocking_portal()
    atexit.register(loop.__exit__, None, None, None)
    return loop.__enter__()


@functools.cache
def _routes() -> FastAPI:
    """FastAPI takes long to prepare all routes, so it is done once for the whole run."""
    return create_app(cast("Services", None))


def app_with(services: Services) -> FastAPI:
    """The API's app, with `services` behind the routes that all tests share."""
    app = copy.copy(_routes())
    app.state = State({"services": services})
    return app


def is_problem(answer: Any, status: int) -> bool:
    return (
        answer.status_code == status
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json()["status"] == status
        and bool(answer.json()["detail"])
    )
