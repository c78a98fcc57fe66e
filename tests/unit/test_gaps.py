"""Gaps: what the team sees of them, and how an answer becomes a document."""

from typing import Any

import pytest

from frontdesk.entities import ConversationRef, Message
from frontdesk.errors import StoreUnavailable
from frontdesk.ids import new_id, time_of
from frontdesk.tables.questions import asked_put
from tests.unit.deployment import Deployment, Tenant, is_problem

ANSWER = {"title": "Do you ship to Norway?", "text": "Yes, in **5 days**."}


def gap(deployment: Deployment, *texts: str, tenant: Tenant | None = None) -> str:
    """A group of questions that were asked in vain; its id."""
    organization_id = (tenant or deployment.one).organization_id
    questions = deployment.services.questions
    group_id = new_id()
    for number, text in enumerate(texts or ("Ship to\nNorway?",)):
        ref = ConversationRef(organization_id=organization_id, conversation_id=new_id())
        answer_id = new_id()
        deployment.table.put(asked_put(ref, [said(text)], unknown(answer_id), 4_000_000_000))
        [noted] = questions.noted(organization_id, [answer_id])
        count = questions.join_group if number else questions.begin_group
        assert count(organization_id, group_id, noted)
    return group_id


def said(text: str) -> Message:
    identifier = new_id()
    return Message(id=identifier, role="customer", text=text, at=time_of(identifier))


def unknown(answer_id: str) -> Message:
    return Message(id=answer_id, role="assistant", text="…", at=time_of(answer_id), kind="unknown")


def get(deployment: Deployment, path: str, role: Any = "viewer", **query: Any) -> Any:
    return deployment.http.get(path, headers=deployment.one.headers(role), params=query)


def post(deployment: Deployment, path: str, body: Any = None, role: Any = "admin") -> Any:
    return deployment.http.post(path, json=body, headers=deployment.one.headers(role))


def files(deployment: Deployment) -> list[str]:
    listed = deployment.s3.list_objects_v2(Bucket="documents").get("Contents", [])
    return [
        deployment.s3.get_object(Bucket="documents", Key=item["Key"])["Body"].read().decode()
        for item in listed
    ]


def test_gaps_are_listed_with_counts_and_examples(deployment: Deployment) -> None:
    few, many = gap(deployment, "A?"), gap(deployment, "B?", "B??")
    page = get(deployment, "/api/gaps", limit=1).json()
    [first] = page["gaps"]
    assert (first["id"], first["text"], first["unanswered"]) == (many, "B?", 2)
    assert [each["text"] for each in first["examples"]] == ["B?", "B??"]
    assert set(first["examples"][0]) == {"message_id", "conversation_id", "text", "at"}
    rest = get(deployment, "/api/gaps", cursor=page["cursor"]).json()
    assert [each["id"] for each in rest["gaps"]] == [few]
    assert rest["cursor"] is None
    assert get(deployment, f"/api/gaps/{few}").json() == rest["gaps"][0]


def test_an_answer_becomes_a_document_and_closes_the_gap(deployment: Deployment) -> None:
    gap_id = gap(deployment)
    answered = post(deployment, f"/api/gaps/{gap_id}/answer", ANSWER)
    assert answered.status_code == 200
    assert answered.json()["status"] == "answered"
    [text] = files(deployment)
    assert text == "# Do you ship to Norway?\n\nYes, in **5 days**.\n"
    document = deployment.services.documents.get(
        deployment.one.organization_id, answered.json()["document_id"]
    )
    assert (document.title, document.size) == (ANSWER["title"], len(text))
    assert get(deployment, "/api/gaps").json()["gaps"] == []
    assert get(deployment, f"/api/gaps/{gap_id}").json()["document_id"] == document.id


def test_without_a_title_the_question_of_the_customer_is_the_heading(
    deployment: Deployment,
) -> None:
    post(deployment, f"/api/gaps/{gap(deployment)}/answer", {"text": "Yes."})
    assert files(deployment) == ["# Ship to Norway?\n\nYes.\n"]


def test_answering_again_makes_no_second_document(deployment: Deployment) -> None:
    gap_id = gap(deployment)
    first, second = (
        post(deployment, f"/api/gaps/{gap_id}/answer", ANSWER).json() for _ in range(2)
    )
    assert first == second
    assert len(files(deployment)) == 1
    documents = deployment.services.documents.page(
        deployment.one.organization_id, after=None, limit=10
    )[0]
    assert len(documents) == 1


