"""A lens: a view of one sample type as another, and the way back."""

import functools
import inspect
import sys
import typing
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from atdata._errors import UnsupportedTypeError

__all__ = ["Lens", "types_of"]

S = TypeVar("S")
V = TypeVar("V")


class Lens(Generic[S, V]):
    """A view of samples of type S as samples of type V, and the way back.

    `get` makes the view. `put` makes an updated source of a changed view; without one, the source
    is given back unchanged. The two types are read from the annotations of `get` unless they are
    given. A well-behaved lens has `put(get(s), s) == s` and `get(put(v, s)) == v`.

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

    def __reduce__(self) -> str | tuple[Any, ...]:
        name = getattr(self, "__qualname__", "")
        if _found(getattr(self, "__module__", ""), name) is self:
            return name  # by reference, as functions are pickled
        return _rebuilt, (self._get, self._put, self.source_type, self.view_type)

    def __repr__(self) -> str:
        source, view = self.source_type.__qualname__, self.view_type.__qualname__
        return f"<Lens {self.name}: {source} -> {view}>"


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
