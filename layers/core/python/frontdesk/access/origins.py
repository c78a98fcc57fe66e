"""Which web pages may carry an organisation's widget."""

from collections.abc import Collection
from urllib.parse import urlsplit

from frontdesk.errors import Refused

_DEFAULT_PORTS = {"http": 80, "https": 443}


def normalize_origin(origin: str) -> str | None:
    """`scheme://host[:port]` in lower case without a default port, or None if it is no origin."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    extra = parts.path or parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or extra:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    suffix = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def check_origin(origin: str | None, allowed: Collection[str]) -> str:
    """The origin as it is written here, if it is allowed. Raises Refused.

    Compares exactly: no wildcards, no suffixes.
    """
    normal = normalize_origin(origin) if origin else None
    if normal is None or normal not in {normalize_origin(entry) for entry in allowed}:
        raise Refused("This page is not on the organisation's list of allowed origins.")
    return normal
