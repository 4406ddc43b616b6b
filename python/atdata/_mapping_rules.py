"""The rules of a declared lens: a field as it is, cast, a constant, an expression."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from atdata._errors import InvalidError
from atdata._expression import Expression
from atdata._short import short

__all__ = [
    "Cast",
    "Constant",
    "Given",
    "Rename",
    "Rule",
    "cast",
    "constant",
    "expression",
    "rename",
    "rules_of",
]


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
            raise InvalidError(f"JSON would change the constant {short(self.value)}")


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


def rules_of(mappings: Any) -> dict[str, Rule]:
    """The rules by the view's field."""
    pairs = mappings.items() if isinstance(mappings, Mapping) else map(_named, mappings)
    rules: dict[str, Rule] = {}
    for name, given in pairs:
        if isinstance(given, Given) and given.view_field != name:
            raise InvalidError(f"the rule of {name!r} says that it is for {given.view_field!r}")
        rule = given.rule if isinstance(given, Given) else given
        rule = Rename(rule) if isinstance(rule, str) else rule
        if not (isinstance(name, str) and isinstance(rule, Rule)):
            raise InvalidError(f"no rule: {short(given)}; give a field's name, cast(...), ...")
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
        raise InvalidError(f"{short(item)} in a list needs view_field=")
    return item, item
