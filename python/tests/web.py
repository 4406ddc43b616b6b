"""A small web server for tests: files of a folder, with or without what real servers offer.

It is a process of its own (`python web.py FOLDER`), as real ones are: so nothing that this process
does while it waits for an answer can keep the answer from coming.
"""

import contextlib
import hashlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from urllib.parse import unquote

PROBE = "bytes=0-0"  # what the engine asks for where it only wants to know what a file is
CONTROL = "/control"


class Asked(NamedTuple):
    """A request: the file's name, the bytes asked for (None for all), and the query."""

    name: str
    range: str | None
    query: str


class Web:
    """A server of a folder's files, and what it was asked for.

    What is under `/moved/` is redirected, what is under `/loop/` to itself.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def set(self, **what: Any) -> None:
        """Change what it offers: range requests (`ranges`), ETags (`tags`), what URLs must end with
        (`query`), how many bodies of a file break off in the middle (`cuts`), after how many
        seconds a file is answered for (`delay`), and how long it stops in its middle (`stall`).
        """
        self._control(what)

    @property
    def asked(self) -> list[Asked]:
        """All requests since the last `forget`."""
        return [Asked(*row) for row in self._control({})]

    def forget(self) -> None:
        """Begin to count requests anew."""
        self._control({"forget": True})

    @property
    def bodies(self) -> list[str]:
        """The files of which more was asked for than what they are."""
        return [asked.name for asked in self.asked if asked.range != PROBE]

    def _control(self, what: dict[str, Any]) -> Any:
        data = json.dumps(what).encode()
        with urllib.request.urlopen(self.url + CONTROL, data, timeout=30) as answer:
            return json.load(answer)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def web_of(folder: Path) -> Iterator[Web]:
    """A server of a folder's files."""
    web = Web(folder)
    try:
        yield web
    finally:
        web.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    folder: Path
    offers: ClassVar[dict[str, Any]] = {
        "ranges": True,
        "tags": True,
        "query": None,
        "cuts": {},
        "delay": {},
        "stall": {},
    }
    asked: tuple[Asked, ...] = ()

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if told.pop("forget", False):
            _Handler.asked = ()
        self.offers.update(told)
        self._answer(200, json.dumps(self.asked).encode())

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        name = unquote(path.lstrip("/"))
        _Handler.asked += (Asked(name, self.headers["Range"], query),)
        if name.startswith(("moved/", "loop/")):
            self._answer(302, Location=self.path.replace("/moved/", "/", 1))
        elif self.offers["query"] not in (None, query):
            self._answer(403)
        elif not (self.folder / name).is_file():
            self._answer(404)
        else:
            self._send(name, (self.folder / name).read_bytes())

    def _send(self, name: str, data: bytes) -> None:
        time.sleep(self.offers["delay"].get(name, 0))
        headers: dict[str, str] = {}
        if self.offers["tags"]:
            headers["ETag"] = f'"{hashlib.sha256(data).hexdigest()}"'
        asked = self.headers["Range"]
        if not (self.offers["ranges"] and asked):
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
        body = self._cut(body, name) if len(body) > 1 else body
        half = len(body) // 2
        self.wfile.write(body[:half])
        if half and name in self.offers["stall"]:
            time.sleep(self.offers["stall"][name])
        self.wfile.write(body[half:])

    def _cut(self, body: bytes, name: str) -> bytes:
        cuts = self.offers["cuts"]
        if cuts.get(name, 0) == 0:
            return body
        cuts[name] -= 1
        self.close_connection = True
        return body[: len(body) // 2]

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass  # clients go when they have enough


if __name__ == "__main__":
    _Handler.folder = Path(sys.argv[1])
    server = _Server(("127.0.0.1", 0), _Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
