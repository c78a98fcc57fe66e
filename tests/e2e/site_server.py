"""A web server for a few files in memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from local.website import content_type
from tests.http_server import StandInServer, running


@dataclass(frozen=True)
class SiteServer:
    """Where the files are."""

    url: str

    @property
    def published(self) -> str:
        """The same pages as a deployment has them."""
        return f"{self.url}/published"


@contextmanager
def serving(files: Mapping[str, bytes], *, policy: str = "") -> Iterator[SiteServer]:
    """Serve `files` by their names, host pages with `policy` for their content."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = urlsplit(self.path).path.lstrip("/")
            content = files.get(name)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", content_type(name))
            self.send_header("Content-Length", str(len(content or b"")))
            if "widget/" in name:
                # As a deployment does: modules are fetched by pages of other origins.
                self.send_header("Access-Control-Allow-Origin", "*")
            if name.endswith("host.html"):
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = StandInServer(("127.0.0.1", 0), Handler)
    with running(server):
        yield SiteServer(f"http://127.0.0.1:{server.server_port}")
