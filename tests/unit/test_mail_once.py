"""Each person gets each mail once, whatever breaks on the way."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from frontdesk.mail.jobs import ResetMail
from frontdesk.mail.ports import Mail
from frontdesk.tables.client import Table
from frontdesk.tables.mailings import SENDING_SECONDS, BeingSent, Mailings
from mail.post_office import OutOfTime
from tests.unit.test_mail import Handoff, Post, billing_jobs


@pytest.fixture
def post(table: Table) -> Post:
    return Post(table)


def test_one_letter_that_cannot_be_written_keeps_nobody_else_from_theirs(post: Post) -> None:
    handoff = Handoff(post)
    send = post.sent.send

    def stumble(mail: Mail) -> None:
        if mail.to.startswith("ada"):
            raise KeyError("unforeseen")
        send(mail)

    post.sent.send = stumble  # type: ignore[method-assign]
    with pytest.raises(KeyError):
        post.office.deliver(handoff.job)
    assert [mail.to for mail in post.sent.mails] == ["agent@harbor.example"]


def test_a_slow_server_leaves_the_rest_of_a_large_team_to_the_next_try(post: Post) -> None:
    handoff = Handoff(post)
    for number in range(6):
        post.accounts.member("agent", f"agent{number}@harbor.example")
    seconds = 0.0
    send = post.sent.send

    def dawdle(mail: Mail) -> None:
        nonlocal seconds
        seconds += 6.0
        send(mail)

    post.sent.send = dawdle  # type: ignore[method-assign]
    office = replace(post.office, clock=lambda: seconds)
    for expected in (3, 6):
        with pytest.raises(OutOfTime):
            office.deliver(handoff.job)
        assert len(post.sent.mails) == expected
    assert office.deliver(handoff.job) == 2
    told = [mail.to for mail in post.sent.mails]
    assert len(told) == len(set(told)) == 8


@pytest.mark.parametrize("dies", ["before", "after"])
def test_a_worker_that_dies_loses_no_mail_and_its_claim_is_taken_over(
    post: Post, dies: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ResetMail(email="ada@harbor.example")
    send = post.sent.send

    def die(mail: Mail) -> None:
        if dies == "after":
            send(mail)
        raise SystemExit

    post.sent.send = die  # type: ignore[method-assign]
    # A worker that dies releases nothing either.
    monkeypatch.setattr(Mailings, "release", lambda *_: None)
    with pytest.raises(SystemExit):
        post.office.deliver(job)
    post.sent.send = send  # type: ignore[method-assign]
    with pytest.raises(BeingSent):
        post.office.deliver(job)
    later = time.time() + SENDING_SECONDS + 1
    monkeypatch.setattr("time.time", lambda: later)
    assert post.office.deliver(job) == 1
    assert post.office.deliver(job) == 0
    ids = {mail.id for mail in post.sent.mails}
    assert len(ids) == 1


def test_the_same_job_in_many_workers_at_once_is_one_mail(post: Post) -> None:
    job = billing_jobs(post.accounts.user.organization_id)[0]

    def work(answers: int) -> int:
        try:
            return post.office.deliver(job.model_copy(update={"answers": answers}))
        except BeingSent:
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(16))) == 1
    assert len(post.sent.mails) == 1


def test_a_second_receipt_for_the_same_plan_is_no_second_mail(post: Post) -> None:
    job = billing_jobs(post.accounts.user.organization_id)[1]
    for url in ("https://pay.example/1", None, "https://pay.example/2"):
        post.office.deliver(job.model_copy(update={"receipt_url": url}))
    assert len(post.sent.mails) == 1
