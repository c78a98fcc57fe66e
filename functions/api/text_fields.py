"""Fields that several requests share."""

import unicodedata
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from frontdesk.ids import as_ulid
from frontdesk.shown_text import is_blank, on_one_line, with_plain_breaks


def _plain_breaks(given: object) -> object:
    """Every kind of line break as a newline, before anything else is asked of a text."""
    return with_plain_breaks(given) if isinstance(given, str) else given


def _single_line(given: object) -> object:
    """Every line break and tab as a space."""
    return on_one_line(given) if isinstance(given, str) else given


def _printable(text: str) -> str:
    """What shows something, without control characters; joined emoji and hard spaces are text."""
    if is_blank(text):
        raise ValueError("must show something")
    if any(unicodedata.category(each) in {"Cc", "Cs"} and each not in "\n\t" for each in text):
        raise ValueError("must not contain control characters")
    return text


PLAIN_BREAKS = BeforeValidator(_plain_breaks)
SINGLE_LINE = BeforeValidator(_single_line)
PRINTABLE = AfterValidator(_printable)


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
    SINGLE_LINE,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    PRINTABLE,
]
"""A name: one line of printable text."""

Password = Annotated[str, StringConstraints(min_length=10, max_length=200)]

OneTimeToken = Annotated[str, StringConstraints(pattern=r"^ot_[\w-]{32}$")]
"""The token of a mailed link."""

Text = Annotated[
    str,
    PLAIN_BREAKS,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=6_000),
    PRINTABLE,
]
"""What somebody of the team writes. It fits a WebSocket frame, which holds 32 KB."""

MaybeText = Annotated[
    str,
    PLAIN_BREAKS,
    StringConstraints(strip_whitespace=True, max_length=6_000),
    AfterValidator(lambda text: text and _printable(text)),
]
"""The same where there may be none."""


Identifier = Annotated[
    str, StringConstraints(min_length=26, max_length=26), AfterValidator(as_ulid)
]
"""A ULID."""
