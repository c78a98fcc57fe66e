"""Customers and team on the whole stack: two browsers' worth of sockets, queues, mail."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from frontdesk.ids import new_id
from local import mailbox
from local.chat_client import ChatClient
from local.seed import OWNER_EMAIL
from local.stack import Stack

pytestmark = pytest.mark.stack


class Page:
    """A page of the team, logged in, with its socket open."""

    def __init__(self, stack: Stack, http: httpx.Client) -> None:
        assert stack.sample
        login = http.post(
            "/api/auth/login",
            json={"email": OWNER_EMAIL, "password": stack.sample.owner_password},
        )
        assert login.status_code == 200, login.text
        self.http = http
        self.headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
        ticket = self.call("POST", "/connect").json()
        self.socket: ClientConnection = connect(f"{ticket['url']}?token={quote(ticket['token'])}")
        self.frames: list[dict[str, Any]] = []

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.http.request(
            method, f"/api/conversations{path}", json=body, headers=self.headers
        )

    def send(self, **frame: Any) -> None:
        self.socket.send(json.dumps(frame))

    def sees(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = 20) -> dict[str, Any]:
        """The first frame that is wanted, of those that came and those that come."""
        deadline = time.monotonic() + seconds
        seen = 0
        while True:
            for frame in self.frames[seen:]:
                if wanted(frame):
                    return frame
            seen = len(self.frames)
            left = deadline - time.monotonic()
            assert left > 0, f"it never came; there were {[f['type'] for f in self.frames]}"
            self.frames.append(json.loads(self.socket.recv(timeout=left)))


@pytest.fixture(scope="module")
def http(stack: Stack) -> Iterator[httpx.Client]:
    base = stack.api_url.removesuffix("/api")
    with httpx.Client(base_url=base, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def page(stack: Stack, http: httpx.Client) -> Iterator[Page]:
    page = Page(stack, http)
    yield page
    page.socket.close()


@pytest.fixture
def visitor(stack: Stack) -> Iterator[ChatClient]:
    assert stack.sample
    with ChatClient(
        api_url=stack.api_url, key=stack.sample.widget_key, origin=stack.origin
    ) as client:
        client.connect()
        yield client


def last(frames: Iterator[dict[str, Any]]) -> dict[str, Any]:
    return list(frames)[-1]


def receive(visitor: ChatClient, kind: str) -> dict[str, Any]:
    while True:
        frame = visitor.receive(20)
        if frame["type"] == kind:
            return frame


def test_two_windows_show_the_same_and_are_closed_when_it_is_erased(
    stack: Stack, page: Page, visitor: ChatClient
) -> None:
    assert stack.sample
    key, origin = stack.sample.widget_key, stack.origin
    with ChatClient(
        api_url=stack.api_url, key=key, origin=origin, visitor=visitor.visitor
    ) as window:
        window.connect()
        frame_id = new_id()
        last(visitor.ask("How do I change my booking page?", frame_id=frame_id))
        posted = window.receive(20)
        assert (posted["type"], posted["message"]["client_id"]) == ("posted", frame_id)
        assert receive(window, "done")["message"]["reply_to"] == [frame_id]
        conversation_id = visitor.session["conversation"]["id"]
        erased = page.http.post(
            "/api/privacy/erase", json={"conversation_id": conversation_id}, headers=page.headers
        )
        assert erased.json() == {"conversations": 1}
        for client in (visitor, window):
            with pytest.raises(ConnectionClosed):
                receive(client, "nothing more")
        assert window.open_session()["conversation"]["id"] != conversation_id


def test_an_angry_customer_gets_a_person_who_takes_over_without_a_seam(
    stack: Stack, page: Page, visitor: ChatClient
) -> None:
    for text in (
        "My booking page shows the wrong calendar.",
        "I have asked three times now and nobody helps me. This is ridiculous!",
        "You people are useless and I am furious. Worst service ever!",
    ):
        last(visitor.ask(text))
        conversation_id = visitor.session["conversation"]["id"]
        if page.call("GET", f"/{conversation_id}").json()["status"] == "waiting":
            break

    told = page.sees(
        lambda f: f["type"] == "handed_off" and f["conversation"]["id"] == conversation_id
    )
    assert told["reason"] in {"mood", "falling_mood", "unanswered"}
    assert told["conversation"]["priority"] in {"high", "urgent"}
    assert "wrong calendar" in told["summary"]["wants"]

    page.send(action="watch", conversation_id=conversation_id)
    page.sees(lambda f: f["type"] == "watchers")
    assert page.call("POST", f"/{conversation_id}/take-over").status_code == 200
    receive(visitor, "posted")
    visitor.send({"action": "typing"})
    page.sees(lambda f: f["type"] == "typing")
    visitor.send({"action": "message", "id": new_id(), "text": "Are you a real person?"})
    page.sees(lambda f: f["type"] == "message" and f["message"]["text"] == "Are you a real person?")
    page.send(action="typing")
    assert receive(visitor, "typing")["author"]
    reply = {"id": new_id(), "text": "I am. Let me look at your calendar."}
    assert page.call("POST", f"/{conversation_id}/replies", reply).status_code == 201
    posted = receive(visitor, "posted")
    assert (posted["status"], posted["message"]["text"]) == ("human", reply["text"])

    whole = page.call("GET", f"/{conversation_id}").json()
    assert whole["ticket"]["status"] == "open"
    after = next(m for m in whole["messages"] if m["event"] == "taken_over")["id"]
    spoken = [m for m in whole["messages"] if m["role"] == "assistant" and m["id"] > after]
    assert spoken == []
    moods = [m["sentiment"] for m in whole["messages"] if m["role"] == "customer"]
    assert all(moods)

    assert page.call("POST", f"/{conversation_id}/resolve").status_code == 200
    receive(visitor, "state")
    rated = httpx.post(
        f"{stack.api_url}/widget/rating",
        json={"score": 5},
        headers={
            "Authorization": f"Bearer {visitor.visitor}",
            "X-Frontdesk-Key": stack.sample.widget_key if stack.sample else "",
        },
        trust_env=False,
    )
    assert rated.status_code == 204
    page.sees(lambda f: f["type"] == "conversation" and bool(f["conversation"].get("rating")))


def test_a_calm_customer_stays_with_the_assistant(page: Page, visitor: ChatClient) -> None:
    for text in ("Hello", "How do I reset my password?", "Can I export my data?", "Thank you!"):
        assert last(visitor.ask(text))["type"] == "done"
    conversation = page.call("GET", f"/{visitor.session['conversation']['id']}").json()
    assert conversation["status"] == "open"
    assert conversation["ticket"] is None


def test_the_team_is_mailed_when_a_customer_asks_for_a_person(
    stack: Stack, page: Page, visitor: ChatClient
) -> None:
    words = f"Please let me talk to a person about {new_id()}"
    answer = last(visitor.ask(words))
    assert answer["message"]["kind"] == "handoff"
    page.sees(lambda f: f["type"] == "handed_off")
    assert stack.sample
    deadline = time.monotonic() + 30
    while not (mails := [m for m in mailbox.sent(stack.endpoint_url) if words in m.text]):
        assert time.monotonic() < deadline, "no mail came"
        time.sleep(0.2)
    assert [mail.to for mail in mails] == [(OWNER_EMAIL,)]


def test_taking_over_in_the_second_the_answer_begins_leaves_one_voice(
    page: Page, stack: Stack
) -> None:
    assert stack.sample
    for _ in range(5):
        with ChatClient(
            api_url=stack.api_url, key=stack.sample.widget_key, origin=stack.origin
        ) as visitor:
            visitor.connect()
            conversation_id = visitor.session["conversation"]["id"]
            frame_id = new_id()
            visitor.send(
                {"action": "message", "id": frame_id, "text": "How do I reset my password?"}
            )
            receive(visitor, "ack")
            assert page.call("POST", f"/{conversation_id}/take-over").status_code == 200
            whole = page.call("GET", f"/{conversation_id}").json()
            taken = next(m["id"] for m in whole["messages"] if m["event"] == "taken_over")
            before = [m for m in whole["messages"] if m["role"] == "assistant"]
            visitor.send({"action": "message", "id": new_id(), "text": "And now?"})
            page.sees(
                lambda f, c=conversation_id: (
                    f["type"] == "conversation"  # type: ignore[misc]
                    and f["conversation"]["id"] == c
                    and f["conversation"]["preview"] == "And now?"
                )
            )
            later = page.call("GET", f"/{conversation_id}").json()
            spoken = [m for m in later["messages"] if m["role"] == "assistant"]
            assert spoken == before, "the assistant spoke after a person had come in"
            assert len([m for m in later["messages"] if m["role"] == "customer"]) == 2
            assert taken


def test_a_file_is_posted_to_the_store_sent_downloaded_and_erased(
    stack: Stack, page: Page, visitor: ChatClient
) -> None:
    assert stack.sample
    last(visitor.ask("Hello"))
    conversation_id = visitor.session["conversation"]["id"]
    content = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
    file = {"id": new_id(), "name": "map.png", "type": "image/png", "size": len(content)}
    form = page.call("POST", f"/{conversation_id}/files", file).json()["upload"]
    larger = httpx.post(
        form["url"], data=form["fields"], files={"file": content + b"\x00"}, trust_env=False
    )
    assert larger.status_code == 400
    posted = httpx.post(form["url"], data=form["fields"], files={"file": content}, trust_env=False)
    assert posted.status_code in {200, 204}, posted.text
    completed = page.call("POST", f"/{conversation_id}/files/{file['id']}/complete")
    assert completed.json() == file
    reply = {"id": new_id(), "text": "Here is a map.", "attachments": [file["id"]]}
    assert page.call("POST", f"/{conversation_id}/replies", reply).status_code == 201
    assert receive(visitor, "posted")["message"]["attachments"] == [file]
    link = page.http.get(
        f"/api/widget/files/{file['id']}",
        headers={
            "Authorization": f"Bearer {visitor.visitor}",
            "X-Frontdesk-Key": stack.sample.widget_key,
        },
    ).json()
    fetched = httpx.get(link["url"], trust_env=False)
    assert fetched.content == content
    assert fetched.headers["content-disposition"].startswith("attachment;")
    page.http.post(
        "/api/privacy/erase", json={"conversation_id": conversation_id}, headers=page.headers
    )
    listed = stack.client("s3").list_objects_v2(Bucket=stack.outputs["FilesBucket"])
    assert not [each for each in listed.get("Contents", []) if conversation_id in each["Key"]]
