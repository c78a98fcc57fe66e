"""What each route of the inbox reads and writes, counted among so many other conversations."""

import json
import math
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from ulid import ULID

from chat import gateway
from frontdesk.entities import CannedReply, Priority, Status
from frontdesk.ids import new_id
from frontdesk.tables.client import Item
from frontdesk.tables.conversation_items import customer_partition, listed_attributes
from frontdesk.tables.conversation_lists import VIEWS
from frontdesk.tables.message_words import word_keys
from local.sample.memory_table import MemoryTable
from tests.unit.chat_routes import routes_on
from tests.unit.deployment import UNLIMITED, Deployment
from tests.unit.test_gateway import ListedTurns

_TEXT = "Parcel refund"
_NEEDLE = "Where is my zebra parcel?"
_PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
CUSTOMER = "sam@example.org"
_EXPIRES_AT = 4_000_000_000
_STATUSES: tuple[Status, ...] = ("resolved", "open", "waiting", "human")
_PRIORITIES: tuple[Priority, ...] = ("medium", "urgent", "low", "medium", "high")


@dataclass
class Cost:
    """Calls of each kind, and how many items they read and write: of a query what it found."""

    calls: Counter[str] = field(default_factory=Counter)
    read: int = 0
    written: int = 0


class CountingTable(MemoryTable):
    """A table in this process that counts what DynamoDB would be asked."""

    def __init__(self) -> None:
        super().__init__()
        self.cost = Cost()
        self._thread = threading.local()

    def fill(self, items: Iterator[Item]) -> None:
        """Store many items that nobody pays for."""
        for item in items:
            self._store((item["pk"], item["sk"]), item)


def _counted(name: str, charge: Callable[[Cost, tuple[Any, ...], Any], None]) -> Any:
    plain = getattr(MemoryTable, name)

    def call(self: CountingTable, *arguments: Any, **options: Any) -> Any:
        if getattr(self._thread, "inside", False):
            return plain(self, *arguments, **options)
        self._thread.inside = True
        try:
            found = plain(self, *arguments, **options)
        finally:
            self._thread.inside = False
        charge(self.cost, arguments, found)
        return found

    return call


def _reads(name: str, cost: Cost, calls: int, items: int) -> None:
    cost.calls[name] += calls
    cost.read += items


def _writes(name: str, cost: Cost, calls: int, items: int) -> None:
    cost.calls[name] += calls
    cost.written += items


# As frontdesk.tables.client sends them.
for _name, _charge in {
    "get": lambda cost, _, __: _reads("GetItem", cost, 1, 1),
    "get_many": lambda cost, given, _: _reads(
        "BatchGetItem", cost, math.ceil(len(set(given[0])) / 100), len(set(given[0]))
    ),
    "query": lambda cost, _, found: _reads("Query", cost, 1, len(found)),
    "query_index": lambda cost, _, found: _reads("Query", cost, 1, len(found)),
    "put": lambda cost, _, __: _writes("PutItem", cost, 1, 1),
    "update": lambda cost, _, __: _writes("UpdateItem", cost, 1, 1),
    "update_each": lambda cost, given, _: _writes("UpdateItem", cost, len(given[0]), len(given[0])),
    "delete": lambda cost, _, __: _writes("DeleteItem", cost, 1, 1),
    "put_many": lambda cost, given, _: _writes(
        "BatchWriteItem", cost, math.ceil(len(given[0]) / 25), len(given[0])
    ),
    "delete_many": lambda cost, given, _: _writes(
        "BatchWriteItem", cost, math.ceil(len(given[0]) / 25), len(given[0])
    ),
    "transact": lambda cost, given, _: _writes("TransactWriteItems", cost, 1, len(given)),
}.items():
    setattr(CountingTable, _name, _counted(_name, _charge))


