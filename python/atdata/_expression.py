"""A small language of expressions over a sample's fields, safe to run whoever wrote them."""

import ast
from collections.abc import Callable, Mapping
from typing import Any

from atdata._dict_sample import DictSample
from atdata._errors import AtdataError, DataError, InvalidError, UnknownNameError
from atdata._expression_values import (
    COMPARISONS,
    FUNCTIONS,
    MAX_BITS,
    OPERATORS,
    held,
    negative,
    plain,
)
from atdata._fields import fields_of

__all__ = ["Expression", "compile_expression"]

MAX_TEXT, MAX_DEPTH = 1000, 20

Fields = Mapping[str, Any]
Step = Callable[[Fields], Any]


class Expression:
    """An expression over the fields of a sample, such as `"a * 2"`: `text`, and the `names` of the
    fields that it uses.

    There are fields by name, numbers, texts, True, False and None, `+ - * / // %`, comparisons,
    `in` (also `in ["a", "b"]`), `is None`, `and`, `or`, `not`, `a if b else c`, `field[0]`,
    `field[1:3]`, `field["key"]`, and the functions len, abs, round, min, max, int, float, str,
    bool, lower, upper, strip, startswith, endswith, sum and mean. Arithmetic also works on arrays,
    element by element. A text has at most 1000 characters and is at most 20 deep; what it computes
    is bounded too, so that no expression can eat time or memory.

    Raises `InvalidError` (a ValueError) that shows the place of what is not allowed.

    >>> full = Expression('upper(first) + " " + last')
    >>> full.names, full({"first": "Ada", "last": "Lovelace"})
    (('first', 'last'), 'ADA Lovelace')
    >>> Expression("a ** 2")
    Traceback (most recent call last):
    atdata._errors.InvalidError: expression, character 1: ** is not allowed
      a ** 2
      ^
    """

    def __init__(self, text: str) -> None:
        self.text = _checked(text)
        reader = _Reader(self.text)
        self._run = reader.step(_parsed(self.text))
        self.names = tuple(reader.names)

    def __call__(self, sample: Any) -> Any:
        """The value for a sample or a mapping of fields.

        Raises `UnknownNameError` (a KeyError) for a field that is not there, and `DataError` (a
        ValueError) for values that do not go with it.
        """
        values = self._values(sample)
        try:
            return self._run(values)
        except AtdataError:
            raise
        except Exception as error:  # what operators and functions raise for values of other types
            raise DataError(f"expression {self.text!r}: {error}") from error

    def _values(self, sample: Any) -> Fields:
        if not isinstance(sample, Mapping | DictSample):
            known = {field.name for field in fields_of(type(sample))}
            sample = {name: getattr(sample, name) for name in self.names if name in known}
        for name in self.names:
            if name not in sample:
                raise UnknownNameError(f"expression {self.text!r}: no field {name!r}", field=name)
        return {name: plain(sample[name]) for name in self.names}

    def __eq__(self, other: object) -> bool:
        return other.text == self.text if isinstance(other, Expression) else NotImplemented

    def __hash__(self) -> int:
        return hash((Expression, self.text))

    def __reduce__(self) -> tuple[Any, ...]:
        return Expression, (self.text,)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def compile_expression(text: str) -> Expression:
    """The expression of a text; raises `InvalidError` (a ValueError) that shows what is wrong."""
    return Expression(text)


def _checked(text: object) -> str:
    if not isinstance(text, str):
        raise InvalidError(f"an expression is a text, not {type(text).__name__}")
    if len(text) > MAX_TEXT:
        raise InvalidError(f"an expression has at most {MAX_TEXT} characters, not {len(text)}")
    text = text.strip()
    for at, letter in enumerate(text):
        if not letter.isprintable():
            raise _error(ascii(text)[1:-1], 0, f"{letter!a} (number {at + 1}) is not allowed")
    return text


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        at = error.offset - 1 if error.offset else len(text)  # 0 where it ends too early
        raise _error(text, at, str(error.msg)) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise _error(text, 0, str(error) or "it is nested too deeply") from None


def _error(text: str, at: int, what: str) -> InvalidError:
    return InvalidError(f"expression, character {at + 1}: {what}\n  {text}\n  {' ' * at}^")


