"""Conditions by Python's own operators: `col("score") > 0.99`."""

import dataclasses
import math
import operator
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from atdata import _atdata
from atdata._atdata import Condition
from atdata._dict_sample import DictSample
from atdata._errors import InvalidError, UnknownNameError, UnsupportedTypeError

__all__ = ["Column", "Condition", "col", "fields_known", "holds", "no_field"]

Constant = bool | int | float | str | bytes


class Column:
    """A field of the samples, by name: what `col` gives. Compared with a constant or with another
    column, it is a `Condition`; a column of truth values is one by itself.

    >>> from atdata import col
    >>> print((col("score") >= 0.5) & ~col("label").isin(["cat", "dog"]))
    score >= 0.5 and not label in ['cat', 'dog']
    >>> print(col("year").between(1990, 1999) | col("title").startswith("The "))
    year >= 1990 and year <= 1999 or title.startswith('The ')
    """

    __slots__ = ("name",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise UnsupportedTypeError(f"a column has the name of a field, not {name!r}")
        self.name = name

    @property
    def _condition(self) -> Condition:
        """The condition that it is true."""
        return Condition(_quoted(self.name))

    def _compared(self, sign: str, other: object) -> Condition:
        if other is None:
            raise InvalidError(
                f"{self!r} {sign} None: ask with is_null() or not_null(), a comparison with None "
                f"is never true"
            )
        right = _quoted(other.name) if isinstance(other, Column) else _constant(other)
        return Condition(f"{_quoted(self.name)} {sign} {right}")

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]
        return self._compared("==", other)

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]
        return self._compared("!=", other)

    def __lt__(self, other: "Column | Constant") -> Condition:
        return self._compared("<", other)

    def __le__(self, other: "Column | Constant") -> Condition:
        return self._compared("<=", other)

    def __gt__(self, other: "Column | Constant") -> Condition:
        return self._compared(">", other)

    def __ge__(self, other: "Column | Constant") -> Condition:
        return self._compared(">=", other)

    def isin(self, values: Iterable[Constant]) -> Condition:
        """That the value is one of these."""
        if isinstance(values, str | bytes):
            raise UnsupportedTypeError("isin() takes a list of values; contains() asks of text")
        return Condition(f"{_quoted(self.name)} in [{', '.join(map(_constant, values))}]")

    def between(self, low: "Column | Constant", high: "Column | Constant") -> Condition:
        """That the value is from `low` to `high`, both included."""
        return (self >= low) & (self <= high)

    def is_null(self) -> Condition:
        """That the value is None, or missing."""
        return Condition(f"{_quoted(self.name)} is None")

    def not_null(self) -> Condition:
        """That there is a value."""
        return Condition(f"{_quoted(self.name)} is not None")

    def startswith(self, start: str | bytes) -> Condition:
        """That text, or bytes, begins so."""
        return Condition(f"{_quoted(self.name)}.startswith({_constant(start)})")

    def endswith(self, end: str | bytes) -> Condition:
        """That text, or bytes, ends so."""
        return Condition(f"{_quoted(self.name)}.endswith({_constant(end)})")

    def contains(self, item: Constant) -> Condition:
        """That text has this in it, or a list this item."""
        return Condition(f"{_quoted(self.name)}.contains({_constant(item)})")

    def __and__(self, other: "Column | Condition") -> Condition:
        return self._condition & other

    def __or__(self, other: "Column | Condition") -> Condition:
        return self._condition | other

    def __invert__(self) -> Condition:
        return ~self._condition

    def __bool__(self) -> bool:
        return bool(self._condition)  # says what to write

    def __reduce__(self) -> tuple[Any, ...]:
        return Column, (self.name,)

    def __repr__(self) -> str:
        return f"col({self.name!r})"


def col(name: str) -> Column:
    """A field of the samples, to say which are wanted: `ds.filter(col("score") > 0.99)`.

    >>> col("score") > 0.99
    Condition("score > 0.99")
    """
    return Column(name)


def _quoted(name: str) -> str:
    """A name that is one whatever is in it; the engine writes it plainly where it can."""
    return "`" + name.replace("`", "``") + "`"


def _constant(value: object) -> str:
    """A constant as a condition's text has it."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            raise InvalidError("nothing compares with NaN: x != x is true of NaN only")
        return ("1e999" if value > 0 else "-1e999") if math.isinf(value) else repr(float(value))
    if isinstance(value, bool):
        return repr(value)
    if isinstance(value, int):
        return str(operator.index(value))
    if isinstance(value, str):
        return "'" + "".join(map(_letter, value)) + "'"
    if isinstance(value, bytes | bytearray):
        return "b'" + "".join(f"\\x{byte:02x}" for byte in value) + "'"
    raise UnsupportedTypeError(
        f"a condition compares with numbers, text, bytes and truth values, not with "
        f"{type(value).__name__}"
    )


def _letter(letter: str) -> str:
    plain = letter.isprintable() and letter not in "'\\"
    return letter if plain else f"\\U{ord(letter):08x}"


def holds(condition: Condition, sample: Any) -> bool:
    """Whether a condition holds of a sample as Python has it.

    Raises `UnknownNameError` for a field that the sample does not have.
    """
    return condition.holds({name: _value(sample, name) for name in condition.fields})


def _value(sample: Any, name: str) -> Any:
    is_mapping = isinstance(sample, Mapping | DictSample)
    try:
        value = sample[name] if is_mapping else getattr(sample, name)
    except (KeyError, AttributeError):
        known = [str(key) for key in sample] if is_mapping else []
        meant = _atdata.did_you_mean(name, known)
        message = f"condition: the sample has no field {name!r}{meant}"
        raise UnknownNameError(message, field=name) from None
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return b""  # is not None; and anything else that is asked of it is refused as for bytes
    return value


def fields_known(condition: Condition, sample_type: type[Any]) -> None:
    """Raise `UnknownNameError` for a field that a data class does not have."""
    if not dataclasses.is_dataclass(sample_type):
        return
    for name in condition.fields:
        if not hasattr(sample_type, name) and name not in sample_type.__dataclass_fields__:
            raise no_field(name, [field.name for field in dataclasses.fields(sample_type)])


def no_field(name: str, known: list[str]) -> UnknownNameError:
    """The error for a condition on a field that is not among those that there are."""
    meant = _atdata.did_you_mean(name, known)
    message = f"condition: there is no field {name!r}{meant}; the fields are {', '.join(known)}"
    return UnknownNameError(message, field=name)
