"""Lenses that nobody wrote: paths, views by field name, and typed views of a `DictSample`."""

import dataclasses
from collections.abc import Iterable
from typing import Any, TypeVar

from atdata import _atdata
from atdata._annotations import FieldType
from atdata._dict_sample import DictSample
from atdata._errors import NoLensError
from atdata._fields import fields_of
from atdata._lens import DerivedLens, Lens

__all__ = ["by_name", "from_dict", "identity_lens", "misfits", "shortest_path"]

AnyLens = Lens[Any, Any]
T = TypeVar("T")


def identity_lens(cls: type[T]) -> Lens[T, T]:
    """The view of a type as itself: joined with another lens it changes nothing.

    >>> identity_lens(str).get("a"), identity_lens(str).put("b", "a")
    ('a', 'b')
    """

    def get(source: T) -> T:
        return source

    def put(view: T, source: T) -> T:
        return view

    return DerivedLens("identity", (identity_lens, (cls,)), get, put, (cls, cls))


def from_dict(cls: Any) -> AnyLens:
    """A `DictSample` as a typed sample."""

    def get(source: DictSample) -> Any:
        return cls.from_data(source.to_dict())

    def put(view: Any, source: DictSample) -> DictSample:
        return DictSample({**source.to_dict(), **_atdata.unpack(view.packed)})

    return DerivedLens("from fields", (from_dict, (cls,)), get, put, (DictSample, cls))


def by_name(source: Any, view: Any) -> AnyLens:
    """The fields of `source` that `view` has too."""
    names = [field.name for field in fields_of(view)]

    def get(sample: Any) -> Any:
        return view(**{name: getattr(sample, name) for name in names})

    def put(viewed: Any, sample: Any) -> Any:
        return dataclasses.replace(sample, **{name: getattr(viewed, name) for name in names})

    return DerivedLens("by name", (by_name, (source, view)), get, put, (source, view))


def misfits(source: type, view: type) -> list[str]:
    """The fields of `view` that `source` does not have with a type that fits, described."""
    if not (dataclasses.is_dataclass(source) and dataclasses.is_dataclass(view)):
        return ["no fields to compare"]
    has = {field.name: field.type for field in fields_of(source)}
    wanted = {field.name: field.type for field in fields_of(view)}
    missing = [f"{name} is missing" for name in wanted if name not in has]
    other = [
        f"{name} is {_words(has[name])}, not {_words(type_)}"
        for name, type_ in wanted.items()
        if name in has and not type_.takes(has[name])
    ]
    return missing + other


def _words(field: FieldType) -> str:
    items = f"[{_words(field.items)}]" if field.items and field.items.kind != "any" else ""
    return f"{field.kind}{items}{' | None' if field.optional else ''}"


def shortest_path(lenses: Iterable[AnyLens], source: type, view: type) -> list[AnyLens]:
    """The lenses that lead from one type to another in the fewest steps; empty if none do.

    Raises `NoLensError` when several paths are the shortest: which is meant cannot be known.
    """
    known = list(lenses)
    seen: set[type] = {source}
    paths: dict[type, list[list[AnyLens]]] = {source: [[]]}
    while paths and view not in paths:
        paths = _one_step(paths, known, seen)
        seen.update(paths)
    found = paths.get(view, [])
    if len(found) > 1:
        ways = "; ".join(" | ".join(lens.name for lens in path) for path in found)
        raise NoLensError(
            f"More than one way leads from {source.__qualname__} to {view.__qualname__}: {ways}. "
            f"Register a lens between the two"
        )
    return found[0] if found else []


def _one_step(
    paths: dict[type, list[list[AnyLens]]], lenses: list[AnyLens], seen: set[type]
) -> dict[type, list[list[AnyLens]]]:
    """The paths that are one lens longer and lead to new types; at most two to each."""
    longer: dict[type, list[list[AnyLens]]] = {}
    for lens in lenses:
        if lens.source_type in paths and lens.view_type not in seen:
            ways = longer.setdefault(lens.view_type, [])
            ways.extend([*path, lens] for path in paths[lens.source_type])
            del ways[2:]
    return longer
