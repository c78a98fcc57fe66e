"""Mails: to whom they go, what they say, and what their links do."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from frontdesk.billing.plans import GRACE
from frontdesk.entities import (
    Attachment,
    Author,
    Customer,
    Message,
    Organization,
    Subscription,
)
from frontdesk.errors import MailUnavailable
from frontdesk.ids import new_id
from frontdesk.mail.jobs import (
    MAIL_JOB,
    AccountExistsMail,
    BillingMail,
    CancelledMail,
    EndedMail,
    HandoffMail,
    InvitationMail,
    MailJob,
    PaymentActionMail,
    PaymentFailedMail,
    QuotaMail,
    ReplyMail,
    ResetMail,
    SubscribedMail,
    TrialEndingMail,
    VerifyMail,
    WelcomeMail,
)
from frontdesk.mail.ports import AddressUnknown, Mail, MailRefused
from frontdesk.observability import logger
from frontdesk.tables.accounts import Accounts as BillingAccounts
from frontdesk.tables.client import Table
from frontdesk.tables.mailings import Mailings
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.suppressions import Suppressions
from frontdesk.tables.users import actor_of
from mail import handler as worker
from mail import letters
from mail.catalogue import languages
from mail.correspondence import Correspondence
from mail.letters import Links
from mail.post_office import PostOffice
from mail.stationery import Letter, Quote, lay_out
from tests.unit.deployment import OPERATOR, TeamKeys, Tenant
from tests.unit.test_auth import ADA, PASSWORD, Accounts


class Sent:
    """A mailer that keeps what it is given, or raises."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.error: Exception | None = None

    def send(self, mail: Mail) -> None:
        if self.error:
            raise self.error
        self.mails.append(mail)


class Redelivery:
    """Notes what is to be delivered again soon."""

    def __init__(self) -> None:
        self.hastened: list[Any] = []

    def hasten(self, record: Any) -> None:
        self.hastened.append(record)


class Post:
    """A post office beside the accounts of a deployment."""

    def __init__(self, table: Table) -> None:
        self.accounts = Accounts(table)
        self.sent = Sent()
        self.mailings = Mailings(table)
        self.suppressions = Suppressions(table)
        links = Links(site="https://frontdesk.example", api="https://frontdesk.example/api")
        self.office = PostOffice(
            correspondence=Correspondence(table, links),
            mailer=self.sent,
            mailings=self.mailings,
            suppressions=self.suppressions,
            organizations=Organizations(table),
        )
        self.redelivery = Redelivery()

    def deliver(self, job: MailJob) -> Mail | None:
        before = len(self.sent.mails)
        sent = self.office.deliver(job)
        assert len(self.sent.mails) - before == sent
        return self.sent.mails[-1] if sent else None


def link(mail: Mail | None, purpose: str) -> str:
    assert mail is not None
    address = rf"https://frontdesk\.example/auth\.html#{purpose}=(ot_[\w-]+)"
    [token] = re.findall(address, mail.text)
    assert token in mail.html
    return str(token)


@pytest.fixture
def post(table: Table) -> Post:
    return Post(table)


def test_the_link_of_a_welcome_proves_the_address(post: Post) -> None:
    http = post.accounts.http
    http.post("/api/auth/signup", json={**ADA, "email": "new@harbor.example"})
    [job] = post.accounts.mail.jobs
    mail = post.deliver(job)
    assert mail is not None
    assert mail.to == "new@harbor.example"
    assert "Ada" in mail.text
    verified = http.post(
        "/api/auth/verify", json={"token": link(mail, "verify"), "password": PASSWORD}
    )
    assert verified.status_code == 200
    assert post.deliver(job) is None


def test_who_signs_up_twice_is_told_by_mail_alone(post: Post) -> None:
    mail = post.deliver(AccountExistsMail(email="ada@harbor.example"))
    assert mail is not None
    assert "already" in mail.subject


def test_who_signs_up_twice_without_proof_gets_the_link_again(post: Post) -> None:
    again = {**ADA, "email": "new@harbor.example"}
    for _ in range(2):
        assert post.accounts.http.post("/api/auth/signup", json=again).status_code == 202
    first, second = post.accounts.mail.jobs
    assert (first.mail, second.mail) == ("verify", "account_exists")
    assert link(post.deliver(second), "verify")


def test_a_reset_link_sets_a_password_and_an_unknown_address_gets_no_mail(post: Post) -> None:
    assert post.deliver(ResetMail(email="nobody@harbor.example")) is None
    token = link(post.deliver(ResetMail(email="ada@harbor.example")), "reset")
    body = {"token": token, "password": "another sentence entirely"}
    assert post.accounts.http.post("/api/auth/reset", json=body).status_code == 204


