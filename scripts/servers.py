"""Servers for tests and checks, started by `serve.py` beside this file; each ends with its `with`
block, or when it is closed.
"""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SERVE = Path(__file__).with_name("serve.py")


class NotThereError(Exception):
    """A server's program is not installed."""


class Server:
    """A running server: `about` is what `serve.py` tells of it, `url` where it is."""

    def __init__(self, kind: str, *options: str) -> None:
        self.kind = kind
        self._process = subprocess.Popen(
            [sys.executable, str(SERVE), kind, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.about = self._answer()

    @property
    def url(self) -> str:
        """Where it is, with the password where it has one."""
        return str(self.about["url"])

    def tell(self, command: str) -> None:
        """`stop` it or `start` it again, where it was and with what it holds."""
        assert self._process.stdin is not None
        print(command, file=self._process.stdin, flush=True)
        answer = self._answer()
        assert answer == {"done": command}, answer

    def close(self) -> None:
        """Stop it for good."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        told: dict[str, Any] = json.loads(line or '{"failed": "serve.py ended"}')
        if "missing" in told:
            raise NotThereError(f"there is no {told['missing']} here ({told['install']})")
        if "failed" in told:
            raise RuntimeError(f"{self.kind}: {told['failed']} {told.get('log', '')}")
        return told

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_strict() -> bool:
    """Whether nothing may be left out."""
    return os.environ.get("CI") in ("true", "1", "yes")
