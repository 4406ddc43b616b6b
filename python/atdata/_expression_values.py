"""What expressions compute with, each bounded in time and memory."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["COMPARISONS", "FUNCTIONS", "MAX_BITS", "OPERATORS", "held", "negative", "plain"]

MAX_BITS, MAX_LENGTH, MAX_DIGITS, MAX_VALUES = 128, 1 << 20, 30, 1000
_NUMERIC, _COMPARABLE = "biufc", "biufcmMSU"


def plain(value: Any) -> Any:
    """The value without numpy's scalars, whose integers overflow unseen."""
    return value.item() if isinstance(value, np.generic) else value


def _number(value: Any) -> Any:
    if not isinstance(value, int | float):
        raise TypeError(f"{type(value).__name__} is no number")
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise ValueError(f"an integer of more than {MAX_BITS} bits")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is no text")
    return value


def held(value: Any) -> Any:
    """The value, which must have items."""
    if not isinstance(value, str | bytes | list | tuple | Mapping | np.ndarray):
        raise TypeError(f"{type(value).__name__} has no items")
    return value


def _operand(value: Any, kinds: str) -> Any:
    """One side of an operation on arrays: an array of a known kind, or a scalar."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in kinds:
            raise TypeError(f"an array of {value.dtype} cannot be used here")
        return value
    return value if "S" in kinds and isinstance(value, str | bytes) else _number(value)


def negative(value: Any) -> Any:
    """The value with the other sign."""
    return -_operand(value, _NUMERIC)


def _on_arrays(operate: Callable[[Any, Any], Any], left: Any, right: Any, kinds: str) -> Any:
    """An operation element by element, whose result is no larger than the larger side."""
    left, right = _operand(left, kinds), _operand(right, kinds)
    shape = np.broadcast_shapes(np.shape(left), np.shape(right))
    if not {shape} & {np.shape(left), np.shape(right)}:
        raise ValueError(f"arrays of {np.shape(left)} and {np.shape(right)} do not go together")
    with np.errstate(all="ignore"):
        result = operate(left, right)
    if isinstance(result, np.ndarray):
        return _operand(result, _NUMERIC)
    return plain(result)


def _arithmetic(operate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def run(left: Any, right: Any) -> Any:
        if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
            return _on_arrays(operate, left, right, _NUMERIC)
        return _number(operate(_number(left), _number(right)))

    return run


_plus = _arithmetic(operator.add)


def _joined(left: Any, right: Any) -> Any:
    """The sum of numbers; texts and lists one after the other."""
    if any(isinstance(left, kind) and isinstance(right, kind) for kind in (str, list)):
        if len(left) + len(right) > MAX_LENGTH:
            raise ValueError(f"a result of more than {MAX_LENGTH} characters or items")
        return left + right
    return _plus(left, right)


def _comparison(operate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def run(left: Any, right: Any) -> Any:
        if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
            return _on_arrays(operate, left, right, _COMPARABLE)
        return operate(left, right)

    return run


_same = _comparison(operator.eq)


def _contains(item: Any, holder: Any) -> bool:
    if isinstance(holder, np.ndarray) and not isinstance(item, np.ndarray):
        return bool(np.any(_same(holder, item)))
    return item in held(holder)


def _round(value: Any, *digits: Any) -> Any:
    if any(not isinstance(count, int) or abs(count) > MAX_DIGITS for count in digits):
        raise ValueError(f"round takes at most {MAX_DIGITS} digits")
    if isinstance(value, np.ndarray):
        return np.round(_operand(value, _NUMERIC), *digits)
    return round(_number(value), *digits)


def _to_number(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: _number(kind(value if isinstance(value, str) else _number(value)))


def _string(value: Any) -> str:
    if value is None or isinstance(value, str | int | float):
        return str(value)
    raise TypeError(f"no text is made of {type(value).__name__}")


def _sum(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        return plain(_operand(values, _NUMERIC).sum())
    return _number(sum(_number(value) for value in held(values)))


def _mean(values: Any) -> float:
    if len(held(values)) == 0:
        raise ValueError("there is no mean of nothing")
    count = values.size if isinstance(values, np.ndarray) else len(values)
    return float(_sum(values) / count)


def _extreme(choose: Callable[..., Any], method: str) -> Callable[..., Any]:
    def run(*values: Any) -> Any:
        if len(values) == 1 and isinstance(values[0], np.ndarray):
            return plain(getattr(_operand(values[0], _NUMERIC), method)())
        return choose(*values)

    return run


OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: _joined,
    ast.Sub: _arithmetic(operator.sub),
    ast.Mult: _arithmetic(operator.mul),
    ast.Div: _arithmetic(operator.truediv),
    ast.FloorDiv: _arithmetic(operator.floordiv),
    ast.Mod: _arithmetic(operator.mod),
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: _same,
    ast.NotEq: _comparison(operator.ne),
    ast.Lt: _comparison(operator.lt),
    ast.LtE: _comparison(operator.le),
    ast.Gt: _comparison(operator.gt),
    ast.GtE: _comparison(operator.ge),
    ast.In: _contains,
    ast.NotIn: lambda item, holder: not _contains(item, holder),
    ast.Is: lambda value, _: value is None,
    ast.IsNot: lambda value, _: value is not None,
}
# The function, and how many values it takes.
FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "len": (lambda value: len(held(value)), 1, 1),
    "abs": (lambda value: abs(_operand(value, _NUMERIC)), 1, 1),
    "round": (_round, 1, 2),
    "min": (_extreme(min, "min"), 1, MAX_VALUES),
    "max": (_extreme(max, "max"), 1, MAX_VALUES),
    "int": (_to_number(int), 1, 1),
    "float": (_to_number(float), 1, 1),
    "str": (_string, 1, 1),
    "bool": (bool, 1, 1),
    "lower": (lambda value: _text(value).lower(), 1, 1),
    "upper": (lambda value: _text(value).upper(), 1, 1),
    "strip": (lambda value: _text(value).strip(), 1, 1),
    "startswith": (lambda value, start: _text(value).startswith(_text(start)), 2, 2),
    "endswith": (lambda value, end: _text(value).endswith(_text(end)), 2, 2),
    "sum": (_sum, 1, 1),
    "mean": (_mean, 1, 1),
}
