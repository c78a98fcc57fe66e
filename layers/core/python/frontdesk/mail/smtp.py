"""Any mail server behind the mail port: SendGrid, Postmark, Mailgun, or one's own."""

import contextlib
import re
import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from typing import Literal
from urllib.parse import unquote, urlsplit

from frontdesk.errors import MailUnavailable
from frontdesk.mail.ports import AddressUnknown, Mail, MailRefused

_SECONDS = 8.0
"""For each step of the conversation; there are about eight, and all is over in 30 seconds."""

_PORTS = {"smtp": 587, "smtps": 465}
_GOODBYE_SECONDS = 2.0

_STATUS = re.compile(rb"5\.\d{1,3}\.\d{1,3}\b")
_UNKNOWN = frozenset({b"5.1.1", b"5.1.10"})
"""No such mailbox; the address has no mailbox at all (RFC 3463, RFC 7505)."""

_FINAL = (b"5.1.", b"5.2.", b"5.6.")
"""The address, the mailbox or the content is refused (RFC 3463)."""

_OF_SENDER = frozenset({b"5.1.7", b"5.1.8"})


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in. Both ways are encrypted, `smtps` from the first byte on."""

    scheme: Literal["smtp", "smtps"]
    host: str
    port: int
    user: str | None = None

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """Read `smtp://user@host:587` or `smtps://user@host:465`. Raises ValueError."""
        parts = urlsplit(url)
        scheme = parts.scheme
        if scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
            raise ValueError("a mail server is smtp://user@host:port or smtps://user@host:port")
        if parts.password is not None:
            raise ValueError("a mail server's password belongs into the secret")
        user = unquote(parts.username) if parts.username else None
        kind: Literal["smtp", "smtps"] = "smtps" if scheme == "smtps" else "smtp"
        return cls(kind, parts.hostname, parts.port or _PORTS[kind], user)


class SmtpMailer:
    """Hands mails to a server, a connection for each. Never without TLS, the certificate checked.

    What a server says of the sender or the login is for the operator to mend, and is tried again.
    """

    def __init__(
        self,
        server: SmtpServer,
        sender: str,
        *,
        password: str | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        """`sender` is `Name <address>`. `tls` is for servers whose certificate few know.

        Raises ValueError for a login that is not ASCII, which smtplib cannot send.
        """
        if not f"{server.user or ''}{password or ''}".isascii():
            raise ValueError("the login of a mail server must be ASCII")
        self._server = server
        self._sender = parseaddr(sender)
        self._password = password
        self._tls = tls or ssl.create_default_context()
        self._seconds = seconds

    def send(self, mail: Mail) -> None:
        """Send one mail."""
        message = self._message(mail)
        try:
            with contextlib.closing(self._connect()) as connection:
                try:
                    if self._server.user is not None and self._password is not None:
                        connection.login(self._server.user, self._password)
                    connection.send_message(message, self._sender[1], [mail.to])
                finally:
                    _say_goodbye(connection)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, said)] = error.recipients.values()
            raise _refusal(code, said, of_recipient=True) from error
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error, of_recipient=False) from error
        except smtplib.SMTPResponseException as error:
            raise MailUnavailable(f"SMTP: {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnavailable(f"SMTP: {type(error).__name__}") from error

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.scheme == "smtps":
            return smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._seconds, context=self._tls
            )
        connection = smtplib.SMTP(server.host, server.port, timeout=self._seconds)
        try:
            connection.starttls(context=self._tls)
        except (smtplib.SMTPException, OSError):
            connection.close()
            raise
        return connection

    def _message(self, mail: Mail) -> EmailMessage:
        name, address = self._sender
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(name, addr_spec=address)
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
        message["Date"] = formatdate(usegmt=True)
        if mail.id:
            message["Message-ID"] = f"<{mail.id}@{address.rpartition('@')[2]}>"
        for header, value in mail.notice_headers.items():
            message[header] = value
        message.set_content(mail.text, cte="quoted-printable")
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        return message


def _say_goodbye(connection: smtplib.SMTP) -> None:
    """Whatever the server says to that, it has the mail by now, or has refused it."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        if connection.sock is not None:
            connection.sock.settimeout(_GOODBYE_SECONDS)
            connection.quit()


def _refusal(code: int, said: bytes | str, *, of_recipient: bool) -> Exception:
    """What a refusal means. Without a status (RFC 3463) it is about whatever was just said.

    Many servers judge the sender only after the content, some with a bare 550. Such mail is not
    lost: it is tried again, and in the end kept for people.
    """
    said = said.encode() if isinstance(said, str) else said
    found = _STATUS.match(said)
    status = found[0] if found else b""
    final = status.startswith(_FINAL) and status not in _OF_SENDER if found else of_recipient
    if code < 500 or not final:
        return MailUnavailable(f"SMTP: {code}")
    if status in _UNKNOWN:
        return AddressUnknown(f"SMTP: {code}")
    return MailRefused(f"SMTP: {code}")
