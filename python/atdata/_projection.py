"""Sample types with only some of the fields of another."""

import copyreg
import dataclasses
from typing import Any

from atdata import _atdata
from atdata._errors import UnknownNameError
from atdata._fields import _FIELDS, Field, fields_of
from atdata._sample import PackableSample

__all__ = ["is_projected", "projected"]

_MADE = "_atdata_projected"


class _Projected(type):
    """The class of such types: it lets them be pickled by what they were made of."""

    _made_of: tuple[type[Any], tuple[str, ...]]


def _chosen(cls: type[Any], names: tuple[str, ...]) -> tuple[Field, ...]:
    """The fields of a sample type with these names, in the order of the type.

    Raises `UnknownNameError` (a KeyError) for a name that is none.
    """
    fields = fields_of(cls)
    known = [field.name for field in fields]
    for name in names:
        if name not in known:
            meant = _atdata.did_you_mean(name, known)
            raise UnknownNameError(
                f"{cls.__qualname__} has no field {name!r}{meant}; the fields are "
                f"{', '.join(known)}",
                field=name,
            )
    return tuple(field for field in fields if field.name in names)


def projected(cls: type[Any], names: tuple[str, ...]) -> type[Any]:
    """A data class with the fields of `cls` that have these names, types and defaults kept.

    The same class for the same fields, whatever their order.

    >>> import atdata
    >>> @atdata.packable
    ... class Image:
    ...     pixels: bytes
    ...     label: str = "none"
    >>> projected(Image, ("label",))()
    Image_label(label='none')
    """
    fields = _chosen(cls, names)
    own = tuple(field.name for field in fields)
    known: dict[tuple[str, ...], type[Any]] = cls.__dict__.get(_MADE, {})
    if own not in known:
        setattr(cls, _MADE, {**known, own: _made(cls, fields)})
    found: type[Any] = cls.__dict__[_MADE][own]
    return found


def _made(cls: type[Any], fields: tuple[Field, ...]) -> type[Any]:
    own = tuple(field.name for field in fields)
    annotations = {field.name: field.type for field in dataclasses.fields(cls)}
    namespace: dict[str, Any] = {
        "__module__": cls.__module__,
        "__doc__": f"The fields {', '.join(own)} of {cls.__qualname__}.",
        "__annotations__": {name: annotations[name] for name in own},
        "_made_of": (cls, own),
        _FIELDS: fields,
    }
    given = {field.name: field for field in dataclasses.fields(cls)}
    namespace |= {field.name: _default(given[field.name]) for field in fields if field.has_default}
    name = "_".join((cls.__name__, *own))
    made: type[Any] = dataclasses.dataclass(_Projected(name, (PackableSample,), namespace))
    return made


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return dataclasses.field(default_factory=field.default_factory)
    return dataclasses.field(default=field.default)


def is_projected(cls: type[Any]) -> bool:
    """Whether a class has only some of the fields of the stored samples."""
    return isinstance(cls, _Projected)


def _reduced(cls: _Projected) -> tuple[Any, ...] | str:
    made_of = cls.__dict__.get("_made_of")
    return cls.__qualname__ if made_of is None else (projected, made_of)  # else a class on top


copyreg.pickle(_Projected, _reduced)
