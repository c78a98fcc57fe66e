"""Visitors whom the organisation's own site vouches for."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import jwt
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from api.problems import Unauthorized
from api.text_fields import Email, Line
from frontdesk.entities import AttributeValue, Customer
from frontdesk.observability import logger
from frontdesk.visit_details import attributes_of

MAX_SECONDS = 24 * 3600
"""How far ahead an identity may expire, so that one that leaks is not good for ever."""

_LEEWAY_SECONDS = 60
_AUDIENCE = "frontdesk"
_MALFORMED = (
    jwt.InvalidTokenError,
    ValidationError,
    ValueError,
    OverflowError,
    RecursionError,
    TypeError,
)


_DETAILS: dict[str, TypeAdapter[str]] = {"email": TypeAdapter(Email), "name": TypeAdapter(Line)}


class _Claims(BaseModel):
    model_config = ConfigDict(extra="allow")

    # Not blank: a site that fills in nothing would have all its customers share a conversation.
    sub: Annotated[
        str,
        StringConstraints(
            min_length=1,
            max_length=200,
            pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f\s][^\x00-\x1f\x7f]*$",
        ),
    ]
    exp: float

    def detail(self, name: str) -> str | None:
        """What is said of the customer under `name`, if it can be used.

        The site vouches for `sub`; a detail that it has not got, or got wrong, keeps nobody out.
        """
        claimed = (self.model_extra or {}).get(name)
        if claimed is None:
            return None
        try:
            return _DETAILS[name].validate_python(claimed, strict=True)
        except ValidationError:
            logger.info("part of an identity left out", extra={"claim": name})
            return None

    @property
    def attributes(self) -> dict[str, AttributeValue] | None:
        """What else is said of the customer, as far as it can be used; None if nothing is."""
        claimed = (self.model_extra or {}).get("attributes")
        return attributes_of(claimed) if isinstance(claimed, dict) else None


@dataclass(frozen=True, slots=True)
class Identity:
    """A customer whom the organisation's site vouches for, and the attributes it names, if any."""

    customer: Customer
    attributes: dict[str, AttributeValue] | None


def read_identity(token: str, secrets: Sequence[str]) -> Identity:
    """Who the visitor is, if one of the organisation's secrets signed it. Raises Unauthorized."""
    for secret in secrets:
        try:
            decoded: dict[str, Any] = jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                audience=_AUDIENCE,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "sub", "aud"]},
            )
            claims = _Claims.model_validate(decoded)
        except jwt.InvalidSignatureError:
            continue
        except jwt.ExpiredSignatureError as error:
            raise Unauthorized("The identity has expired.") from error
        except _MALFORMED as error:
            raise Unauthorized("The identity is not valid.") from error
        if claims.exp > time.time() + MAX_SECONDS + _LEEWAY_SECONDS:
            raise Unauthorized("The identity is valid for too long: at most 24 hours.")
        customer = Customer(id=claims.sub, email=claims.detail("email"), name=claims.detail("name"))
        return Identity(customer, claims.attributes)
    raise Unauthorized("The identity is not signed with the organisation's secret.")
