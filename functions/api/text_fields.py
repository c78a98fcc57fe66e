"""Fields that several requests share."""

import unicodedata
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, StringConstraints

from frontdesk.ids import is_ulid


def printable(text: str) -> str:
    """Without control characters; joined emoji and hard spaces are text."""
    text = text.replace("\r\n", "\n")
    if any(unicodedata.category(each) in {"Cc", "Cs"} and each not in "\n\t" for each in text):
        raise ValueError("must not contain control characters")
    return text


def _address(text: str) -> str:
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValueError("must be an e-mail address") from error
    return (found.ascii_email or found.normalized).lower()


Email = Annotated[str, StringConstraints(min_length=3, max_length=254), AfterValidator(_address)]
"""An address as SES takes it: in ASCII and lower case. Whether mail arrives is not checked."""

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\r\n\t]*$"),
    AfterValidator(printable),
]
"""A name: one line of printable text."""

Password = Annotated[str, StringConstraints(min_length=10, max_length=200)]

OneTimeToken = Annotated[str, StringConstraints(pattern=r"^ot_[\w-]{32}$")]
"""The token of a mailed link."""

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=6_000),
    AfterValidator(printable),
]
"""What somebody of the team writes. It fits a WebSocket frame, which holds 32 KB."""


def _ulid(text: str) -> str:
    if not is_ulid(text):
        raise ValueError("must be a ULID in upper case")
    return text


Identifier = Annotated[str, StringConstraints(min_length=26, max_length=26), AfterValidator(_ulid)]
"""A ULID."""
