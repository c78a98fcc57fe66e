"""The public internet, and nothing else: names are resolved, checked and dialled in one place.

An address that a customer gives may lead into our own network: to the metadata service of the
machine, a database, another function. So a name is resolved here, once; every address it has must
be public; and the connection goes to one of these very addresses. A name that answers otherwise a
second time (DNS rebinding) is not asked a second time.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from ssl import SSLContext
from typing import Any

import httpcore

from frontdesk.errors import UnreadableDocument

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[str, int, float], httpcore.NetworkStream]

# Blocks that are not for hosts on the internet, from IANA's special-purpose registries for IPv4 and
# IPv6, with multicast. Python's is_global leaves some out, others in different versions.
_NOT_PUBLIC_4 = tuple(
    IPv4Network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24"),
        *("192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
"""All that IANA gives out. Loopback, link-local, unique local and mapped addresses lie outside."""

_NOT_PUBLIC_6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocols, among them Teredo, which leads to any IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4, which leads to any IPv4 address
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
"""The IPv4 internet as networks without IPv4 see it (RFC 6052)."""

UNREACHABLE = "This address does not lead to a server on the public internet."
"""Said of names that do not exist and of names that lead elsewhere, so as not to tell which."""

NO_ANSWER = "The server did not send the page in time, or did not answer at all."


def is_public(address: Address) -> bool:
    """Whether an address is one of a host on the public internet."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in block for block in _NOT_PUBLIC_4)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(IPv4Address(address.packed[-4:]))
    return (
        address.scope_id is None
        and address in _PUBLIC_6
        and not any(address in block for block in _NOT_PUBLIC_6)
    )


def system_resolve(host: str, port: int) -> Sequence[str]:
    """The addresses the system knows for a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def tcp_connect(address: str, port: int, timeout: float) -> httpcore.NetworkStream:
    """A TCP connection to an address, which is not a name. Raises httpcore.ConnectError."""
    return httpcore.SyncBackend().connect_tcp(str(ip_address(address)), port, timeout=timeout)


class PublicNetwork(httpcore.NetworkBackend):
    """Connects to hosts on the public internet until a deadline. Raises UnreadableDocument.

    `resolve` and `connect` are all that touches a network. A test stands in for them; the check
    between the two is always this one.
    """

    def __init__(
        self, *, seconds: float, resolve: Resolve = system_resolve, connect: Connect = tcp_connect
    ) -> None:
        """After `seconds` everything that was begun here times out."""
        self._deadline = time.monotonic() + seconds
        self._resolve = resolve
        self._connect = connect

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - httpcore's
    ) -> httpcore.NetworkStream:
        """A connection to the first of the host's addresses that takes it."""
        addresses = self._public_addresses(host, port)
        for address in addresses:
            try:
                return _BoundedStream(self._connect(address, port, self.left(timeout)), self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        raise UnreadableDocument(NO_ANSWER)

    def left(self, timeout: float | None = None) -> float:
        """Seconds that may still be spent on one step. Raises UnreadableDocument after the last."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise UnreadableDocument(NO_ANSWER)
        return left if timeout is None else min(left, timeout)

    def _public_addresses(self, host: str, port: int) -> list[str]:
        """What the host resolves to, if all of it is public."""
        try:
            found = [ip_address(text) for text in self._resolved(host, port)]
        except (OSError, ValueError) as error:  # UnicodeError, of a name too long, is a ValueError
            raise UnreadableDocument(UNREACHABLE) from error
        if not found or not all(is_public(address) for address in found):
            raise UnreadableDocument(UNREACHABLE)
        return [str(address) for address in found]

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        """What `resolve` finds, in the time that is left: a resolver keeps no deadline itself."""
        found: list[Sequence[str]] = []
        failed: list[Exception] = []

        def look() -> None:
            try:
                found.append(self._resolve(host, port))
            except Exception as error:  # noqa: BLE001 - raised again below, in the caller's thread
                failed.append(error)

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        thread.join(self.left())
        if failed:
            raise failed[0]
        if not found:
            raise UnreadableDocument(UNREACHABLE)
        return found[0]


class _BoundedStream(httpcore.NetworkStream):
    """A stream none of whose steps outlasts the deadline of its network."""

    def __init__(self, stream: httpcore.NetworkStream, network: PublicNetwork) -> None:
        self._stream = stream
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._network.left(timeout))
        return _BoundedStream(secured, self._network)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        return self._stream.get_extra_info(info)
