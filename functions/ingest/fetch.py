"""Fetches a page or file from the web, for a document that is imported from its address."""

import re
import ssl
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from urllib.parse import urljoin

import httpcore

from frontdesk.errors import InvalidRequest, UnreadableDocument
from frontdesk.knowledge.web_addresses import WebAddress, parse_web_address
from ingest.extract.encodings import codec_of
from ingest.public_network import (
    NO_ANSWER,
    Connect,
    PublicNetwork,
    Resolve,
    system_resolve,
    tcp_connect,
)

MAX_BYTES = 20 * 1024 * 1024
"""Of a page, packed and unpacked."""

MAX_REDIRECTS = 5
SECONDS = 30.0
"""For everything: names, redirects and the last byte."""

_STEP_SECONDS = 10.0
_REDIRECTS = {301, 302, 303, 307, 308}
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/plain": ".txt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
_TOLD_BY_NAME = {"", "application/octet-stream", "binary/octet-stream", "text/plain"}
"""Types that say little: there the ending of the address decides, where it is one of ours."""

_ENDINGS = {
    **{suffix: suffix for suffix in (".html", ".pdf", ".md", ".txt", ".docx")},
    ".htm": ".html",
    ".xhtml": ".html",
    ".markdown": ".md",
    ".text": ".txt",
}
_TOO_LARGE = f"The page is larger than {MAX_BYTES // 2**20} MB."
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([a-zA-Z0-9_.:-]{2,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """What an address led to. `filename` ends as ingestion expects of its format."""

    filename: str
    data: bytes


class Fetcher:
    """Fetches from the public internet. Sends no cookies and no credentials."""

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        max_bytes: int = MAX_BYTES,
        resolve: Resolve = system_resolve,
        connect: Connect = tcp_connect,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """`resolve`, `connect` and `ssl_context` are for tests: see `PublicNetwork`."""
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._resolve = resolve
        self._connect = connect
        self._ssl_context = ssl_context

    def fetch(self, url: str) -> FetchedFile:
        """What `url` leads to, after at most MAX_REDIRECTS redirects.

        Raises UnreadableDocument, with a reason for people, whatever is in the way. The reason is
        the same for a name that does not exist and for one that leads into a private network.
        """
        network = PublicNetwork(seconds=self._seconds, resolve=self._resolve, connect=self._connect)
        address = _parsed(url)
        for _ in range(MAX_REDIRECTS + 1):
            with self._response(address, network) as response:
                if response.status not in _REDIRECTS:
                    return self._file(address, response)
                # Another scheme is fine, down to http: what is imported is public anyway.
                address = _parsed(_header(response, "location"), base=str(address))
        raise UnreadableDocument("The address was redirected too often.")

    @contextmanager
    def _response(self, address: WebAddress, network: PublicNetwork) -> Iterator[httpcore.Response]:
        """The answer to a request on a connection of its own."""
        origin = httpcore.Origin(address.scheme.encode(), address.host.encode(), address.port)
        request = httpcore.Request(
            "GET",
            httpcore.URL(
                scheme=address.scheme,
                host=address.host,
                port=address.port,
                target=address.target,
            ),
            headers={
                "Host": address.authority,
                "User-Agent": "Frontdesk/1.0 (imports pages for customer support)",
                "Accept": ", ".join((*_SUFFIXES, "*/*;q=0.1")),
                "Accept-Encoding": "identity",
                "Connection": "close",
            },
            extensions={
                "timeout": dict.fromkeys(("connect", "read", "write"), _STEP_SECONDS),
            },
        )
        connection = httpcore.HTTPConnection(
            origin=origin,
            ssl_context=self._ssl_context or ssl.create_default_context(),
            network_backend=network,
        )
        try:
            response = connection.handle_request(request)
            try:
                yield response
            finally:
                response.close()
        except httpcore.TimeoutException as error:
            raise UnreadableDocument(NO_ANSWER) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
            raise UnreadableDocument(
                "The connection to the server failed: it broke off, or its certificate or what it "
                "sent is not valid."
            ) from error
        finally:
            connection.close()

    def _file(self, address: WebAddress, response: httpcore.Response) -> FetchedFile:
        if response.status != HTTPStatus.OK:
            raise UnreadableDocument(_refusal(response.status))
        content_type = _header(response, "content-type")
        suffix = _suffix(content_type, address)
        length = _header(response, "content-length")
        if length.isdecimal() and (len(length) > 12 or int(length) > self._max_bytes):
            raise UnreadableDocument(_TOO_LARGE)
        encoding = _header(response, "content-encoding").lower()
        pieces: Iterable[bytes] = response.iter_stream()
        if encoding in ("gzip", "x-gzip"):
            pieces = _unpacked(self._bounded(pieces), self._max_bytes)
        elif encoding not in ("", "identity"):
            raise UnreadableDocument("The server sends the page packed in a way we cannot read.")
        data = b"".join(self._bounded(pieces))
        if suffix in (".html", ".txt", ".md"):
            data = _as_declared(data, content_type)
        return FetchedFile(address.filename(suffix), data)

    def _bounded(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        total = 0
        for piece in pieces:
            total += len(piece)
            if total > self._max_bytes:
                raise UnreadableDocument(_TOO_LARGE)
            yield piece


def _parsed(url: str, *, base: str = "") -> WebAddress:
    try:
        return parse_web_address(urljoin(base, url))
    except InvalidRequest as error:
        raise UnreadableDocument(str(error)) from error
    except ValueError as error:
        raise UnreadableDocument("The address leads on to something that is none.") from error


def _header(response: httpcore.Response, name: str) -> str:
    found = [value for each, value in response.headers if each.lower() == name.encode()]
    return found[0].decode("utf-8", "replace").strip() if found else ""


def _refusal(status: int) -> str:
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return "There is no page at this address."
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return "The server does not show this page to everyone."
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "The server asks us to come back later."
    return f"The server did not send the page: it answered with status {status}."


def _suffix(content_type: str, address: WebAddress) -> str:
    """The ending of what is sent. Raises UnreadableDocument when it is nothing we read."""
    kind = content_type.partition(";")[0].strip().lower()
    ending = _ENDINGS.get(PurePosixPath(address.target.partition("?")[0]).suffix.lower())
    if kind in _TOLD_BY_NAME and ending is not None:
        return ending
    if kind not in _SUFFIXES:
        raise UnreadableDocument(
            "There is no page or document at this address that we can read. "
            "HTML, PDF, Word (.docx), Markdown and plain text can be imported."
        )
    return _SUFFIXES[kind]


def _unpacked(pieces: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Unpacked gzip, never more than `max_bytes` of it at a time."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        for piece in pieces:
            yield unpacking.decompress(piece, max_bytes + 1)
            if unpacking.unconsumed_tail:
                raise UnreadableDocument(_TOO_LARGE)
    except zlib.error as error:
        raise UnreadableDocument("What the server sent is damaged.") from error
    if not unpacking.eof:
        raise UnreadableDocument("The server broke off in the middle of the page.")


def _as_declared(data: bytes, content_type: str) -> bytes:
    """Text in UTF-8 if its header names another encoding: the file itself often does not."""
    named = _CHARSET.search(content_type)
    codec = codec_of(named.group(1)) if named is not None else None
    if codec is None or codec == "utf-8":
        return data
    try:
        return data.decode("utf-16" if codec == "utf-16-le" else codec).encode("utf-8-sig")
    except UnicodeDecodeError:
        return data
