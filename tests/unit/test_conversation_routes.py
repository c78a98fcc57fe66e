"""Conversations and tickets over HTTP, and what the customer gets to see of it."""

import csv
import io
import json
from typing import Any

import pytest

from api.conversation_export import _harmless
from frontdesk.access.tokens import hash_token
from frontdesk.entities import Connection, ConversationRef, Customer, Message, ModelUse
from frontdesk.errors import StoreUnavailable
from frontdesk.ids import new_id, time_of
from frontdesk.mail.jobs import ReplyMail
from frontdesk.tables.client import Table
from frontdesk.tables.inbox import Inbox
from frontdesk.tables.outcomes import Outcome
from tests.unit.deployment import UNLIMITED, Deployment, is_problem


@pytest.fixture
def deployment(table: Table) -> Deployment:
    return Deployment(table, rates=UNLIMITED)


@pytest.fixture
def ref(deployment: Deployment) -> ConversationRef:
    return deployment.asked(deployment.one, "Where is my parcel?")


def call(
    deployment: Deployment, method: str, path: str, body: Any = None, role: Any = "agent"
) -> Any:
    return deployment.http.request(
        method, f"/api{path}", json=body, headers=deployment.one.headers(role)
    )


def test_a_conversation_shows_everything_to_the_team_and_nothing_else_to_the_customer(
    deployment: Deployment,
) -> None:
    session = deployment.session(deployment.one.widget_key).json()
    path = f"/conversations/{session['conversation']['id']}"
    assert is_problem(call(deployment, "GET", path), 404)
    ref = ConversationRef(
        organization_id=deployment.one.organization_id,
        conversation_id=session["conversation"]["id"],
    )
    deployment.services.conversations.accept(ref, client_id=new_id(), text="Help", per_minute=10)
    assert (
        call(
            deployment, "POST", f"{path}/notes", {"id": new_id(), "text": "Secret note"}
        ).status_code
        == 201
    )
    call(deployment, "POST", f"{path}/replies", {"id": new_id(), "text": "Here I am"})
    seen = call(deployment, "GET", path).json()
    roles = [message["role"] for message in seen["messages"]]
    assert roles == ["customer", "note", "agent"]
    again = deployment.session(deployment.one.widget_key, visitor=session["visitor"]).json()
    texts = [message["text"] for message in again["conversation"]["messages"]]
    assert texts == ["Help", "Here I am"]
    assert again["conversation"]["messages"][1]["author"] == "agent"
    assert "Secret note" not in json.dumps(again)


def test_the_team_sees_what_an_answer_cost_and_the_customer_does_not(
    deployment: Deployment,
) -> None:
    session = deployment.session(deployment.one.widget_key).json()
    ref = ConversationRef(
        organization_id=deployment.one.organization_id,
        conversation_id=session["conversation"]["id"],
    )
    conversations = deployment.services.conversations
    conversations.accept(ref, client_id=new_id(), text="Help", per_minute=10)
    taken = conversations.acquire_lease(ref, "worker")
    assert taken is not None
    question = conversations.message(ref, taken.unanswered[0])
    identifier = new_id()
    answer = Message(
        id=identifier,
        role="assistant",
        text="It helps.",
        at=time_of(identifier),
        kind="answer",
        model="small",
        fallbacks=("big",),
        usage=(
            ModelUse(model="big", purpose="answer", prompt_tokens=1234, completion_tokens=5),
            ModelUse(
                model="small",
                purpose="answer",
                prompt_tokens=1_200,
                completion_tokens=40,
                estimated=True,
                cost_nano_usd=380_500,
            ),
        ),
    )
    conversations.store_outcome(taken, "worker", Outcome([question], [answer]))
    seen = call(deployment, "GET", f"/conversations/{ref.conversation_id}", role="viewer").json()
    shown = seen["messages"][1]
    assert (shown["model"], shown["fallbacks"]) == ("small", ["big"])
    assert [use["cost_usd"] for use in shown["usage"]] == [None, 0.0003805]
    assert shown["usage"][1] == {
        "model": "small",
        "purpose": "answer",
        "prompt_tokens": 1_200,
        "completion_tokens": 40,
        "estimated": True,
        "cost_usd": 0.0003805,
    }
    again = deployment.session(deployment.one.widget_key, visitor=session["visitor"])
    assert "It helps." in again.text
    for hidden in ("usage", "1234", "cost", "fallbacks"):
        assert hidden not in again.text


