"""Python modules made of schemas, so that editors know the types."""

import importlib.machinery
import importlib.util
import json
import os
import sys
import tempfile
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from atdata._encodings import Audio, Image
from atdata._errors import InvalidError
from atdata._schemas import annotation_of, type_of

__all__ = ["Stubs"]

_MARK = "atdata-stubs.txt"
_MARK_TEXT = "atdata writes and removes Python modules in this folder.\n"
_HEADER = "# Made by atdata from a schema; changes will be lost."
_PACKAGE = "local"


class Stubs:
    """A folder of modules `local.{Name}_{1_0_0}`, one a schema.

    Nothing is written or removed but in a folder that was empty or is marked as ours.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def import_path(self, record: Mapping[str, Any]) -> str:
        """The module's name: `local.MySample_1_0_0`."""
        return f"{_PACKAGE}.{_module(record)}"

    def load(self, record: Mapping[str, Any]) -> type[Any]:
        """The class of a schema, from its module, which is written if it is not there."""
        made = type_of(record)  # all that could be wrong with the schema is wrong here
        path = self._write(record)
        name = self.import_path(record)
        self._package()
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            return made
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        found: type[Any] = getattr(module, record["name"])
        return found

    def clear(self) -> int:
        """Remove all modules; gives how many there were."""
        if not (self.folder / _MARK).exists():
            return 0
        ours = [path for path in (self.folder / _PACKAGE).glob("*.py") if _is_ours(path)]
        for path in ours:
            path.unlink(missing_ok=True)
            sys.modules.pop(f"{_PACKAGE}.{path.stem}", None)
        return len(ours)

    def _write(self, record: Mapping[str, Any]) -> Path:
        self._mark()
        path = self.folder / _PACKAGE / f"{_module(record)}.py"
        text = _source(record)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return path
        # Whole or not at all: an editor or another process may be reading.
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, suffix=".tmp", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        os.replace(file.name, path)
        return path

    def _mark(self) -> None:
        (self.folder).mkdir(parents=True, exist_ok=True)
        mark = self.folder / _MARK
        if not mark.exists():
            if any(self.folder.iterdir()):
                raise InvalidError(
                    f"{self.folder} holds other files; name a new or empty folder for stubs"
                )
            mark.write_text(_MARK_TEXT, encoding="utf-8")
        (self.folder / _PACKAGE).mkdir(exist_ok=True)

    def _package(self) -> None:
        """Let `import local.…` find the modules, unless the user has a package of that name."""
        folder = str(self.folder / _PACKAGE)
        package = sys.modules.get(_PACKAGE)
        if package is None:
            package = types.ModuleType(_PACKAGE)
            package.__path__ = [folder]
            package.__spec__ = importlib.machinery.ModuleSpec(_PACKAGE, None, is_package=True)
            sys.modules[_PACKAGE] = package
        elif folder not in getattr(package, "__path__", [folder]):
            package.__path__.append(folder)


def _module(record: Mapping[str, Any]) -> str:
    version = str(record.get("version") or "0.0.0")
    return f"{type_of(record).__name__}_{version.replace('.', '_')}"


def _is_ours(path: Path) -> bool:
    with path.open(encoding="utf-8") as file:
        return file.readline().rstrip("\n") == _HEADER


def _source(record: Mapping[str, Any]) -> str:
    """The module's text. Names are checked and types are of a fixed list, so nothing of a schema
    becomes code.
    """
    doc = json.dumps(record.get("description") or f"Samples of the schema {record['name']}.")
    lines = [
        _HEADER,
        "",
        "from typing import Any",
        "",
        "import numpy",
        "from numpy.typing import NDArray",
        "",
        "import atdata",
        "",
        "",
        "@atdata.packable",
        f"class {record['name']}(atdata.PackableSample):",
        f"    __doc__ = {doc}",
        "",
    ]
    fields = list(record.get("fields", []))
    for at, field in enumerate(fields):
        ends = all(later.get("optional") for later in fields[at:])
        default = " = None" if ends else ""
        lines.append(f"    {field['name']}: {_text(annotation_of(field))}{default}")
    return "\n".join(lines) + "\n"


def _text(annotation: Any) -> str:
    """An annotation as source."""
    if isinstance(annotation, type) and not hasattr(annotation, "__origin__"):
        return annotation.__name__
    none = " | None" if type(None) in typing.get_args(annotation) else ""
    for word, encoded in (("Image", Image), ("Audio", Audio)):
        if annotation in (encoded, encoded | None):
            return f"atdata.{word}{none}"
    text = str(annotation)
    for found, wanted in (("numpy.ndarray[tuple[typing.Any, ...], numpy.dtype", "NDArray"),):
        if found in text:
            inner = text.split(found + "[", 1)[1].split("]", 1)[0]
            return f"{wanted}[{inner.replace('typing.', '')}]{none}"
    return text.replace("typing.", "")
