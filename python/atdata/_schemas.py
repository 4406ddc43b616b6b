"""Schemas: sample types as documents, and documents as sample types."""

import dataclasses
import inspect
import json
import keyword
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atdata._annotations import FieldType
from atdata._dict_sample import DictSample
from atdata._encodings import Audio, Image
from atdata._errors import DataError, UnsupportedTypeError
from atdata._fields import Field, fields_of, schema_fields
from atdata._sample import PackableSample, packable
from atdata._short import short

__all__ = ["LocalSchemaRecord", "SchemaField", "annotation_of", "schema_text", "type_of"]

_PRIMITIVES: dict[str, type] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "bytes": bytes,
}
ENCODED: dict[str, Any] = {"image": Image, "audio": Audio}
MAX_NAME, MAX_FIELDS, MAX_NESTING = 200, 10_000, 8  # bytes; fields; lists in lists


class _Record(Mapping[str, Any]):
    """A document whose members are also attributes."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = dict(document)

    def __getitem__(self, key: str) -> Any:
        return self._document[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._document)

    def __len__(self) -> int:
        return len(self._document)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._document[name]
        except KeyError:
            raise AttributeError(f"the record has no {name!r}", name=name, obj=self) from None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._document!r})"


class SchemaField(_Record):
    """A field of a schema: `name`, `fieldType` (a dict) and `optional`, as attribute or item."""

    @property
    def field_type(self) -> dict[str, Any]:
        """How its values are stored: a dict with `$type`."""
        found: dict[str, Any] = self._document["fieldType"]
        return found


class LocalSchemaRecord(_Record):
    """A schema of an index: `name`, `version`, `fields`, `description`, `createdAt`, `$ref`.

    Members can be had as attributes and as items. As attributes, `fields` are records too.

    >>> record = LocalSchemaRecord({"name": "Cat", "version": "1.0.0", "fields": []})
    >>> record.name, record["name"], record.get("description", "none"), record.fields
    ('Cat', 'Cat', 'none', [])
    """

    @property
    def fields(self) -> list[SchemaField]:
        """The fields, in the order of the samples."""
        return [SchemaField(field) for field in self._document.get("fields", [])]

    @property
    def ref(self) -> str:
        """The schema's reference, the member `$ref`."""
        found: str = self._document["$ref"]
        return found

    @classmethod
    def _of(cls, text: str, reference: str) -> "LocalSchemaRecord":
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            document = None
        fields = document.get("fields") if isinstance(document, dict) else None
        if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
            raise _bad(f"{reference}: what is stored there is no schema; publish it anew")
        version = reference.rpartition("@")[2]  # what a document says of itself may be anything
        return cls({**document, "version": version, "$ref": reference})


def schema_text(
    cls: type, description: str | None = None, name: str | None = None
) -> tuple[str, list[str]]:
    """A sample type's document as JSON, and the fields that have a default.

    Raises `UnsupportedTypeError` (a TypeError) for a field that cannot be stored.
    """
    fields: tuple[Field, ...] = () if cls is DictSample else _fields(cls)
    document = {
        "name": cls.__name__ if name is None else name,
        "fields": [
            {
                "name": f.name,
                "fieldType": _field_type(f.type),
                "optional": f.type.optional,
                **({"encoding": f.type.encoding} if f.type.encoding else {}),
            }
            for f in fields
        ],
        "description": description or _description(cls),
    }
    return json.dumps(document), [field.name for field in fields if field.has_default]


def _fields(cls: type) -> tuple[Field, ...]:
    if not dataclasses.is_dataclass(cls) and hasattr(cls, "from_data"):
        raise UnsupportedTypeError(
            f"{cls.__qualname__} has no fields that a schema could name: use a class made with "
            f"@atdata.packable"
        )
    return schema_fields(cls)


def _field_type(found: FieldType) -> dict[str, Any]:
    if found.kind in _PRIMITIVES:
        return {"$type": "local#primitive", "primitive": found.kind}
    if found.kind == "array":
        dtype = {} if found.dtype is None else {"dtype": found.dtype.name}
        return {"$type": "local#ndarray", **dtype}
    if found.kind == "list":
        items = {"$type": "local#any"} if found.items is None else _field_type(found.items)
        return {"$type": "local#array", "items": items}
    return {"$type": f"local#{found.kind}"}


