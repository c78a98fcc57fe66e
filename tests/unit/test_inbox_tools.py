"""Labels, snoozing, canned replies and ratings."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk.entities import Author, ConversationRef, Customer
from frontdesk.ids import new_id
from tests.unit.deployment import Deployment, Tenant, is_problem

SOON = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
ADA = Author(id=new_id(), name="Ada")


@pytest.fixture
def ref(deployment: Deployment) -> ConversationRef:
    return deployment.asked(deployment.one, "Where is my parcel?")


def call(
    deployment: Deployment, method: str, path: str, body: Any = None, tenant: Tenant | None = None
) -> Any:
    headers = (tenant or deployment.one).headers("agent")
    return deployment.http.request(method, f"/api{path}", json=body, headers=headers)


def listed(deployment: Deployment, **query: str) -> list[str]:
    answer = deployment.http.get(
        "/api/conversations", params=query, headers=deployment.one.headers("viewer")
    )
    return [each["id"] for each in answer.json()["conversations"]]


def test_labels_are_set_and_found(deployment: Deployment, ref: ConversationRef) -> None:
    path = f"/conversations/{ref.conversation_id}/labels"
    answer = call(deployment, "PUT", path, {"labels": ["VIP", " late parcel "]})
    assert answer.json()["labels"] == ["vip", "late parcel"]
    assert listed(deployment, label="vip") == [ref.conversation_id]
    assert listed(deployment, label="other") == []
    call(deployment, "PUT", path, {"labels": []})
    assert listed(deployment, label="vip") == []


@pytest.mark.parametrize(
    "labels", [[""], ["x" * 41], ["a"] * 21, ["a\0b"], ["\u200b"], "vip", None]
)
def test_what_is_no_list_of_labels_is_refused(
    deployment: Deployment, ref: ConversationRef, labels: Any
) -> None:
    path = f"/conversations/{ref.conversation_id}/labels"
    assert is_problem(call(deployment, "PUT", path, {"labels": labels}), 422)


def test_a_snoozed_conversation_comes_back_when_the_customer_writes(
    deployment: Deployment, ref: ConversationRef
) -> None:
    path = f"/conversations/{ref.conversation_id}/snooze"
    assert call(deployment, "PUT", path, {"until": SOON}).json()["snoozed_until"] is not None
    assert listed(deployment, snoozed="true") == [ref.conversation_id]
    assert listed(deployment, snoozed="false") == []
    deployment.services.conversations.accept(ref, client_id=new_id(), text="?", per_minute=99)
    assert listed(deployment, snoozed="false") == [ref.conversation_id]


def test_a_snoozed_conversation_comes_back_by_itself(
    deployment: Deployment, ref: ConversationRef
) -> None:
    path = f"/conversations/{ref.conversation_id}/snooze"
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    call(deployment, "PUT", path, {"until": past})
    assert listed(deployment, snoozed="false") == [ref.conversation_id]
    call(deployment, "PUT", path, {"until": SOON})
    assert call(deployment, "PUT", path, {"until": None}).json()["snoozed_until"] is None
    assert listed(deployment, snoozed="false") == [ref.conversation_id]


def canned(deployment: Deployment, text: str, shortcut: str = "late") -> Any:
    return call(deployment, "POST", "/canned-replies", {"shortcut": shortcut, "text": text})


def test_a_canned_reply_is_filled_in(deployment: Deployment, ref: ConversationRef) -> None:
    text = (
        "Hi {{customer.name|there}}, {{ agent.name }} at {{organization.name}} {{customer.email}}"
    )
    reply_id = canned(deployment, text).json()["id"]
    path = f"/conversations/{ref.conversation_id}/canned-replies/{reply_id}"
    assert call(deployment, "GET", path).json()["text"] == "Hi there, agent at One "
    conversation = deployment.services.conversations.get(ref)
    customer = Customer(name="Sam {{agent.name}}", email="sam@example.org")
    deployment.services.visitors.set_customer(conversation, customer)
    assert call(deployment, "GET", path).json()["text"] == (
        "Hi Sam {{agent.name}}, agent at One sam@example.org"
    )


def test_canned_replies_are_listed_changed_and_removed(deployment: Deployment) -> None:
    second = canned(deployment, "Second", "b").json()
    first = canned(deployment, "First", "a").json()
    replies = call(deployment, "GET", "/canned-replies").json()["replies"]
    assert [each["shortcut"] for each in replies] == ["a", "b"]
    changed = {"shortcut": "a", "text": "Changed"}
    assert call(deployment, "PUT", f"/canned-replies/{first['id']}", changed).status_code == 200
    assert call(deployment, "DELETE", f"/canned-replies/{second['id']}").status_code == 204
    assert is_problem(call(deployment, "DELETE", f"/canned-replies/{second['id']}"), 404)
    assert is_problem(call(deployment, "PUT", f"/canned-replies/{second['id']}", changed), 404)
    replies = call(deployment, "GET", "/canned-replies").json()["replies"]
    assert [each["text"] for each in replies] == ["Changed"]
    assert call(deployment, "GET", "/canned-replies", tenant=deployment.two).json() == {
        "replies": []
    }


def test_a_canned_reply_that_is_created_again_is_the_first_one(deployment: Deployment) -> None:
    body = {"id": new_id(), "shortcut": "late", "text": "I am sorry that it is late."}
    first, again = (call(deployment, "POST", "/canned-replies", body) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json() == body
    assert call(deployment, "GET", "/canned-replies").json()["replies"] == [body]


@pytest.mark.parametrize(
    "text", ["{{customer.password}}", "Hi {{", "{{customer name}}", "{{}}", "{{customer.name|{{x}}"]
)
def test_a_place_that_cannot_be_filled_in_is_refused(deployment: Deployment, text: str) -> None:
    answer = canned(deployment, text)
    assert is_problem(answer, 400)
    assert "customer.name" in answer.json()["detail"]


class Visit:
    """A visitor's conversation that has been resolved."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        session = deployment.session(deployment.one.widget_key).json()
        self.headers = {
            "Authorization": f"Bearer {session['visitor']}",
            "X-Frontdesk-Key": deployment.one.widget_key,
        }
        self.ref = ConversationRef(
            organization_id=deployment.one.organization_id,
            conversation_id=session["conversation"]["id"],
        )
        self.say("Help")

    def say(self, text: str) -> None:
        self.deployment.services.conversations.accept(
            self.ref, client_id=new_id(), text=text, per_minute=99
        )

    def resolve(self) -> None:
        inbox = self.deployment.services.inbox
        inbox.reply(self.ref, ADA, "Done", new_id())
        inbox.resolve(self.ref, "agent", ADA)

    def rate(self, score: Any, comment: Any = None) -> Any:
        body = {"score": score} | ({"comment": comment} if comment is not None else {})
        return self.deployment.http.post("/api/widget/rating", json=body, headers=self.headers)

    def satisfaction(self) -> dict[str, Any]:
        today = datetime.now(UTC)
        span = {
            "since": (today - timedelta(days=1)).isoformat(),
            "until": (today + timedelta(days=1)).isoformat(),
        }
        answer = self.deployment.http.get(
            "/api/analytics", params=span, headers=self.deployment.one.headers("viewer")
        )
        found: dict[str, Any] = answer.json()["totals"]["satisfaction"]
        return found


