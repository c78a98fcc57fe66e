"""The mail port, and Amazon SES behind it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from frontdesk.errors import FrontdeskError, MailUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

_FINAL = frozenset({"MessageRejected", "BadRequestException", "InvalidParameterValue"})
"""What SES will say again: the address or the content is refused."""


class MailRefused(FrontdeskError):
    """This mail will never be taken. Trying again is in vain."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one person."""

    to: str
    subject: str
    text: str
    html: str


class Mailer(Protocol):
    """Sends mail."""

    def send(self, mail: Mail) -> None:
        """Hand a mail over. Raises MailRefused, MailUnavailable."""
        ...


class SesMailer:
    """Amazon SES."""

    def __init__(self, client: "SESV2Client", sender: str) -> None:
        """`sender` is `Name <address>`, verified in SES."""
        self._client = client
        self._sender = sender

    def send(self, mail: Mail) -> None:
        """Send one mail."""
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [mail.to]},
                Content={
                    "Simple": {
                        "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                        "Body": {
                            "Text": {"Data": mail.text, "Charset": "UTF-8"},
                            "Html": {"Data": mail.html, "Charset": "UTF-8"},
                        },
                    }
                },
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _FINAL:
                raise MailRefused(code) from error
            raise MailUnavailable(f"SES: {code}") from error
        except BotoCoreError as error:
            raise MailUnavailable(f"SES: {type(error).__name__}") from error
