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
from atdata._errors import DataError, UnsupportedTypeError
from atdata._fields import Field, fields_of, schema_fields
from atdata._sample import PackableSample, packable

__all__ = ["LocalSchemaRecord", "SchemaField", "annotation_of", "schema_text", "type_of"]

_PRIMITIVES: dict[str, type] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "bytes": bytes,
}


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
        document = json.loads(text)
        fields = document.get("fields") if isinstance(document, dict) else None
        if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
            message = f"{reference}: what is stored there is no schema; publish it anew"
            raise DataError(message, kind="bad_schema")
        return cls({**document, "$ref": reference})


def schema_text(cls: type, description: str | None = None) -> tuple[str, list[str]]:
    """A sample type's document as JSON, and the fields that have a default.

    Raises `UnsupportedTypeError` (a TypeError) for a field that cannot be stored.
    """
    fields: tuple[Field, ...] = () if cls is DictSample else _fields(cls)
    document = {
        "name": cls.__name__,
        "fields": [
            {"name": f.name, "fieldType": _field_type(f.type), "optional": f.type.optional}
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
    """A sample type with the fields of a schema.

    Raises `DataError` (a ValueError) for a schema that no class can have.
    """
    name, fields = _name(record.get("name"), "schema"), record.get("fields", [])
    if name == "DictSample" and not fields:
        return DictSample
    annotations = [
        (_name(f["name"], "field"), annotation_of(f), bool(f.get("optional"))) for f in fields
    ]
    members: list[Any] = [
        (field, annotation, dataclasses.field(default=None)) if has_default else (field, annotation)
        for (field, annotation, _), has_default in zip(
            annotations, _defaults(annotations), strict=True
        )
    ]
    namespace = {"__doc__": record.get("description") or f"Samples of the schema {name}."}
    try:
        made = dataclasses.make_dataclass(
            name, members, bases=(PackableSample,), eq=False, namespace=namespace
        )
        made = packable(made)
        fields_of(made)
    except TypeError as error:
        raise DataError(
            f"the schema {name} cannot be a class: {error}", kind="bad_schema"
        ) from None
    made.__module__ = "atdata.types"
    return made


def _defaults(fields: list[tuple[str, Any, bool]]) -> list[bool]:
    """Which fields get the default None: optional ones that no required one follows."""
    return [all(optional for _, _, optional in fields[at:]) for at in range(len(fields))]


def _name(name: Any, what: str) -> str:
    """A name that Python can have."""
    if isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name):
        return name
    raise DataError(f"no Python name for the {what} {str(name)[:80]!r}", kind="bad_schema")


def annotation_of(field: Mapping[str, Any]) -> Any:
    """The annotation of a schema's field.

    >>> annotation_of({"fieldType": {"$type": "local#primitive", "primitive": "int"}})
    <class 'int'>
    """
    found = _annotation(field.get("fieldType", {}))
    return found | None if field.get("optional") and found is not Any else found


def _annotation(kind: Mapping[str, Any], depth: int = 0) -> Any:
    word = str(kind.get("$type", kind.get("kind", ""))).rpartition("#")[2]
    if word == "primitive" and kind.get("primitive") in _PRIMITIVES:
        return _PRIMITIVES[kind["primitive"]]
    if word == "ndarray":
        array: Any = NDArray
        return array[_scalar(kind.get("dtype"))]
    if word == "array" and depth < 8:
        items: Any = _annotation(kind.get("items", {}), depth + 1)
        return list[items]
    if word == "map":
        return dict[str, Any]
    if word == "any":
        return Any
    raise DataError(f"a field of the unknown type {dict(kind)}", kind="bad_schema")


def _scalar(dtype: Any) -> Any:
    """The scalar type of a dtype's name; any for one that numpy does not know."""
    try:
        return np.dtype(dtype).type if isinstance(dtype, str) else typing.Any
    except TypeError:
        return typing.Any
