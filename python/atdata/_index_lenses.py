"""What an index does with lenses: mappings are stored whole, code only by its name."""

import datetime
import json
from collections.abc import Iterator
from typing import Any

from atdata import _atdata
from atdata._errors import (
    AtdataError,
    ConflictError,
    InvalidError,
    NotSupportedError,
    UnknownNameError,
    UnsupportedTypeError,
)
from atdata._index_schemas import warn
from atdata._lens import Lens, types_of
from atdata._lens_code import AnyLens, imported, imported_put, mapped, sides
from atdata._lens_records import (
    PREFIX,
    Document,
    LensRecord,
    bad,
    check_same,
    checked_name,
    checked_version,
    next_version,
    parsed,
    versions_in_order,
)
from atdata._lens_wanted import Fields, Wanted, fields_in, schema_key
from atdata._schemas import schema_text

__all__ = ["LensRecord", "Lenses"]

PAGE = 500
RACES = 100

Types = tuple[type[Any] | None, type[Any] | None]


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
        stored; of others, only that there is one. Without a name it is the lens's own; without a
        version, the next patch after the highest, or 1.0.0. The schemas of its types are published
        if they are not yet, unless references are given.

        Raises `ConflictError` (a ValueError) where that version is another lens, with what differs,
        and `InvalidError` (a ValueError) for a name or version that cannot be one.
        """
        if not isinstance(lens, Lens):
            raise UnsupportedTypeError(
                f"{type(lens).__qualname__} is no lens: make one with Lens(...)"
            )
        name = checked_name(lens.name if name is None else name)
        document: Document = {
            "name": name,
            "version": None if version is None else checked_version(version),
            "source_schema": self._lens_schema(lens.source_type, source_schema),
            "view_schema": self._lens_schema(lens.view_type, view_schema),
            **sides(lens),
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
        getter, given = record._part("getter"), (source_type, view_type)
        if getter["kind"] == "field_mapping":
            between = self._lens_types(record, given)
            return mapped(record, getter, between, allow_import)
        if getter["kind"] == "code_reference":
            return self._lens_of_code(record, given, allow_import)
        raise NotSupportedError(
            f"{record.ref} was stored without its code, which had no name to import it by; "
            f"make the lens again where its function is"
        )

    def get_lens(self, ref: str) -> LensRecord:
        """The record of a lens, by reference or name; without a version, the highest.

        Raises `UnknownNameError` (a KeyError), or `DataError` (a ValueError) for what is no lens.
        """
        return self._lens_record(ref, None)

    def find_lenses(
        self, source: str | type[Any] | None = None, view: str | type[Any] | None = None
    ) -> list[LensRecord]:
        """The lenses from a source to a view; None is any.

        Each is a schema's reference, of one version or without one of all, a schema's name, or a
        sample type, which means the schemas of its name with its fields.
        """
        wanted = [Wanted.of(source), Wanted.of(view)]
        known: dict[str, Any] = {}

        def fits(record: LensRecord) -> bool:
            ends = (record._schema("source_schema"), record._schema("view_schema"))
            return all(
                one is None or self._schema_fits(one, end, known)
                for one, end in zip(wanted, ends, strict=True)
            )

        return [record for record in self.lenses if fits(record)]

    @property
    def lenses(self) -> Iterator[LensRecord]:
        """The records of all lenses, every version, read page by page.

        Raises `DataError` (a ValueError) when it comes to one that is no lens.
        """
        after: str | None = None
        while rows := self._engine.lenses(after, PAGE):
            yield from (LensRecord._of(*row) for row in rows)
            after = f"{rows[-1][0]}@{rows[-1][1]}"

    def list_lenses(self) -> list[LensRecord]:
        """The records of all lenses, every version, by name."""
        return list(self.lenses)

    def _lens_schema(self, cls: type[Any], reference: str | None) -> str:
        """The full reference of a type's schema, which is published if it is not."""
        if reference is not None:
            return self.get_schema(reference).ref  # type: ignore[attr-defined, no-any-return]
        published: tuple[str, str | None] = self._engine.ensure_schema(schema_text(cls))
        warn(published[1])
        return published[0]

    def _create_lens(self, document: Document) -> str:
        """Store under the version in the document or the next one; gives the reference."""
        name, version = document["name"], document["version"]
        for _ in range(RACES):
            wanted = document["version"] = version or next_version(self._lens_versions(name))
            reference = f"{PREFIX}{name}@{wanted}"
            if self._engine.create_lens(name, wanted, json.dumps(document)):
                return reference
            if version is not None:
                check_same(self._lens_record(reference, None), document)
                return reference
        raise ConflictError(f"{self!r}: others stored {name} again and again; try once more")

    def _lens_versions(self, name: str) -> list[str]:
        """The versions of a lens that can be asked for, the lowest first."""
        return versions_in_order(self._engine.lens_versions(name))

    def _lens_record(self, ref: str, version: str | None) -> LensRecord:
        name, named = parsed(ref)
        if version is not None and named not in (None, version):
            raise InvalidError(f"version={version!r} is not the one of {ref}")
        wanted = named or version or next(reversed(self._lens_versions(name)), None)
        text = None if wanted is None else self._engine.lens(name, checked_version(wanted))
        if wanted is None or text is None:
            stored = ", ".join(self._lens_versions(name)) or "nothing"
            raise UnknownNameError(f"no lens {ref!r} in {self!r}; stored as {name}: {stored}")
        return LensRecord._of(name, wanted, text)

    def _lens_types(self, record: LensRecord, given: Types) -> tuple[type[Any], type[Any]]:
        """The types that were given, else those of the lens's schemas."""
        source, view = given
        return (
            source or self._lens_type(record, "source_schema", "source_type"),
            view or self._lens_type(record, "view_schema", "view_type"),
        )

    def _lens_type(self, record: LensRecord, side: str, argument: str) -> type[Any]:
        reference = record._schema(side)
        try:
            return self.decode_schema(reference)  # type: ignore[attr-defined, no-any-return]
        except AtdataError as error:
            error.args = (f"{record.ref}: {error}; or give {argument}=",)
            raise
        except (TypeError, LookupError, AttributeError) as error:
            raise bad(record.ref, f"its {side} is no schema ({error})") from error

    def _lens_of_code(self, record: LensRecord, given: Types, allow_import: bool) -> AnyLens:
        found = imported(record, "getter", allow_import)
        own, kind = isinstance(found, Lens), record._part("putter")["kind"]
        put = found._put if own else None
        if kind == "field_mapping" and not own:
            raise NotSupportedError(f"{record.ref}: a mapping back from a function is not run")
        if kind == "code_reference":
            put = imported_put(record, allow_import)
        if own and given == (None, None) and put is found._put:
            return found  # type: ignore[no-any-return]
        known = (found.source_type, found.view_type) if own else _annotated(found)
        between = (given[0] or known[0], given[1] or known[1])
        source, view = self._lens_types(record, between)
        get = found._get if own else found
        return Lens(get, put, source_type=source, view_type=view)

    def _schema_fits(self, wanted: Wanted, reference: str, known: dict[str, Any]) -> bool:
        """Whether a reference is to a schema that is looked for."""
        name, version = schema_key(reference)
        if name != wanted.name or (wanted.version or version) != (version or wanted.version):
            return False
        if wanted.fields is None:
            return True
        if reference not in known:
            known[reference] = self._schema_fields(reference)
        return known[reference] is None or bool(known[reference] == wanted.fields)

    def _schema_fields(self, reference: str) -> Fields | None:
        """The fields of a schema; None where this index has no such schema."""
        try:
            return fields_in(self.get_schema(reference))  # type: ignore[attr-defined]
        except (AtdataError, TypeError, LookupError, AttributeError):
            return None


def _annotated(function: Any) -> Types:
    try:
        return types_of(function, {})
    except UnsupportedTypeError:
        return None, None
