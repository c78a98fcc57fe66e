"""Tokens that are good for one use, such as those in mailed links."""

import time
from typing import Literal

from frontdesk.access.tokens import new_token
from frontdesk.entities import Entity
from frontdesk.errors import Refused
from frontdesk.tables.client import ConditionFailed, Delete, Put, Table
from frontdesk.tables.token_keys import token_key

Purpose = Literal["verify", "reset", "invitation", "unsubscribe"]

SECONDS: dict[Purpose, int] = {
    "verify": 3 * 86_400,
    "reset": 3600,
    "invitation": 7 * 86_400,
    "unsubscribe": 90 * 86_400,
}
"""How long each kind is valid."""

_SPENT = "This link has been used already, or it is too old."


class TokenGrant(Entity):
    """What a token allows, once.

    `subject` is a user, or the invitation. `binding` is what must still hold when it is spent: for
    a reset, a part of the password hash it was issued against.
    """

    purpose: Purpose
    organization_id: str
    subject: str
    binding: str = ""


class Tokens:
    """Issues and spends tokens. Only their hashes are stored."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def issue(self, grant: TokenGrant) -> str:
        """A token that allows what `grant` says."""
        token = new_token("ot")
        self._table.put(
            Put(
                token_key("ot", token),
                {**grant.model_dump(), "expires_at": int(time.time()) + SECONDS[grant.purpose]},
            )
        )
        return token

    def read(self, token: str, purpose: Purpose) -> TokenGrant:
        """What a token allows, without using it up, so that a request can be looked at first.

        Raises Refused as `spend` does. Only `spend` says who may act on it.
        """
        item = self._table.get(token_key("ot", token))
        if item is None or item.get("purpose") != purpose:
            raise Refused(_SPENT)
        return TokenGrant.model_validate(item)

    def spend(self, token: str, purpose: Purpose) -> TokenGrant:
        """Use a token up. Raises Refused if it is unknown, used, expired or for something else.

        The expiry is part of the condition: DynamoDB's TTL may delete days late.
        """
        try:
            item = self._table.delete(
                Delete(
                    token_key("ot", token),
                    condition="attribute_exists(pk) AND expires_at > :now AND purpose = :purpose",
                    values={"now": int(time.time()), "purpose": purpose},
                )
            )
        except ConditionFailed as failure:
            raise Refused(_SPENT) from failure
        return TokenGrant.model_validate(item)
