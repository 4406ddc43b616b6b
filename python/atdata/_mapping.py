"""Declared lenses: each field of the view is a source's field, a constant or an expression."""

import copy
import dataclasses
import json
import operator
import re
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from atdata._annotations import FieldType
from atdata._errors import DataError, InvalidError, UnsupportedTypeError
from atdata._expression import Expression
from atdata._fields import Field, fields_of
from atdata._lens import DerivedLens
from atdata._sample import same_value

__all__ = [
    "Cast",
    "Constant",
    "FieldMapping",
    "Given",
    "Rename",
    "cast",
    "constant",
    "expression",
    "rename",
]

S = TypeVar("S")
V = TypeVar("V")
Document = dict[str, Any]

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


@dataclasses.dataclass(frozen=True)
class Rename:
    """A field of the source as it is."""

    source_field: str


@dataclasses.dataclass(frozen=True)
class Cast:
    """A field of the source as `"int"`, `"float"`, `"str"`, `"bool"` or `"bytes"`; an array as the
    dtype of that name. None stays None. Texts are numbers in decimals, true or false, or UTF-8.
    """

    source_field: str
    to: str


@dataclasses.dataclass(frozen=True)
class Constant:
    """The same value in every view: None, a bool, number or text, or lists and dicts of them."""

    value: Any

    def __post_init__(self) -> None:
        try:
            kept = json.loads(json.dumps(self.value, allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidError(f"a constant must have a form in JSON: {error}") from None
        if kept != self.value:
            raise InvalidError(f"JSON would change the constant {_short(self.value)}")


Rule = Rename | Cast | Constant | Expression


@dataclasses.dataclass(frozen=True)
class Given:
    """A rule with the field of the view that it gives."""

    view_field: str
    rule: Rule


def rename(source_field: str, view_field: str | None = None) -> Rule | Given:
    """A field of the source as it is; as an item of a list, with the view's field."""
    return _given(Rename(source_field), view_field)


def cast(source_field: str, to: str, view_field: str | None = None) -> Rule | Given:
    """A field of the source as another type, see `Cast`; in a list, with the view's field."""
    return _given(Cast(source_field, to), view_field)


def constant(value: Any, view_field: str | None = None) -> Rule | Given:
    """The same value in every view; as an item of a list, with the view's field."""
    return _given(Constant(value), view_field)


def expression(text: str, view_field: str | None = None) -> Rule | Given:
    """What an expression computes, see `Expression`; in a list, with the view's field."""
    return _given(Expression(text), view_field)


def _given(rule: Rule, view_field: str | None) -> Rule | Given:
    return rule if view_field is None else Given(view_field, rule)


@dataclasses.dataclass(frozen=True)
class _Part:
    """How a field of the view is made and, where it is one of the source, goes back there."""

    field: Field
    rule: Rule
    get: Callable[[Any], Any]
    source: Field | None = None
    is_default: bool = False

    def back(self, value: Any, old: Any) -> Any:
        """The value as the source's field holds it."""
        if isinstance(self.rule, Rename) or self.source is None:
            return value
        if isinstance(old, np.ndarray) and isinstance(value, np.ndarray):
            return value.astype(old.dtype, copy=False)
        to = _kept_type(self.source.type)
        return value if to is None else _cast(value, to, self.field.name)

    @property
    def json(self) -> Document:
        """The part as the index stores it."""
        source, transform = _words(self.rule)
        return _line(source, self.field.name, transform)

    @property
    def back_json(self) -> Document | None:
        """The way back as the index stores it, if that can be said without a source."""
        if self.source is None:
            return None
        if isinstance(self.rule, Rename):
            return _line(self.field.name, self.source.name, None)
        to = _kept_type(self.source.type)
        return None if to is None else _line(self.field.name, self.source.name, {"cast": to})


class FieldMapping(DerivedLens[S, V]):
    """A lens that is declared: for fields of the view, the rules that give them.

    `mappings` is a dict of rules by the view's field, or a list of `rename(...)`, `cast(...)`,
    `constant(...)` and `expression(...)` with the view's field as last argument; a text means the
    source's field of that name. Fields of the view without a rule are taken from the source's field
    of the same name. `put` changes the source's fields that were renamed or cast, where the view
    differs from what the source shows; constants and expressions leave it as it is.

    Raises `UnsupportedTypeError` (a TypeError) for a field that is not there, whose type does not
    fit, or that nothing gives.

    >>> import atdata
    >>> @atdata.packable
    ... class Person:
    ...     name: str
    ...     age: str
    >>> @atdata.packable
    ... class Member:
    ...     label: str
    ...     age: int
    >>> member = FieldMapping(Person, Member, {"label": "name", "age": cast("age", "int")})
    >>> member.get(Person("Ada", "36")), member.put(Member("Bea", 37), Person("Ada", "36"))
    (Member(label='Ada', age=36), Person(name='Bea', age='37'))
    """

    def __init__(
        self,
        source_type: type[S],
        view_type: type[V],
        mappings: Mapping[str, Any] | Iterable[Any] = (),
    ) -> None:
        rules = _rules(mappings)
        self._parts = _parts(source_type, view_type, rules)
        made = (FieldMapping, (source_type, view_type, rules))
        name = f"{source_type.__name__}_to_{view_type.__name__}"
        super().__init__(name, made, self._view_of, self._put_back, (source_type, view_type))
        given = {part.field.name for part in self._parts}
        others = (field for field in fields_of(view_type) if field.name not in given)
        self._nones = {field.name: None for field in others if not field.has_default}

    @property
    def mappings(self) -> dict[str, Rule]:
        """The rule of every field of the view that has one, also of those taken by name."""
        return {part.field.name: part.rule for part in self._parts if not part.is_default}

    def to_json(self) -> Document:
        """The mapping as an index stores it; what the view has by default is a constant there."""
        return {"kind": "field_mapping", "mappings": [part.json for part in self._parts]}

    def putter_json(self) -> Document:
        """The way back as an index stores it: the mapping the other way round, or `opaque` where
        more than renamed and cast fields are in it.
        """
        count = len(self.mappings)
        fields = {line["view_field"] for line in self.back_lines}
        if not len(fields) == len(self.back_lines) == count:
            return {"kind": "opaque"}
        return {"kind": "field_mapping", "mappings": self.back_lines}

    @property
    def back_lines(self) -> list[Document]:
        """What `put` moves back, as an index stores it."""
        lines = (part.back_json for part in self._parts)
        return [line for line in lines if line is not None]

    @classmethod
    def from_json(
        cls, document: Any, source_type: type[S], view_type: type[V]
    ) -> "FieldMapping[S, V]":
        """The mapping that an index has stored, between two types.

        Raises `DataError` (a ValueError) for what is no mapping, or none between these types.
        """
        try:
            return cls(source_type, view_type, [_rule_of(line) for line in _lines(document)])
        except (InvalidError, UnsupportedTypeError) as error:
            raise DataError(f"no such field mapping: {error}", kind="bad_index") from error

    def _view_of(self, source: S) -> V:
        fields = {part.field.name: part.get(source) for part in self._parts}
        return self.view_type(**self._nones, **fields)

    def _put_back(self, view: V, source: S) -> S:
        changed: Document = {}
        for part in self._parts:
            value = getattr(view, part.field.name)
            if part.source is None or same_value(part.get(source), value):
                continue
            name = part.source.name
            back = part.back(value, getattr(source, name))
            if not same_value(changed.setdefault(name, back), back):
                raise DataError(f"two fields of the view give {name} different values", field=name)
        sample: Any = source
        new: S = dataclasses.replace(sample, **changed)
        return new


def _rules(mappings: Any) -> dict[str, Rule]:
    """The rules by the view's field."""
    pairs = mappings.items() if isinstance(mappings, Mapping) else map(_named, mappings)
    rules: dict[str, Rule] = {}
    for name, given in pairs:
        if isinstance(given, Given) and given.view_field != name:
            raise InvalidError(f"the rule of {name!r} says that it is for {given.view_field!r}")
        rule = given.rule if isinstance(given, Given) else given
        rule = Rename(rule) if isinstance(rule, str) else rule
        if not (isinstance(name, str) and isinstance(rule, Rule)):
            raise InvalidError(f"no rule: {_short(given)}; give a field's name, cast(...), ...")
        if name in rules:
            raise InvalidError(f"two rules for the view's field {name!r}")
        rules[name] = rule
    return rules


def _named(item: Any) -> tuple[Any, Any]:
    """An item of a list of rules with the view's field, by default the source's."""
    if isinstance(item, Given):
        return item.view_field, item
    if isinstance(item, Rename | Cast):
        return item.source_field, item
    if isinstance(item, Constant | Expression):
        raise InvalidError(f"{_short(item)} in a list needs view_field=")
    return item, item


def _parts(source_type: Any, view_type: Any, rules: dict[str, Rule]) -> list[_Part]:
    """What gives each field of the view, in the order of the view."""
    known = {field.name: field for field in fields_of(source_type)}
    wanted = {field.name: field for field in fields_of(view_type)}
    for name in rules:
        if name not in wanted:
            raise _unfit(name, f"{view_type.__qualname__} has no field {name!r}")
    named = {name: Rename(name) for name in wanted if name in known}
    parts = [
        _part(wanted[name], rule, known, source_type) for name, rule in (named | rules).items()
    ]
    given = {part.field.name: part for part in [*_default_parts(view_type), *parts]}
    for name, field in wanted.items():
        if name not in given and not (field.has_default or field.type.optional):
            message = f"nothing gives {view_type.__qualname__}.{name}: write a rule for it"
            raise _unfit(name, message)
    return [given[name] for name in wanted if name in given]


def _default_parts(view_type: Any) -> Iterator[_Part]:
    """What the view has by default and a document can hold: a schema does not keep it."""
    for field in fields_of(view_type):
        declared = view_type.__dataclass_fields__[field.name]
        factory = declared.default_factory
        default = factory() if factory in (list, dict) else declared.default
        try:
            part = _fixed(field, Constant(default))
        except (InvalidError, UnsupportedTypeError):
            continue  # the class knows it, its schema does not
        yield dataclasses.replace(part, is_default=True)


def _part(field: Field, rule: Rule, known: Mapping[str, Field], source_type: Any) -> _Part:
    """How a rule gives a field of the view."""
    names = rule.names if isinstance(rule, Expression) else ()
    names = (rule.source_field,) if isinstance(rule, Rename | Cast) else names
    for name in names:
        if name not in known:
            raise _unfit(name, f"{source_type.__qualname__} has no field {name!r}")
    if isinstance(rule, Rename | Cast):
        return _moved(field, rule, known[rule.source_field])
    if isinstance(rule, Constant):
        return _fixed(field, rule)
    compute = rule

    def get(source: Any) -> Any:
        return _fitted(compute({name: getattr(source, name) for name in names}), field)

    return _Part(field, rule, get)


def _moved(field: Field, rule: Rename | Cast, source: Field) -> _Part:
    given = source.type if isinstance(rule, Rename) else _cast_type(rule, source.type)
    if not field.type.takes(given):
        raise _unfit(
            field.name,
            f"{source.name} gives {_described(given)}, but the view's {field.name} is "
            f"{_described(field.type)}; cast it, or give another field",
        )
    if isinstance(rule, Rename):
        return _Part(field, rule, operator.attrgetter(source.name), source)
    name, to = source.name, rule.to
    return _Part(field, rule, lambda sample: _cast(getattr(sample, name), to, name), source)


def _fixed(field: Field, rule: Constant) -> _Part:
    try:
        value = _fitted(rule.value, field)
    except DataError as error:
        raise _unfit(field.name, str(error)) from None
    return _Part(field, rule, lambda _: copy.deepcopy(value))


def _unfit(field: str, message: str) -> UnsupportedTypeError:
    return UnsupportedTypeError(message, field=field)


def _described(found: FieldType) -> str:
    return f"{found.kind} | None" if found.optional else found.kind


# Casts.


def _cast_type(rule: Cast, source: FieldType) -> FieldType:
    """What a cast of a field gives."""
    name = rule.source_field
    if source.kind == "array":
        try:
            return FieldType("array", source.optional, dtype=_dtype(rule.to))
        except TypeError as error:
            raise _unfit(name, f"cannot cast {name}: {error}") from None
    if source.kind not in _CASTS.get(rule.to, ()):
        raise _unfit(name, f"cannot cast {name}, which is {source.kind}, to {_short(rule.to)}")
    return FieldType(rule.to, source.optional)


def _dtype(name: Any) -> np.dtype[Any]:
    """The dtype of a plain name: numbers and booleans only."""
    found = np.dtype(name) if isinstance(name, str) and re.fullmatch(r"[a-z]+\d*", name) else None
    if found is None or found.kind not in "biufc":
        raise TypeError(f"{_short(name)} is no dtype of numbers, such as float32")
    return found


def _kept_type(source: FieldType) -> str | None:
    """What a cast back is to, where the type alone says it."""
    if source.kind == "array":
        is_plain = source.dtype is not None and source.dtype.kind in "biufc"
        return source.dtype.name if source.dtype is not None and is_plain else None
    return source.kind if source.kind in _CASTS else None


def _cast(value: Any, to: str, name: str) -> Any:
    try:
        if isinstance(value, np.ndarray):
            return value.astype(_dtype(to), copy=False)
        return None if value is None else _scalar(value, to)
    except (TypeError, ValueError, OverflowError, LookupError):
        message = f"field {name}: {_short(value)} cannot be cast to {to}"
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


def _fitted(value: Any, field: Field) -> Any:
    """A value as a field of the view holds it: integers are floats where those are wanted."""
    kind, wanted = _kind_of(value), field.type
    if wanted.kind == "any" or kind == wanted.kind or (value is None and wanted.optional):
        return value
    if (kind, wanted.kind) == ("int", "float"):
        return _cast(value, "float", field.name)
    message = f"the view's {field.name} is {_described(wanted)}, not {kind}: {_short(value)}"
    raise DataError(message, kind="wrong_type", field=field.name)


def _short(value: Any) -> str:
    """A value as one would write it, cut where it is long or deep."""
    try:
        return reprlib.repr(value)
    except ValueError:  # an integer of thousands of digits
        return type(value).__name__


# Documents.


def _line(source: str | None, view: str, transform: Document | None) -> Document:
    return {"source_field": source, "view_field": view, "transform": transform}


def _words(rule: Rule) -> tuple[str | None, Document | None]:
    """A rule's field of the source and its transform."""
    if isinstance(rule, Rename):
        return rule.source_field, None
    if isinstance(rule, Cast):
        return rule.source_field, {"cast": rule.to}
    if isinstance(rule, Constant):
        return None, {"constant": rule.value}
    return None, {"expression": rule.text}


def _lines(document: Any) -> list[Any]:
    kind = document.get("kind") if isinstance(document, dict) else None
    lines = document.get("mappings") if kind == "field_mapping" else None
    if not isinstance(lines, list):
        raise DataError(f"no field mapping: {_short(document)}", kind="bad_index")
    return lines


def _rule_of(line: Any) -> Given:
    """The rule of a line of a document."""
    members = line if isinstance(line, dict) else {}
    view, source = members.get("view_field"), members.get("source_field")
    transform = members.get("transform")
    rule: Rule | None = None
    if isinstance(source, str) and transform is None:
        rule = Rename(source)
    elif isinstance(transform, dict) and len(transform) == 1:
        rule = _transformed(source, *next(iter(transform.items())))
    if not isinstance(view, str) or rule is None:
        raise DataError(f"no line of a field mapping: {_short(line)}", kind="bad_index")
    return Given(view, rule)


def _transformed(source: Any, word: str, value: Any) -> Rule | None:
    if isinstance(source, str):
        return Cast(source, value) if word == "cast" and isinstance(value, str) else None
    if source is None and word == "expression":
        return Expression(value)
    return Constant(value) if source is None and word == "constant" else None
