"""Lenses: views of one sample type as another, without writing anything again.

The module is also the decorator: `atdata.lens` makes a lens of a function, and
`from atdata.lens import Lens, LensNetwork, lens` imports what is in it.

>>> import atdata
>>> @atdata.packable
... class Person:
...     name: str
...     age: int
>>> @atdata.packable
... class Name:
...     name: str
>>> @atdata.lens
... def name_of(person: Person) -> Name:
...     return Name(person.name)
>>> @name_of.putter
... def put_name(view: Name, source: Person) -> Person:
...     return Person(view.name, source.age)
>>> name_of(Person("Ada", 36)), name_of.put(Name("Bea"), Person("Ada", 36))
(Name(name='Ada'), Person(name='Bea', age=36))

Lenses compose, `a | b` is `a` and then `b`, and a test can ask whether one keeps the laws:

>>> @atdata.packable
... class Greeting:
...     text: str
>>> greeting = Lens(
...     lambda name: Greeting(f"Hello {name.name}"),
...     lambda view, name: Name(view.text.removeprefix("Hello ")),
...     source_type=Name,
...     view_type=Greeting,
... )
>>> (name_of | greeting)(Person("Ada", 36))
Greeting(text='Hello Ada')
>>> check_laws(name_of | greeting, [Person("Ada", 36)], [Greeting("Hello Bea")])

A lens can also be declared, field by field; then an index stores it whole, and it runs where its
code is not:

>>> @atdata.packable
... class Member:
...     label: str
...     years: float
...     half: float
...     split: str
>>> member = FieldMapping(
...     Person,
...     Member,
...     [
...         rename("name", "label"),
...         cast("age", "float", "years"),
...         expression("age / 2", "half"),
...         constant("train", "split"),
...     ],
... )
>>> member(Person("Ada", 36))
Member(label='Ada', years=36.0, half=18.0, split='train')
>>> member.put(Member("Bea", 40.0, 0.0, ""), Person("Ada", 36))
Person(name='Bea', age=40)
"""

import functools
import sys
import types
from collections.abc import Callable
from typing import Any, TypeVar

from atdata._dict_sample import DictSample
from atdata._errors import NoLensError
from atdata._lens import Lens, chained, types_of
from atdata._lens_derived import from_dict, identity_lens, shortest_path
from atdata._lens_laws import (
    LensLawError,
    check_get_put,
    check_laws,
    check_put_get,
    check_put_put,
)
from atdata._mapping import FieldMapping
from atdata._mapping_rules import cast, constant, expression, rename

__all__ = [
    "FieldMapping",
    "Lens",
    "LensLawError",
    "LensNetwork",
    "cast",
    "check_get_put",
    "check_laws",
    "check_put_get",
    "check_put_put",
    "constant",
    "expression",
    "identity_lens",
    "lens",
    "rename",
]

S = TypeVar("S")
V = TypeVar("V")


class LensNetwork:
    """All registered lenses: there is one network, and `LensNetwork()` is always that one.

    >>> LensNetwork() is LensNetwork()
    True
    """

    _instance: "LensNetwork | None" = None
    _registry: dict[tuple[type, type], Lens[Any, Any]]

    def __new__(cls) -> "LensNetwork":
        """The one network."""
        if cls._instance is None:
            cls._instance = super().__new__(cls)
            cls._instance._registry = {}
        return cls._instance

    def register(self, _lens: Lens[Any, Any]) -> None:
        """Make a lens the one between its two types, in the place of an earlier one.

        >>> network = LensNetwork()
        >>> network.register(Lens(str, source_type=complex, view_type=str))
        >>> network.transform(complex, str).get(1j)
        '1j'
        """
        self._registry[_lens.source_type, _lens.view_type] = _lens

    def transform(self, source: type[S], view: type[V]) -> Lens[S, V]:
        """The lens from one type to another.

        That is a registered lens; else the only shortest chain of registered lenses; else, from
        `DictSample`, the one that every sample type has. Raises `NoLensError` (a ValueError that
        lists the lenses there are) when there is none, or more than one shortest chain.

        >>> network = LensNetwork()
        >>> network.register(Lens(str, source_type=complex, view_type=str))
        >>> network.register(Lens(len, source_type=str, view_type=int))
        >>> network.transform(complex, int).get(1j)
        2
        """
        found = self.find(source, view)
        if found is None:
            raise NoLensError(
                f"No lens from {source.__qualname__} to {view.__qualname__}. {self._listed()}"
            )
        return found

    def find(self, source: type, view: type) -> Lens[Any, Any] | None:
        """As `transform`, with None instead of an error when there is no lens."""
        if (source, view) in self._registry:
            return self._registry[source, view]
        if source is view:
            return identity_lens(source)
        if path := shortest_path(self._registry.values(), source, view):
            return functools.reduce(chained, path)
        is_implied = source is DictSample and hasattr(view, "from_data")
        return from_dict(view) if is_implied else None

    def is_registered(self, source: type, view: type) -> bool:
        """Whether somebody registered a lens between exactly these two types."""
        return (source, view) in self._registry

    def _listed(self) -> str:
        lenses = sorted(repr(lens) for lens in self._registry.values())
        return f"Registered: {', '.join(lenses)}" if lenses else "No lens is registered"

    def __repr__(self) -> str:
        return f"<LensNetwork of {len(self._registry)}>"


def lens(f: Callable[[S], V]) -> Lens[S, V]:
    """Make a lens of a function from one sample type to another, and register it.

    The types are read from its annotations. Give it a way back with its `putter` decorator.
    Raises `UnsupportedTypeError` (a TypeError) when the function does not take one sample or does
    not say its types.

    >>> @lens
    ... def length_of(text: str) -> int:
    ...     return len(text)
    >>> length_of("hello"), LensNetwork().transform(str, int) is length_of
    (5, True)
    """
    return _registered(f, sys._getframe(1))


def _registered(f: Callable[[S], V], caller: types.FrameType) -> Lens[S, V]:
    source_type, view_type = types_of(f, caller.f_locals)
    made = Lens(f, source_type=source_type, view_type=view_type)
    LensNetwork().register(made)
    return made


class _CallableModule(types.ModuleType):
    """Lets `@atdata.lens` be the decorator while `atdata.lens` is this module."""

    def __call__(self, f: Callable[[S], V]) -> Lens[S, V]:
        return _registered(f, sys._getframe(1))


sys.modules[__name__].__class__ = _CallableModule
