"""Rules of a declared lens as the documents that an index stores."""

from typing import Any

from atdata._errors import DataError
from atdata._expression import Expression
from atdata._mapping_rules import Cast, Constant, Given, Rename, Rule
from atdata._short import short

__all__ = ["Document", "cast_line", "rename_line", "rule_line", "rules_in"]

Document = dict[str, Any]


def rule_line(rule: Rule, view_field: str) -> Document:
    """The rule of a field of the view."""
    source, transform = _words(rule)
    return _line(source, view_field, transform)


def rename_line(source_field: str, view_field: str) -> Document:
    """The line of a field as it is."""
    return _line(source_field, view_field, None)


def cast_line(source_field: str, view_field: str, to: str) -> Document:
    """The line of a field as another type."""
    return _line(source_field, view_field, {"cast": to})


def rules_in(document: Any) -> list[Given]:
    """The rules of a document.

    Raises `DataError` for what is none, and `InvalidError` for a rule that cannot be.
    """
    return [_rule_of(line) for line in _lines(document)]


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
        raise DataError(f"no field mapping: {short(document)}", kind="bad_index")
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
        raise DataError(f"no line of a field mapping: {short(line)}", kind="bad_index")
    return Given(view, rule)


def _transformed(source: Any, word: str, value: Any) -> Rule | None:
    if isinstance(source, str):
        return Cast(source, value) if word == "cast" and isinstance(value, str) else None
    if source is None and word == "expression":
        return Expression(value)
    return Constant(value) if source is None and word == "constant" else None
