"""Real servers for tests: scripts/serve.py, one of a kind for the whole run."""

import contextlib
import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "serve.py"


class Server:
    """A running server: what it said of itself, by attribute."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.said: dict[str, Any] = self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or "{}")
        return answer

    def __getattr__(self, name: str) -> Any:
        return self.said[name]

    def tell(self, word: str) -> None:
        """`stop` or `start` it, with what it holds."""
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        assert self._answer() == {"done": word}

    def close(self) -> None:
        """Stop it for good."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate(timeout=30)


_running: list[Server] = []


@functools.cache
def _started(*arguments: str) -> Server:
    server = Server(*arguments)
    _running.append(server)
    return server


def serve(*arguments: str) -> Server:
    """The server of these arguments, started once; without its program the test is skipped."""
    server = _started(*arguments)
    if "missing" in server.said:
        pytest.skip(f"{server.missing} is not here: {server.install}")
    assert "failed" not in server.said, server.said
    return server


def close_all() -> None:
    """Stop all servers."""
    while _running:
        _running.pop().close()
