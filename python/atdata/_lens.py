"""A lens: a view of one sample type as another, and the way back."""

import functools
import inspect
import sys
import typing
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from atdata._errors import UnsupportedTypeError

__all__ = ["DerivedLens", "Lens", "chained", "types_of"]

S = TypeVar("S")
V = TypeVar("V")
W = TypeVar("W")


class Lens(Generic[S, V]):
    """A view of samples of type S as samples of type V, and the way back.

    `get` makes the view. `put` makes an updated source of a changed view; without one, the source
    is given back unchanged. The two types are read from the annotations of `get` unless they are
    given. A well-behaved lens has `put(get(s), s) == s` and `get(put(v, s)) == v`;
    `atdata.lens.check_laws` checks that. `a | b`, or `b @ a`, is the lens `a` and then `b`.

    Raises `UnsupportedTypeError` when a type is neither annotated nor given.

    >>> shout = Lens(lambda text: text.upper(), source_type=str, view_type=str)
    >>> shout("hello"), shout.put("BYE", "hello")
    ('HELLO', 'hello')
    """

    source_type: type[S]
    view_type: type[V]

    def __init__(
        self,
        get: Callable[[S], V],
        put: Callable[[V, S], S] | None = None,
        *,
        source_type: type[S] | None = None,
        view_type: type[V] | None = None,
    ) -> None:
        functools.update_wrapper(self, get)
        self._get, self._put = get, put
        if source_type is None or view_type is None:
            found = types_of(get, sys._getframe(1).f_locals)
            source_type, view_type = source_type or found[0], view_type or found[1]
        self.source_type, self.view_type = source_type, view_type

    @property
    def name(self) -> str:
        """The name of the function that makes the view."""
        return str(getattr(self, "__name__", type(self._get).__name__))

    @property
    def has_putter(self) -> bool:
        """Whether `put` does anything: without a putter it gives the source back unchanged."""
        return self._put is not None

    def __call__(self, s: S) -> V:
        """The view of a source."""
        return self._get(s)

    def get(self, s: S) -> V:
        """The view of a source."""
        return self._get(s)

    def put(self, v: V, s: S) -> S:
        """An updated source, after its view was changed to `v`.

        >>> first = Lens(lambda p: p[0], lambda v, p: (v, *p[1:]), source_type=tuple, view_type=int)
        >>> first.put(9, (1, 2, 3))
        (9, 2, 3)
        """
        return s if self._put is None else self._put(v, s)

    def putter(self, put: Callable[[V, S], S]) -> Callable[[V, S], S]:
        """Give the lens its way back; used as a decorator, it leaves the function as it is.

        >>> first = Lens(lambda pair: pair[0], source_type=tuple, view_type=int)
        >>> @first.putter
        ... def put_first(view, pair):
        ...     return (view, pair[1])
        >>> first.put(9, (1, 2))
        (9, 2)
        """
        self._put = put
        return put

    def __or__(self, other: "Lens[V, W]") -> "Lens[S, W]":
        """This lens, and then another on what it shows.

        Raises `UnsupportedTypeError` (a TypeError) when the other does not start from this one's
        view type.

        >>> first = Lens(lambda p: p[0], lambda v, p: (v, p[1]), source_type=tuple, view_type=int)
        >>> text = Lens(str, lambda v, n: int(v), source_type=int, view_type=str)
        >>> both = first | text
        >>> both((1, 2)), both.put("7", (1, 2))
        ('1', (7, 2))
        """
        joined: Lens[S, W] = _joined(self, other)
        return joined

    def __matmul__(self, other: "Lens[W, S]") -> "Lens[W, V]":
        """This lens on what another shows: `b @ a` is `a | b`, written as functions compose."""
        joined: Lens[W, V] = _joined(other, self)
        return joined

    def __reduce__(self) -> str | tuple[Any, ...]:
        name = getattr(self, "__qualname__", "")
        if _found(getattr(self, "__module__", ""), name) is self:
            return name  # by reference, as functions are pickled
        return _rebuilt, (self._get, self._put, self.source_type, self.view_type)

    def __repr__(self) -> str:
        source, view = self.source_type.__qualname__, self.view_type.__qualname__
        return f"<Lens {self.name}: {source} -> {view}>"


class DerivedLens(Lens[S, V]):
    """A lens made of others or of types, which is pickled by how it was made."""

    def __init__(
        self,
        name: str,
        made: tuple[Callable[..., Lens[S, V]], tuple[Any, ...]],
        get: Callable[[S], V],
        put: Callable[[V, S], S],
        types: tuple[type[S], type[V]],
    ) -> None:
        super().__init__(get, put, source_type=types[0], view_type=types[1])
        self.__name__ = self.__qualname__ = name
        self._made = made

    def putter(self, put: Callable[[V, S], S]) -> Callable[[V, S], S]:
        """Refused: a derived lens has the ways back of what it is made of."""
        raise UnsupportedTypeError(
            f"lens {self.name} has its putter from what it is made of; "
            f"for another one, write Lens(get, put)"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return self._made


def chained(first: Lens[S, V], second: Lens[V, W]) -> Lens[S, W]:
    """One lens after the other.

    >>> text = Lens(str, source_type=int, view_type=str)
    >>> length = Lens(len, source_type=str, view_type=int)
    >>> chained(text, length).get(1234)
    4
    """
    if first.view_type is not second.source_type:
        raise UnsupportedTypeError(
            f"lenses do not meet: {first.name} shows {first.view_type.__qualname__}, "
            f"{second.name} starts from {second.source_type.__qualname__}"
        )

    def get(source: S) -> W:
        return second.get(first.get(source))

    def put(view: W, source: S) -> S:
        return first.put(second.put(view, first.get(source)), source)

    types = (first.source_type, second.view_type)
    name = f"{first.name} | {second.name}"
    return DerivedLens(name, (chained, (first, second)), get, put, types)


def _joined(first: Any, second: Any) -> Any:
    """Both, for an operator, which says what is wrong where one of them is no lens."""
    are_lenses = isinstance(first, Lens) and isinstance(second, Lens)
    return chained(first, second) if are_lenses else NotImplemented


def _rebuilt(get: Any, put: Any, source_type: type, view_type: type) -> Lens[Any, Any]:
    return Lens(get, put, source_type=source_type, view_type=view_type)


def _found(module: str, name: str) -> object:
    """What a module holds under a qualified name."""
    found: object = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def types_of(get: Callable[..., Any], names: Mapping[str, Any]) -> tuple[type, type]:
    """The annotated source and view types of a getter.

    `names` are those around its definition, for annotations that are text.
    """
    called = get if inspect.isroutine(get) else type(get).__call__
    try:
        parameters = list(inspect.signature(get).parameters.values())
        hints = typing.get_type_hints(called, localns=dict(names))
    except (TypeError, ValueError, NameError) as error:
        raise UnsupportedTypeError(f"cannot read the types of {_called(get)}: {error}") from error
    needed = [p for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    if len(needed) != 1:
        raise UnsupportedTypeError(f"{_called(get)} must take one sample, not {len(needed)} values")
    source, view = hints.get(needed[0].name), hints.get("return")
    if not (isinstance(source, type) and isinstance(view, type)):
        raise UnsupportedTypeError(
            f"{_called(get)} must say its types: "
            f"def {getattr(get, '__name__', 'get')}({needed[0].name}: Source) -> View"
        )
    return source, view


def _called(get: Callable[..., Any]) -> str:
    return f"lens {getattr(get, '__qualname__', repr(get))}"
