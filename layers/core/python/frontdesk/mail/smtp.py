"""Any mail server behind the mail port: SendGrid, Postmark, Mailgun, or one's own."""

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
_UNKNOWN = (b"5.1.1", b"5.1.10")
"""No such mailbox; the address has no mailbox at all (RFC 3463, RFC 7505)."""


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
        """`sender` is `Name <address>`. `tls` is for servers whose certificate few know."""
        self._server = server
        self._sender = parseaddr(sender)
        self._password = password
        self._tls = tls or ssl.create_default_context()
        self._seconds = seconds

    def send(self, mail: Mail) -> None:
        """Send one mail."""
        message = self._message(mail)
        try:
            with self._connect() as connection:
                if self._server.user is not None and self._password is not None:
                    connection.login(self._server.user, self._password)
                connection.send_message(message, self._sender[1], [mail.to])
        except smtplib.SMTPRecipientsRefused as error:
            [(code, said)] = error.recipients.values()
            raise _refusal(code, said) from error
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
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


def _refusal(code: int, said: bytes | str) -> Exception:
    said = said.encode() if isinstance(said, str) else said
    if code < 500:
        return MailUnavailable(f"SMTP: {code}")
    if code in (550, 553) and any(said.startswith(each) for each in _UNKNOWN):
        return AddressUnknown(f"SMTP: {code}")
    return MailRefused(f"SMTP: {code}")
