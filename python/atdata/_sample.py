"""Typed samples: a dataclass that packs itself."""

import dataclasses
import functools
import inspect
import uuid
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast, dataclass_transform

import numpy as np

from atdata import _atdata
from atdata._errors import AtdataError, DataError, UnsupportedTypeError
from atdata._fields import Field, fields_of, is_generated, layout_of, prepare

__all__ = ["PackableSample", "packable", "same_value"]

T = TypeVar("T")
_ARRAYS = "_atdata_arrays"
_OWN_NAMES = frozenset({"packed", "as_wds", "from_bytes", "from_data"})


def same_value(left: Any, right: Any) -> bool:
    """Whether two values of a field are equal: arrays by dtype, shape and content.

    >>> same_value(np.zeros(2), np.zeros(2)), same_value(np.zeros(2), np.zeros(2, "f4"))
    (True, False)
    """
    if not (isinstance(left, np.ndarray) or isinstance(right, np.ndarray)):
        return left is right or bool(left == right)
    if not (isinstance(left, np.ndarray) and isinstance(right, np.ndarray)):
        return False
    return left.dtype == right.dtype and np.array_equal(left, right)


def _equal(self: Any, other: Any) -> Any:
    """Same class, and the same value in every field."""
    if other.__class__ is not self.__class__:
        return NotImplemented
    names = [field.name for field in dataclasses.fields(self) if field.compare]
    return all(same_value(getattr(self, name), getattr(other, name)) for name in names)


class PackableSample:
    """A dataclass whose instances are packed into shards and unpacked from them.

    Make one with `@atdata.packable`, or by inheriting from this class under `@dataclass`. Fields
    are str, int, float, bool, bytes, `NDArray` (any dtype and shape), lists and dicts of the
    plain ones, or any of these `| None`. Samples are equal when all fields are; arrays when
    dtype, shape and content are. A field with `init=False` is not stored: it is the class's own.

    >>> from dataclasses import dataclass
    >>> from numpy.typing import NDArray
    >>> @dataclass
    ... class Reading(PackableSample):
    ...     sensor: str
    ...     values: NDArray
    >>> reading = Reading("a", np.arange(3, dtype="f4"))
    >>> Reading.from_bytes(reading.packed) == reading
    True
    """

    __slots__ = ()

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        taken = _OWN_NAMES.intersection(inspect.get_annotations(cls))
        if taken:
            raise UnsupportedTypeError(
                f"a field cannot be called {min(taken)}: all samples have it"
            )
        own = cls.__dict__.get("__eq__")
        if own is None or is_generated(own):  # @dataclass would write one that fails on arrays
            cls.__eq__ = _equal  # type: ignore[method-assign]

    def __post_init__(self) -> None:
        self._ensure_good()

    def _ensure_good(self) -> None:
        """Turn bytes in array fields into arrays."""
        for name in _array_names(type(self)):
            value = getattr(self, name)
            if isinstance(value, bytes):
                object.__setattr__(self, name, _array(name, value))  # frozen ones too

    def _repr_html_(self) -> str:
        from atdata._notebook import sample_html  # needed in notebooks only

        return sample_html(self)

    @property
    def packed(self) -> bytes:
        """The sample as bytes: a msgpack map of its fields.

        Raises `DataError` when a field's value does not fit its type.
        """
        return layout_of(type(self)).encode(self)

    @property
    def as_wds(self) -> dict[str, Any]:
        """The sample as webdataset's writers want it: `__key__` (new and unique) and `msgpack`.

        >>> from numpy.typing import NDArray
        >>> @packable
        ... class Reading(PackableSample):
        ...     sensor: str
        >>> {**Reading("a").as_wds, "__key__": "reading_7"}
        {'__key__': 'reading_7', 'msgpack': b'\\x81\\xa6sensor\\xa1a'}
        """
        return {"__key__": uuid.uuid4().hex, "msgpack": self.packed}

    @classmethod
    def from_bytes(cls, bs: bytes) -> Self:
        """The sample that was packed into these bytes.

        Raises `DataError` when they are not a packed sample of this class.
        """
        sample: Self = layout_of(cls).decode(bytes(bs))
        return sample

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """A sample made from unpacked data; bytes in array fields become arrays.

        Names that are no fields are passed over. A missing field takes its default, or None if
        it may be that; else it is a `DataError`, as are bytes in an array field that are no array.

        >>> @packable
        ... class Reading(PackableSample):
        ...     sensor: str
        ...     celsius: float = 20.0
        >>> Reading.from_data({"sensor": "a", "colour": "red"})
        Reading(sensor='a', celsius=20.0)
        """
        fields = fields_of(cls)
        known = (field for field in fields if field.name in data or not field.has_default)
        return cls(**{field.name: _value(field, data) for field in known})


