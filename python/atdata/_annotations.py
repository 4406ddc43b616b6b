"""What an annotation of a field means: how its values are stored, and what they are."""

import collections
import collections.abc
import dataclasses
import sys
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing

from atdata._encodings import Encoded

__all__ = ["FieldType", "field_type", "names_of"]

_EXACT: dict[Any, str] = {
    str: "str",
    int: "int",
    float: "float",
    bool: "bool",
    bytes: "bytes",
    Any: "any",
    object: "any",
}
_NUMPY: dict[type, str] = {
    np.floating: "float",
    np.integer: "int",
    np.bool_: "bool",
    np.str_: "str",
    np.bytes_: "bytes",
}
_LISTS = (list, collections.abc.Sequence, collections.abc.MutableSequence)
_MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


@dataclasses.dataclass(frozen=True)
class FieldType:
    """How values of a field are stored.

    `kind` is the engine's word for it. `dtype` is an array's, as a hint; `items` is what a list
    holds; `encoding` says what bytes are the file of; `unsupported` is the text of a type that
    cannot be stored.
    """

    kind: str
    optional: bool = False
    dtype: np.dtype[Any] | None = None
    items: "FieldType | None" = None
    unsupported: str | None = None
    encoding: str | None = None

    @property
    def layout_kind(self) -> str:
        """The engine's word for the kind, with what a list holds: `list[str]`."""
        items = self.items if self.kind == "list" else None
        return self.kind if items is None else f"list[{items.layout_kind}]"

    def takes(self, other: "FieldType") -> bool:
        """Whether every stored value of the other type is one of this type."""
        if other.optional and not self.optional:
            return False
        if "any" in (self.kind, other.kind):
            return self.kind == "any"
        same_items = self.items is None or other.items is None or self.items.takes(other.items)
        return self.kind == other.kind and same_items


class _UnknownMeta(type):
    """Lets an unknown name be subscribed and dotted, as types and modules are."""

    def __getitem__(cls, item: object) -> "_UnknownMeta":
        return cls

    def __getattr__(cls, name: str) -> "_UnknownMeta":
        if name.startswith("_"):
            raise AttributeError(name)
        return _unknown(f"{cls.__name__}.{name}")


def _unknown(name: str) -> _UnknownMeta:
    """Stands for a name that cannot be resolved."""
    return _UnknownMeta(name, (), {})


class _Names(collections.ChainMap[str, Any]):
    """Names to resolve annotations with; what is not there becomes an unknown type."""

    def __missing__(self, key: str) -> Any:
        return _unknown(key) if "NDArray" not in key else numpy.typing.NDArray


# For annotations that are text and name what only a function's body has imported.
_USUAL_NAMES: dict[str, Any] = {
    **{name: getattr(typing, name) for name in typing.__all__},
    "NDArray": numpy.typing.NDArray,
    "ndarray": np.ndarray,
    "np": np,
    "numpy": np,
    "npt": numpy.typing,
    "typing": typing,
}


def names_of(cls: type) -> Mapping[str, Any]:
    """The names that annotations of a class may use."""
    modules = dict.fromkeys(base.__module__ for base in cls.__mro__)
    found = [vars(sys.modules[name]) for name in modules if name in sys.modules]
    return _Names({cls.__name__: cls}, *found, vars(sys.modules["builtins"]), _USUAL_NAMES)


def field_type(annotation: Any, names: Mapping[str, Any]) -> FieldType:
    """How values of an annotated field are stored."""
    annotation, encoding = _unwrapped(annotation, names)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        found = _union(typing.get_args(annotation), names)
    elif annotation is None or annotation is type(None):
        found = FieldType("any", optional=True)
    else:
        found = _single(annotation, names)
    if encoding is not None and found.kind == "bytes":
        return dataclasses.replace(found, encoding=encoding)
    return found


