"""Declared lenses: each field of the view is a source's field, a constant or an expression."""

import copy
import dataclasses
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from atdata._errors import DataError, InvalidError, UnsupportedTypeError
from atdata._expression import Expression
from atdata._fields import Field, fields_of
from atdata._lens import DerivedLens
from atdata._mapping_casts import cast_type, cast_value, described, fitted, kept_type, unfit
from atdata._mapping_documents import Document, cast_line, rename_line, rule_line, rules_in
from atdata._mapping_rules import Cast, Constant, Rename, Rule, rules_of
from atdata._sample import same_value

__all__ = ["FieldMapping"]

S = TypeVar("S")
V = TypeVar("V")


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
        to = kept_type(self.source.type)
        return value if to is None else cast_value(value, to, self.field.name)

    @property
    def json(self) -> Document:
        """The part as the index stores it."""
        return rule_line(self.rule, self.field.name)

    @property
    def back_json(self) -> Document | None:
        """The way back as the index stores it, if that can be said without a source."""
        if self.source is None:
            return None
        if isinstance(self.rule, Rename):
            return rename_line(self.field.name, self.source.name)
        to = kept_type(self.source.type)
        return None if to is None else cast_line(self.field.name, self.source.name, to)


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
    >>> from atdata.lens import FieldMapping, cast
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
        rules = rules_of(mappings)
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
            return cls(source_type, view_type, rules_in(document))
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


def _parts(source_type: Any, view_type: Any, rules: dict[str, Rule]) -> list[_Part]:
    """What gives each field of the view, in the order of the view."""
    known = {field.name: field for field in fields_of(source_type)}
    wanted = {field.name: field for field in fields_of(view_type)}
    for name in rules:
        if name not in wanted:
            raise unfit(name, f"{view_type.__qualname__} has no field {name!r}")
    named = {name: Rename(name) for name in wanted if name in known}
    parts = [
        _part(wanted[name], rule, known, source_type) for name, rule in (named | rules).items()
    ]
    given = {part.field.name: part for part in [*_default_parts(view_type), *parts]}
    for name, field in wanted.items():
        if name not in given and not (field.has_default or field.type.optional):
            message = f"nothing gives {view_type.__qualname__}.{name}: write a rule for it"
            raise unfit(name, message)
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
            raise unfit(name, f"{source_type.__qualname__} has no field {name!r}")
    if isinstance(rule, Rename | Cast):
        return _moved(field, rule, known[rule.source_field])
    if isinstance(rule, Constant):
        return _fixed(field, rule)
    compute = rule

    def get(source: Any) -> Any:
        return fitted(compute({name: getattr(source, name) for name in names}), field)

    return _Part(field, rule, get)


def _moved(field: Field, rule: Rename | Cast, source: Field) -> _Part:
    given = source.type if isinstance(rule, Rename) else cast_type(rule, source.type)
    if not field.type.takes(given):
        raise unfit(
            field.name,
            f"{source.name} gives {described(given)}, but the view's {field.name} is "
            f"{described(field.type)}; cast it, or give another field",
        )
    if isinstance(rule, Rename):
        return _Part(field, rule, operator.attrgetter(source.name), source)
    name, to = source.name, rule.to
    return _Part(field, rule, lambda sample: cast_value(getattr(sample, name), to, name), source)


def _fixed(field: Field, rule: Constant) -> _Part:
    try:
        value = fitted(rule.value, field)
    except DataError as error:
        raise unfit(field.name, str(error)) from None
    return _Part(field, rule, lambda _: copy.deepcopy(value))