class _Reader:
    """Makes steps of the nodes of a text, and collects the names in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: dict[str, None] = {}

    def step(self, node: ast.expr, depth: int = 0) -> Step:
        """What a node computes; everything that is not in the list is refused."""
        make = _NODES.get(type(node))
        if make is None:
            raise self.error(node, f"{type(node).__name__} is not allowed")
        if depth >= MAX_DEPTH:
            raise self.error(node, f"it is nested more than {MAX_DEPTH} deep")
        return make(self, node, depth + 1)

    def error(self, node: ast.expr, what: str) -> InvalidError:
        """An error at a node, whose place is counted in bytes."""
        at = len(self.text.encode()[: node.col_offset].decode(errors="replace"))
        return _error(self.text, at, what)


def _constant(reader: _Reader, node: ast.Constant, _: int) -> Step:
    value = node.value
    if not (value is None or isinstance(value, bool | int | float | str)):
        raise reader.error(node, f"a constant of type {type(value).__name__} is not allowed")
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise reader.error(node, f"an integer has at most {MAX_BITS} bits")
    return lambda fields: value


def _name(reader: _Reader, node: ast.Name, _: int) -> Step:
    name = node.id
    reader.names[name] = None
    return lambda fields: fields[name]


def _binary(reader: _Reader, node: ast.BinOp, depth: int) -> Step:
    known = OPERATORS.get(type(node.op))
    if known is None:
        sign = "**" if isinstance(node.op, ast.Pow) else type(node.op).__name__
        raise reader.error(node, f"{sign} is not allowed")
    operate, left, right = known, reader.step(node.left, depth), reader.step(node.right, depth)
    return lambda fields: operate(left(fields), right(fields))


def _unary(reader: _Reader, node: ast.UnaryOp, depth: int) -> Step:
    step = reader.step(node.operand, depth)
    if isinstance(node.op, ast.Not):
        return lambda fields: not step(fields)
    if isinstance(node.op, ast.USub):
        return lambda fields: negative(step(fields))
    raise reader.error(node, f"{type(node.op).__name__} is not allowed")


def _both(reader: _Reader, node: ast.BoolOp, depth: int) -> Step:
    steps = [reader.step(value, depth) for value in node.values]
    ends_on = isinstance(node.op, ast.Or)

    def run(fields: Fields) -> Any:
        value = None
        for step in steps:
            value = step(fields)
            if bool(value) is ends_on:
                break
        return value

    return run


def _either(reader: _Reader, node: ast.IfExp, depth: int) -> Step:
    test, body, other = (reader.step(part, depth) for part in (node.test, node.body, node.orelse))
    return lambda fields: body(fields) if test(fields) else other(fields)


def _compared(reader: _Reader, node: ast.Compare, depth: int) -> Step:
    first = reader.step(node.left, depth)
    pairs = zip(node.ops, node.comparators, strict=True)
    rest = [(COMPARISONS[type(op)], _right(reader, op, side, depth)) for op, side in pairs]

    def run(fields: Fields) -> Any:
        left, result = first(fields), None
        for at, (compare, step) in enumerate(rest):
            right = step(fields)
            result = compare(left, right)
            if at + 1 < len(rest) and not result:
                break
            left = right
        return result

    return run


def _right(reader: _Reader, op: ast.cmpop, node: ast.expr, depth: int) -> Step:
    """The right side of a comparison: None after `is`; after `in` it may list constants."""
    is_none = isinstance(node, ast.Constant) and node.value is None
    if isinstance(op, ast.Is | ast.IsNot) and not is_none:
        raise reader.error(node, "`is` compares with None only")
    if isinstance(op, ast.In | ast.NotIn) and isinstance(node, ast.List | ast.Tuple):
        items = [item for item in node.elts if isinstance(item, ast.Constant)]
        if len(items) < len(node.elts):
            raise reader.error(node, "a list after `in` holds constants only")
        known = [_constant(reader, item, depth)({}) for item in items]
        return lambda fields: known
    return reader.step(node, depth)


def _item(reader: _Reader, node: ast.Subscript, depth: int) -> Step:
    holder = reader.step(node.value, depth)
    at = _place(reader, node.slice)
    return lambda fields: plain(held(holder(fields))[at])


def _place(reader: _Reader, node: ast.expr | None) -> Any:
    """A constant index, key or slice."""
    if isinstance(node, ast.Slice):
        ends = [_place(reader, end) for end in (node.lower, node.upper, node.step)]
        if all(end is None or isinstance(end, int) for end in ends):
            return slice(*ends)
        raise reader.error(node, "a slice has numbers only")
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1, node.operand
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return sign * value
    if node is None or (isinstance(value, str) and sign == 1):
        return value
    raise reader.error(node, "an index is a constant number or text")


def _call(reader: _Reader, node: ast.Call, depth: int) -> Step:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in FUNCTIONS:
        raise reader.error(node, f"there are only the functions {', '.join(FUNCTIONS)}")
    function, least, most = FUNCTIONS[name]
    if node.keywords or not least <= len(node.args) <= most:
        raise reader.error(node, f"{name} takes {least}{f' to {most}' if most > least else ''}")
    steps = [reader.step(argument, depth) for argument in node.args]
    return lambda fields: function(*[step(fields) for step in steps])


_NODES: dict[type[ast.AST], Callable[[_Reader, Any, int], Step]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _both,
    ast.IfExp: _either,
    ast.Compare: _compared,
    ast.Subscript: _item,
    ast.Call: _call,
}