def test_an_invitation_names_who_invites_and_a_withdrawn_one_is_not_sent(post: Post) -> None:
    user, users = post.accounts.user, post.accounts.services.users
    invited = users.invite(user.organization_id, "g@navy.example", "agent", actor_of(user))
    job = InvitationMail(organization_id=user.organization_id, invitation_id=invited.id)
    mail = post.deliver(job)
    assert mail is not None
    assert "Ada invites you to the team of Harbor" in mail.text
    accept = {"token": link(mail, "invitation"), "name": "Grace", "password": PASSWORD}
    joined = post.accounts.http.post("/api/auth/accept-invitation", json=accept)
    assert joined.status_code == 200
    assert post.deliver(job) is None


def test_a_reply_reaches_the_customer_who_has_left(post: Post) -> None:
    deployment = post.accounts.deployment
    ref = deployment.asked(deployment.one)
    services = deployment.services
    services.visitors.set_customer(
        services.conversations.get(ref), Customer(email="sam@example.org")
    )
    reply = services.inbox.reply(ref, Author(id="a", name="Robin"), "It is on its way.", new_id())
    job = ReplyMail(
        organization_id=ref.organization_id,
        conversation_id=ref.conversation_id,
        message_id=reply.id,
    )
    mail = post.deliver(job)
    assert mail is not None
    assert mail.to == "sam@example.org"
    assert "It is on its way." in mail.text
    assert post.deliver(job) is None
    note = services.inbox.note(ref, Author(id="a", name="Robin"), "Not for the customer", new_id())
    assert post.deliver(job.model_copy(update={"message_id": note.id})) is None


def test_a_reply_by_mail_names_its_files_and_makes_no_link_of_a_name() -> None:
    file = Attachment(id=new_id(), name="evil.example/a.png", type="image/png", size=9)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    message = Message(id=new_id(), role="agent", text="", at=moment, attachments=(file,))
    mail = lay_out(letters.reply(Organization(id="o", name="Harbor"), message), "sam@example.org")
    assert "Files (in the chat): " in mail.text
    assert "png" in mail.text
    assert "evil.example/a.png" not in mail.html


def test_what_people_call_themselves_becomes_neither_markup_nor_a_header(post: Post) -> None:
    hostile = {**ADA, "name": "<script>alert(1)</script>", "email": "x@harbor.example"}
    assert post.accounts.http.post("/api/auth/signup", json=hostile).status_code == 202
    mail = post.deliver(VerifyMail(email="x@harbor.example"))
    assert mail is not None
    assert "<script>" not in mail.html
    assert "\n" not in mail.subject
    broken = {**hostile, "email": "y@harbor.example", "name": "A\r\nBcc: all@example.org"}
    broken["organization"] = "Harbor\r\nBcc: all@example.org"
    assert post.accounts.http.post("/api/auth/signup", json=broken).status_code == 202
    mail = post.deliver(VerifyMail(email="y@harbor.example"))
    assert mail is not None
    assert "\n" not in mail.subject
    assert "\nBcc" not in mail.text


