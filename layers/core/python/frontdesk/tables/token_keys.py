"""Where tokens for one use are stored: those of all kinds in one space."""

from frontdesk.access.tokens import TokenKind, hash_token, is_token
from frontdesk.tables.client import Key

_NOWHERE = ("TOKEN#-", "TOKEN")


def token_key(kind: TokenKind, token: str) -> Key:
    """Where a token of this kind is stored. One of another kind is stored nowhere for its reader.

    So what reads connect tokens is never shown a refresh token, whatever the two have in common.
    """
    return (f"TOKEN#{hash_token(token)}", "TOKEN") if is_token(kind, token) else _NOWHERE
