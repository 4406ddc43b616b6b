"""A proxy before a PDS, which answers by itself the one question that only an AppView answers.

The original's login asks `app.bsky.actor.getProfile` of the server, which a PDS alone refuses. All
other requests, and the answers, go through as they are, streamed.
"""

import contextlib
import http.client
import json
import threading
import urllib.parse
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO

PROFILE = "/xrpc/app.bsky.actor.getProfile"
OF_THE_CONNECTION = {"connection", "host", "keep-alive", "transfer-encoding", "content-length"}
PIECE = 1 << 16


class Handler(BaseHTTPRequestHandler):
    """One connection of a client; each request takes a connection of its own to the PDS."""

    protocol_version = "HTTP/1.1"
    server: "Proxy"

    def do_GET(self) -> None:
        """A question."""
        where = urllib.parse.urlsplit(self.path)
        if where.path == PROFILE:
            self.profile(urllib.parse.parse_qs(where.query)["actor"][0])
        else:
            self.pass_on()

    def do_POST(self) -> None:
        """A change."""
        self.pass_on()

    def profile(self, actor: str) -> None:
        """The least that a profile can be."""
        dids = self.server.dids
        known = [(did, handle) for handle, did in dids.items() if actor in (did, handle)]
        did, handle = known[0]
        body = json.dumps({"did": did, "handle": handle})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def pass_on(self) -> None:
        """To the PDS, and its answer back."""
        length = int(self.headers.get("Content-Length") or 0)
        kept = dict(lasting(self.headers.items()))
        if self.command == "POST":
            kept["Content-Length"] = str(length)
        body = Limited(self.rfile, length) if length else None
        with contextlib.closing(http.client.HTTPConnection(self.server.pds, timeout=60)) as pds:
            pds.request(self.command, self.path, body, kept)
            self.give_back(pds.getresponse())

    def give_back(self, answer: http.client.HTTPResponse) -> None:
        """The answer, which ends where the connection does."""
        self.send_response(answer.status)
        for name, value in lasting(answer.getheaders()):
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        while piece := answer.read(PIECE):
            self.wfile.write(piece)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


def lasting(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The headers that are not of one connection only."""
    for name, value in headers:
        if name.lower() not in OF_THE_CONNECTION:
            yield name, value


class Limited:
    """So many bytes of a stream, for a body."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self.stream, self.left = stream, length

    def read(self, wanted: int = PIECE) -> bytes:
        """The next piece."""
        piece = self.stream.read(min(wanted, self.left))
        self.left -= len(piece)
        return piece


class Proxy(ThreadingHTTPServer):
    """The proxy of a PDS; `dids` by handles."""

    daemon_threads = True

    def __init__(self, pds: str, dids: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pds, self.dids = urllib.parse.urlsplit(pds).netloc, dids

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"


@contextlib.contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """A server that answers during the block."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
