"""Where a function's code is, by the git work tree that its file is in."""

import inspect
import logging
import re
import subprocess
from pathlib import Path
from typing import Any

__all__ = ["code_place"]

PATIENCE = 10  # seconds
_log = logging.getLogger("atdata")


def code_place(function: Any) -> dict[str, str] | None:
    """Repository, commit and path (`folder/file.py:function`) of a function, or None.

    The address of the repository is shown without a user's name and password.
    """
    try:
        file = Path(inspect.getsourcefile(function) or "").resolve(strict=True)
    except (TypeError, OSError):
        return None
    folder = file.parent
    root, commit = _git(folder, "rev-parse", "--show-toplevel"), _git(folder, "rev-parse", "HEAD")
    repository = _git(folder, "config", "--get", "remote.origin.url")
    if not (root and commit and repository) or not file.is_file():
        return None
    if _git(folder, "status", "--porcelain", "--", str(file)):
        _log.warning("%s has changes that are not committed: %s does not have them", file, commit)
    name = getattr(function, "__qualname__", type(function).__qualname__)
    path = f"{file.relative_to(Path(root).resolve()).as_posix()}:{name}"
    return {"repository": _public(repository), "commit": commit, "path": path}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def _public(address: str) -> str:
    """An address without credentials; `git@` of SSH is none."""
    return re.sub(r"^([a-z+]+://)[^/@]*@", r"\1", address)
