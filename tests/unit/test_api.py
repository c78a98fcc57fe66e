"""The HTTP API, in process."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import Response
from fastapi.testclient import TestClient

from api.app import create_app
from api.body_limit import MAX_BODY_BYTES
from frontdesk.entities import Citation, Connection, ConversationRef, Message
from frontdesk.ids import new_id, time_of
from frontdesk.knowledge.ports import Passage
from frontdesk.tables.outcomes import Outcome
from tests.unit.deployment import ORIGIN, Deployment, is_problem

PDF = {"filename": "Guide v2.pdf", "content_type": "application/pdf", "size": 1234}


def test_a_session_carries_all_a_widget_needs(deployment: Deployment) -> None:
    answer = deployment.session(deployment.one.widget_key)
    assert answer.status_code == 200
    session = answer.json()
    assert session["widget"]["name"] == "One"
    assert session["connect"]["url"] == "wss://socket.example/prod"
    assert session["conversation"]["messages"] == []
    token = session["connect"]["token"]
    connection = deployment.services.connections.spend_token(token, "socket")
    assert isinstance(connection, Connection)
    ref = connection.conversation
    assert ref.organization_id == deployment.one.organization_id
    assert ref.conversation_id == session["conversation"]["id"]


def answers_of(deployment: Deployment) -> Iterator[Any]:
    """Answers of all kinds: data, files, pages, nothing, and everything that can go wrong."""
    team = deployment.one.team
    deployment.asked(deployment.one, "Hello")
    # Its own: the routes of `deployment` are shared by all tests.
    app = create_app(deployment.services)
    http = TestClient(app, base_url="https://frontdesk.example", raise_server_exceptions=False)

    @app.get("/api/broken")
    def broken() -> None:
        raise RuntimeError("broken")

    @app.get("/api/moved/")
    def moved() -> Response:
        return Response(headers={"Cache-Control": "public, max-age=60"})

    yield http.get("/api/health")
    yield http.get("/api/openapi.json")
    yield http.get("/api/conversations/export?format=csv", headers=team)
    yield http.get(f"/api/mail/unsubscribe?token=ot_{'a' * 32}")
    yield http.post("/api/auth/logout")
    yield http.get("/api/moved", follow_redirects=False)
    yield http.get("/api/moved/")
    yield http.get("/api/nowhere")
    yield http.get("/nowhere")
    yield http.put("/api/health")
    yield http.get("/api/team")
    yield http.post("/api/widget/session", content=b"{")
    yield http.post("/api/widget/session", content=b"x" * (MAX_BODY_BYTES + 1))
    yield http.get("/api/broken")


def test_no_answer_is_kept_on_its_way_or_taken_for_something_else(deployment: Deployment) -> None:
    statuses = set()
    for answer in answers_of(deployment):
        assert answer.headers.get_list("cache-control") == ["no-store"], answer
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"], answer
        statuses.add(answer.status_code)
    assert statuses == {200, 204, 307, 401, 404, 405, 413, 422, 500}


def test_the_visitor_token_alone_opens_the_conversation_again(deployment: Deployment) -> None:
    first = deployment.session(deployment.one.widget_key).json()
    again = deployment.session(deployment.one.widget_key, visitor=first["visitor"]).json()
    other = deployment.session(deployment.one.widget_key).json()
    assert again["conversation"]["id"] == first["conversation"]["id"]
    assert other["conversation"]["id"] != first["conversation"]["id"]


def test_a_visitor_token_means_nothing_to_another_organisation(deployment: Deployment) -> None:
    first = deployment.session(deployment.one.widget_key).json()
    elsewhere = deployment.session(deployment.two.widget_key, visitor=first["visitor"]).json()
    assert elsewhere["conversation"]["id"] != first["conversation"]["id"]


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://shop.example.evil.example",
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example/path",
        "https://user@shop.example",
        "https://shop.example:port",
        "",
    ],
)
def test_only_listed_origins_get_a_session(deployment: Deployment, origin: str | None) -> None:
    assert is_problem(deployment.session(deployment.one.widget_key, origin), 403)


@pytest.mark.parametrize("origin", ["https://shop.example:443", "HTTPS://Shop.Example"])
def test_an_origin_may_be_written_differently(deployment: Deployment, origin: str) -> None:
    assert deployment.session(deployment.one.widget_key, origin).status_code == 200


def test_a_team_key_is_no_widget_key_and_the_other_way_round(deployment: Deployment) -> None:
    assert is_problem(deployment.session(deployment.one.team_keys["admin"]), 401)
    headers = {"Authorization": f"Bearer {deployment.one.widget_key}"}
    assert is_problem(deployment.http.get("/api/documents", headers=headers), 401)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"key": 5}',
        b'{"key": ""}',
        b'{"key": "pk_x", "visitor": "vt_short"}',
        b'{"key": "pk_x", "visitor": {"$ne": ""}}',
        b'{"key": "\x00"}',
        b"[" * 5_000,
    ],
)
def test_a_bad_session_request_is_a_clear_problem(deployment: Deployment, body: bytes) -> None:
    answer = deployment.http.post(
        "/api/widget/session",
        content=body,
        headers={"Origin": ORIGIN, "Content-Type": "application/json"},
    )
    assert is_problem(answer, 422) or is_problem(answer, 401) or is_problem(answer, 400)


@pytest.mark.usefixtures("young_minute")
def test_too_many_sessions_are_told_when_to_come_back(deployment: Deployment) -> None:
    answers = [deployment.session(deployment.one.widget_key) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert is_problem(answers[-1], 429)
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert deployment.session(deployment.two.widget_key).status_code == 200


def test_an_upload_form_pins_key_type_and_size(deployment: Deployment) -> None:
    answer = deployment.http.post("/api/documents", json=PDF, headers=deployment.one.team)
    assert answer.status_code == 201
    document, form = answer.json()["document"], answer.json()["upload"]
    assert document["title"] == "Guide v2"
    assert document["status"] == "awaiting_upload"
    assert form["fields"]["key"].startswith(
        f"documents/{deployment.one.organization_id}/{document['id']}/"
    )
    assert form["fields"]["Content-Type"] == "application/pdf"
    import base64
    import json

    policy = json.loads(base64.b64decode(form["fields"]["policy"]))
    assert ["content-length-range", 0, PDF["size"]] in policy["conditions"]
    assert urlsplit(form["url"]).scheme == "https"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"content_type": "image/png"}, 422),
        ({"content_type": "application/x-msdownload"}, 422),
        ({"size": 50 * 1024 * 1024 + 1}, 422),
        ({"size": -1}, 422),
        ({"size": 10**400}, 422),
        ({"filename": ""}, 422),
        ({"filename": "a" * 300 + ".pdf"}, 422),
        ({"filename": "guide.exe"}, 400),
        ({"filename": "guide.pdf\x00.exe"}, 400),
        ({"title": " "}, 422),
    ],
)
def test_what_cannot_be_ingested_is_refused_before_the_upload(
    deployment: Deployment, change: dict[str, object], status: int
) -> None:
    answer = deployment.http.post(
        "/api/documents", json={**PDF, **change}, headers=deployment.one.team
    )
    assert is_problem(answer, status)
    listed = deployment.http.get("/api/documents", headers=deployment.one.team).json()
    assert listed["documents"] == []


def test_a_file_name_is_only_a_name(deployment: Deployment) -> None:
    answer = deployment.http.post(
        "/api/documents",
        json={**PDF, "filename": "..\\..\\etc/../guide.pdf"},
        headers=deployment.one.team,
    )
    assert answer.json()["document"]["filename"] == "guide.pdf"


def test_documents_are_listed_newest_first_in_pages(deployment: Deployment) -> None:
    ids = [
        deployment.http.post(
            "/api/documents",
            json={**PDF, "title": f"Guide {number}"},
            headers=deployment.one.team,
        ).json()["document"]["id"]
        for number in range(5)
    ]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = deployment.http.get(
            "/api/documents",
            params={"limit": 2} | ({"cursor": cursor} if cursor else {}),
            headers=deployment.one.team,
        ).json()
        seen += [document["id"] for document in page["documents"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert seen == ids[::-1]


def test_another_organisations_documents_do_not_exist(deployment: Deployment) -> None:
    document = deployment.http.post("/api/documents", json=PDF, headers=deployment.one.team).json()[
        "document"
    ]
    path = f"/api/documents/{document['id']}"
    for method, route in [
        ("GET", path),
        ("DELETE", path),
        ("POST", f"{path}/reindex"),
        ("POST", f"{path}/versions"),
        ("GET", f"{path}/passages"),
    ]:
        answer = deployment.http.request(
            method,
            route,
            json=PDF if route.endswith("versions") else None,
            headers=deployment.two.team,
        )
        assert is_problem(answer, 404), route
    assert deployment.http.get("/api/documents", headers=deployment.two.team).json() == {
        "documents": [],
        "cursor": None,
    }
    unchanged = deployment.http.get(path, headers=deployment.one.team).json()
    assert unchanged == document


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic x", "Bearer sk_guess"])
def test_without_a_team_key_there_are_no_documents(
    deployment: Deployment, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = deployment.http.get("/api/documents", headers=headers)
    assert is_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("cursor", ["x", "../..", "01ARZ3NDEKTSV4RRFFQ69G5FA!", "é" * 26])
def test_a_made_up_cursor_is_refused(deployment: Deployment, cursor: str) -> None:
    answer = deployment.http.get(
        "/api/documents", params={"cursor": cursor}, headers=deployment.one.team
    )
    assert is_problem(answer, 400)


def test_a_deleted_document_stops_answering_at_once_and_its_removal_is_queued(
    deployment: Deployment,
) -> None:
    document = deployment.http.post("/api/documents", json=PDF, headers=deployment.one.team).json()[
        "document"
    ]
    stored = deployment.services.documents.get(deployment.one.organization_id, document["id"])
    deployment.services.documents.publish(stored, stored.pending_version, pages=1, passages=1)
    path = f"/api/documents/{document['id']}"
    for _ in range(2):
        answer = deployment.http.delete(path, headers=deployment.one.team)
        assert answer.status_code == 202
        assert answer.json()["status"] == "deleting"
    _, hidden = deployment.services.organizations.get_with_hidden_versions(
        deployment.one.organization_id
    )
    assert stored.pending_version in hidden
    jobs = deployment.sqs.receive_message(QueueUrl=deployment.queue, MaxNumberOfMessages=10)
    assert len(jobs["Messages"]) == 2
    assert is_problem(deployment.http.post(f"{path}/reindex", headers=deployment.one.team), 409)


def answer_citing(
    deployment: Deployment, ref: ConversationRef, passage: Passage, *, last: Passage | None = None
) -> Message:
    conversations = deployment.services.conversations
    conversations.accept(ref, client_id=new_id(), text="Why?", per_minute=99)
    conversation = conversations.acquire_lease(ref, "worker")
    assert conversation is not None
    identifier = new_id()
    message = Message(
        id=identifier,
        role="assistant",
        text="Because [1].",
        at=time_of(identifier),
        kind="answer",
        citations=(
            Citation(
                number=1,
                passage_id=passage.id,
                last_passage_id=last.id if last else None,
                document_id=passage.document_id,
                title=passage.title,
                headings=passage.headings,
                page=passage.page,
                last_page=passage.last_page,
                quote="Because.",
            ),
        ),
    )
    asked = [conversations.message(ref, each) for each in conversation.unanswered]
    conversations.store_outcome(conversations.get(ref), "worker", Outcome(asked, [message]))
    conversations.release_lease(ref, "worker")
    return message


def test_a_citation_opens_the_passage_for_the_one_who_got_it_and_nobody_else(
    deployment: Deployment,
) -> None:
    passage = Passage(
        document_id=new_id(),
        version=new_id(),
        ordinal=0,
        text="It is so. Because.",
        title="Guide",
        headings=("Reasons",),
        page=3,
        last_page=4,
    )
    deployment.services.documents.put_passages(deployment.one.organization_id, [passage])
    session = deployment.session(deployment.one.widget_key).json()
    ref = ConversationRef(
        organization_id=deployment.one.organization_id,
        conversation_id=session["conversation"]["id"],
    )
    message = answer_citing(deployment, ref, passage)
    path = f"/api/widget/messages/{message.id}/citations"

    def open_as(visitor: str, key: str, number: int = 1) -> Any:
        headers = {"Authorization": f"Bearer {visitor}", "X-Frontdesk-Key": key}
        return deployment.http.get(f"{path}/{number}", headers=headers)

    opened = open_as(session["visitor"], deployment.one.widget_key)
    assert opened.status_code == 200
    assert opened.json()["text"] == "It is so. Because."
    assert (opened.json()["page"], opened.json()["headings"]) == (3, ["Reasons"])
    other = deployment.session(deployment.one.widget_key).json()
    assert is_problem(open_as(other["visitor"], deployment.one.widget_key), 404)
    assert is_problem(open_as(session["visitor"], deployment.two.widget_key), 401)
    assert is_problem(open_as(session["visitor"], deployment.one.team_keys["admin"]), 401)
    assert is_problem(open_as("vt_guess", deployment.one.widget_key), 401)
    assert is_problem(open_as(session["visitor"], deployment.one.widget_key, 2), 404)


def test_a_session_says_from_which_categories_to_answer_and_the_next_one_anew(
    deployment: Deployment,
) -> None:
    key = deployment.one.widget_key
    session = deployment.session(key, categories=["Money", "Boats"]).json()
    ref = ConversationRef(
        organization_id=deployment.one.organization_id,
        conversation_id=session["conversation"]["id"],
    )
    conversations = deployment.services.conversations
    assert conversations.get(ref).categories == ("Boats", "Money")
    deployment.session(key, visitor=session["visitor"])
    assert conversations.get(ref).categories == ()
    assert is_problem(deployment.session(key, categories=["x"] * 11), 422)
    assert is_problem(deployment.session(key, categories=["two\0parts"]), 422)


def test_a_citation_that_goes_on_opens_all_it_stands_for(deployment: Deployment) -> None:
    document, version = new_id(), new_id()
    parts = [
        Passage(document, version, n, f"Part {n}.", "Guide", page=n, last_page=n, start=9 * n)
        for n in range(1, 5)
    ]
    deployment.services.documents.put_passages(deployment.one.organization_id, parts)
    session = deployment.session(deployment.one.widget_key).json()
    ref = ConversationRef(
        organization_id=deployment.one.organization_id,
        conversation_id=session["conversation"]["id"],
    )
    message = answer_citing(deployment, ref, parts[1], last=parts[2])
    opened = deployment.http.get(
        f"/api/widget/messages/{message.id}/citations/1",
        headers={
            "Authorization": f"Bearer {session['visitor']}",
            "X-Frontdesk-Key": deployment.one.widget_key,
        },
    )
    assert opened.json()["text"] == "Part 2.\n\nPart 3."


def test_unknown_paths_and_methods_are_problems_too(deployment: Deployment) -> None:
    assert is_problem(deployment.http.get("/api/nothing"), 404)
    assert is_problem(deployment.http.put("/api/documents"), 405)


def test_the_openapi_document_describes_the_errors(deployment: Deployment) -> None:
    paths = deployment.http.get("/api/openapi.json").json()["paths"]
    assert "429" in paths["/api/widget/session"]["post"]["responses"]
    assert "404" in paths["/api/documents/{document_id}"]["get"]["responses"]


def test_a_body_larger_than_anything_we_take_is_refused(deployment: Deployment) -> None:
    body = b'{"key": "' + b"x" * MAX_BODY_BYTES + b'"}'
    answer = deployment.http.post("/api/widget/session", content=body)
    assert is_problem(answer, 413)


@pytest.mark.parametrize(
    ("edge", "forwarded", "expected"),
    [
        ("the token", "6.6.6.6, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        ("the token", "nonsense, 198.51.100.7", "testclient"),
        ("a guess", "203.0.113.9, 198.51.100.7", "testclient"),
        ("", "203.0.113.9, 198.51.100.7", "testclient"),
    ],
)
def test_only_cloudfront_can_say_on_whose_behalf_it_calls(
    deployment: Deployment, edge: str, forwarded: str, expected: str
) -> None:
    object.__setattr__(deployment.services, "edge_token", "the token")
    deployment.http.post(
        "/api/auth/forgot",
        json={"email": "ada@harbor.example"},
        headers={"X-Frontdesk-Edge": edge, "X-Forwarded-For": forwarded},
    )
    assert deployment.table.query(f"LIMIT#auth-address#{expected}")
