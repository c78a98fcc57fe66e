"""Passwords: how they are hashed, compared and refused."""

import base64
import hashlib

import bcrypt

from frontdesk.errors import InvalidRequest

MIN_LENGTH, MAX_LENGTH = 10, 200

_COMMON = frozenset(
    {
        *("1234567890", "0123456789", "0987654321", "12345678910", "123456789a", "1q2w3e4r5t"),
        *(
            "1qaz2wsx3edc",
            "abcdefghij",
            "administrator",
            "baseball123",
            "basketball",
            "changeme123",
        ),
        *("chocolate1", "computer123", "dragon1234", "football123", "helloworld", "iloveyou123"),
        *("letmein123", "liverpool1", "manchester1", "password01", "password11", "password12"),
        *("password123", "password1234", "passw0rd123", "princess123", "qazwsxedcr", "qwerty1234"),
        *("qwerty12345", "qwertyuiop", "qwertyuiop1", "sunshine123", "superman123", "trustno1234"),
        *("welcome123", "welcome1234"),
    }
)
"""The most common passwords that are long enough to be accepted otherwise."""

_NOBODY = "." * 53
"""A salt and a hash in bcrypt's own base64. Written down, because a hash made on first use would
have the first unknown account after a cold start take twice as long."""


def hash_password(password: str, cost: int) -> str:
    """The bcrypt hash to store. `cost` is the logarithm of the rounds."""
    return bcrypt.hashpw(_digest(password), bcrypt.gensalt(cost)).decode("ascii")


def matches(password: str, hashed: str | None, cost: int) -> bool:
    """Whether it is the password of this hash. Without a hash it is not, and takes as long."""
    if hashed is None:
        bcrypt.checkpw(_digest(password), f"$2b${cost:02d}${_NOBODY}".encode("ascii"))
        return False
    return bcrypt.checkpw(_digest(password), hashed.encode("ascii"))


def is_outdated(hashed: str, cost: int) -> bool:
    """Whether a hash was made at another cost than passwords are hashed at now."""
    return int(hashed.split("$")[2]) != cost


def check_strength(password: str, *, email: str = "") -> None:
    """Raises InvalidRequest, with a reason for people."""
    lower = password.lower()
    if lower in _COMMON or len(set(lower)) < 5:
        raise InvalidRequest("This password is too easy to guess. Choose another one.")
    if lower in {email.lower(), email.partition("@")[0].lower()}:
        raise InvalidRequest("Your address is no password. Choose another one.")


def _digest(password: str) -> bytes:
    """Bcrypt looks at 72 bytes and stops at a zero; this has neither limit.

    As recommended by OWASP's password storage cheat sheet for longer passwords.
    """
    return base64.b64encode(hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest())
