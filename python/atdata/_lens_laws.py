"""The laws of lenses, as checks that users call in their own tests."""

import copy
import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from atdata._dict_sample import DictSample
from atdata._lens import Lens
from atdata._sample import same_value

__all__ = ["LensLawError", "check_get_put", "check_laws", "check_put_get", "check_put_put"]

S = TypeVar("S")
V = TypeVar("V")


class LensLawError(AssertionError):
    """A lens does not keep a law: which one (`law`), and where the two samples differ."""

    def __init__(self, message: str, law: str = "") -> None:
        super().__init__(message, law)
        self.law = law

    def __str__(self) -> str:
        return str(self.args[0])


def check_get_put(lens: Lens[S, V], source: S) -> None:
    """Check GetPut: what was got, put back, changes nothing.

    Raises `LensLawError` (an AssertionError). Samples are the same when their fields are, arrays
    by dtype, shape and content, and nan is the same as nan. The lens is given copies, so that one
    that writes into its source cannot hide it.

    >>> half = Lens(lambda n: n // 2, lambda v, n: v * 2, source_type=int, view_type=int)
    >>> check_get_put(half, 4)
    >>> check_get_put(half, 5)
    Traceback (most recent call last):
    atdata._lens_laws.LensLawError: GetPut does not hold for <Lens <lambda>: int -> int>:
    put(get(source), source) is not source
      4 instead of 5
    """
    result = _put(lens, _get(lens, source), source)
    _compare(lens, "GetPut", "put(get(source), source) is not source", result, source)


def check_put_get(lens: Lens[S, V], view: V, source: S) -> None:
    """Check PutGet: what was put is got.

    Raises `LensLawError`, as `check_get_put`.

    >>> first = Lens(lambda p: p[0], lambda v, p: (v, p[1]), source_type=tuple, view_type=int)
    >>> check_put_get(first, 7, (1, 2))
    """
    result = _get(lens, _put(lens, view, source))
    _compare(lens, "PutGet", "get(put(view, source)) is not view", result, view)


def check_put_put(lens: Lens[S, V], first: V, second: V, source: S) -> None:
    """Check PutPut: the second of two puts leaves nothing of the first.

    Raises `LensLawError`, as `check_get_put`.

    >>> first = Lens(lambda p: p[0], lambda v, p: (v, p[1] + 1), source_type=tuple, view_type=int)
    >>> check_put_put(first, 7, 8, (1, 2))
    Traceback (most recent call last):
    atdata._lens_laws.LensLawError: PutPut does not hold for <Lens <lambda>: tuple -> int>:
    put(second, put(first, source)) is not put(second, source)
      [1]: 4 instead of 3
    """
    both = _put(lens, second, _put(lens, first, source))
    what = "put(second, put(first, source)) is not put(second, source)"
    _compare(lens, "PutPut", what, both, _put(lens, second, source))


def check_laws(lens: Lens[S, V], sources: Iterable[S], views: Iterable[V] | None = None) -> None:
    """Check all three laws, with every source and every view.

    Without `views`, those of the sources are put. Raises `LensLawError` for the first law that
    does not hold.

    >>> first = Lens(lambda p: p[0], lambda v, p: (v, p[1]), source_type=tuple, view_type=int)
    >>> check_laws(first, [(1, 2), (3, 4)])
    """
    sources = list(sources)
    for source in sources:
        check_get_put(lens, source)
    views = [_get(lens, source) for source in sources] if views is None else list(views)
    for source, view in itertools.product(sources, views):
        check_put_get(lens, view, source)
    for source, first, second in itertools.product(sources, views, views):
        check_put_put(lens, first, second, source)


def _get(lens: Lens[S, V], source: S) -> V:
    return lens.get(copy.deepcopy(source))


def _put(lens: Lens[S, V], view: V, source: S) -> S:
    return lens.put(copy.deepcopy(view), copy.deepcopy(source))


def _compare(lens: Lens[Any, Any], law: str, what: str, found: Any, expected: Any) -> None:
    differences = list(_differences("", found, expected))
    if differences:
        lines = "".join(f"\n  {difference}" for difference in differences)
        note = "" if lens.has_putter else "\n  (the lens has no putter)"
        raise LensLawError(f"{law} does not hold for {lens!r}:\n{what}{lines}{note}", law)


def _differences(name: str, found: Any, expected: Any) -> Iterator[str]:
    """Each value that is not as expected, under its name."""
    if type(found) is not type(expected):
        yield _said(name, f"{_short(found)} instead of {_short(expected)}, of another type")
    elif (parts := _parts(found)) is not None and (wanted := _parts(expected)) is not None:
        for part in [*wanted, *(part for part in parts if part not in wanted)]:
            if part in parts and part in wanted:
                yield from _differences(name + part, parts[part], wanted[part])
            else:
                yield _said(name + part, "is missing" if part in wanted else "should not be there")
    elif not _same(found, expected):
        yield _said(name, f"{_short(found)} instead of {_short(expected)}")


def _parts(value: Any) -> dict[str, Any] | None:
    """The fields, items or elements of a value that has some, by the way to write them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [field.name for field in dataclasses.fields(value) if field.compare]
        return {f".{name}": getattr(value, name) for name in fields}
    if isinstance(value, DictSample):
        value = value.to_dict()
    if isinstance(value, Mapping):
        return {f"[{key!r}]": item for key, item in value.items()}
    if isinstance(value, list | tuple):
        return {f"[{at}]": item for at, item in enumerate(value)}
    return None


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, float):
        return left == right or (left != left and right != right)
    if isinstance(left, np.ndarray) and left.dtype.kind in "fc" and left.dtype == right.dtype:
        return np.array_equal(left, right, equal_nan=True)
    return same_value(left, right)


def _said(name: str, what: str) -> str:
    name = name.removeprefix(".")
    return f"{name}: {what}" if name else what


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        values = np.array2string(value, threshold=8, edgeitems=3).replace("\n", "")
        return f"array {value.dtype} {list(value.shape)}: {values}"
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"
