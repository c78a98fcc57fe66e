"""The mail of this machine: Amazon SES in MiniStack, where nothing leaves the house."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

import httpx
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail that was sent, as its receiver would see it."""

    to: tuple[str, ...]
    subject: str
    text: str


def allow_sending(ses: "SESV2Client", sender: str) -> None:
    """Have the sender's domain verified. Safe to repeat."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    with contextlib.suppress(ClientError):
        # It may be there from an earlier run.
        ses.create_email_identity(EmailIdentity=domain)


def sent(endpoint_url: str) -> Iterator[SentMail]:
    """What was sent since the stack was started, oldest first."""
    answer = httpx.get(f"{endpoint_url}/_ministack/ses/messages", timeout=_SECONDS, trust_env=False)
    answer.raise_for_status()
    accounts: Mapping[str, list[dict[str, Any]]] = answer.json()["messages"]
    for mails in accounts.values():
        for mail in mails:
            yield SentMail(tuple(mail["To"]), mail["Subject"], mail["BodyText"])