def test_an_agents_words_reach_the_open_sockets_and_gone_ones_are_forgotten(
    deployment: Deployment, ref: ConversationRef
) -> None:
    for identifier in ("here", "gone"):
        deployment.services.connections.open(Connection(id=identifier, conversation=ref))
    deployment.sockets.gone.add("gone")
    path = f"/conversations/{ref.conversation_id}"
    call(deployment, "POST", f"{path}/take-over")
    call(deployment, "POST", f"{path}/replies", {"id": new_id(), "text": "Hello"})
    call(deployment, "POST", f"{path}/notes", {"id": new_id(), "text": "Secret note"})
    frames = [json.loads(text) for _, text in deployment.sockets.frames]
    assert [frame["type"] for frame in frames] == ["posted", "posted"]
    assert [frame["message"]["role"] for frame in frames] == ["system", "agent"]
    assert [frame["status"] for frame in frames] == ["human", "human"]
    assert {connection for connection, _ in deployment.sockets.frames} == {"here"}
    assert deployment.services.connections.find("gone") is None
    assert "Secret note" not in str(frames)


def test_who_has_left_an_address_is_answered_by_mail(
    deployment: Deployment, ref: ConversationRef
) -> None:
    conversations = deployment.services.conversations
    deployment.services.visitors.set_customer(
        conversations.get(ref), Customer(email="sam@example.org")
    )
    path = f"/conversations/{ref.conversation_id}/replies"
    answer = call(deployment, "POST", path, {"id": new_id(), "text": "Hello"}).json()
    assert deployment.mail.jobs == [
        ReplyMail(
            organization_id=ref.organization_id,
            conversation_id=ref.conversation_id,
            message_id=answer["id"],
        )
    ]


def test_a_conversation_is_assigned_to_members_of_the_team_only(
    deployment: Deployment, ref: ConversationRef
) -> None:
    path = f"/conversations/{ref.conversation_id}/assignee"
    assert is_problem(call(deployment, "PUT", path, {"assignee": new_id()}), 404)
    assert call(deployment, "PUT", path, {"assignee": None}).status_code == 200


def test_acts_are_repeatable_and_told_in_the_conversation(
    deployment: Deployment, ref: ConversationRef
) -> None:
    path = f"/conversations/{ref.conversation_id}"
    for act, status in (("take-over", "human"), ("hand-back", "open"), ("resolve", "resolved")):
        for _ in range(2):
            answer = call(deployment, "POST", f"{path}/{act}")
            assert answer.status_code == 200
            assert answer.json()["status"] == status
    events = [each["event"] for each in call(deployment, "GET", path).json()["messages"]]
    assert [each for each in events if each] == ["taken_over", "handed_back", "resolved"]
    assert is_problem(call(deployment, "POST", f"{path}/hand-back"), 409)


