"""A small web server for tests: files of a folder, with or without what real servers offer."""

import contextlib
import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

PROBE = "bytes=0-0"  # what the engine asks for where it only wants to know what a file is


class Asked(NamedTuple):
    """A request: the file's name, the bytes asked for (None for all), and the query."""

    name: str
    range: str | None
    query: str


class Web:
    """What the server offers, to be changed at any time, and what it was asked for.

    `ranges` and `tags` say whether it knows range requests and ETags; `query` is what a URL must
    end with; of the files in `cuts`, so many bodies break off in the middle; bodies wait `delay`
    seconds. What is under `/moved/` is redirected, what is under `/loop/` to itself.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ranges = self.tags = True
        self.query: str | None = None
        self.cuts: dict[str, int] = {}
        self.delay = 0.0
        self.asked: list[Asked] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return type("Handler", (_Handler,), {"web": self})

    def bodies(self) -> list[str]:
        """The files of which more was asked for than what they are."""
        return [asked.name for asked in self.asked if asked.range != PROBE]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextlib.contextmanager
def web_of(folder: Path) -> Iterator[Web]:
    """A server of a folder's files."""
    web = Web(folder)
    try:
        yield web
    finally:
        web.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass  # clients go when they have enough


class _Handler(BaseHTTPRequestHandler):
    web: Web
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        name, web = unquote(path.lstrip("/")), self.web
        web.asked.append(Asked(name, self.headers["Range"], query))
        if name.startswith(("moved/", "loop/")):
            to = self.path.replace("/moved/", "/", 1)
            self._answer(302, Location=to)
        elif web.query not in (None, query):
            self._answer(403)
        elif not (web.folder / name).is_file():
            self._answer(404)
        else:
            self._send(name, (web.folder / name).read_bytes())

    def _send(self, name: str, data: bytes) -> None:
        headers: dict[str, Any] = {}
        if self.web.tags:
            headers["ETag"] = f'"{hashlib.sha256(data).hexdigest()}"'
        asked = self.headers["Range"]
        if not (self.web.ranges and asked):
            return self._answer(200, data, name, **headers)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(data)), len(data) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
        return self._answer(206, data[start : end + 1], name, **headers)

    def _answer(self, status: int, body: bytes = b"", name: str = "", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for word, value in headers.items():
            self.send_header(word, value)
        self.end_headers()
        if len(body) > 1:
            time.sleep(self.web.delay)
        if len(body) > 1 and self.web.cuts.get(name, 0) > 0:
            self.web.cuts[name] -= 1
            body, self.close_connection = body[: len(body) // 2], True
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass
