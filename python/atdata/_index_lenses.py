"""What an index does with lenses: mappings are stored whole, code only by its name."""

import dataclasses
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
Types = tuple[type[Any] | None, type[Any] | None]


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
        name = _checked_name(lens.name if name is None else name)
        document: Document = {
            "name": name,
            "version": None if version is None else _version(version),
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
        getter, given = record._part("getter"), (source_type, view_type)
        if getter["kind"] == "field_mapping":
            between = self._lens_types(record, given)
            return _mapped(record, getter, between, allow_import)
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
        wanted = [_Wanted.of(source), _Wanted.of(view)]
        known: dict[str, Any] = {}

        def fits(record: LensRecord) -> bool:
            sides = (record._schema("source_schema"), record._schema("view_schema"))
            return all(
                one is None or self._schema_fits(one, side, known)
                for one, side in zip(wanted, sides, strict=True)
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
            wanted = document["version"] = version or self._next_lens(name)
            reference = f"{PREFIX}{name}@{wanted}"
            if self._engine.create_lens(name, wanted, json.dumps(document)):
                return reference
            if version is not None:
                _check_same(self._lens_record(reference, None), document)
                return reference
        raise ConflictError(f"{self!r}: others stored {name} again and again; try once more")

    def _lens_versions(self, name: str) -> list[str]:
        """The versions of a lens that can be asked for, the lowest first."""
        found = self._engine.lens_versions(name)
        return sorted(filter(_VERSION.fullmatch, found), key=_numbers)

    def _next_lens(self, name: str) -> str:
        known = self._lens_versions(name)
        if not known:
            return "1.0.0"
        major, minor, patch = _numbers(known[-1])
        return _version(f"{major}.{minor}.{patch + 1}")

    def _lens_record(self, ref: str, version: str | None) -> LensRecord:
        name, named = _parsed(ref)
        if version is not None and named not in (None, version):
            raise InvalidError(f"version={version!r} is not the one of {ref}")
        wanted = named or version or next(reversed(self._lens_versions(name)), None)
        text = None if wanted is None else self._engine.lens(name, _version(wanted))
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
            raise _bad(record.ref, f"its {side} is no schema ({error})") from error

    def _lens_of_code(self, record: LensRecord, given: Types, allow_import: bool) -> AnyLens:
        found = _imported(record, "getter", allow_import)
        own, kind = isinstance(found, Lens), record._part("putter")["kind"]
        put = found._put if own else None
        if kind == "field_mapping" and not own:
            raise NotSupportedError(f"{record.ref}: a mapping back from a function is not run")
        if kind == "code_reference":
            put = _imported_put(record, allow_import)
        if own and given == (None, None) and put is found._put:
            return found  # type: ignore[no-any-return]
        known = (found.source_type, found.view_type) if own else _annotated(found)
        between = (given[0] or known[0], given[1] or known[1])
        source, view = self._lens_types(record, between)
        get = found._get if own else found
        return Lens(get, put, source_type=source, view_type=view)

    def _schema_fits(self, wanted: "_Wanted", reference: str, known: dict[str, Any]) -> bool:
        """Whether a reference is to a schema that is looked for."""
        name, version = _schema_key(reference)
        if name != wanted.name or (wanted.version or version) != (version or wanted.version):
            return False
        if wanted.fields is None:
            return True
        if reference not in known:
            known[reference] = self._schema_fields(reference)
        return known[reference] is None or bool(known[reference] == wanted.fields)

    def _schema_fields(self, reference: str) -> list[tuple[str, FieldType]] | None:
        """The fields of a schema; None where this index has no such schema."""
        try:
            return _fields(self.get_schema(reference))  # type: ignore[attr-defined]
        except (AtdataError, TypeError, LookupError, AttributeError):
            return None


class _Wanted(NamedTuple):
    """A schema that is looked for: its name and, where they matter, version and fields."""

    name: str
    version: str | None
    fields: list[tuple[str, FieldType]] | None

    @classmethod
    def of(cls, asked: str | type[Any] | None) -> "_Wanted | None":
        if asked is None:
            return None
        if isinstance(asked, str):
            return cls(*_schema_key(asked), None)
        return cls(asked.__name__, None, _fields(json.loads(schema_text(asked)[0])))


def _fields(schema: Mapping[str, Any]) -> list[tuple[str, FieldType]]:
    """Names and types; without dtypes, which are hints and say float32 where there is none."""
    found = [(field["name"], field_type(annotation_of(field), {})) for field in schema["fields"]]
    return [(name, dataclasses.replace(kind, dtype=None)) for name, kind in found]


def _schema_key(reference: str) -> tuple[str, str | None]:
    """Name and version of a schema; of what is not one of an index, all of it."""
    found = _SCHEMA.fullmatch(reference)
    return (found[1], found[2]) if found else (reference, None)


def _bad(reference: str, what: str) -> DataError:
    return DataError(f"the record {reference} is no lens: {what}", kind="bad_index")


def _parsed(ref: Any) -> tuple[str, str | None]:
    """The name and, if there is one, the version in a reference."""
    found = _REFERENCE.fullmatch(ref) if isinstance(ref, str) and ref.isprintable() else None
    if found is None:
        raise InvalidError(
            f"{repr(ref)[:100]} is no reference to a lens; one looks like {PREFIX}name@1.0.0",
            kind="bad_reference",
        )
    return found[1], found[2]


def _version(text: Any) -> str:
    if isinstance(text, str) and _VERSION.fullmatch(text):
        return text
    raise InvalidError(f"version {repr(text)[:100]}: expected one like 1.0.0")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _checked_name(name: Any) -> str:
    if not (isinstance(name, str) and re.fullmatch(r"\w[\w.-]{0,199}", name)):
        raise InvalidError(
            f"{repr(name)[:100]} cannot name a lens: give name= with letters, digits, _ - and ."
        )
    return name


def _check_same(known: LensRecord, document: Document) -> None:
    """A version never changes: only when it was made may differ."""
    given = json.loads(json.dumps(document))
    keys = [key for key in {**known, **given} if key not in ("$ref", "created_at")]
    other = [key for key in keys if known.get(key) != given.get(key)]
    if other:
        shown = "; ".join(f"{key}: {known.get(key)} there, {given.get(key)} given" for key in other)
        raise ConflictError(
            f"{known.ref} is stored already, and differs ({shown[:1000]}); a stored version never "
            f"changes: store this lens as another version"
        )


# Getters and putters.


def _sides(lens: AnyLens) -> Document:
    """How the lens is stored. Only what was declared as a mapping is called one."""
    if isinstance(lens, FieldMapping):
        return {"getter": lens.to_json(), "putter": lens.putter_json()}
    return {"getter": _code(lens._get), "putter": _code(lens._put)}


def _code(function: Any) -> Document:
    """A function by module and name, if it can be imported by them."""
    if isinstance(function, types.FunctionType):
        module, name = function.__module__, function.__qualname__
        found = _found(module, name) if _is_path(module) and _is_path(name) else None
        if found is function or (isinstance(found, Lens) and found._get is function):
            return {"kind": "code_reference", "module": module, "qualname": name}
    return _OPAQUE


def _is_path(text: Any) -> bool:
    """Whether it is a dotted name; not of `__main__`, which is another module in every process."""
    parts = text.split(".") if isinstance(text, str) and len(text) <= 500 else [""]
    return all(part.isidentifier() and not part.startswith("__") for part in parts)


def _imported(record: LensRecord, side: str, allow_import: bool) -> Any:
    """The function or lens that a record names; nothing is imported unless that is allowed."""
    code = record._part(side)
    module, name = code.get("module"), code.get("qualname")
    if not (_is_path(module) and _is_path(name)):
        raise _bad(record.ref, f"its {side} names no function that could be imported")
    if not allow_import:
        raise NotSupportedError(
            f"the {side} of {record.ref} is the code {name} of the module {module}; to import and "
            f"run it, if you trust it, give load_lens(..., allow_import=True)"
        )
    try:
        importlib.import_module(str(module))
    except Exception as error:  # whatever the module does
        raise NotSupportedError(
            f"the {side} of {record.ref} needs the module {module}, which cannot be imported: "
            f"{error}"
        ) from error
    found = _found(str(module), str(name))
    is_own = isinstance(found, types.FunctionType) and found.__module__ == module
    if isinstance(found, Lens) or is_own:
        return found
    raise _bad(record.ref, f"{module} defines no lens or function {name}")


def _imported_put(record: LensRecord, allow_import: bool) -> Any:
    found = _imported(record, "putter", allow_import)
    return found.put if isinstance(found, Lens) else found


def _annotated(function: Any) -> Types:
    try:
        return types_of(function, {})
    except UnsupportedTypeError:
        return None, None


def _mapped(
    record: LensRecord, getter: Document, between: tuple[type[Any], type[Any]], allow_import: bool
) -> AnyLens:
    """The lens of a mapping, with the way back that its record says."""
    try:
        mapping: FieldMapping[Any, Any] = FieldMapping.from_json(getter, *between)
    except DataError as error:
        raise _bad(record.ref, str(error)) from error
    putter = record._part("putter")
    if putter["kind"] == "code_reference":
        put = _imported_put(record, allow_import)
        return Lens(mapping.get, put, source_type=between[0], view_type=between[1])
    lines = putter.get("mappings", [])
    if putter["kind"] == "field_mapping" and not _same_lines(lines, mapping.back_lines):
        raise NotSupportedError(f"{record.ref}: its putter is not the way back of its getter")
    return mapping


def _same_lines(lines: Any, others: list[Document]) -> bool:
    return (
        isinstance(lines, list)
        and all(line in others for line in lines)
        and len(lines) == len(others)
    )