@pytest.fixture
def visit(deployment: Deployment) -> Visit:
    return Visit(deployment)


def test_a_customer_rates_what_is_over_and_the_last_word_counts(visit: Visit) -> None:
    assert is_problem(visit.rate(5), 409)
    visit.resolve()
    assert visit.rate(2, "Slow").status_code == 204
    assert visit.rate(2, "Slow").status_code == 204
    assert visit.rate(4).status_code == 204
    conversation = visit.deployment.services.conversations.get(visit.ref)
    assert conversation.rating is not None
    assert (conversation.rating.score, conversation.rating.comment) == (4, None)
    assert visit.satisfaction() == {
        "by_score": {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0},
        "count": 1,
        "mean": 4.0,
    }


def test_every_resolution_is_rated_by_itself(visit: Visit) -> None:
    visit.resolve()
    visit.rate(1)
    visit.say("Not solved")
    visit.resolve()
    visit.rate(5)
    assert visit.satisfaction()["by_score"] == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 1}


@pytest.mark.parametrize(
    ("score", "comment"), [(0, None), (6, None), ("5", None), (4.5, None), (5, "x" * 1001)]
)
def test_what_is_no_rating_is_refused(visit: Visit, score: Any, comment: Any) -> None:
    visit.resolve()
    assert is_problem(visit.rate(score, comment), 422)
    assert visit.satisfaction()["count"] == 0


def test_an_address_left_in_the_chat_is_where_the_answer_goes(visit: Visit) -> None:
    def leave(**body: str) -> Any:
        return visit.deployment.http.put("/api/widget/contact", json=body, headers=visit.headers)

    assert leave(email="Sam@Example.org", name="Sam").status_code == 204
    customer = visit.deployment.services.conversations.get(visit.ref).customer
    assert (customer.email, customer.name) == ("sam@example.org", "Sam")
    path = f"/conversations/{visit.ref.conversation_id}/replies"
    call(visit.deployment, "POST", path, {"id": new_id(), "text": "Found it"})
    assert [job.mail for job in visit.deployment.mail.jobs] == ["reply"]
    assert is_problem(leave(email="nonsense"), 422)


def test_a_name_is_found_however_it_was_typed(deployment: Deployment, ref: ConversationRef) -> None:
    conversations = deployment.services.conversations
    text = f"{'x' * 108} Zoe\u0308 asks 👩‍👩‍👧‍👦"
    other = deployment.services.visitors.open(deployment.one.organization_id, new_id()).ref
    conversations.accept(other, client_id=new_id(), text=text, per_minute=99)
    assert listed(deployment, text="ZO\u00cb") == [other.conversation_id]
    assert conversations.get(other).subject == text.removesuffix("👩‍👩‍👧‍👦")
