"""The SES adapter, with the real SDK against an HTTP stand-in."""

import json
from collections.abc import Iterator
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler
from typing import Any

import boto3
import pytest
from botocore.config import Config

from frontdesk.errors import MailUnavailable
from frontdesk.mail.ports import Mail, MailRefused
from frontdesk.mail.ses import SesMailer
from tests.http_server import StandInServer, running

MAIL = Mail("sam@example.org", "Grüße", "Hello", "<p>Hello</p>")


class StandIn(StandInServer):
    """Answers every request with what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: tuple[int, str, dict[str, Any]] = (200, "", {"MessageId": "m"})
        self.requests: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    server: StandIn

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.requests.append(json.loads(body))
        status, kind, answer = self.server.answer
        data = json.dumps(answer).encode()
        self.send_response(status)
        if kind:
            self.send_header("x-amzn-errortype", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def ses() -> Iterator[StandIn]:
    server = StandIn()
    with running(server):
        yield server


def mailer(ses: StandIn, sender: str = "Frontdesk <no-reply@frontdesk.example>") -> SesMailer:
    config = Config(retries={"total_max_attempts": 1}, proxies={})
    client = boto3.client(
        "sesv2", endpoint_url=f"http://127.0.0.1:{ses.server_port}", config=config
    )
    return SesMailer(client, sender)


def test_a_mail_is_handed_over_as_text_and_html(ses: StandIn) -> None:
    mailer(ses).send(MAIL)
    [request] = ses.requests
    assert request["FromEmailAddress"] == "Frontdesk <no-reply@frontdesk.example>"
    assert request["Destination"] == {"ToAddresses": ["sam@example.org"]}
    simple = request["Content"]["Simple"]
    assert simple["Subject"]["Data"] == "Grüße"
    assert simple["Body"]["Html"]["Data"] == "<p>Hello</p>"


@pytest.mark.parametrize("kind", ["MessageRejected", "BadRequestException"])
def test_a_refusal_for_good_is_told_apart(ses: StandIn, kind: str) -> None:
    ses.answer = (400, kind, {"message": "no"})
    with pytest.raises(MailRefused):
        mailer(ses).send(MAIL)


def test_a_sender_who_is_not_verified_loses_no_mail(ses: StandIn) -> None:
    said = "Email address is not verified. The following identities failed the check: x@y.example"
    ses.answer = (400, "MessageRejected", {"message": said})
    with pytest.raises(MailUnavailable) as raised:
        mailer(ses).send(MAIL)
    assert "x@y" not in str(raised.value)


def test_the_name_of_a_sender_may_have_accents(ses: StandIn) -> None:
    mailer(ses, "Frontdesk Größe <no-reply@frontdesk.example>").send(MAIL)
    sender = ses.requests[0]["FromEmailAddress"]
    assert sender.isascii()
    assert str(make_header(decode_header(sender))) == (
        "Frontdesk Größe <no-reply@frontdesk.example>"
    )


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "TooManyRequestsException"), (500, "InternalFailure")]
)
def test_what_may_work_later_is_unavailable(ses: StandIn, status: int, kind: str) -> None:
    ses.answer = (status, kind, {"message": "later"})
    with pytest.raises(MailUnavailable):
        mailer(ses).send(MAIL)


def test_a_notice_can_be_ended_with_one_click_and_events_go_where_the_set_says(
    ses: StandIn,
) -> None:
    link = "https://frontdesk.example/api/mail/unsubscribe?token=ot_x"
    config = Config(retries={"total_max_attempts": 1}, proxies={})
    client = boto3.client(
        "sesv2", endpoint_url=f"http://127.0.0.1:{ses.server_port}", config=config
    )
    mailer = SesMailer(client, "no-reply@frontdesk.example", configuration_set="sending")
    mailer.send(Mail("sam@example.org", "Hi", "Hi", "<p>Hi</p>", unsubscribe=link))
    [request] = ses.requests
    assert request["ConfigurationSetName"] == "sending"
    assert request["Content"]["Simple"]["Headers"] == [
        {"Name": "List-Unsubscribe", "Value": f"<{link}>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]
