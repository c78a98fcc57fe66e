"""Warm requests to the HTTP API through Mangum, in process, on the stack's own tables."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from mangum import Mangum

from api.access_tokens import SigningKeys
from api.app import create_app
from api.playground import LambdaPlayground
from api.services import Rates, Services
from api.uploads import Uploads
from benchmarks.calls import CallLog
from benchmarks.summary import milliseconds
from frontdesk.access.passwords import hash_password
from frontdesk.access.tokens import new_token
from frontdesk.checks.jobs import SqsCheckQueue
from frontdesk.entities import Actor, Organization, Role, User
from frontdesk.file_store import FileStore
from frontdesk.ids import new_id
from frontdesk.mail.jobs import SqsMailQueue
from frontdesk.realtime.sockets import ApiGatewaySockets
from frontdesk.tables.client import Put, Table
from frontdesk.tables.conversation_items import status_attributes
from frontdesk.tables.counters import Tally
from frontdesk.tables.keys import KeyGrant
from local.stack import Stack

_PASSWORD = "correct horse battery staple"
_BCRYPT_COST = 12
_SIGNING_SECRET = "a secret of the benchmark, which signs nothing else"
_DAYS = 90
_MESSAGES = 200
_UNLIMITED = Rates(*[10**9] * 5)


_NO_CONTEXT: Any = None
"""Mangum hands Lambda's context on and asks nothing of it."""


@dataclass(frozen=True, slots=True)
class _Tenant:
    organization_id: str
    email: str
    key: str
    conversation_id: str


def measure(stack: Stack, *, stored: tuple[int, ...], runs: int = 60) -> dict[str, object]:
    """Milliseconds and DynamoDB requests of each kind of request.

    The list of conversations is measured in an organisation of each size in `stored`. MiniStack
    looks at every entry of an index for each query, so there the time grows with it; DynamoDB reads
    a page. What is the same for both are the requests, and the time that is our own.
    """
    api = _Api(stack)
    tenant = api.tenant()
    api.fill(tenant, stored[0])
    api.count(tenant)
    since = (datetime.now(UTC) - timedelta(days=_DAYS - 1)).date().isoformat()
    until = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    days = {"since": f"{since}T00:00:00Z", "until": f"{until}T00:00:00Z", "step": "day"}
    login = {"email": tenant.email, "password": _PASSWORD}
    report: dict[str, object] = {
        "login": api.time("POST", "/api/auth/login", tenant, runs=runs, body=login),
        f"conversation with {_MESSAGES} messages": api.time(
            *("GET", f"/api/conversations/{tenant.conversation_id}", tenant),
            runs=runs,
            query={"limit": str(_MESSAGES)},
        ),
        f"analytics over {_DAYS} days": api.time(
            "GET", "/api/analytics", tenant, runs=runs, query=days
        ),
    }
    for number in stored:
        larger = tenant if number == stored[0] else api.tenant()
        if larger is not tenant:
            api.fill(larger, number)
        filters: dict[str, dict[str, str]] = {"": {}, ", waiting only": {"status": "waiting"}}
        for name, query in filters.items():
            report[f"list of {number:,} conversations{name}"] = api.time(
                "GET", "/api/conversations", larger, runs=min(runs, 10), query=query
            )
    return report


