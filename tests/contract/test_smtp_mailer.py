"""The SMTP adapter against a real server, with TLS and a login."""

import socket
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from frontdesk.errors import MailUnavailable
from frontdesk.mail.ports import AddressUnknown, Mail, MailRefused
from frontdesk.mail.smtp import SmtpMailer, SmtpServer

SENDER = "Frontdesk Größe <no-reply@frontdesk.example>"
MAIL = Mail("sam@example.org", "Grüße", "Hello\n.\nSam", "<p>Hello</p>", id="one")


class Box:
    """A handler for aiosmtpd that takes mail, or answers what it is told to."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.to_recipient = "250 OK"
        self.to_data = "250 OK"
        self.to_quit = "221 Bye"
        self.hangs_up = False

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.hangs_up:
            server.transport.abort()
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Session, envelope: Envelope
    ) -> str:
        self.envelopes.append(envelope)
        return self.to_data

    async def handle_QUIT(self, *_: Any) -> str:  # noqa: N802 - aiosmtpd's name
        return self.to_quit

    def only(self) -> EmailMessage:
        [envelope] = self.envelopes
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        return message


class Site:
    """A mail server with a certificate that only `trusting` knows."""

    def __init__(self, *, implicit: bool = False, encrypts: bool = True) -> None:
        authority = trustme.CA()
        self.trusting = ssl.create_default_context()
        authority.configure_trust(self.trusting)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        self.box = Box()
        self.password = b"secret"
        options: dict[str, Any] = {}
        if implicit:
            options["ssl_context"] = context
        elif encrypts:
            options |= {"tls_context": context, "require_starttls": True}
        if encrypts:
            # aiosmtpd does not know that a connection was encrypted from the start.
            options |= {
                "authenticator": self.log_in,
                "auth_required": not implicit,
                "auth_require_tls": not implicit,
            }
        self.controller = Controller(self.box, hostname="127.0.0.1", port=free_port(), **options)
        self.scheme = "smtps" if implicit else "smtp"

    def log_in(self, *said: Any) -> AuthResult:
        """Called with server, session, envelope, mechanism and the login."""
        good = isinstance(said[-1], LoginPassword) and said[-1].password == self.password
        return AuthResult(success=good, handled=good)

    def mailer(self, password: str = "secret", tls: ssl.SSLContext | None = None) -> SmtpMailer:
        server = SmtpServer.parse(f"{self.scheme}://user@127.0.0.1:{self.controller.port}")
        return SmtpMailer(server, SENDER, password=password, tls=tls or self.trusting, seconds=5.0)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(params=[False, True], ids=["starttls", "implicit"])
def any_site(request: pytest.FixtureRequest) -> Iterator[Site]:
    site = Site(implicit=request.param)
    site.controller.start()
    yield site
    site.controller.stop()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.controller.start()
    yield site
    site.controller.stop()


def test_a_mail_arrives_whole_over_either_kind_of_tls(any_site: Site) -> None:
    any_site.mailer().send(MAIL)
    message = any_site.box.only()
    assert any_site.box.envelopes[0].mail_from == "no-reply@frontdesk.example"
    assert any_site.box.envelopes[0].rcpt_tos == ["sam@example.org"]
    assert message["To"] == "sam@example.org"
    assert message["Subject"] == "Grüße"
    assert message["From"] == SENDER
    assert message["Message-ID"] == "<one@frontdesk.example>"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == ["Hello", ".", "Sam"]
    assert html.get_content().strip() == "<p>Hello</p>"
    assert "List-Unsubscribe" not in message


def test_a_notice_can_be_ended_with_one_click(site: Site) -> None:
    link = "https://frontdesk.example/api/mail/unsubscribe?token=ot_" + "x" * 32
    site.mailer().send(Mail("sam@example.org", "Hi", "Hi", "<p>Hi</p>", unsubscribe=link))
    assert site.box.only()["List-Unsubscribe"] == f"<{link}>"
    assert site.box.only()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_server_whose_certificate_is_not_known_gets_nothing(site: Site) -> None:
    with pytest.raises(MailUnavailable):
        site.mailer(tls=ssl.create_default_context()).send(MAIL)
    assert site.box.envelopes == []


def test_a_server_without_tls_gets_neither_password_nor_mail() -> None:
    site = Site(encrypts=False)
    site.controller.start()
    with pytest.raises(MailUnavailable):
        site.mailer().send(MAIL)
    site.controller.stop()
    assert site.box.envelopes == []


def test_a_wrong_password_is_for_the_operator_to_mend(site: Site) -> None:
    with pytest.raises(MailUnavailable, match="535"):
        site.mailer("wrong").send(MAIL)


def test_a_login_that_cannot_be_sent_is_told_at_the_start_and_not_quoted() -> None:
    with pytest.raises(ValueError, match="ASCII") as raised:
        SmtpMailer(SmtpServer("smtp", "127.0.0.1", 25, "me"), SENDER, password="geheimß")
    assert "geheim" not in str(raised.value)


@pytest.mark.parametrize("password", ["p@ss:w%2Ford/ ?#", "x" * 300])
def test_a_password_may_hold_any_signs(site: Site, password: str) -> None:
    site.password = password.encode()
    site.mailer(password).send(MAIL)
    assert site.box.only()["Subject"] == "Grüße"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 4.7.1 Greylisted, try again", MailUnavailable),
        ("554 5.7.1 Relay access denied", MailUnavailable),
        ("550 5.2.1 Mailbox disabled", MailRefused),
        ("550 No such user here", MailRefused),
        ("550 5.1.1 User unknown", AddressUnknown),
    ],
)
def test_what_may_work_later_is_told_apart_from_what_never_will(
    site: Site, answer: str, error: type[Exception]
) -> None:
    site.box.to_recipient = answer
    with pytest.raises(error) as raised:
        site.mailer().send(MAIL)
    assert type(raised.value) is error
    assert "sam@" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("452 4.3.1 Full", MailUnavailable),
        ("554 5.6.0 Content refused", MailRefused),
        ("550 The from address does not match a verified Sender Identity", MailUnavailable),
        ("550 5.1.8 Sender address rejected", MailUnavailable),
        ("550 5.7.60 Not allowed to send as this sender", MailUnavailable),
    ],
)
def test_a_refusal_after_the_content_counts_too(
    site: Site, answer: str, error: type[Exception]
) -> None:
    site.box.to_data = answer
    with pytest.raises(error):
        site.mailer().send(MAIL)


@pytest.mark.parametrize("goodbye", ["250 OK", "421 4.4.2 Too late", "500 5.5.1 What?"])
def test_what_a_server_says_to_goodbye_does_not_undo_what_it_took(site: Site, goodbye: str) -> None:
    site.box.to_quit = goodbye
    site.mailer().send(MAIL)
    assert site.box.only()["Subject"] == "Grüße"


def test_a_rude_goodbye_hides_no_refusal(site: Site) -> None:
    site.box.to_quit = "421 4.4.2 Too late"
    site.box.to_recipient = "550 5.1.1 User unknown"
    with pytest.raises(AddressUnknown):
        site.mailer().send(MAIL)


def test_a_server_that_hangs_up_or_is_not_there_may_be_tried_again(site: Site) -> None:
    site.box.hangs_up = True
    with pytest.raises(MailUnavailable):
        site.mailer().send(MAIL)
    gone = SmtpServer("smtp", "127.0.0.1", free_port())
    with pytest.raises(MailUnavailable):
        SmtpMailer(gone, SENDER, seconds=1.0).send(MAIL)


@pytest.mark.parametrize(
    "change",
    [
        {"to": "sam@example.org\r\nBcc: all@example.org"},
        {"to": "sam@example.org, all@example.org"},
        {"to": "sam@example.org>\r\nRCPT TO:<all@example.org"},
        {"to": "Sam <sam@example.org>"},
        {"to": "sämi@example.org"},
        {"to": "nobody"},
        {"to": ""},
        {"to": "a..b@example.org"},
        {"to": ".sam@example.org"},
        {"to": '"sam"@example.org'},
        {"to": "sam@example.org."},
        {"subject": "Hi\r\nBcc: all@example.org"},
        {"subject": "Hi\x85there"},
        {"unsubscribe": "https://x.example/\r\nBcc: all@example.org"},
    ],
)
def test_no_header_can_be_made_up(change: dict[str, str]) -> None:
    fields: dict[str, Any] = {"to": "sam@example.org", "subject": "Hi", **change}
    with pytest.raises(MailRefused):
        Mail(text="Hi", html="Hi", **fields)


def test_a_long_subject_in_another_script_stays_one_header(site: Site) -> None:
    subject = "Ω: Bcc: all@example.org " * 6
    site.mailer().send(Mail("sam@example.org", subject.strip(), "Hi", "<p>Hi</p>"))
    assert site.box.only()["Subject"] == subject.strip()
    assert site.box.only()["Bcc"] is None
    assert site.box.envelopes[0].rcpt_tos == ["sam@example.org"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://me@mail.example", SmtpServer("smtp", "mail.example", 587, "me")),
        ("smtps://me%40here@mail.example", SmtpServer("smtps", "mail.example", 465, "me@here")),
        ("smtp://mail.example:2525", SmtpServer("smtp", "mail.example", 2525)),
    ],
)
def test_a_server_is_named_by_an_address(url: str, expected: SmtpServer) -> None:
    assert SmtpServer.parse(url) == expected


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://a:b@mail.example", "ses"])
def test_an_address_that_names_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="mail server"):
        SmtpServer.parse(url)