def _unwrapped(annotation: Any, names: Mapping[str, Any]) -> tuple[Any, str | None]:
    """The annotation without what says nothing about storage, and the encoding that it names."""
    encoding = None
    while True:
        if isinstance(annotation, typing.ForwardRef):
            annotation = annotation.__forward_arg__
        if isinstance(annotation, str):
            annotation = _evaluated(annotation, names)
        elif typing.get_origin(annotation) in (typing.Annotated, typing.Final):
            annotation, *marks = typing.get_args(annotation)
            said = (mark.encoding for mark in marks if isinstance(mark, Encoded))
            encoding = next(said, encoding)
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif isinstance(annotation, typing.TypeVar):
            annotation = annotation.__bound__ or Any
        elif _is_alias(annotation):
            annotation = annotation.__value__
        elif _is_alias(typing.get_origin(annotation)):
            value = typing.get_origin(annotation).__value__
            parameters = getattr(value, "__parameters__", ())
            annotation = value[typing.get_args(annotation)] if parameters else value
        else:
            return annotation, encoding


def _is_alias(annotation: Any) -> bool:
    """Whether it was made by `type X = ...` (Python 3.12), as newer numpy makes NDArray."""
    return type(annotation).__name__ == "TypeAliasType"


def _evaluated(text: str, names: Mapping[str, Any]) -> Any:
    """The type that a text stands for."""
    try:
        return eval(text, {}, names)
    except Exception:  # anything can stand in an annotation
        return numpy.typing.NDArray if "NDArray" in text else _unknown(text)


def _union(members: tuple[Any, ...], names: Mapping[str, Any]) -> FieldType:
    """One type or None; several types if they need nothing to be told apart."""
    found = [field_type(member, names) for member in members if member is not type(None)]
    optional = len(found) < len(members) or any(member.optional for member in found)
    if len(found) == 1:
        return dataclasses.replace(found[0], optional=optional)
    bad = next((member.unsupported for member in found if member.unsupported), None)
    if any(member.kind == "array" for member in found):
        text = " | ".join(_text(member) for member in members)
        return FieldType("array", optional, unsupported=bad or text)
    return FieldType("any", optional, unsupported=bad)


def _single(annotation: Any, names: Mapping[str, Any]) -> FieldType:
    """A type that is no union."""
    if kind := _exact_kind(annotation):
        return FieldType(kind)
    origin, arguments = typing.get_origin(annotation) or annotation, typing.get_args(annotation)
    if origin is np.ndarray:
        return FieldType("array", dtype=_dtype(arguments))
    if origin is typing.Literal:
        kinds = {_exact_kind(type(value)) for value in arguments}
        return FieldType(kinds.pop() or "any") if len(kinds) == 1 else FieldType("any")
    if origin in _LISTS:
        items = [field_type(argument, names) for argument in arguments]
        of = items[0] if items else None
        return FieldType("list", items=of, unsupported=_bad_items(annotation, items))
    if origin in _MAPS or typing.is_typeddict(origin):
        items = [field_type(argument, names) for argument in arguments[1:]]
        return FieldType("map", unsupported=_bad_items(annotation, items))
    return FieldType("any", unsupported=_text(annotation))


def _exact_kind(annotation: Any) -> str | None:
    """The kind of a plain type, or of a numpy scalar, which is stored as one."""
    if not isinstance(annotation, collections.abc.Hashable):
        return None
    if annotation in _EXACT:
        return _EXACT[annotation]
    if isinstance(annotation, type) and issubclass(annotation, np.generic):
        return next((kind for cls, kind in _NUMPY.items() if issubclass(annotation, cls)), None)
    return None


def _dtype(arguments: tuple[Any, ...]) -> np.dtype[Any] | None:
    """The dtype that `NDArray[...]` names, if it names one."""
    inner = typing.get_args(arguments[1])[:1] if len(arguments) > 1 else ()
    for scalar in inner:
        if isinstance(scalar, type) and issubclass(scalar, np.generic):
            try:
                return np.dtype(scalar)
            except TypeError:  # an abstract one, such as np.floating
                return None
    return None


def _bad_items(annotation: Any, items: Sequence[FieldType]) -> str | None:
    """The type's text if what it holds cannot be stored in it."""
    bad = any(item.unsupported or item.kind == "array" for item in items)
    return _text(annotation) if bad else None


def _text(annotation: Any) -> str:
    """An annotation as one would write it."""
    if isinstance(annotation, type) and not typing.get_args(annotation):
        return annotation.__qualname__
    return str(annotation)
