"""The `atdata` command: the engine's own, run from Python."""

import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from atdata import _atdata

__all__ = ["main"]

USAGE = 2


def main() -> None:
    """Run the command line and exit with its code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it at once, without a traceback
    try:
        with with_schema(sys.argv) as arguments:
            code = _atdata.main(arguments)
    except TypeNotFoundError as error:
        print(f"error: {error}\nhint: --type MODULE:CLASS, found from this folder", file=sys.stderr)
        code = USAGE
    sys.exit(code)


class TypeNotFoundError(Exception):
    """What `--type` names is no sample type."""


@contextmanager
def with_schema(arguments: list[str]) -> Iterator[list[str]]:
    """The arguments, `convert --type MODULE:CLASS` made `--schema` with a file of that class's."""
    named = _type_in(arguments)
    if named is None:
        yield arguments
        return
    start, end, name = named
    text = _schema_of(name)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "schema.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        yield [*arguments[:start], "--schema", path, *arguments[end:]]


def _type_in(arguments: list[str]) -> tuple[int, int, str] | None:
    """Where `--type` stands, from and to, and what it names."""
    if "convert" not in arguments[1:]:
        return None
    for at, argument in enumerate(arguments):
        if argument == "--":
            return None
        if argument == "--type" and at + 1 < len(arguments):
            return at, at + 2, arguments[at + 1]
        if argument.startswith("--type="):
            return at, at + 1, argument.removeprefix("--type=")
    return None


def _schema_of(name: str) -> str:
    """The schema of a class, as JSON. Its module is imported, which runs its code."""
    from atdata._errors import AtdataError
    from atdata._schemas import schema_text

    module, _, member = name.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        return schema_text(getattr(importlib.import_module(module), member))[0]
    except (ImportError, AttributeError, ValueError, AtdataError) as error:
        raise TypeNotFoundError(f"--type {name}: {error}") from error