@pytest.mark.parametrize(
    ("error", "tried_again"),
    [(MailUnavailable("SES: Throttling"), True), (MailRefused("MessageRejected"), False)],
)
def test_what_may_work_later_is_tried_again_and_what_never_will_is_not(
    post: Post, error: Exception, tried_again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.sent.error = error
    monkeypatch.setattr(worker, "_wire", lambda: (post.office, post.redelivery))
    body = ResetMail(email="ada@harbor.example").model_dump_json()
    event: dict[str, Any] = {"Records": [{"messageId": "one", "body": body}]}
    failures = worker.handler(event, None)["batchItemFailures"]
    assert failures == ([{"itemIdentifier": "one"}] if tried_again else [])
    assert len(post.redelivery.hastened) == len(failures)


def test_a_job_that_nobody_understands_is_kept_for_people(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_wire", lambda: (post.office, post.redelivery))
    event = {"Records": [{"messageId": "one", "body": json.dumps({"mail": "unheard of"})}]}
    assert worker.handler(event, None)["batchItemFailures"] == [{"itemIdentifier": "one"}]


def test_no_log_holds_an_address(
    post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "_wire", lambda: (post.office, post.redelivery))
    quoting = ValueError("550 ada@harbor.example is unknown")
    unavailable = MailUnavailable("SES: Throttling")
    unavailable.__cause__ = quoting
    bodies: list[tuple[Exception | None, str]] = [
        (None, ResetMail(email="ada@harbor.example").model_dump_json()),
        (MailRefused("MessageRejected"), ResetMail(email="ada@harbor.example").model_dump_json()),
        (unavailable, ResetMail(email="ada@harbor.example").model_dump_json()),
        (None, json.dumps({"mail": "reset", "email": ["ada@harbor.example"]})),
        (None, json.dumps({"email": "ada@harbor.example"})),
        (None, '{"mail": "reset", "email": "ada@harbor.example"'),
    ]
    monkeypatch.setattr(logger, "propagate", True)
    formatter = logger.registered_formatter
    for error, body in bodies:
        post.sent.error = error
        worker.handler({"Records": [{"messageId": "one", "body": body}]}, None)
    lines = [formatter.format(record) for record in caplog.records]
    assert len(lines) >= len(bodies)
    assert "ada@" not in "".join(lines)


def test_a_reply_that_could_not_be_sent_is_sent_by_the_next_try(post: Post) -> None:
    deployment = post.accounts.deployment
    ref = deployment.asked(deployment.one)
    services = deployment.services
    services.visitors.set_customer(
        services.conversations.get(ref), Customer(email="sam@example.org")
    )
    reply = services.inbox.reply(ref, Author(id="a", name="Robin"), "Soon.", new_id())
    job = ReplyMail(
        organization_id=ref.organization_id,
        conversation_id=ref.conversation_id,
        message_id=reply.id,
    )
    post.sent.error = MailUnavailable("SES: Throttling")
    with pytest.raises(MailUnavailable):
        post.office.deliver(job)
    post.sent.error = None
    assert post.deliver(job) is not None
    assert post.deliver(job) is None


class Handoff:
    """A customer who needs a person, and a team of four."""

    def __init__(self, post: Post) -> None:
        accounts = post.accounts
        self.ref = accounts.deployment.asked(
            Tenant(accounts.user.organization_id, "", TeamKeys(str)), "Where is my parcel?"
        )
        services = accounts.services
        services.inbox.hand_off(self.ref, "asked")
        record = services.conversations.get(self.ref).untold
        assert record is not None
        self.job = HandoffMail(
            organization_id=self.ref.organization_id,
            conversation_id=self.ref.conversation_id,
            message_id=record,
        )
        accounts.member("agent", "agent@harbor.example")
        accounts.member("viewer", "viewer@harbor.example")


def test_who_may_answer_is_told_once_that_a_customer_needs_a_person(post: Post) -> None:
    handoff = Handoff(post)
    for _ in range(2):
        post.office.deliver(handoff.job)
    told = sorted(mail.to for mail in post.sent.mails)
    assert told == ["ada@harbor.example", "agent@harbor.example"]
    mail = post.sent.mails[0]
    assert "Where is my parcel?" in mail.subject
    assert f"conversations.html#{handoff.ref.conversation_id}" in mail.text


def test_a_notice_that_broke_off_reaches_the_others_with_the_next_try(post: Post) -> None:
    handoff = Handoff(post)
    post.sent.error = MailUnavailable("down")
    with pytest.raises(MailUnavailable):
        post.office.deliver(handoff.job)
    post.sent.error = None
    post.office.deliver(handoff.job)
    assert len(post.sent.mails) == 2


def test_an_address_that_is_refused_keeps_nobody_else_from_the_notice(post: Post) -> None:
    handoff = Handoff(post)
    send = post.sent.send

    def refuse_one(mail: Mail) -> None:
        if mail.to.startswith("ada"):
            raise MailRefused("no such address")
        send(mail)

    post.sent.send = refuse_one  # type: ignore[method-assign]
    assert post.office.deliver(handoff.job)
    assert [mail.to for mail in post.sent.mails] == ["agent@harbor.example"]


def test_a_hand_off_that_was_erased_is_not_told(post: Post) -> None:
    handoff = Handoff(post)
    post.accounts.services.privacy.erase(handoff.ref)
    assert not post.office.deliver(handoff.job)
    assert post.sent.mails == []


def billing_jobs(organization_id: str) -> list[BillingMail]:
    """One of each, all about one organisation."""
    at = datetime(2026, 12, 5, tzinfo=UTC)
    own = {"organization_id": organization_id, "subscription_id": "sub_1"}
    return [
        QuotaMail(
            organization_id=organization_id, month="2026-11", plan="pro", level=100, answers=10_000
        ),
        SubscribedMail(**own, plan="pro", receipt_url="https://pay.example/receipt"),
        TrialEndingMail(**own, plan="pro", ends_at=at),
        PaymentFailedMail(
            organization_id=organization_id,
            invoice_id="in_1",
            attempt=1,
            pay_url="https://pay.example/invoice",
            next_attempt=at,
        ),
        PaymentActionMail(organization_id=organization_id, invoice_id="in_1"),
        CancelledMail(**own, plan="pro", ends_at=at),
        EndedMail(**own, plan="pro"),
    ]


def test_who_sees_what_is_paid_is_told_once_however_often_it_is_asked_for(post: Post) -> None:
    accounts = post.accounts
    accounts.member("admin", "admin@harbor.example")
    accounts.member("agent", "agent@harbor.example")
    jobs = billing_jobs(accounts.user.organization_id)
    for job in [*jobs, *reversed(jobs)]:
        post.office.deliver(job)
    told = [(mail.to, mail.subject) for mail in post.sent.mails]
    assert len(told) == len(set(told)) == 2 * len(jobs)
    assert {to for to, _ in told} == {"ada@harbor.example", "admin@harbor.example"}


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_mail_can_be_written_in_every_language(post: Post, language: str) -> None:
    accounts = post.accounts
    accounts.services.organizations.change(
        accounts.user.organization_id, {"languages": [language]}, by=OPERATOR, action="test"
    )
    user, users = accounts.user, accounts.services.users
    invited = users.invite(user.organization_id, "g@navy.example", "agent", actor_of(user))
    handoff = Handoff(post)
    jobs: list[MailJob] = [
        AccountExistsMail(email=user.email),
        ResetMail(email=user.email),
        InvitationMail(organization_id=user.organization_id, invitation_id=invited.id),
        WelcomeMail(organization_id=user.organization_id, user_id=user.id),
        handoff.job,
        *billing_jobs(user.organization_id),
    ]
    for job in jobs:
        assert post.office.deliver(job) >= 1, job.mail
    for mail in post.sent.mails:
        assert f'<html lang="{language}">' in mail.html
        assert "{" not in mail.text.replace("data-key", "")
        assert "None" not in mail.text
    receipt = next(mail for mail in post.sent.mails if "receipt" in mail.text)
    assert "https://frontdesk.example/documents.html" in receipt.text
    assert "https://frontdesk.example/billing.html" in receipt.html


def test_a_failed_payment_says_until_when_the_plan_goes_on(post: Post) -> None:
    organization_id = post.accounts.user.organization_id
    since = datetime.now(UTC)
    subscription = Subscription(
        id="sub_1",
        plan="pro",
        status="past_due",
        price_id="price_1",
        currency="usd",
        created_at=since,
        period_start=since,
        period_end=since,
        past_due_since=since,
        pay_url="https://pay.example/open",
        version=1,
    )
    BillingAccounts(post.accounts.deployment.table).put_subscription(organization_id, subscription)
    mail = post.deliver(
        PaymentFailedMail(organization_id=organization_id, invoice_id="in_2", attempt=1)
    )
    assert mail is not None
    until = since + GRACE
    assert f"{until.day} {until:%B %Y}" in mail.text
    assert "https://pay.example/open" in mail.text


def test_an_address_that_gets_no_mail_any_more_gets_none(post: Post) -> None:
    post.suppressions.add("ada@harbor.example", "complaint")
    assert post.deliver(ResetMail(email="ada@harbor.example")) is None


def test_a_mailbox_that_is_unknown_is_not_tried_again(post: Post) -> None:
    post.sent.error = AddressUnknown("SMTP: 550")
    assert post.deliver(ResetMail(email="ada@harbor.example")) is None
    post.sent.error = None
    assert post.deliver(ResetMail(email="ada@harbor.example")) is None
    assert post.suppressions.covers("ada@harbor.example")


def test_a_job_that_is_delivered_twice_sends_once_and_asking_again_sends_again(post: Post) -> None:
    job = ResetMail(email="ada@harbor.example")
    assert post.deliver(job) is not None
    assert post.deliver(MAIL_JOB.validate_json(job.model_dump_json())) is None
    assert post.deliver(ResetMail(email="ada@harbor.example")) is not None


def test_one_who_cannot_be_reached_now_keeps_nobody_waiting(post: Post) -> None:
    handoff = Handoff(post)
    send = post.sent.send

    def greylist_one(mail: Mail) -> None:
        if mail.to.startswith("ada"):
            raise MailUnavailable("SMTP: 451")
        send(mail)

    post.sent.send = greylist_one  # type: ignore[method-assign]
    with pytest.raises(MailUnavailable):
        post.office.deliver(handoff.job)
    assert [mail.to for mail in post.sent.mails] == ["agent@harbor.example"]
    post.sent.send = send  # type: ignore[method-assign]
    assert post.office.deliver(handoff.job) == 1


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "</td></tr></table><img src=x onerror=alert(1)>",
        "{{ 7 * 7 }}{% raw %}",
        "x\r\nBcc: all@example.org",
        '"><a href="javascript:alert(1)">',
        "\u202egnp.exe\u2028Bcc: all@example.org",
    ],
)
def test_hostile_words_stay_words(words: str) -> None:
    letter = Letter(
        kind="reply",
        language="en",
        audience="customer",
        brand=words,
        values={"author": words, "organization": words},
        quotes=(Quote(text=words, speaker=words, sources=words),),
    )
    mail = lay_out(letter, "sam@example.org")
    assert "49" not in mail.text
    for markup in ("<script", "<img", "<a href", "onerror=alert(1)>"):
        assert markup not in mail.html
    assert len(mail.subject.splitlines()) == 1
    assert words in mail.text