def _description(cls: type) -> str | None:
    """The class's docstring, unless `dataclasses` wrote it."""
    text = cls.__dict__.get("__doc__") or ""
    return None if text.startswith(f"{cls.__name__}(") else inspect.cleandoc(text) or None


def type_of(record: Mapping[str, Any]) -> type[Any]:
    """A sample type with the fields of a schema, whoever wrote it.

    Raises `DataError` (a ValueError) for a schema that no class can have.
    """
    name, fields = _name(record.get("name"), "schema"), _listed(record)
    if name == "DictSample" and not fields:
        return DictSample
    doc = record.get("description") or f"Samples of the schema {name}."
    if not isinstance(doc, str):
        raise _bad(f"the description of the schema {name} is no text: {short(doc)}")
    members, bases = _members(fields), (PackableSample,)
    try:
        made: type[Any] = dataclasses.make_dataclass(
            name, members, bases=bases, eq=False, namespace={"__doc__": doc}
        )
        made = packable(made)
        fields_of(made)
    except (TypeError, SyntaxError) as error:  # two fields that are one name to Python
        raise _bad(f"the schema {name} cannot be a class: {error}") from None
    made.__module__ = "atdata.types"
    return made


def _listed(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The fields of a schema: a list of mappings, of bounded length."""
    fields = record.get("fields", [])
    if not isinstance(fields, list) or not all(isinstance(field, Mapping) for field in fields):
        raise _bad(f"the fields of a schema are a list of objects, not {short(fields)}")
    if len(fields) > MAX_FIELDS:
        raise _bad(f"a schema has at most {MAX_FIELDS} fields, not {len(fields)}")
    return fields


def _members(fields: list[Mapping[str, Any]]) -> list[Any]:
    """Names and annotations; optional fields that no required one follows get the default None."""
    members: list[Any] = []
    ends = True
    for field in reversed(fields):
        ends = ends and bool(field.get("optional"))
        name, annotation = _name(field.get("name"), "field"), annotation_of(field)
        default = dataclasses.field(default=None)
        members.append((name, annotation, default) if ends else (name, annotation))
    return members[::-1]


def _name(name: Any, what: str) -> str:
    """A name that Python can have, and that means nothing else to a sample."""
    can_be = isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
    if not can_be or name.startswith("__") or len(name.encode()) > MAX_NAME:
        raise _bad(f"no Python name for the {what} {short(name)}")
    if what == "field" and hasattr(PackableSample, name):
        raise _bad(f"a field cannot be called {name}: all samples have it")
    return str(name)


def _bad(message: str) -> DataError:
    return DataError(message, kind="bad_schema")


def annotation_of(field: Mapping[str, Any]) -> Any:
    """The annotation of a schema's field.

    Raises `DataError` (a ValueError) for a type that no field can have.

    >>> annotation_of({"fieldType": {"$type": "local#primitive", "primitive": "int"}})
    <class 'int'>
    """
    found = _annotation(field.get("fieldType"))
    if found is bytes:
        found = ENCODED.get(str(field.get("encoding")), bytes)
    return found | None if field.get("optional") and found is not Any else found


def _annotation(kind: Any, depth: int = 0) -> Any:
    members = kind if isinstance(kind, Mapping) else {}
    word, primitive = _word(members), members.get("primitive")
    if word == "primitive" and isinstance(primitive, str) and primitive in _PRIMITIVES:
        return _PRIMITIVES[primitive]
    if word == "ndarray":
        array: Any = NDArray
        return array[_scalar(members.get("dtype"))]
    if word == "array" and depth < MAX_NESTING:
        items: Any = _annotation(members.get("items"), depth + 1)
        return list[items]
    if word == "map":
        return dict[str, Any]
    if word == "any":
        return Any
    raise _bad(f"a field of the unknown type {short(kind)}")


def _word(members: Mapping[str, Any]) -> str:
    """What kind of type it is."""
    word = members.get("$type", members.get("kind"))
    return word.rpartition("#")[2] if isinstance(word, str) else ""


def _scalar(dtype: Any) -> Any:
    """The scalar type of a dtype's name; any for one that numpy does not know."""
    if not isinstance(dtype, str) or len(dtype) > MAX_NAME:
        return typing.Any
    try:
        return np.dtype(dtype).type
    except (
        TypeError,
        ValueError,
        SyntaxError,
        OverflowError,
    ):  # numpy reads it as a small language
        return typing.Any