def costs(conversations: int) -> dict[str, Cost]:
    """What each route costs beside so many other conversations. They vary in all that is listed."""
    table = CountingTable()
    deployment = Deployment(table, rates=UNLIMITED)
    organization_id = deployment.one.organization_id
    headers = deployment.login(deployment.one)
    me = deployment.http.get("/api/auth/me", headers=headers).json()["user"]["id"]
    table.fill(stored_items(organization_id, me, conversations))
    reply = CannedReply(id=new_id(), shortcut="late", text="Hello {{customer.name|there}}")
    deployment.services.canned_replies.add(organization_id, reply)
    found: dict[str, Cost] = {}

    def count(name: str, act: Callable[[], Any]) -> Any:
        table.cost = Cost()
        answer = act()
        found[name], table.cost = table.cost, Cost()
        return answer

    def ask(name: str, method: str, path: str, body: Any = None) -> Any:
        answer = count(
            name,
            lambda: deployment.http.request(
                method, f"/api/conversations{path}", json=body, headers=headers
            ),
        )
        assert answer.is_success, f"{name}: {answer.text}"
        return answer.json()

    for view in VIEWS:
        ask(f"list: {view}", "GET", f"?view={view}")
    for sort in ("newest", "waiting_longest", "priority"):
        page = ask(f"list: all by {sort}", "GET", f"?sort={sort}")
        if page["cursor"]:
            ask(f"list: all by {sort}, next page", "GET", f"?sort={sort}&cursor={page['cursor']}")
    for query in (
        *("priority=urgent", "mood=negative", "label=vip", "label=nobody-has-it", "assignee=me"),
        *("assignee=unassigned", "language=de", "page=cart", "text=parcel", f"customer={CUSTOMER}"),
    ):
        ask(f"list: {query}", "GET", f"?{query}")
    ask("counts", "GET", "/counts")
    ask("labels", "GET", "/labels")
    ref = deployment.asked(deployment.one, _NEEDLE)
    for text in ("zebra", "parcel", "parcel refund", "zebra refund", "pa"):
        ask(f"search: {text}", "GET", f"/search?text={text.replace(' ', '+')}")
    deployment.services.inbox.hand_off(ref, "asked")
    path = f"/{ref.conversation_id}"

    socket = ask("connect", "POST", "/connect")
    routes = routes_on(table, ListedTurns(), deployment.sockets)
    event = {"queryStringParameters": {"token": socket["token"]}}
    count("socket: opened", lambda: gateway._connect(routes.connections, "page", event))
    for action in ("watch", "typing", "ping", "unwatch", "watch"):
        frame = json.dumps({"action": action, "conversation_id": ref.conversation_id})
        count(f"socket: {action}", partial(gateway._frame, routes, "page", frame))

    opened = ask("open a conversation", "GET", path)
    ask("read", "POST", f"{path}/read", {"message_id": opened["messages"][0]["id"]})
    ask("draft", "POST", f"{path}/draft")
    ask("canned reply", "GET", f"{path}/canned-replies/{reply.id}")
    ask("take over", "POST", f"{path}/take-over")
    ask("reply", "POST", f"{path}/replies", {"id": new_id(), "text": "It is on its way"})
    ask("note", "POST", f"{path}/notes", {"id": new_id(), "text": "Called the warehouse"})
    ask("priority", "PATCH", path, {"priority": "urgent"})
    ask("label", "PUT", f"{path}/labels", {"labels": ["vip"]})
    ask("assign", "PUT", f"{path}/assignee", {"assignee": me})
    ask("snooze", "PUT", f"{path}/snooze", {"until": "2999-01-01T00:00:00Z"})
    new = {"id": new_id(), "name": "a.png", "type": "image/png", "size": len(_PNG)}
    form = ask("file: announce", "POST", f"{path}/files", new)["upload"]["fields"]
    deployment.s3.put_object(Bucket="files", Key=form["key"], Body=_PNG)
    ask("file: complete", "POST", f"{path}/files/{new['id']}/complete")
    sent = {"id": new_id(), "text": "Here", "attachments": [new["id"]]}
    ask("file: send", "POST", f"{path}/replies", sent)
    ask("file: open", "GET", f"{path}/files/{new['id']}")
    ask("hand back", "POST", f"{path}/hand-back")
    ask("resolve", "POST", f"{path}/resolve")
    return found


def stored_items(organization_id: str, member: str, number: int) -> Iterator[Item]:
    """The items of conversations with a message each, one a minute up to now."""
    conversations = f"ORG#{organization_id}#CONVERSATIONS"
    now = datetime.now(UTC)
    for place in range(number):
        at = now - timedelta(minutes=place + 1)
        identifier = str(ULID.from_timestamp(at.timestamp()))
        status = _STATUSES[place % 4]
        priority = _PRIORITIES[place % 5]
        partition = f"ORG#{organization_id}#CONV#{identifier}"
        listed = listed_attributes(organization_id, status, priority)
        conversation: Item = {
            **{name: value for name, value in listed.items() if value},
            "pk": partition,
            "sk": "CONV",
            "id": identifier,
            "organization_id": organization_id,
            "status": status,
            "priority": priority,
            "subject": _TEXT,
            "preview": _TEXT,
            "last_role": "customer",
            "started_at": at.isoformat(),
            "customer_messages": 1,
            "customer_last_id": identifier,
            "unanswered": [],
            "language": ("en", "de-AT", "fr")[place % 3],
            "labels": ["vip"] if place % 6 == 0 else [],
            "customer": {"email": CUSTOMER if place % 2 else f"{identifier}@example.org"},
            "page": {
                "url": f"https://shop.example/{('cart', 'help')[place % 2]}",
                "at": at.isoformat(),
            },
            "mood": {"label": ("NEGATIVE", "NEUTRAL")[place % 2], "score": 0.0, "confidence": 0.9},
            "gsi1pk": conversations,
            "gsi1sk": identifier,
            "gsi4sk": identifier,
            "expires_at": _EXPIRES_AT,
            "items_expire_at": _EXPIRES_AT,
        }
        if status == "human":
            conversation |= {"assignee": member, "gsi3pk": f"{conversations}#OF#{member}"}
        yield conversation
        message = {"id": identifier, "role": "customer", "text": _TEXT, "at": at.isoformat()}
        yield {"pk": partition, "sk": f"MSG#{identifier}", **message, "expires_at": _EXPIRES_AT}
        for pk, sk in word_keys(organization_id, message):
            word = {"conversation_id": identifier, "expires_at": _EXPIRES_AT}
            yield {"pk": pk, "sk": sk, **word}
        if place % 2:
            of_customer = customer_partition(organization_id, CUSTOMER)
            yield {"pk": of_customer, "sk": f"CONV#{identifier}", "conversation_id": identifier}