def test_an_offline_message_becomes_a_ticket_once(deployment: Deployment) -> None:
    session = deployment.session(deployment.one.widget_key).json()
    headers = {
        "Authorization": f"Bearer {session['visitor']}",
        "X-Frontdesk-Key": deployment.one.widget_key,
    }
    ref = deployment.services.visitors.find(
        deployment.one.organization_id, hash_token(session["visitor"])
    )
    deployment.services.connections.open(Connection(id="window", conversation=ref))
    body = {"id": new_id(), "text": "Call me", "email": "Sam@example.org", "name": "Sam"}
    answers = [
        deployment.http.post("/api/widget/messages", json=body, headers=headers) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    shown = [json.loads(text) for to, text in deployment.sockets.frames if to == "window"]
    assert (shown[0]["type"], shown[0]["message"]["text"]) == ("posted", "Call me")
    assert shown[0]["message"]["client_id"] == body["id"]
    [ticket] = call(deployment, "GET", "/tickets?status=open").json()["tickets"]
    assert ticket["id"] == session["conversation"]["id"]
    seen = call(deployment, "GET", f"/conversations/{ticket['id']}").json()
    assert seen["status"] == "waiting"
    assert seen["customer"] == {"id": None, "email": "sam@example.org", "name": "Sam"}
    assert seen["handoff"]["reason"] == "offline_message"
    found = call(deployment, "GET", "/conversations?text=sam@example").json()["conversations"]
    assert [each["id"] for each in found] == [ticket["id"]]


def test_an_offline_message_is_left_to_people_and_a_late_repeat_changes_nothing(
    deployment: Deployment,
) -> None:
    session = deployment.session(deployment.one.widget_key).json()
    headers = {
        "Authorization": f"Bearer {session['visitor']}",
        "X-Frontdesk-Key": deployment.one.widget_key,
    }
    body = {"id": new_id(), "text": "Call me", "email": "sam@example.org"}

    def post() -> Any:
        return deployment.http.post("/api/widget/messages", json=body, headers=headers)

    post()
    again = deployment.session(deployment.one.widget_key, visitor=session["visitor"]).json()
    assert again["conversation"]["answering"] is False
    path = f"/conversations/{session['conversation']['id']}"
    call(deployment, "POST", f"{path}/resolve")
    assert post().status_code == 201
    assert call(deployment, "GET", path).json()["status"] == "resolved"


def test_another_offline_message_is_left_to_people_too_and_not_lost_when_handing_off_fails(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = deployment.session(deployment.one.widget_key).json()
    headers = {
        "Authorization": f"Bearer {session['visitor']}",
        "X-Frontdesk-Key": deployment.one.widget_key,
    }

    def post(identifier: str) -> Any:
        body = {"id": identifier, "text": "Call me", "email": "sam@example.org"}
        return deployment.http.post("/api/widget/messages", json=body, headers=headers)

    for _ in range(2):
        assert post(new_id()).status_code == 201
    again = deployment.session(deployment.one.widget_key, visitor=session["visitor"]).json()
    assert again["conversation"]["answering"] is False
    path = f"/conversations/{session['conversation']['id']}"
    call(deployment, "POST", f"{path}/resolve")

    def fail(*_arguments: Any) -> None:
        raise StoreUnavailable("trouble")

    identifier = new_id()
    with monkeypatch.context() as patch:
        patch.setattr(Inbox, "hand_off", fail)
        assert post(identifier).status_code == 503
    assert post(identifier).status_code == 201
    assert call(deployment, "GET", path).json()["status"] == "waiting"
    [ticket] = call(deployment, "GET", "/tickets?status=open").json()["tickets"]
    assert ticket["id"] == session["conversation"]["id"]


def test_an_export_is_never_larger_than_an_answer_may_be(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routers.conversations.RESPONSE_BYTES", 3_000)
    refs = [deployment.asked(deployment.one, *["x" * 300] * 3) for _ in range(3)]
    large = deployment.asked(deployment.one, *["y" * 900] * 5)
    seen: list[str] = []
    cursor = ""
    while True:
        answer = call(deployment, "GET", f"/conversations/export{cursor}", role="admin")
        assert len(answer.content) < 8_000
        for each in answer.json()["conversations"]:
            seen.append(each["id"])
            assert each["complete"] is (each["id"] != large.conversation_id)
        if answer.json()["cursor"] is None:
            break
        cursor = f"?cursor={answer.json()['cursor']}"
    assert seen == [ref.conversation_id for ref in (large, *reversed(refs))]


@pytest.mark.parametrize(
    ("text", "status"), [("12\u00a0€", 201), ("👨‍👩‍👧", 201), ("a\r\nb", 201), ("a\x00b", 422)]
)
def test_people_write_as_they_like_but_no_control_characters(
    deployment: Deployment, ref: ConversationRef, text: str, status: int
) -> None:
    path = f"/conversations/{ref.conversation_id}/replies"
    answer = call(deployment, "POST", path, {"id": new_id(), "text": text})
    assert answer.status_code == status


def test_tickets_are_changed_and_found_by_what_they_are_now(
    deployment: Deployment, ref: ConversationRef
) -> None:
    deployment.services.inbox.hand_off(ref, "asked")
    path = f"/tickets/{ref.conversation_id}"
    change = {"status": "pending", "category": "billing", "priority": "high"}
    changed = call(deployment, "PATCH", path, change).json()
    assert {name: changed[name] for name in change} == change
    for query, number in (
        ("status=pending", 1),
        ("status=open", 0),
        ("category=billing", 1),
        ("category=other", 0),
        ("priority=high", 1),
        ("status=pending&priority=low", 0),
    ):
        found = call(deployment, "GET", f"/tickets?{query}").json()["tickets"]
        assert len(found) == number, query
    assert call(deployment, "PATCH", path, {}).json()["status"] == "pending"
    assert is_problem(call(deployment, "PATCH", path, {"status": "eaten"}), 422)
    closed = call(deployment, "PATCH", path, {"status": "closed"})
    assert closed.json()["status"] == "closed"
    assert deployment.services.conversations.get(ref).status == "waiting"


def test_an_export_is_complete_noted_and_harmless_in_a_spreadsheet(
    deployment: Deployment,
) -> None:
    ref = deployment.asked(deployment.one, "=HYPERLINK(1)", 'He said "no", twice\nand left')
    answer = call(deployment, "GET", "/conversations/export?format=csv", role="admin")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith("\ufeffconversation,status,priority,".encode())
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["complete"] for row in rows} == {"True"}
    assert [row["text"] for row in rows] == ["'=HYPERLINK(1)", 'He said "no", twice\nand left']
    assert {row["conversation"] for row in rows} == {ref.conversation_id}
    whole = call(deployment, "GET", "/conversations/export", role="admin").json()
    assert [len(each["messages"]) for each in whole["conversations"]] == [2]
    entries = call(deployment, "GET", "/audit", role="admin").json()["entries"]
    assert [each["action"] for each in entries][:2] == ["conversations.export"] * 2


@pytest.mark.parametrize("narrowed", ["", "&status=open", "&until=2030-01-01T00:00:00Z"])
def test_an_export_has_what_moves_while_it_goes_on(deployment: Deployment, narrowed: str) -> None:
    def page(cursor: str) -> Any:
        path = f"/conversations/export?limit=1{narrowed}{cursor}"
        return call(deployment, "GET", path, role="admin").json()

    refs = [deployment.asked(deployment.one, "When do you open?") for _ in range(4)]
    answer = page("")
    found = [each["id"] for each in answer["conversations"]]
    assert found == [refs[3].conversation_id]
    to_write = [*refs[:3], refs[0]]
    while answer["cursor"]:
        if to_write:
            deployment.services.conversations.accept(
                to_write.pop(), client_id=new_id(), text="And on Sunday?", per_minute=99
            )
            deployment.asked(deployment.one, "I came after it began.")
        answer = page(f"&cursor={answer['cursor']}")
        found += [each["id"] for each in answer["conversations"]]
    assert set(found) == {ref.conversation_id for ref in refs}


@pytest.mark.parametrize(
    "front",
    ["", "\ufeff", "\u200b", "\u2060\u00ad", " \u00a0\u3000", "\n", "\0", "\ufe0f", "\u3164"],
)
def test_no_cell_begins_like_a_formula(front: str) -> None:
    for sign in "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212\u207b\u208a":
        assert _harmless(f"{front}{sign}1+1") == f"'{front}{sign}1+1"
    for harmless in ("1+1", "a=1", "'=1", "", "\u00fc"):
        assert _harmless(front + harmless) == front + harmless


@pytest.mark.parametrize("text", ["\t1", "\r1", "\t", "\t=1"])
def test_no_cell_begins_with_a_tab_or_a_return(text: str) -> None:
    assert _harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    "query",
    ["cursor=made-up", "since=yesterday", "since=9999-12-31T00:00:00Z", "limit=0", "status=gone"],
)
def test_a_list_that_cannot_be_made_is_a_clear_problem(deployment: Deployment, query: str) -> None:
    answer = call(deployment, "GET", f"/conversations?{query}")
    assert answer.status_code in {400, 422}
    assert is_problem(answer, answer.status_code)


def test_the_customer_confirms_that_it_is_solved(deployment: Deployment) -> None:
    session = deployment.session(deployment.one.widget_key).json()
    headers = {
        "Authorization": f"Bearer {session['visitor']}",
        "X-Frontdesk-Key": deployment.one.widget_key,
    }

    def confirm() -> Any:
        return deployment.http.post("/api/widget/resolve", headers=headers)

    assert is_problem(confirm(), 404)
    ref = ConversationRef(
        organization_id=deployment.one.organization_id,
        conversation_id=session["conversation"]["id"],
    )
    deployment.services.conversations.accept(ref, client_id=new_id(), text="Hi", per_minute=9)
    assert is_problem(confirm(), 409)
    path = f"/conversations/{ref.conversation_id}/replies"
    call(deployment, "POST", path, {"id": new_id(), "text": "Solved?"})
    assert [confirm().status_code for _ in range(2)] == [204, 204]
    assert deployment.services.conversations.get(ref).status == "resolved"
