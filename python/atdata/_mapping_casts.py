"""Values of one kind made into another, and what a field can hold."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from atdata._annotations import FieldType
from atdata._errors import DataError, UnsupportedTypeError
from atdata._fields import Field
from atdata._mapping_rules import Cast
from atdata._short import short

__all__ = ["cast_type", "cast_value", "described", "fitted", "kept_type", "unfit"]

# What a value of each kind can be made of.
_CASTS: dict[str, tuple[str, ...]] = {
    "int": ("str", "int", "float", "bool", "any"),
    "float": ("str", "int", "float", "bool", "any"),
    "bool": ("str", "int", "float", "bool", "any"),
    "str": ("str", "int", "float", "bool", "bytes", "any"),
    "bytes": ("str", "bytes", "any"),
}
_KINDS = {str: "str", bool: "bool", int: "int", float: "float", bytes: "bytes"} | {
    np.ndarray: "array",
    list: "list",
    dict: "map",
}
_WORDS = {"true": True, "false": False, "1": True, "0": False}


def cast_type(rule: Cast, source: FieldType) -> FieldType:
    """What a cast of a field gives."""
    name = rule.source_field
    if source.kind == "array":
        try:
            return FieldType("array", source.optional, dtype=_dtype(rule.to))
        except TypeError as error:
            raise unfit(name, f"cannot cast {name}: {error}") from None
    if source.kind not in _CASTS.get(rule.to, ()):
        raise unfit(name, f"cannot cast {name}, which is {source.kind}, to {short(rule.to)}")
    return FieldType(rule.to, source.optional)


def _dtype(name: Any) -> np.dtype[Any]:
    """The dtype of a plain name: numbers and booleans only."""
    found = np.dtype(name) if isinstance(name, str) and re.fullmatch(r"[a-z]+\d*", name) else None
    if found is None or found.kind not in "biufc":
        raise TypeError(f"{short(name)} is no dtype of numbers, such as float32")
    return found


def kept_type(source: FieldType) -> str | None:
    """What a cast back is to, where the type alone says it."""
    if source.kind == "array":
        is_plain = source.dtype is not None and source.dtype.kind in "biufc"
        return source.dtype.name if source.dtype is not None and is_plain else None
    return source.kind if source.kind in _CASTS else None


def cast_value(value: Any, to: str, name: str) -> Any:
    """The value of a field as another kind or, for an array, dtype; None stays None."""
    try:
        if isinstance(value, np.ndarray):
            return value.astype(_dtype(to), copy=False)
        return None if value is None else _scalar(value, to)
    except (TypeError, ValueError, OverflowError, LookupError):
        message = f"field {name}: {short(value)} cannot be cast to {to}"
        raise DataError(message, kind="wrong_type", field=name) from None


def _scalar(value: Any, to: str) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    kind = _kind_of(value)
    if kind not in _CASTS[to]:
        raise TypeError(kind)
    if kind == "bytes":
        return value if to == "bytes" else value.decode()
    if kind == "str" and to in ("bytes", "bool"):
        return value.encode() if to == "bytes" else _WORDS[value.strip().lower()]
    make: Callable[[Any], Any] = {"int": int, "float": float, "bool": bool, "str": str}[to]
    return make(value)


def _kind_of(value: Any) -> str:
    return next((kind for cls, kind in _KINDS.items() if isinstance(value, cls)), "None")


def fitted(value: Any, field: Field) -> Any:
    """A value as a field of the view holds it: integers are floats where those are wanted."""
    kind, wanted = _kind_of(value), field.type
    if wanted.kind == "any" or kind == wanted.kind or (value is None and wanted.optional):
        return value
    if (kind, wanted.kind) == ("int", "float"):
        return cast_value(value, "float", field.name)
    message = f"the view's {field.name} is {described(wanted)}, not {kind}: {short(value)}"
    raise DataError(message, kind="wrong_type", field=field.name)


def unfit(field: str, message: str) -> UnsupportedTypeError:
    """The error of a field that a mapping cannot give."""
    return UnsupportedTypeError(message, field=field)


def described(found: FieldType) -> str:
    """A type as one would write it."""
    return f"{found.kind} | None" if found.optional else found.kind
