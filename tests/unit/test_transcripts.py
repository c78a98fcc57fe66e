"""Conversations that are mailed to their customers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from frontdesk.access.tokens import hash_token
from frontdesk.entities import Author, ConversationRef, Customer, Message, Organization
from frontdesk.ids import new_id
from frontdesk.mail.jobs import TranscriptMail
from frontdesk.tables.client import Table
from mail.letters import TRANSCRIPT_MESSAGES, transcript
from mail.stationery import lay_out
from tests.unit.deployment import ORIGIN, Tenant, is_problem
from tests.unit.test_mail import Post

ROBIN = Author(id="a", name="Robin")


@pytest.fixture
def post(table: Table) -> Post:
    return Post(table)


class Visit:
    """A customer who has said something, and left an address."""

    def __init__(self, post: Post, email: str | None = "sam@example.org") -> None:
        self.deployment = post.accounts.deployment
        tenant: Tenant = self.deployment.one
        token = self.deployment.session(tenant.widget_key).json()["visitor"]
        self.headers = {
            "Authorization": f"Bearer {token}",
            "X-Frontdesk-Key": tenant.widget_key,
            "Origin": ORIGIN,
        }
        self.team = tenant.headers("agent")
        services = self.deployment.services
        self.ref: ConversationRef = services.visitors.find(
            tenant.organization_id, hash_token(token)
        )
        services.conversations.accept(
            self.ref, client_id=new_id(), text="Where is <b>my</b> parcel?", per_minute=99
        )
        if email:
            services.visitors.set_customer(
                services.conversations.get(self.ref), Customer(email=email, name="Sam")
            )

    def ask(self) -> Any:
        return self.deployment.http.post("/api/widget/transcript", headers=self.headers)


def test_a_customer_gets_what_was_said_and_no_notes(post: Post) -> None:
    visit = Visit(post)
    inbox = visit.deployment.services.inbox
    inbox.note(visit.ref, ROBIN, "A difficult one", new_id())
    inbox.reply(visit.ref, ROBIN, "It is on its way.", new_id())
    assert visit.ask().status_code == 202
    [job] = post.accounts.mail.jobs
    mail = post.deliver(job)
    assert mail is not None
    assert mail.to == "sam@example.org"
    assert "Where is <b>my</b> parcel?" in mail.text
    assert "<b>my</b>" not in mail.html
    assert "Robin · " in mail.text
    assert "It is on its way." in mail.text
    assert "difficult" not in mail.text
    assert mail.unsubscribe is None


def test_what_a_customer_wrote_is_no_link_and_what_they_were_told_is(post: Post) -> None:
    visit = Visit(post)
    services = visit.deployment.services
    services.conversations.accept(
        visit.ref, client_id=new_id(), text="Win at https://evil.example/now", per_minute=99
    )
    services.inbox.reply(visit.ref, ROBIN, "See https://harbor.example/help", new_id())
    assert visit.ask().status_code == 202
    mail = post.deliver(post.accounts.mail.jobs[-1])
    assert mail is not None
    assert "Win at https" in mail.text
    for page in (mail.text, mail.html):
        assert "evil.example" not in page
        assert "https://harbor.example/help" in page


def test_the_same_part_of_a_conversation_is_mailed_once(post: Post) -> None:
    visit = Visit(post)
    for _ in range(2):
        assert visit.ask().status_code == 202
    first, second = post.accounts.mail.jobs
    assert post.deliver(first) is not None
    assert post.deliver(second) is None
    visit.deployment.services.inbox.reply(visit.ref, ROBIN, "Here it is.", new_id())
    assert visit.ask().status_code == 202
    assert post.deliver(post.accounts.mail.jobs[-1]) is not None


def test_the_team_may_mail_it_too(post: Post) -> None:
    visit = Visit(post)
    url = f"/api/conversations/{visit.ref.conversation_id}/transcript"
    assert visit.deployment.http.post(url, headers=visit.team).status_code == 202
    [job] = post.accounts.mail.jobs
    assert isinstance(job, TranscriptMail)
    other = visit.deployment.two.headers("owner")
    assert is_problem(visit.deployment.http.post(url, headers=other), 404)


def test_without_an_address_nothing_is_mailed(post: Post) -> None:
    assert is_problem(Visit(post, email=None).ask(), 409)
    assert post.accounts.mail.jobs == []


def test_nobody_is_flooded_with_transcripts(post: Post) -> None:
    answers = [Visit(post).ask().status_code for _ in range(7)]
    assert answers == [202] * 5 + [429] * 2


def test_the_world_is_not_mailed_from_one_browser(post: Post) -> None:
    answers = [Visit(post, f"sam{number}@example.org").ask() for number in range(22)]
    assert [answer.status_code for answer in answers] == [202] * 20 + [429] * 2
    assert is_problem(answers[-1], 429)
    assert len(post.accounts.mail.jobs) == 20


def said(count: int, length: int = 10) -> list[Message]:
    at = datetime(2026, 11, 28, 12, tzinfo=UTC)
    return [
        Message(id=new_id(), role="customer", text=f"{number}-".ljust(length, "x"), at=at)
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "length", "cut"),
    [(3, 10, False), (TRANSCRIPT_MESSAGES + 1, 10, True), (40, 4_000, True)],
)
def test_a_long_conversation_is_cut_at_its_beginning_and_says_so(
    post: Post, count: int, length: int, cut: bool
) -> None:
    visit = Visit(post)
    organization = Organization(id="o", name="Harbor")
    conversation = visit.deployment.services.conversations.get(visit.ref)
    mail = lay_out(transcript(organization, conversation, said(count, length)), "s@example.org")
    assert ("Earlier ones are left out" in mail.text) is cut
    assert f"{count - 1}-xx" in mail.text
    assert ("\n0-xx" in mail.text) is not cut
    assert len(mail.html) < 140_000
