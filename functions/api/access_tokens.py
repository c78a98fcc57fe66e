"""Access tokens: JWTs that say who is logged in, for 15 minutes."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import jwt
from botocore.exceptions import BotoCoreError, ClientError

from api.problems import Unauthorized
from frontdesk.aws import create_client
from frontdesk.errors import StoreUnavailable

ACCESS_SECONDS = 15 * 60
_ALGORITHM = "HS256"
_ISSUER = "frontdesk"
_AUDIENCE = "frontdesk-api"
_RELOAD_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret and the id that names it in a token's header."""

    id: str
    secret: str

    @classmethod
    def of(cls, secret: str) -> "SigningKey":
        """The key of `secret`, which also makes its id."""
        return cls(sha256(secret.encode()).hexdigest()[:16], secret)


class SigningKeys:
    """The keys in use: the first signs, all of them verify.

    A key that is not known may be new: then they are loaded again, at most once a minute.
    """

    def __init__(self, load: Callable[[], Sequence[str]]) -> None:
        """`load` gets the secrets, the current one first. It is called on first use."""
        self._load = load
        self._lock = threading.Lock()
        self._keys: tuple[SigningKey, ...] = ()
        self._loaded_at = float("-inf")

    @property
    def current(self) -> SigningKey:
        """The key that signs. Raises StoreUnavailable."""
        if not self._keys:
            self._reload()
        return self._keys[0]

    def find(self, key_id: str) -> SigningKey | None:
        """The key of this id, if there is one. Raises StoreUnavailable."""
        found = self._find(key_id)
        if found is None and time.monotonic() - self._loaded_at > _RELOAD_SECONDS:
            self._reload()
            found = self._find(key_id)
        return found

    def _find(self, key_id: str) -> SigningKey | None:
        return next((key for key in self._keys if key.id == key_id), None)

    def _reload(self) -> None:
        with self._lock:
            self._keys = tuple(SigningKey.of(secret) for secret in self._load() if secret)
            self._loaded_at = time.monotonic()
        if not self._keys:
            raise StoreUnavailable("there is no signing key")


def load_signing_secrets(secret_id: str) -> list[str]:
    """The secrets in Secrets Manager: `current`, and `previous` while it is rotated.

    Raises StoreUnavailable.
    """
    try:
        answer = create_client("secretsmanager").get_secret_value(SecretId=secret_id)
    except (ClientError, BotoCoreError) as error:
        raise StoreUnavailable("the signing keys could not be read") from error
    values: Mapping[str, str] = json.loads(answer["SecretString"])
    return [values.get("current", ""), values.get("previous", "")]


@dataclass(frozen=True, slots=True)
class Login:
    """Who is logged in, as a token says: a user of an organisation, and the family of the login."""

    organization_id: str
    user_id: str
    family_id: str


def issue_access_token(keys: SigningKeys, login: Login) -> str:
    """A token for ACCESS_SECONDS. Raises StoreUnavailable."""
    key, now = keys.current, int(time.time())
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": login.user_id,
        "org": login.organization_id,
        "sid": login.family_id,
        "iat": now,
        "exp": now + ACCESS_SECONDS,
    }
    return jwt.encode(claims, key.secret, algorithm=_ALGORITHM, headers={"kid": key.id})


def read_access_token(keys: SigningKeys, token: str) -> Login:
    """Who the token is of. Raises Unauthorized if it is forged, expired or not for us."""
    try:
        key = keys.find(str(jwt.get_unverified_header(token).get("kid")))
        if key is None:
            raise Unauthorized("The access token is not one of ours.")
        claims: dict[str, Any] = jwt.decode(
            token,
            key.secret,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            issuer=_ISSUER,
            options={"require": ["exp", "iat", "sub", "org", "sid"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise Unauthorized("The access token has expired.") from error
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Unauthorized("The access token is not valid.") from error
    return Login(
        organization_id=str(claims["org"]),
        user_id=str(claims["sub"]),
        family_id=str(claims["sid"]),
    )
