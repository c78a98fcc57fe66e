"""A web server behind Unix sockets, and the names and addresses under which it is found."""

import datetime
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

import httpcore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ingest.fetch import Fetcher

PUBLIC = "93.184.215.14"
Answer = Callable[[BaseHTTPRequestHandler], None]


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 20

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients break off on purpose here."""


class Web:
    """Pages by host and path, and the addresses of hosts. Notes what was dialled and asked."""

    def __init__(self, folder: Path) -> None:
        self.pages: dict[str, Answer] = {}
        self.names: dict[str, Sequence[str] | Callable[[], Sequence[str]]] = {}
        self.dialled: list[tuple[str, int]] = []
        self.requests: list[BaseHTTPRequestHandler] = []
        self.refusing: set[str] = set()
        self._folder = folder
        self._certificate = folder / "certificate.pem"
        self._servers = {80: self._serve(None), 443: self._serve(self._tls())}

    def page(
        self,
        url: str,
        body: bytes = b"",
        content_type: str = "text/html",
        *,
        status: int = 200,
        **headers: str,
    ) -> None:
        """Put a page under host and path."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            if content_type:
                request.send_header("Content-Type", content_type)
            request.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            request.wfile.write(body)

        self.answer(url, answer)

    def redirect(self, url: str, to: str, status: int = 302) -> None:
        self.page(url, status=status, Location=to)

    def answer(self, url: str, answer: Answer) -> None:
        host, _, path = url.partition("/")
        self.names.setdefault(host, [PUBLIC])
        self.pages[f"{host}/{path}"] = answer

    def resolve(self, host: str, _port: int) -> Sequence[str]:
        found = self.names.get(host)
        if found is None:
            raise OSError("no such name")
        return found() if callable(found) else found

    def connect(self, address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        self.dialled.append((address, port))
        if address in self.refusing:
            raise httpcore.ConnectError("refused")
        return httpcore.SyncBackend().connect_unix_socket(self._servers[port], timeout)

    def fetcher(self, **limits: Any) -> Fetcher:
        """A fetcher for which this web is the internet. All its checks are the real ones."""
        trusting = ssl.create_default_context(cafile=str(self._certificate))
        return Fetcher(resolve=self.resolve, connect=self.connect, ssl_context=trusting, **limits)

    def _serve(self, tls: ssl.SSLContext | None) -> str:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                if tls is not None:
                    self.request = tls.wrap_socket(self.request, server_side=True)
                super().setup()

            def do_GET(self) -> None:
                web.requests.append(self)
                answer = web.pages.get(f"{self.headers['Host']}{self.path}")
                if answer is None:
                    self.send_error(404)
                else:
                    answer(self)
                self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Silent."""

        path = str(self._folder / f"{'tls' if tls else 'tcp'}.sock")
        server = _Server(path, Handler)
        self._running = [*getattr(self, "_running", []), server]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return path

    def close(self) -> None:
        for server in self._running:
            server.shutdown()
            server.server_close()

    def _tls(self) -> ssl.SSLContext:
        """A certificate for docs.example that signs itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "docs.example")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName("docs.example")]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self._certificate.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        return context


@contextmanager
def serving(folder: Path) -> Iterator[Web]:
    """A web that is served while the context lasts."""
    web = Web(folder)
    try:
        yield web
    finally:
        web.close()


def dripping(seconds: float, *, headers: bool = False) -> Answer:
    """An answer whose bytes come one by one, each well within any timeout of a single step."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        if not headers:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        for byte in b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 1000:
            request.wfile.write(bytes([byte]))
            time.sleep(seconds)

    return answer


def raw(data: bytes) -> Answer:
    """An answer of these very bytes."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(data)

    return answer


def endless(request: BaseHTTPRequestHandler) -> None:
    """A body that never ends and does not say how long it is."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        request.wfile.write(b"<p>more</p>" * 5_000)
