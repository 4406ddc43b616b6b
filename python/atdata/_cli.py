"""The `atdata` command: the engine's own, run from Python."""

import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from atdata import _atdata
from atdata._cli_folders import convert_folder, folder_kind

__all__ = ["main"]

USAGE = 2


def main() -> None:
    """Run the command line and exit with its code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it at once, without a traceback
    try:
        code = _run(sys.argv)
    except TypeNotFoundError as error:
        print(f"error: {error}\nhint: --type MODULE:CLASS, found from this folder", file=sys.stderr)
        code = USAGE
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """The exit code of the engine, or of what only Python converts."""
    kind = folder_kind(arguments)
    if kind is not None:
        return convert_folder(kind, arguments, _class_of)
    with with_schema(arguments) as engine_arguments:
        return _atdata.main(engine_arguments)


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
    """The schema of a class, as JSON."""
    from atdata._errors import AtdataError
    from atdata._schemas import schema_text

    try:
        return schema_text(_class_of(name))[0]
    except AtdataError as error:
        raise TypeNotFoundError(f"--type {name}: {error}") from error


def _class_of(name: str) -> type[Any]:
    """The class that is named. Its module is imported, which runs its code."""
    module, _, member = name.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        found: type[Any] = getattr(importlib.import_module(module), member)
    except (ImportError, AttributeError, ValueError) as error:
        raise TypeNotFoundError(f"--type {name}: {error}") from error
    return found
