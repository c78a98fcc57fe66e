"""Notices by mail: who gets them, and how somebody ends them."""

import re

import pytest

from frontdesk.mail.jobs import QuotaMail, SubscribedMail
from frontdesk.tables.client import Table
from tests.unit.deployment import is_problem
from tests.unit.test_auth import bearer
from tests.unit.test_mail import Post


@pytest.fixture
def post(table: Table) -> Post:
    return Post(table)


def quota(post: Post, level: int = 80) -> QuotaMail:
    return QuotaMail(
        organization_id=post.accounts.user.organization_id,
        month="2026-11",
        plan="free",
        level=level,
        answers=400,
    )


def link_of(post: Post) -> str:
    """Where one click goes, below the API of the test."""
    link = post.sent.mails[-1].unsubscribe
    assert link is not None
    return link.removeprefix("https://frontdesk.example")


def test_one_click_ends_notices_and_nothing_else(post: Post) -> None:
    assert post.office.deliver(quota(post)) == 1
    answer = post.accounts.http.post(link_of(post), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert post.office.deliver(quota(post, 100)) == 0
    paid = SubscribedMail(
        organization_id=post.accounts.user.organization_id, subscription_id="s", plan="pro"
    )
    assert post.office.deliver(paid) == 1
    assert post.sent.mails[-1].unsubscribe is None


def test_the_click_may_come_twice_and_is_written_down(post: Post) -> None:
    post.office.deliver(quota(post))
    for _ in range(2):
        assert post.accounts.http.post(link_of(post)).status_code == 200
    assert post.accounts.audit().count("auth.notices_off") == 1


def test_following_the_link_changes_nothing_but_shows_a_button(post: Post) -> None:
    post.office.deliver(quota(post))
    page = post.accounts.http.get(link_of(post))
    assert page.status_code == 200
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    [action] = re.findall(r'action="(\?token=ot_[\w-]{32})"', page.text)
    assert link_of(post).endswith(action)
    assert post.office.deliver(quota(post, 100)) == 1


def test_notices_can_be_turned_on_again(post: Post) -> None:
    post.office.deliver(quota(post))
    post.accounts.http.post(link_of(post))
    me = bearer(post.accounts.log_in().json()["access_token"])
    assert post.accounts.http.get("/api/auth/me", headers=me).json()["notices"] is False
    turned = post.accounts.http.patch("/api/auth/me", json={"notices": True}, headers=me)
    assert turned.json()["notices"] is True
    assert post.office.deliver(quota(post, 100)) == 1


def test_a_token_of_another_kind_ends_nothing(post: Post) -> None:
    post.office.deliver(quota(post))
    unknown = "/api/mail/unsubscribe?token=ot_" + "x" * 32
    assert is_problem(post.accounts.http.post(unknown), 403)
    markup = '/api/mail/unsubscribe?token="><script>'
    assert is_problem(post.accounts.http.get(markup), 422)
    me = bearer(post.accounts.log_in().json()["access_token"])
    assert post.accounts.http.get("/api/auth/me", headers=me).json()["notices"] is True
