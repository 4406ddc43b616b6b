"""What an index does with lenses: mappings are stored whole, code only by its name."""

import datetime
import importlib
import json
import re
import types
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from atdata import _atdata
from atdata._annotations import FieldType, field_type
from atdata._errors import (
    AtdataError,
    ConflictError,
    DataError,
    InvalidError,
    NotSupportedError,
    UnknownNameError,
    UnsupportedTypeError,
)
from atdata._index_schemas import warn
from atdata._lens import Lens, _found, types_of
from atdata._mapping import FieldMapping
from atdata._schemas import _Record, annotation_of, schema_text

__all__ = ["LensRecord", "Lenses"]

PAGE = 500
RACES = 100
PREFIX = "atdata://local/lens/"
_REFERENCE = re.compile(rf"(?:{PREFIX})?([^/@]{{1,200}})(?:@([^/@]*))?")
_VERSION = re.compile(r"(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})")
_SCHEMA = re.compile(
    r"(?:atdata://local/(?:sampleSchema|schema)/|local://schemas/(?:[^@/]*\.)?)?([^/@]+)(?:@(.+))?"
)
_OPAQUE = {"kind": "opaque"}

AnyLens = Lens[Any, Any]
Document = dict[str, Any]


class LensRecord(_Record):
    """A lens of an index: `name`, `version`, `source_schema`, `view_schema`, `getter`, `putter`,
    `created_at`, `$ref` and, if there is one, `description`; as attributes and as items.

    >>> record = LensRecord({"name": "length", "version": "1.0.0", "getter": {"kind": "opaque"}})
    >>> record.name, record["version"], record.getter["kind"]
    ('length', '1.0.0', 'opaque')
    """

    @property
    def ref(self) -> str:
        """The lens's reference, the member `$ref`."""
        found: str = self._document["$ref"]
        return found

    @classmethod
    def _of(cls, name: str, version: str, text: str) -> "LensRecord":
        reference = f"{PREFIX}{name}@{version}"
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _bad(reference, f"it is no JSON: {error}") from None
        if not isinstance(document, dict):
            raise _bad(reference, "it is no JSON object")
        if (document.get("name"), document.get("version")) != (name, version):
            raise _bad(reference, "the document is of another name or version")
        return cls({**document, "$ref": reference})

    def _part(self, side: str) -> Document:
        """The getter or the putter."""
        found = self.get(side)
        if not (isinstance(found, dict) and isinstance(found.get("kind"), str)):
            raise _bad(self.ref, f"its {side} is no object with a kind")
        return found

    def _schema(self, side: str) -> str:
        """The reference to the schema of one side; the original stores a name."""
        found = self.get(side)
        if not isinstance(found, str):
            raise _bad(self.ref, f"its {side} is no text")
        return found if "/" in found else f"atdata://local/sampleSchema/{found}"


class Lenses:
    """The part of an `Index` that knows lenses."""

    _engine: _atdata.Index

    def store_lens(
        self,
        lens: AnyLens,
        *,
        name: str | None = None,
        version: str | None = None,
        description: str | None = None,
        source_schema: str | None = None,
        view_schema: str | None = None,
    ) -> str:
        """Store a lens; gives its reference, `atdata://local/lens/{name}@{version}`.

        A `FieldMapping` is stored whole. Of functions that can be imported the module and name are
        stored; of others, that there is one. Without a name it is the lens's own; without a version,
        the next patch after the highest, or 1.0.0. The schemas of its types are published if they
        are not yet, unless references are given.

        Raises `ConflictError` (a ValueError) where that version is another lens, with what differs,
        and `InvalidError` (a ValueError) for a name or version that cannot be one.
        """
        if not isinstance(lens, Lens):
            raise UnsupportedTypeError(f"{type(lens).__qualname__} is no lens: make one with Lens(...)")
        name = _checked_name(lens.name if name is None else name)
        if version is not None:
            _numbers(version)
        document: Document = {
            "name": name,
            "version": version,
            "source_schema": self._lens_schema(lens.source_type, source_schema),
            "view_schema": self._lens_schema(lens.view_type, view_schema),
            **_sides(lens),
            "created_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds"),
        }
        if description is not None:
            document["description"] = description
        return self._create_lens(document)

    def load_lens(
        self,
        ref: str,
        version: str | None = None,
        *,
        allow_import: bool = False,
        source_type: type[Any] | None = None,
        view_type: type[Any] | None = None,
    ) -> AnyLens:
        """The lens of a reference or name; without a version, the highest.

        A mapping runs on the types that are given, else on those of its schemas. Code is imported
        only with `allow_import=True`, and then runs: allow it only where you trust all who can
        write to the index.

        Raises `NotSupportedError` (a ValueError) for code otherwise, or where none was stored;
        `UnknownNameError` (a KeyError); `DataError` (a ValueError) for a record that is no lens.
        """
        record = self._lens_record(ref, version)
        loading = _Loading(record, allow_import)
        kind = record._part("getter")["kind"]
        if kind == "code_reference":
            made = loading.code()
            types_ = (source_type, view_type)
            if isinstance(made, Lens) and types_ == (None, None):
                return made
            found = (made.source_type, made.view_type) if isinstance(made, Lens) else _typed(made)
            get = made.get if isinstance(made, Lens) else made
            put = loading.putter(made)
        raise NotImplementedError
