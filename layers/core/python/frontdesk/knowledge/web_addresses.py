"""Addresses of pages that are imported, as people type them.

What is decided here is the form alone. Whether the server behind a name may be asked is decided by
the ingest worker, on the addresses that the name leads to.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from frontdesk.errors import InvalidRequest

MAX_LENGTH = 2_000
"""Characters of an address."""

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_.:-]{1,253}")
_STEM = 100
_TOO_LONG = f"An address has at most {MAX_LENGTH} characters."


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An http or https address. `host` is in lower case, in ASCII, and without a final dot."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        """The address as it is asked for."""
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def title(self) -> str:
        """What to call the page before it has said so itself."""
        return unquote(f"{self.host}{self.target.partition('?')[0]}").rstrip("/")[:200]

    def filename(self, suffix: str = ".html") -> str:
        """A name for what the address leads to, ending in `suffix`."""
        last = PurePosixPath(unquote(self.target.partition("?")[0])).name
        stem = "".join(each for each in PurePosixPath(last).stem if each.isprintable())
        return f"{stem.strip('. ')[:_STEM] or self.host[:_STEM]}{suffix}"


def parse_web_address(text: str) -> WebAddress:
    """The address that `text` spells out. Raises InvalidRequest, with a reason for people.

    Only http and https, on ports 80 and 443, and no user names or passwords. A fragment is dropped.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidRequest(_TOO_LONG)
    # urlsplit drops some of these and browsers read backslashes as slashes: refuse what is read
    # in two ways.
    if not text.isprintable() or re.search(r"[\s\\]", text):
        raise InvalidRequest("An address has no spaces, line breaks or backslashes.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise InvalidRequest("This is not an address of the web.") from error
    if parts.scheme not in ("http", "https"):
        raise InvalidRequest("The address has to begin with https:// or http://.")
    if "@" in parts.netloc:
        raise InvalidRequest("The address may not contain a user name or password.")
    scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
    port = _PORTS[scheme] if port is None else port
    if port not in _PORTS.values():
        raise InvalidRequest("Only the ports 80 and 443 can be imported from.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    address = WebAddress(scheme, _ascii(parts.hostname or ""), port, f"{path}?{query}".rstrip("?"))
    if len(str(address)) > MAX_LENGTH:
        raise InvalidRequest(_TOO_LONG)
    return address


def _ascii(host: str) -> str:
    """The host in ASCII. Raises InvalidRequest."""
    # Most hosts are ASCII, and the tables of international names take a while to import.
    if not host.isascii():
        import idna  # noqa: PLC0415 - see above

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise InvalidRequest("The address names no server.") from error
    host = host.lower().removesuffix(".")
    if not _HOST.fullmatch(host) or host.startswith("."):
        raise InvalidRequest("The address names no server.")
    return host