def test_an_answer_whose_text_could_not_be_stored_is_completed_by_the_next_try(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap_id = gap(deployment)

    def fail(*_: object) -> None:
        raise StoreUnavailable("down")

    with monkeypatch.context() as broken:
        broken.setattr("api.uploads.Uploads.store", fail)
        assert is_problem(post(deployment, f"/api/gaps/{gap_id}/answer", ANSWER), 503)
    again = post(deployment, f"/api/gaps/{gap_id}/answer", ANSWER)
    assert again.json()["status"] == "answered"
    assert len(files(deployment)) == 1


def test_two_who_answer_at_once_make_one_document(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap_id = gap(deployment)
    answer = deployment.services.questions.answer
    done: list[Any] = []

    def be_overtaken(*arguments: Any) -> None:
        monkeypatch.setattr(type(deployment.services.questions), "answer", original)
        done.append(post(deployment, f"/api/gaps/{gap_id}/answer", ANSWER).json())
        answer(*arguments)

    original = type(deployment.services.questions).answer
    monkeypatch.setattr(
        type(deployment.services.questions), "answer", lambda _, *rest: be_overtaken(*rest)
    )
    late = post(deployment, f"/api/gaps/{gap_id}/answer", ANSWER).json()
    assert late == done[0]
    assert len(files(deployment)) == 1


def test_once_its_document_is_deleted_a_question_can_be_answered_anew(
    deployment: Deployment,
) -> None:
    gap_id = gap(deployment)
    first = post(deployment, f"/api/gaps/{gap_id}/answer", ANSWER).json()
    deployment.http.delete(f"/api/documents/{first['document_id']}", headers=deployment.one.team)
    second = post(deployment, f"/api/gaps/{gap_id}/answer", ANSWER).json()
    assert second["document_id"] != first["document_id"]


def test_a_dismissed_gap_is_off_the_list(deployment: Deployment) -> None:
    gap_id = gap(deployment)
    for _ in range(2):
        dismissed = post(deployment, f"/api/gaps/{gap_id}/dismiss")
        assert (dismissed.status_code, dismissed.json()["status"]) == (200, "dismissed")
    assert get(deployment, "/api/gaps").json()["gaps"] == []


def test_what_was_done_is_in_the_audit_log_once(deployment: Deployment) -> None:
    answered, dismissed = gap(deployment, "A?"), gap(deployment, "B?")
    for _ in range(2):
        post(deployment, f"/api/gaps/{answered}/answer", ANSWER)
        post(deployment, f"/api/gaps/{dismissed}/dismiss")
    entries = deployment.services.audit.page(
        deployment.one.organization_id, before=None, limit=10, action="gaps."
    )[0]
    assert sorted((each.action, each.target) for each in entries) == [
        ("gaps.answer", answered),
        ("gaps.dismiss", dismissed),
    ]


@pytest.mark.parametrize("act", ["answer", "dismiss"])
def test_who_may_only_read_changes_nothing(deployment: Deployment, act: str) -> None:
    gap_id = gap(deployment)
    for role in ("viewer", "agent"):
        body = ANSWER if act == "answer" else None
        assert is_problem(post(deployment, f"/api/gaps/{gap_id}/{act}", body, role), 403)
    assert get(deployment, f"/api/gaps/{gap_id}").json()["status"] == "open"


def test_gaps_of_another_organisation_do_not_exist(deployment: Deployment) -> None:
    theirs = gap(deployment, tenant=deployment.two)
    assert get(deployment, "/api/gaps").json()["gaps"] == []
    for path in (theirs, new_id(), "x", theirs.lower()):
        assert is_problem(get(deployment, f"/api/gaps/{path}"), 404)
        assert is_problem(post(deployment, f"/api/gaps/{path}/answer", ANSWER), 404)
        assert is_problem(post(deployment, f"/api/gaps/{path}/dismiss"), 404)
    group = deployment.services.questions.get(deployment.two.organization_id, theirs)
    assert group.status == "open"


@pytest.mark.parametrize(
    "body",
    [
        *(None, {}, [], {"text": ""}, {"text": "   "}, {"text": "a\u0000"}, {"text": 5}),
        *({"text": "a" * 20_001}, {"text": "a", "title": ""}, {"text": "a", "title": "b\u0000c"}),
        {"text": "a", "document_id": "x"},
    ],
)
def test_a_bad_answer_is_a_clear_problem(deployment: Deployment, body: Any) -> None:
    gap_id = gap(deployment)
    assert is_problem(post(deployment, f"/api/gaps/{gap_id}/answer", body), 422)
    assert files(deployment) == []


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": "\u0000"}, {"cursor": new_id()}])
def test_an_unknown_cursor_is_a_clear_problem(deployment: Deployment, query: Any) -> None:
    assert is_problem(get(deployment, "/api/gaps", **query), 400)
