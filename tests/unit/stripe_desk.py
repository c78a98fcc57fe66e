"""The webhook and its worker, before a Stripe whose state a test sets."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi.testclient import TestClient
from pydantic import BaseModel, SecretStr

from frontdesk.billing.jobs import BillingJob, EventJob
from frontdesk.billing.prices import Prices
from frontdesk.billing.stripe_objects import Customer, Invoice, StripeSubscription
from frontdesk.entities import Subscription
from frontdesk.errors import PaymentsUnavailable, StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.mail.jobs import MailJob
from frontdesk.tables.accounts import Accounts
from frontdesk.tables.client import Table
from frontdesk.tables.events import Events
from tests.unit.deployment import MailBox
from webhooks.app import create_app
from webhooks.processing import Processor

_Kind = TypeVar("_Kind", bound=BaseModel)

SECRET = "whsec_present"
PRICES = Prices.of(
    {"starter": "price_starter", "pro": ["price_pro", "price_pro_old"], "business": "price_biz"}
)
MONTH = 30 * 86_400


@dataclass
class StripeState:
    """What Stripe would answer now. Down when told to be."""

    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    invoices: dict[str, dict[str, Any]] = field(default_factory=dict)
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    is_down: bool = False

    def subscription(self, subscription_id: str) -> StripeSubscription | None:
        return self._find(StripeSubscription, self.subscriptions, subscription_id)

    def invoice(self, invoice_id: str) -> Invoice | None:
        return self._find(Invoice, self.invoices, invoice_id)

    def customer(self, customer_id: str) -> Customer | None:
        return self._find(Customer, self.customers, customer_id)

    def _find(
        self, kind: type[_Kind], among: Mapping[str, dict[str, Any]], identifier: str
    ) -> _Kind | None:
        if self.is_down:
            raise PaymentsUnavailable("down")
        return kind.model_validate(among[identifier]) if identifier in among else None


class JobBox:
    """A queue of the billing worker that keeps what is put into it. It is down when told to be."""

    def __init__(self) -> None:
        self.jobs: list[BillingJob] = []
        self.is_down = False

    def put(self, job: BillingJob) -> None:
        if self.is_down:
            raise StoreUnavailable("down")
        self.jobs.append(job)


class StripeDesk:
    """An organisation that is `cus_1` at Stripe, and another that is `cus_2`."""

    def __init__(self, table: Table) -> None:
        self.accounts = Accounts(table)
        self.events = Events(table)
        self.mailbox = MailBox()
        self.queue = JobBox()
        self.stripe = StripeState()
        self.organization_id, self.other_id = new_id(), new_id()
        self.accounts.link_customer(self.organization_id, "cus_1")
        self.accounts.link_customer(self.other_id, "cus_2")
        self.processor = Processor(
            accounts=self.accounts,
            events=self.events,
            mail=self.mailbox,
            prices=PRICES,
            stripe=self.stripe,
        )
        self.http = TestClient(
            create_app(self.events, self.queue, [SecretStr(SECRET), SecretStr("whsec_previous")])
        )

    def deliver(
        self, event: Mapping[str, Any], *, secret: str = SECRET, at: float | None = None
    ) -> int:
        """Post an event as Stripe does and return the status."""
        body = json.dumps(event).encode()
        return self.post(body, signature(body, secret=secret, at=at))

    def post(self, body: bytes, header: str) -> int:
        answer = self.http.post(
            "/api/payments/webhook", content=body, headers={"Stripe-Signature": header}
        )
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return answer.status_code

    def work(self) -> list[str]:
        """Process everything in the queue."""
        jobs, self.queue.jobs = self.queue.jobs, []
        return [self.processor.process(job.event_id) for job in jobs if isinstance(job, EventJob)]

    def take(self, event: Mapping[str, Any]) -> str:
        """Deliver an event and process it."""
        assert self.deliver(event) == 200
        return self.processor.process(event["id"])

    @property
    def account(self) -> Any:
        return self.accounts.read(self.organization_id, datetime.now(UTC))

    @property
    def subscription(self) -> Subscription:
        (found,) = self.account.subscriptions
        assert isinstance(found, Subscription)
        return found

    def mails(self, kind: str) -> list[MailJob]:
        """The distinct mails of a kind: each is sent once."""
        return list(dict.fromkeys(job for job in self.mailbox.jobs if job.mail == kind))


def signature(body: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    """As docs.stripe.com/webhooks/signature describes it, worked out without Stripe's SDK."""
    moment = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def event(kind: str, about: Mapping[str, Any], identifier: str | None = None) -> dict[str, Any]:
    """An event of Stripe's."""
    return {
        "id": identifier or f"evt_{new_id()}",
        "object": "event",
        "type": kind,
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": dict(about)},
    }


def subscription(
    identifier: str = "sub_1",
    *,
    customer: str = "cus_1",
    status: str = "active",
    price: str = "price_pro",
    start: int = 1_780_000_000,
    **more: Any,
) -> dict[str, Any]:
    """A subscription as Stripe shows it, its latest invoice and schedule expanded."""
    return {
        "id": identifier,
        "object": "subscription",
        "customer": customer,
        "status": status,
        "currency": "usd",
        "created": start,
        "items": {"object": "list", "data": [item(price, start=start)]},
        "cancel_at_period_end": False,
        "latest_invoice": invoice(status="paid"),
        "schedule": None,
        **more,
    }


def item(price: str, *, start: int = 1_780_000_000) -> dict[str, Any]:
    return {
        "id": f"si_{price}",
        "price": {"id": price, "currency": "usd"},
        "current_period_start": start,
        "current_period_end": start + MONTH,
    }


def invoice(identifier: str = "in_1", *, status: str = "paid", **more: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "object": "invoice",
        "customer": "cus_1",
        "created": 1_780_000_000,
        "status": status,
        "attempt_count": 1,
        "hosted_invoice_url": f"https://pay.example/{identifier}",
        "parent": {
            "type": "subscription_details",
            "subscription_details": {"subscription": "sub_1"},
        },
        **more,
    }
