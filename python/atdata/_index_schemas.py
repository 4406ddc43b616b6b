"""What an index does with schemas."""

import json
import types as pytypes
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from atdata import _atdata
from atdata._schemas import LocalSchemaRecord, schema_text, type_of
from atdata._stubs import Stubs

__all__ = ["Schemas"]

T = TypeVar("T")


class Schemas:
    """The part of an `Index` that knows schemas."""

    _engine: _atdata.Index
    _stub_dir: Path | None

    def _start_schemas(self) -> None:
        self._types = pytypes.SimpleNamespace()
        self._decoded: dict[str, type[Any]] = {}

    def publish_schema(
        self,
        sample_type: type,
        *,
        version: str | None = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> str:
        """Publish a sample type's schema; gives its reference.

        Without a version it is the next patch after the highest one, or 1.0.0. A published version
        never changes: publishing the same fields again gives the same reference. The description
        is the class's docstring unless given; `metadata` is kept in the record.

        Raises `ConflictError` (a ValueError) where that version has other fields, with the
        difference, and `UnsupportedTypeError` (a TypeError) for a field that cannot be stored.
        """
        extra = None if metadata is None else json.dumps(dict(metadata))
        return self._engine.publish_schema(schema_text(sample_type, description), version, extra)

    def get_schema(self, ref: str) -> LocalSchemaRecord:
        """The schema of a reference; without a version, the highest.

        Read are `atdata://local/sampleSchema/{Name}@{version}`, the same with `schema`, and the
        older `local://schemas/{module.Name}@{version}`. Raises `UnknownNameError` (a KeyError) or
        `InvalidError` (a ValueError) for what is no reference.
        """
        return LocalSchemaRecord._of(*self._engine.schema(ref))

    def get_schema_record(self, ref: str) -> LocalSchemaRecord:
        """The same as `get_schema`."""
        return self.get_schema(ref)

    @property
    def schemas(self) -> Iterator[LocalSchemaRecord]:
        """All schemas, every version."""
        return (LocalSchemaRecord._of(*found) for found in self._engine.schemas())

    def list_schemas(self) -> list[LocalSchemaRecord]:
        """All schemas, every version."""
        return list(self.schemas)

    def schema_diff(self, old: str, new: str) -> list[str]:
        """What changes from one schema to another, a line a field: `+ x: int`, `- y: str | None`,
        `~ z: int -> z: float`.
        """
        return self._engine.schema_diff(old, new)

    def decode_schema(self, ref: str) -> type[Any]:
        """A sample type with the fields of a schema; of its module where `auto_stubs` is on.

        Raises `UnknownNameError` (a KeyError), or `DataError` (a ValueError) for a schema that no
        class can have.
        """
        record = self.get_schema(ref)
        known = self._decoded.get(record.ref)
        if known is None:
            stubs = self._stubs()
            known = type_of(record) if stubs is None else stubs.load(record)
            self._decoded[record.ref] = known
        return known

    def decode_schema_as(self, ref: str, type_hint: type[T]) -> type[T]:
        """The same as `decode_schema`; type checkers take it for `type_hint`."""
        return self.decode_schema(ref)

    def load_schema(self, ref: str) -> type[Any]:
        """The same as `decode_schema`; the class is then also `index.types.{Name}`."""
        found = self.decode_schema(ref)
        setattr(self._types, found.__name__, found)
        return found

    @property
    def types(self) -> pytypes.SimpleNamespace:
        """The classes that `load_schema` has made, by name."""
        return self._types

    def get_import_path(self, ref: str) -> str | None:
        """The module of a schema's class, such as `local.MySample_1_0_0`; None without stubs."""
        stubs = self._stubs()
        return None if stubs is None else stubs.import_path(self.get_schema(ref))

    def clear_stubs(self) -> int:
        """Remove the modules that were made of schemas; gives how many there were."""
        stubs = self._stubs()
        self._decoded.clear()
        return 0 if stubs is None else stubs.clear()

    def _stubs(self) -> Stubs | None:
        return None if self._stub_dir is None else Stubs(self._stub_dir)


def warn(warning: str | None) -> None:
    """Say what the engine has to say about a schema that changed."""
    if warning is not None:
        warnings.warn(warning, UserWarning, stacklevel=4)