class _Api:
    def __init__(self, stack: Stack) -> None:
        self._log = CallLog()
        sqs = stack.client("sqs")
        self._table = Table(self._log.attach(stack.client("dynamodb")), stack.outputs["TableName"])
        self._services = Services.on(
            self._table,
            check_queue=SqsCheckQueue(sqs, stack.outputs["ChecksQueueUrl"]),
            file_store=FileStore(stack.client("s3"), stack.outputs["FilesBucket"]),
            mail=SqsMailQueue(sqs, stack.outputs["MailQueueUrl"]),
            playground=LambdaPlayground(stack.client("lambda"), stack.outputs["ChecksFunction"]),
            signing_keys=SigningKeys(lambda: [_SIGNING_SECRET]),
            sockets=ApiGatewaySockets(stack.client("sqs")),
            uploads=Uploads(
                stack.client("s3"),
                sqs,
                bucket=stack.outputs["DocumentsBucket"],
                ingest_queue_url=stack.outputs["IngestQueueUrl"],
            ),
            websocket_url=stack.websocket_url,
            bcrypt_cost=_BCRYPT_COST,
            rates=_UNLIMITED,
        )
        self._handler = Mangum(create_app(self._services), lifespan="off")

    def time(
        self,
        method: str,
        path: str,
        tenant: _Tenant,
        *,
        runs: int,
        query: dict[str, str] | None = None,
        body: dict[str, str] | None = None,
    ) -> dict[str, object]:
        """Send the same request again and again. Raises RuntimeError if it is refused."""
        event = _event(method, path, tenant.key, query or {}, body)
        seconds, own = [], []
        for number in range(runs + 5):
            self._log.calls.clear()
            begin = time.perf_counter()
            answer = self._handler(event, _NO_CONTEXT)
            if number >= 5:
                seconds.append(time.perf_counter() - begin)
                own.append(seconds[-1] - self._log.seconds())
            if answer["statusCode"] != 200:
                raise RuntimeError(f"{path}: {answer['statusCode']} {answer['body']}")
        return {
            **milliseconds(seconds),
            "without DynamoDB": milliseconds(own)["p50"],
            "bytes": len(answer["body"]),
            "requests": self._log.counts(),
            "one after another": self._log.depth(),
        }

    def tenant(self) -> _Tenant:
        """An organisation with an owner, a key, and one long conversation."""
        now = datetime.now(UTC)
        tenant = _Tenant(new_id(), f"{new_id().lower()}@example.org", new_token("sk"), new_id())
        owner: Role = "owner"
        self._services.users.sign_up(
            Organization(id=tenant.organization_id, name="Bench"),
            User(
                id=new_id(),
                organization_id=tenant.organization_id,
                email=tenant.email,
                name="Owner",
                role=owner,
                password_hash=hash_password(_PASSWORD, _BCRYPT_COST),
                verified_at=now,
                created_at=now,
            ),
            widget_key=new_token("pk"),
        )
        grant = KeyGrant(
            id=new_id(), organization_id=tenant.organization_id, kind="team", role="owner"
        )
        by = Actor(type="system", id="bench", name="Benchmark")
        self._services.keys.add(tenant.key, grant, by)
        self._table.put_many(_conversation(tenant.organization_id, tenant.conversation_id))
        self._table.put_many(
            [
                Put(
                    (_partition(tenant.organization_id, tenant.conversation_id), f"MSG#{message}"),
                    {
                        "id": message,
                        "role": "assistant" if number % 2 else "customer",
                        "text": "An answer of a usual length, with a sentence or two. " * 4,
                        "at": now.isoformat(),
                    },
                )
                for number, message in enumerate(sorted(new_id() for _ in range(_MESSAGES)))
            ]
        )
        return tenant

    def fill(self, tenant: _Tenant, conversations: int) -> None:
        """Store more conversations; one in a thousand is waiting."""
        puts: list[Put] = []
        for number in range(conversations):
            status = "waiting" if number % 1000 == 0 else "resolved"
            puts += _conversation(tenant.organization_id, new_id(), status)
            if len(puts) >= 1000:
                self._table.put_many(puts)
                puts.clear()
        self._table.put_many(puts)

    def count(self, tenant: _Tenant) -> None:
        """Have something counted in every hour of the last 90 days."""
        now = datetime.now(UTC)
        for hours in range(_DAYS * 24):
            at = now - timedelta(hours=hours)
            tally = Tally()
            for name in ("conversations", "messages_customer", "messages_assistant", "helpful"):
                tally.add(name, at, hours % 7)
            tally.add_score("confidence", at, 0.8)
            tally.add_duration("first_response", at, 1.4)
            self._table.transact(*tally.updates(tenant.organization_id))


def _conversation(organization_id: str, identifier: str, status: Any = "resolved") -> list[Put]:  # noqa: ANN401 - a Status
    return [
        Put(
            (_partition(organization_id, identifier), "CONV"),
            {
                "id": identifier,
                "organization_id": organization_id,
                "unanswered": [],
                "visitors": [],
                "subject": "Where is my parcel?",
                "preview": "It left our warehouse yesterday and should be with you tomorrow.",
                "last_role": "assistant",
                "started_at": datetime.now(UTC).isoformat(),
                "gsi1pk": f"ORG#{organization_id}#CONVERSATIONS",
                "gsi1sk": identifier,
                **status_attributes(organization_id, status),
            },
        )
    ]


def _partition(organization_id: str, conversation_id: str) -> str:
    return f"ORG#{organization_id}#CONV#{conversation_id}"


def _event(
    method: str, path: str, key: str, query: dict[str, str], body: dict[str, str] | None
) -> dict[str, Any]:
    """A request as API Gateway's HTTP API hands it over (payload 2.0)."""
    return {
        "version": "2.0",
        "routeKey": "ANY /api/{proxy+}",
        "rawPath": path,
        "rawQueryString": urlencode(query),
        "headers": {
            "authorization": f"Bearer {key}",
            "content-type": "application/json",
            "host": "frontdesk.example",
            "x-forwarded-for": "203.0.113.9, 198.51.100.7",
        },
        "requestContext": {
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "198.51.100.7",
                "userAgent": "bench",
            },
            "stage": "$default",
        },
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }
