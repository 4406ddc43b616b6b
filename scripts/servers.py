"""Servers for checks, started by `serve.py` beside this file; each ends with its `with` block."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SERVE = Path(__file__).with_name("serve.py")


class NotThereError(Exception):
    """A server's program is not installed, or does not start."""


class Server:
    """A running server: `about` is what `serve.py` tells of it, `url` where it is."""

    def __init__(self, kind: str, options: Sequence[str] = ()) -> None:
        self.kind = kind
        command = [sys.executable, str(SERVE), kind, *options]
        self._process = subprocess.Popen(
            command,
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
        self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        told: dict[str, Any] = json.loads(line or '{"failed": "serve.py ended"}')
        if "missing" in told:
            raise NotThereError(f"there is no {told['missing']} here ({told['install']})")
        if "failed" in told:
            raise NotThereError(f"{self.kind}: {told['failed']} {told.get('log', '')}")
        return told

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def is_strict() -> bool:
    """Whether nothing may be left out."""
    return os.environ.get("CI") in ("true", "1", "yes")
