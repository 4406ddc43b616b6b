"""The fields of a sample type, and the engine's layout made from them; both kept on the class."""

import dataclasses
import inspect
from typing import Any

from atdata import _atdata
from atdata._annotations import FieldType, field_type, names_of
from atdata._errors import UnsupportedTypeError

__all__ = ["Field", "fields_of", "is_generated", "layout_of", "prepare", "schema_fields"]

_FIELDS, _LAYOUT = "_atdata_fields", "_atdata_layout"


@dataclasses.dataclass(frozen=True)
class Field:
    """A stored field: its name, its type, and its default (`REQUIRED`, a value or a `Factory`)."""

    name: str
    type: FieldType
    default: Any

    @property
    def has_default(self) -> bool:
        """Whether the class says what a sample has that comes without this field."""
        return self.default is not _atdata.REQUIRED


def fields_of(cls: type) -> tuple[Field, ...]:
    """The stored fields of a sample type: those that its `__init__` takes.

    Raises `UnsupportedTypeError` for a class that is no sample type.
    """
    found: tuple[Field, ...] | None = cls.__dict__.get(_FIELDS)
    if found is None:
        _check_dataclass(cls)
        names = names_of(cls)
        found = tuple(
            Field(field.name, field_type(field.type, names), _default(field))
            for field in dataclasses.fields(cls)
            if field.init
        )
        setattr(cls, _FIELDS, found)
    return found


def schema_fields(cls: type) -> tuple[Field, ...]:
    """The stored fields of a sample type, checked: each can be written.

    Raises `UnsupportedTypeError` for the first that cannot.
    """
    for field in fields_of(cls):
        if field.type.unsupported is not None:
            raise UnsupportedTypeError(
                f"Unsupported type for schema field: {cls.__qualname__}.{field.name} is "
                f"{field.type.unsupported}; a field holds str, int, float, bool, bytes, NDArray, "
                f"a list or dict of those without arrays, or None beside one of them",
                field=field.name,
            )
    return fields_of(cls)


def layout_of(cls: type) -> _atdata.Layout:
    """How the engine reads and writes samples of a class.

    Raises `UnsupportedTypeError` for a class that is no sample type.
    """
    found: _atdata.Layout | None = cls.__dict__.get(_LAYOUT)
    if found is None:
        found = _made_layout(cls)
        setattr(cls, _LAYOUT, found)
    return found


def prepare(cls: type) -> None:
    """Make a type's layout now, if all of its annotations can be understood already.

    Names that are bound only later are looked up when the layout is first needed.
    """
    if all(field.type.unsupported is None for field in fields_of(cls)):
        layout_of(cls)
    else:
        delattr(cls, _FIELDS)


def _made_layout(cls: type) -> _atdata.Layout:
    if not dataclasses.is_dataclass(cls) and hasattr(cls, "from_data"):
        return _atdata.Layout.open(cls)
    fields = [(f.name, f.type.layout_kind, f.type.optional, f.default) for f in fields_of(cls)]
    projected = hasattr(cls, "_made_of")
    return _atdata.Layout(cls, fields, _can_fill(cls), projected)


def _check_dataclass(cls: type) -> None:
    """A sample type is a dataclass that knows how to be made from data."""
    name = getattr(cls, "__qualname__", repr(cls))
    if not hasattr(cls, "from_data"):
        advice = "decorate it with @atdata.packable"
        if cls is dict:
            advice = "wrap each one in atdata.DictSample"
        raise UnsupportedTypeError(f"{name} is not a sample type: {advice}")
    if not dataclasses.is_dataclass(cls):
        raise UnsupportedTypeError(
            f"{name} has no fields: decorate it with @dataclass or @atdata.packable"
        )


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return _atdata.Factory(field.default_factory)
    return _atdata.REQUIRED


def is_generated(function: Any) -> bool:
    """Whether `dataclasses` wrote a method (else a user did)."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return getattr(code, "co_qualname", "").startswith("__create_fn__.<locals>.")


def _can_fill(cls: Any) -> bool:
    """Whether setting attributes makes the same instance as calling the class would."""
    nothing_runs = (
        is_generated(cls.__init__)
        and _is_inherited(cls, "__post_init__")
        and _is_inherited(cls, "_ensure_good")
        and (cls.__setattr__ is object.__setattr__ or is_generated(cls.__setattr__))
        and cls.__new__ is object.__new__
        and type(cls).__call__ is type.__call__
    )
    return nothing_runs and _has_plain_attributes(cls) and _init_takes_fields_only(cls)


def _is_inherited(cls: type, method: str) -> bool:
    """Whether a method is the one of `PackableSample`."""
    return getattr(getattr(cls, method, None), "__module__", None) == "atdata._sample"


def _has_plain_attributes(cls: type) -> bool:
    """Whether every field lives in the instance's `__dict__`."""
    slots = any(base.__dict__.get("__slots__") for base in cls.__mro__)
    found = (inspect.getattr_static(cls, field.name, None) for field in dataclasses.fields(cls))
    return not slots and not any(hasattr(type(value), "__set__") for value in found)


def _init_takes_fields_only(cls: Any) -> bool:
    """No `InitVar`, and no field that `__init__` makes by itself."""
    taken = list(inspect.signature(cls.__init__).parameters)[1:]
    return sorted(taken) == sorted(field.name for field in dataclasses.fields(cls))
