"""Opaque tokens: random, prefixed by what they are, stored only as hashes."""

import hashlib
import re
import secrets
from typing import Literal

TokenKind = Literal["pk", "sk", "vt", "ct", "rt", "ot"]
"""Publishable widget key, secret team key, visitor, connect, refresh and one-time token."""


def new_token(kind: TokenKind) -> str:
    """A fresh token with 192 random bits."""
    return f"{kind}_{secrets.token_urlsafe(24)}"


def is_token(kind: TokenKind, token: str) -> bool:
    """Whether `token` may be one of ours, of this kind."""
    return re.fullmatch(rf"{kind}_[\w-]{{32}}", token, re.ASCII) is not None


def hash_token(token: str) -> str:
    """The SHA-256 under which a token is stored. Random tokens need no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
