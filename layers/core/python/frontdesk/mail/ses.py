"""Amazon SES behind the mail port."""

from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from frontdesk.errors import MailUnavailable
from frontdesk.mail.ports import Mail, MailRefused

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

_FINAL = frozenset({"MessageRejected", "BadRequestException", "InvalidParameterValue"})
"""What SES will say again: the address or the content is refused."""

_NOT_VERIFIED = "not verified"
"""So it refuses a sender, or in its sandbox any receiver. That is for the operator to mend."""


class SesMailer:
    """Amazon SES. That an address is unknown comes later, as an event (`mail.feedback`)."""

    def __init__(
        self, client: "SESV2Client", sender: str, *, configuration_set: str | None = None
    ) -> None:
        """`sender` is `Name <address>`, verified in SES. The set says where events go."""
        self._client = client
        # In headers SES takes ASCII alone, and does not encode a name itself.
        self._sender = formataddr(parseaddr(sender))
        self._set = {"ConfigurationSetName": configuration_set} if configuration_set else {}

    def send(self, mail: Mail) -> None:
        """Send one mail."""
        headers = [{"Name": name, "Value": value} for name, value in mail.notice_headers.items()]
        content: Any = {
            "Simple": {
                "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": mail.text, "Charset": "UTF-8"},
                    "Html": {"Data": mail.html, "Charset": "UTF-8"},
                },
                **({"Headers": headers} if headers else {}),
            }
        }
        tags = [{"Name": name, "Value": value} for name, value in mail.tags.items()]
        options: Any = self._set | ({"EmailTags": tags} if tags else {})
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [mail.to]},
                Content=content,
                **options,
            )
        except ClientError as error:
            said = error.response.get("Error", {})
            code = said.get("Code", "")
            if code in _FINAL and _NOT_VERIFIED not in said.get("Message", ""):
                raise MailRefused(code) from error
            raise MailUnavailable(f"SES: {code}") from error
        except BotoCoreError as error:
            raise MailUnavailable(f"SES: {type(error).__name__}") from error
