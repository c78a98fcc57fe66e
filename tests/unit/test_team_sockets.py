"""The team on the WebSocket: who may come in, and what they see of customers and of each other."""

import json
import time
from typing import Any

import pytest

from chat import gateway
from frontdesk.entities import Connection, ConversationRef
from frontdesk.ids import new_id
from tests.unit.chat_routes import routes_on
from tests.unit.deployment import ROLES, Deployment, SentFrames, Tenant, is_problem
from tests.unit.test_gateway import ListedTurns


class Office:
    """Pages of teams, and a customer's widget."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
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
def office(deployment: Deployment) -> Office:
    return Office(deployment)


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
    office.call("POST", "/notes", headers, {"text": "Called the warehouse"})
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


def test_a_customer_who_types_without_end_is_not_passed_on_without_end(office: Office) -> None:
    headers = office.agent("one")
    office.watch("one")
    office.call("POST", "/take-over", headers)
    for _ in range(60):
        assert office.send("widget", action="typing") is None
    assert len(office.seen("one", "typing")) <= 40 * 2


def test_a_viewer_watches_and_says_nothing(office: Office) -> None:
    office.agent("page", "viewer")
    assert office.watch("page") is None
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


def test_a_page_that_has_died_is_nobody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.agent("page")
    office.watch("page")
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