def _value(field: Field, data: Mapping[str, Any]) -> Any:
    if field.name not in data:
        if field.type.optional:
            return None
        message = f"the data has no field {field.name!r}, which its type requires"
        raise DataError(message, kind="missing_field", field=field.name)
    value = data[field.name]
    if field.type.kind == "array" and isinstance(value, bytes):
        return _array(field.name, value)
    return value


def _array(name: str, value: bytes) -> Any:
    try:
        return _atdata.bytes_to_array(value)
    except AtdataError as error:
        error.field = error.field or name
        raise


def _array_names(cls: type) -> tuple[str, ...]:
    """The fields that hold arrays; kept on the class."""
    found: tuple[str, ...] | None = cls.__dict__.get(_ARRAYS)
    if found is None:
        found = tuple(field.name for field in fields_of(cls) if field.type.kind == "array")
        setattr(cls, _ARRAYS, found)
    return found


@dataclass_transform()
def packable(cls: type[T]) -> type[T]:
    """Make a class a sample type: a dataclass that inherits from `PackableSample`.

    The class keeps its name, methods, defaults and parents. A class that is a dataclass already
    (frozen, with slots) stays as it is. `DictSample`s can be viewed as it from then on.

    >>> from numpy.typing import NDArray
    >>> @packable
    ... class Image:
    ...     pixels: NDArray
    ...     label: str = "none"
    >>> image = Image(np.zeros((2, 2), "u1"))
    >>> issubclass(Image, PackableSample), Image.from_bytes(image.packed) == image
    (True, True)
    """
    made = cls if issubclass(cls, PackableSample) else _rebased(cls)
    if "__dataclass_fields__" in made.__dict__:
        prepare(made)
        return made
    parents = (getattr(base, "__dataclass_params__", None) for base in made.__mro__)
    frozen = any(params is not None and params.frozen for params in parents)
    sample_type = cast("type[T]", dataclasses.dataclass(frozen=frozen)(cast("Any", made)))
    prepare(sample_type)
    return sample_type


def _rebased(cls: type[T]) -> type[T]:
    """The same class with `PackableSample` as its last parent."""
    slots = cls.__dict__.get("__slots__", ())
    left_out = {"__dict__", "__weakref__", *([slots] if isinstance(slots, str) else slots)}
    namespace = {name: value for name, value in vars(cls).items() if name not in left_out}
    bases = (*(base for base in cls.__bases__ if base is not object), PackableSample)
    metaclass: Any = type(cls)
    made: type[T] = metaclass(cls.__name__, bases, namespace)
    made.__qualname__ = cls.__qualname__
    _move_super(cls, made)
    return made


def _move_super(old: type, new: type) -> None:
    """Make `super()` without arguments work in methods that were written in the old class."""
    for value in vars(new).values():
        for function in _functions(value):
            names = function.__code__.co_freevars
            if "__class__" in names and function.__closure__ is not None:
                cell = function.__closure__[names.index("__class__")]
                if cell.cell_contents is old:
                    cell.cell_contents = new
                    return  # all methods share the cell


def _functions(value: Any) -> list[Any]:
    """The Python functions behind a class attribute."""
    if isinstance(value, property):
        found = [value.fget, value.fset, value.fdel]
    elif isinstance(value, functools.cached_property):
        found = [value.func]
    else:
        found = [getattr(value, "__func__", value)]
    plain = (inspect.unwrap(function) for function in found if callable(function))
    return [function for function in plain if inspect.isfunction(function)]
