"""The team on the WebSocket: who may come in, and what they see of customers and of each other."""

import json
import time
from typing import Any

import pytest

from chat import gateway
from frontdesk.access import roles
from frontdesk.entities import Connection, ConversationRef, User
from frontdesk.ids import new_id
from frontdesk.realtime.frames import SeenFrame
from frontdesk.tables.client import Put
from frontdesk.tables.connections import REPLYING_SECONDS
from frontdesk.tables.conversation_items import conversation_partition
from frontdesk.tables.lifetimes import Lifetimes
from frontdesk.tables.tokens import TokenGrant
from frontdesk.tables.users import reset_binding
from tests.unit.chat_routes import routes_on
from tests.unit.deployment import OPERATOR, ROLES, Deployment, SentFrames, Tenant, is_problem
from tests.unit.test_gateway import ListedTurns


class Office:
    """Pages of teams, and a customer's widget."""

    def __init__(self, deployment: Deployment, patch: pytest.MonkeyPatch) -> None:
        self.deployment = deployment
        self.patch = patch
        self.sockets: SentFrames = deployment.sockets
        self.routes = routes_on(deployment.table, ListedTurns(), self.sockets)
        self.ref = deployment.asked(deployment.one, "Where is my parcel?")
        self.widget = Connection(id="widget", conversation=self.ref)
        deployment.services.connections.open(self.widget)

    def open(self, headers: dict[str, str], identifier: str) -> int:
        answer = self.deployment.http.post("/api/conversations/connect", headers=headers)
        assert answer.status_code == 201
        event = {"queryStringParameters": {"token": answer.json()["token"]}}
        connected = gateway._connect(self.routes.connections, identifier, event)
        return int(str(connected["statusCode"]))

    def agent(self, identifier: str, role: Any = "agent", tenant: Tenant | None = None) -> Any:
        headers = self.deployment.login(tenant or self.deployment.one, role)
        assert self.open(headers, identifier) == 200
        return headers

    def send(self, identifier: str, **frame: Any) -> dict[str, Any] | None:
        answer = gateway._frame(self.routes, identifier, json.dumps(frame))
        return json.loads(str(answer["body"])) if "body" in answer else None

    def watch(self, identifier: str, ref: ConversationRef | None = None) -> dict[str, Any] | None:
        conversation_id = (ref or self.ref).conversation_id
        return self.send(identifier, action="watch", conversation_id=conversation_id)

    def seen(self, identifier: str, kind: str) -> list[dict[str, Any]]:
        frames = [json.loads(text) for to, text in self.sockets.frames if to == identifier]
        return [frame for frame in frames if frame["type"] == kind]

    def call(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
        path = f"/api/conversations/{self.ref.conversation_id}{path}"
        return self.deployment.http.request(method, path, json=body, headers=headers)


@pytest.fixture
def office(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(deployment, monkeypatch)


def names(frame: dict[str, Any]) -> list[str]:
    return sorted(agent["name"] for agent in frame["agents"])


@pytest.mark.parametrize("role", ROLES)
def test_everybody_of_the_team_connects_with_their_login(office: Office, role: Any) -> None:
    office.agent("page", role)
    assert office.send("page", action="ping") == {"type": "pong"}


def test_a_key_does_not_connect(office: Office) -> None:
    headers = office.deployment.one.headers("owner")
    assert is_problem(
        office.deployment.http.post("/api/conversations/connect", headers=headers), 403
    )


def test_two_agents_see_each_other_in_a_conversation(office: Office) -> None:
    office.agent("one")
    office.agent("two", "admin")
    office.watch("one")
    assert names(office.seen("one", "watchers")[-1]) == ["Agent"]
    office.watch("two")
    assert names(office.seen("one", "watchers")[-1]) == ["Admin", "Agent"]
    assert names(office.seen("two", "watchers")[-1]) == ["Admin", "Agent"]
    office.send("two", action="unwatch")
    assert names(office.seen("one", "watchers")[-1]) == ["Agent"]
    office.watch("two")
    gateway._disconnect(office.routes, "two")
    assert names(office.seen("one", "watchers")[-1]) == ["Agent"]
    assert len(office.deployment.services.connections.agents(office.ref.organization_id)) == 1


def listed(office: Office) -> Any:
    """Who watches what, as the list of conversations says."""
    headers = office.deployment.one.headers("viewer")
    return office.deployment.http.get("/api/conversations", headers=headers).json()["watchers"]


def test_a_list_says_who_is_where_and_who_replies(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = office.ref.conversation_id
    for identifier in ("one", "two", "elsewhere"):
        office.agent(identifier, "admin" if identifier == "two" else "agent")
    office.agent("stranger", tenant=office.deployment.two)
    office.watch("one")
    office.watch("two")
    office.send("two", action="typing")
    office.send("two", action="typing")
    told = office.seen("elsewhere", "watchers")
    assert [len(frame["agents"]) for frame in told] == [1, 2, 2]
    assert {each["name"]: each["replying"] for each in told[-1]["agents"]} == {
        "Agent": False,
        "Admin": True,
    }
    assert listed(office) == {here: told[-1]["agents"]}
    assert office.seen("stranger", "watchers") == []
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + REPLYING_SECONDS + 1)
    assert not any(each["replying"] for each in listed(office)[here])
    for identifier in ("one", "two"):
        office.send(identifier, action="unwatch")
    assert office.seen("elsewhere", "watchers")[-1] == {
        "type": "watchers",
        "conversation_id": here,
        "agents": [],
    }
    assert listed(office) == {}


def test_who_goes_to_another_conversation_replies_in_neither(office: Office) -> None:
    other = office.deployment.asked(office.deployment.one, "Hello")
    office.agent("one")
    office.watch("one")
    office.send("one", action="typing")
    office.watch("one", other)
    assert [each["replying"] for each in listed(office)[other.conversation_id]] == [False]
    assert office.ref.conversation_id not in listed(office)


def test_what_a_list_says_of_the_team_costs_two_reads(office: Office) -> None:
    headers = office.deployment.one.headers("viewer")
    calls: list[str] = []
    office.deployment.table._client.meta.events.register(
        "before-call.dynamodb", lambda model, **_: calls.append(model.name)
    )
    costs = []
    for more in (1, 12):
        for number in range(more):
            office.agent(f"{more}-{number}")
            office.watch(f"{more}-{number}")
        calls.clear()
        office.deployment.http.get("/api/conversations", headers=headers)
        costs.append([name for name in calls if name in {"Query", "BatchGetItem"}])
    # The list, and what of it was read; then who is there.
    assert costs == [["Query", "BatchGetItem"] * 2] * 2


def test_who_looks_elsewhere_has_left(office: Office) -> None:
    other = office.deployment.asked(office.deployment.one, "Hello")
    office.agent("one")
    office.agent("two")
    office.watch("one")
    office.watch("two")
    office.watch("two", other)
    assert len(office.seen("one", "watchers")[-1]["agents"]) == 1


def test_what_one_agent_does_the_others_see_at_once(office: Office) -> None:
    headers = office.agent("one")
    office.agent("two")
    office.agent("stranger", tenant=office.deployment.two)
    office.watch("two")
    office.call("POST", "/take-over", headers)
    office.call("POST", "/replies", headers, {"id": new_id(), "text": "On its way"})
    office.call("POST", "/notes", headers, {"id": new_id(), "text": "Called the warehouse"})
    office.call("PUT", "/labels", headers, {"labels": ["VIP", "vip"]})
    assert [frame["message"]["role"] for frame in office.seen("two", "message")] == [
        "system",
        "agent",
        "note",
    ]
    latest = office.seen("two", "conversation")[-1]["conversation"]
    assert (latest["status"], latest["labels"]) == ("human", ["vip"])
    assert office.seen("one", "message") == []
    assert not [to for to, _ in office.sockets.frames if to == "stranger"]
    assert "warehouse" not in str([text for to, text in office.sockets.frames if to == "widget"])


def test_typing_shows_on_both_sides(office: Office) -> None:
    headers = office.agent("one")
    office.agent("two")
    office.watch("one")
    office.watch("two")
    office.send("widget", action="typing")
    assert office.seen("one", "typing") == []
    office.call("POST", "/take-over", headers)
    office.send("widget", action="typing")
    [customer] = office.seen("one", "typing")
    assert customer == {"type": "typing", "conversation_id": office.ref.conversation_id}
    office.send("one", action="typing")
    assert office.seen("widget", "typing") == [{"type": "typing", "author": "Agent"}]
    assert office.seen("two", "typing")[-1]["author"]["name"] == "Agent"
    assert len(office.seen("one", "typing")) == 1


def test_the_team_sees_how_far_the_customer_has_read(office: Office) -> None:
    headers = office.agent("one")
    office.watch("one")
    replies = [
        office.call("POST", "/replies", headers, {"id": new_id(), "text": text}).json()["id"]
        for text in ("It is on its way.", "It comes tomorrow.")
    ]
    assert office.call("GET", "", headers).json()["customer_read"] is None
    office.sockets.frames.clear()
    for message_id in (replies[1], replies[1], replies[0], new_id()):
        assert office.send("widget", action="seen", message_id=message_id) is None
    [shown] = office.seen("one", "conversation")
    assert shown["conversation"]["customer_read"] == replies[1]
    assert office.call("GET", "", headers).json()["customer_read"] == replies[1]
    assert office.seen("widget", "conversation") == []


def test_a_customer_who_has_seen_nothing_new_costs_two_writes_and_no_read(office: Office) -> None:
    headers = office.agent("one")
    body = {"id": new_id(), "text": "Hello"}
    reply = office.call("POST", "/replies", headers, body).json()["id"]
    office.send("widget", action="seen", message_id=reply)
    calls: list[str] = []
    table = office.deployment.table
    for name in ("get", "query", "update", "transact", "get_many"):
        original = getattr(table, name)

        def counted(*args: Any, _name: str = name, _call: Any = original, **more: Any) -> Any:
            calls.append(_name)
            return _call(*args, **more)

        office.patch.setattr(table, name, counted)
    office.routes.customers.handle(office.widget, SeenFrame(action="seen", message_id=reply))
    assert "query" not in calls
    assert len(calls) == 2


def test_a_customer_who_types_without_end_is_not_passed_on_without_end(office: Office) -> None:
    headers = office.agent("one")
    office.watch("one")
    office.call("POST", "/take-over", headers)
    for _ in range(60):
        assert office.send("widget", action="typing") is None
    assert len(office.seen("one", "typing")) <= 40 * 2


def test_a_viewer_watches_and_says_nothing(office: Office) -> None:
    office.agent("page", "viewer")
    answer = office.watch("page")
    # What happened after the page asked the API, and before it watched, is in the answer.
    assert answer
    assert answer["conversation"]["subject"] == "Where is my parcel?"
    answer = office.send("page", action="typing")
    assert answer is not None
    assert answer["code"] == "refused"


@pytest.mark.parametrize(
    "frame",
    [
        {"action": "message", "id": new_id(), "text": "Hello"},
        {"action": "resume", "after": None},
        {"action": "stop"},
        {"action": "feedback", "message_id": new_id(), "helpful": True},
        {"action": "watch", "conversation_id": "x" * 26},
        {"action": "watch"},
        {"action": "typing"},
    ],
)
def test_frames_that_are_not_the_teams_are_refused(office: Office, frame: Any) -> None:
    office.agent("page")
    answer = office.send("page", **frame)
    assert answer is not None
    assert answer["code"] == "invalid"


def test_a_customer_watches_nothing(office: Office) -> None:
    answer = office.watch("widget")
    assert answer is not None
    assert answer["code"] == "invalid"


def test_another_organisations_conversation_cannot_be_watched(office: Office) -> None:
    office.agent("page", tenant=office.deployment.two)
    answer = office.watch("page")
    assert answer is not None
    assert answer["code"] == "not_found"
    assert office.deployment.services.conversations.watch(office.ref).watchers == []


def test_who_has_logged_out_sees_nothing_more(office: Office) -> None:
    headers = office.agent("page")
    office.agent("colleague")
    office.watch("page")
    office.watch("colleague")
    me = office.deployment.http.get("/api/auth/me", headers=headers).json()
    user = office.deployment.services.users.get(office.ref.organization_id, me["user"]["id"])
    office.deployment.services.sessions.end_all(user)
    answer = office.send("page", action="ping")
    assert answer is not None
    assert answer["code"] == "refused"
    assert len(office.seen("colleague", "watchers")[-1]["agents"]) == 1
    gone = office.send("page", action="ping")
    assert gone is not None
    assert gone["code"] == "not_found"


def user_of(office: Office, headers: dict[str, str]) -> User:
    me = office.deployment.http.get("/api/auth/me", headers=headers).json()
    return office.deployment.services.users.get(office.ref.organization_id, me["user"]["id"])


def removed(office: Office, user: User) -> None:
    office.deployment.services.users.remove(user, OPERATOR)


def logged_out(office: Office, user: User) -> None:
    office.deployment.services.sessions.end_all(user)


def shut_out(office: Office, user: User) -> None:
    office.patch.setitem(roles.ROLES, "conversations:read", frozenset({"admin"}))


@pytest.mark.parametrize("end", [removed, logged_out, shut_out])
def test_who_is_out_hears_no_word_more_and_is_not_here(office: Office, end: Any) -> None:
    """Although their page has sent nothing since, and nobody has closed its socket."""
    leaving = office.agent("page")
    colleague = office.agent("colleague", "admin")
    office.watch("page")
    office.watch("colleague")
    office.call("POST", "/take-over", colleague)
    user = user_of(office, leaving)
    before = len(office.sockets.frames)
    end(office, user)
    office.send("widget", action="typing")
    office.call("POST", "/replies", colleague, {"id": new_id(), "text": "On its way"})
    office.send("colleague", action="unwatch")
    office.watch("colleague")
    conversation = office.deployment.services.conversations.get(office.ref)
    untold = conversation.model_copy(update={"untold": "record", "status": "waiting"})
    office.deployment.services.team.tell_handoff(untold, office.deployment.mail)
    heard = {to for to, _ in office.sockets.frames[before:]}
    assert heard == {"colleague", "widget"}
    assert len(office.seen("colleague", "watchers")[-1]["agents"]) == 1
    assert office.sockets.closed == ["page"]
    gateway._disconnect(office.routes, "colleague")
    assert not office.deployment.services.team.somebody_is_here(office.ref.organization_id)


@pytest.mark.parametrize(
    ("act", "closed"),
    [
        ("remove", ["one", "two"]),
        ("change role", ["one", "two"]),
        ("log out", ["one"]),
        ("change password", ["two"]),
        ("reset password", ["one", "two"]),
    ],
)
def test_what_ends_a_login_closes_its_sockets_and_no_other(
    office: Office, act: str, closed: list[str]
) -> None:
    """One person has two logins, with a page each; a colleague looks on."""
    deployment = office.deployment
    first = office.agent("one")
    first_cookies = dict(deployment.http.cookies)
    user = user_of(office, first)
    password = "a long sentence to remember"
    again = deployment.http.post(
        "/api/auth/login", json={"email": user.email, "password": password}
    ).json()
    assert office.open({"Authorization": f"Bearer {again['access_token']}"}, "two") == 200
    owner = office.agent("colleague", "owner")
    for page in ("one", "two", "colleague"):
        office.watch(page)
    member = f"/api/team/members/{user.id}"
    match act:
        case "remove":
            answer = deployment.http.delete(member, headers=owner)
        case "change role":
            answer = deployment.http.patch(member, json={"role": "viewer"}, headers=owner)
        case "log out":
            deployment.http.cookies.clear()
            deployment.http.cookies.update(first_cookies)
            csrf = {"X-CSRF-Token": first_cookies["__Host-frontdesk_csrf"]}
            answer = deployment.http.post("/api/auth/logout", headers=csrf)
        case "change password":
            body = {"current": password, "new": "another sentence to remember"}
            answer = deployment.http.post("/api/auth/password", json=body, headers=first)
        case _:
            grant = TokenGrant(
                purpose="reset",
                organization_id=user.organization_id,
                subject=user.id,
                binding=reset_binding(user),
            )
            body = {
                "token": deployment.services.tokens.issue(grant),
                "password": "another sentence to remember",
            }
            answer = deployment.http.post("/api/auth/reset", json=body)
    assert answer.is_success, answer.text
    assert sorted(office.sockets.closed) == closed
    here = deployment.services.connections.agents(office.ref.organization_id)
    assert {each.id for each in here} == {"one", "two", "colleague"} - set(closed)
    watchers = deployment.services.conversations.watch(office.ref).watchers
    assert {each.id for each in watchers} == {each.id for each in here}


def test_a_connect_token_of_a_login_that_has_ended_opens_nothing(office: Office) -> None:
    headers = office.deployment.login(office.deployment.one)
    answer = office.deployment.http.post("/api/conversations/connect", headers=headers)
    logged_out(office, user_of(office, headers))
    event = {"queryStringParameters": {"token": answer.json()["token"]}}
    assert gateway._connect(office.routes.connections, "page", event) == {"statusCode": 403}
    assert office.deployment.services.connections.find("page") is None


def test_of_an_erased_conversation_nobody_hears_more(office: Office) -> None:
    deployment = office.deployment
    token = deployment.services.connections.issue_token(
        deployment.services.conversations.get(office.ref)
    )
    answer = deployment.http.post(
        "/api/privacy/erase",
        json={"conversation_id": office.ref.conversation_id},
        headers=deployment.one.team,
    )
    assert answer.is_success
    assert office.sockets.closed == ["widget"]
    refused = office.send("widget", action="message", id=new_id(), text="Still here?")
    assert refused is not None
    assert refused["code"] == "not_found"
    event = {"queryStringParameters": {"token": token}}
    assert gateway._connect(office.routes.connections, "late", event) == {"statusCode": 403}
    assert deployment.table.query(conversation_partition(office.ref)) == []


def test_looking_who_listens_costs_the_same_however_much_was_said(office: Office) -> None:
    office.agent("page")
    office.watch("page")
    client, counted = office.deployment.table._client, []
    query = client.query

    def counting(**arguments: Any) -> Any:
        answer = query(**arguments)
        counted.append(answer["ScannedCount"])
        return answer

    office.patch.setattr(client, "query", counting)
    conversations = office.deployment.services.conversations
    few = conversations.watch(office.ref)
    partition = conversation_partition(office.ref)
    office.deployment.table.put_many(
        [Put((partition, f"CID#{new_id()}"), {"message_id": new_id()}) for _ in range(300)]
    )
    many = conversations.watch(office.ref)
    assert (many.listeners, many.watchers) == (few.listeners, few.watchers)
    assert (len(many.listeners), len(many.watchers)) == (1, 1)
    assert counted == [3, 3]


def test_a_page_that_has_died_is_nobody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the conversation is kept that was open on it."""
    office.agent("page")
    office.watch("page")
    Lifetimes(office.deployment.table).renew(office.ref, 30)
    connections = office.deployment.services.connections
    later = time.time() + 151
    monkeypatch.setattr("frontdesk.tables.connections.time.time", lambda: later)
    monkeypatch.setattr("frontdesk.tables.conversations.time.time", lambda: later)
    assert connections.agents(office.ref.organization_id) == []
    assert office.deployment.services.conversations.watch(office.ref).watchers == []


def test_a_socket_that_is_gone_is_forgotten(office: Office) -> None:
    headers = office.agent("one")
    office.agent("two")
    office.sockets.gone.add("two")
    office.call("POST", "/take-over", headers)
    agents = office.deployment.services.connections.agents(office.ref.organization_id)
    assert [each.id for each in agents] == ["one"]


def test_a_connect_token_of_the_team_works_once(office: Office) -> None:
    headers = office.deployment.login(office.deployment.one)
    answer = office.deployment.http.post("/api/conversations/connect", headers=headers)
    event = {"queryStringParameters": {"token": answer.json()["token"]}}
    assert gateway._connect(office.routes.connections, "a", event) == {"statusCode": 200}
    assert gateway._connect(office.routes.connections, "b", event) == {"statusCode": 403}
