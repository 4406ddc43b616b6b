"""A batch of samples, by field."""

import dataclasses
import functools
import inspect
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

import numpy as np

from atdata import _atdata
from atdata._dict_sample import DictSample
from atdata._errors import UnknownNameError
from atdata._fields import fields_of
from atdata._handover import HandedOver

__all__ = ["Padding", "SampleBatch", "padded"]

T_co = TypeVar("T_co", covariant=True)
Scalar = bool | int | float | complex | np.generic
Padding = Scalar | Mapping[str, Scalar] | None


class _Held(Generic[T_co]):
    """The columns of a batch: the engine's, or ones that are held here."""

    def __init__(self, columns: Mapping[str, Any], size: int) -> None:
        self._columns, self._size = columns, size

    def __len__(self) -> int:
        return self._size

    @property
    def names(self) -> list[str]:
        return list(self._columns)

    def column(self, name: str) -> Any:
        return self._columns[name]

    items = column


class SampleBatch(HandedOver, Generic[T_co]):
    """A batch of samples whose attributes are the fields of all of them.

    An array field is one array with the samples on a new first axis, when all have one shape;
    where shapes differ, or some arrays are None, it is a list. Every other field is a list.
    A field that some `DictSample`s lack is None there. What was asked for once is kept.

    `batch["name"]` is the same as `batch.name`, also for fields whose name the batch itself uses
    or that begin with an underscore.

    >>> import atdata
    >>> from numpy.typing import NDArray
    >>> @atdata.packable
    ... class Image:
    ...     pixels: NDArray
    ...     label: str
    >>> batch = SampleBatch[Image]([Image(np.zeros((2, 2)), "cat"), Image(np.ones((2, 2)), "dog")])
    >>> batch.pixels.shape, batch.label, len(batch)
    ((2, 2, 2), ['cat', 'dog'], 2)
    """

    def __init__(self, samples: Sequence[T_co]) -> None:
        self._samples: list[T_co] | None = list(samples)
        self._columns: _atdata.Columns | _Held[Any] | None = None
        self._type: type[Any] | None = None
        self._pad: Padding = None

    @classmethod
    def _of(
        cls, samples: Sequence[Any], sample_type: type[Any], pad: "Padding" = None
    ) -> "SampleBatch[Any]":
        """A batch of samples of a type, made without subscribing the class."""
        batch: SampleBatch[Any] = SampleBatch(samples)
        batch._type, batch._pad = sample_type, pad
        return batch

    @classmethod
    def _of_columns(
        cls, sample_type: type[Any], pad: "Padding", columns: "_atdata.Columns | _Held[Any]"
    ) -> "SampleBatch[Any]":
        """A batch of columns; its samples are made only when somebody asks for them."""
        batch: SampleBatch[Any] = cls.__new__(cls)
        batch._samples, batch._columns, batch._type = None, columns, sample_type
        batch._pad = pad
        return batch

    @property
    def sample_type(self) -> type[T_co]:
        """The class of the samples."""
        if self._type is None:
            given = typing.get_args(getattr(self, "__orig_class__", None))
            found = given[0] if given and not isinstance(given[0], TypeVar) else None
            origin = typing.get_origin(found) or found
            self._type = origin or (type(self._samples[0]) if self._samples else DictSample)
        return cast("type[T_co]", self._type)

    @property
    def samples(self) -> list[T_co]:
        """The samples, one by one.

        >>> SampleBatch([DictSample(label=1)]).samples
        [DictSample(label=1)]
        """
        if self._samples is None:
            self._samples = list(self._rows())
        return self._samples

    def _rows(self) -> Iterator[T_co]:
        columns = self._columns
        if columns is None:
            return
        values = {name: columns.items(name) for name in columns.names}
        make: Any = self.sample_type
        for row in range(len(columns)):
            yield make(**{name: _cell(values[name], row) for name in values})

    def _names(self) -> list[str]:
        """The fields: the columns', the type's, or those that any `DictSample` has."""
        if self._columns is not None:
            return self._columns.names
        if dataclasses.is_dataclass(self.sample_type):
            return [field.name for field in dataclasses.fields(self.sample_type)]
        return list(dict.fromkeys(name for sample in self.samples for name in _keys(sample)))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # asked while a copy is being made, or by tools that look around
            raise AttributeError(name)
        try:
            values = self._column(name)
        except UnknownNameError as error:
            raise AttributeError(str(error), name=name, obj=self) from None
        self.__dict__[name] = values
        return values

    def _column(self, name: str) -> Any:
        """What `self[name]` is, asked of the columns first."""
        if self._columns is not None:
            try:
                return self._padded(name, self._columns.column(name))
            except KeyError:
                pass
        return self[name]

    def _padded(self, name: str, values: Any) -> Any:
        """Ragged arrays as one, where that was asked for."""
        pad = self._pad
        if pad is None or not isinstance(values, list):
            return values
        if isinstance(pad, Mapping):
            return padded(values, pad[name]) if name in pad else values
        return padded(values, pad)

    def __getitem__(self, name: str) -> Any:
        if name in self._names():
            if self._columns is not None:
                return self._padded(name, self._columns.column(name))
            return self._padded(name, _gathered([_field(sample, name) for sample in self.samples]))
        if _is_property(self.sample_type, name):
            return _gathered([getattr(sample, name) for sample in self.samples])
        raise UnknownNameError(_no_field(name, self._names()))

    def __iter__(self) -> Iterator[T_co]:
        return iter(self.samples)

    def __len__(self) -> int:
        return len(self._columns if self._columns is not None else self.samples)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._names()]

    def __repr__(self) -> str:
        names = ", ".join(self._names())
        return f"<SampleBatch[{self.sample_type.__qualname__}] of {len(self)}: {names}>"

    def _repr_html_(self) -> str:
        from atdata._notebook import batch_html  # needed in notebooks only

        return batch_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._columns is None:
            return SampleBatch._of, (self._samples, self.sample_type, self._pad)
        held = {name: self._columns.column(name) for name in self._columns.names}
        return SampleBatch._of_columns, (self.sample_type, self._pad, _Held(held, len(self)))


def _keys(sample: Any) -> list[str]:
    """The names of one sample's fields."""
    if isinstance(sample, (DictSample, Mapping)):
        return list(sample.keys())
    if dataclasses.is_dataclass(sample):
        return [field.name for field in fields_of(type(sample))]
    return list(vars(sample))


def _field(sample: Any, name: str) -> Any:
    if isinstance(sample, (DictSample, Mapping)):
        return sample.get(name)
    return getattr(sample, name)


def _no_field(name: str, known: list[str]) -> str:
    meant, fields = _atdata.did_you_mean(name, known), ", ".join(known) or "none"
    return f"the samples have no field {name!r}{meant}; their fields are {fields}"


def _is_property(cls: type, name: str) -> bool:
    """Whether a sample type computes something under this name."""
    found = inspect.getattr_static(cls, name, None)
    return isinstance(found, (property, functools.cached_property))


def _gathered(values: list[Any]) -> Any:
    """Arrays of one shape as one array; anything else as a list."""
    if not values or not all(isinstance(value, np.ndarray) for value in values):
        return values
    if any(value.shape != values[0].shape for value in values):
        return values
    try:
        return np.stack(values)
    except TypeError:  # dtypes that have none in common
        return values


def padded(values: list[Any], fill: Any) -> Any:
    """Arrays of one number of axes as one array, filled up to the longest of each axis.

    A list with anything else in it, or with arrays of several numbers of axes, comes back as it is.

    >>> padded([np.array([1, 2]), np.array([3])], 0).tolist()
    [[1, 2], [3, 0]]
    """
    if not values or not all(isinstance(value, np.ndarray) for value in values):
        return values
    if len({value.ndim for value in values}) > 1:
        return values
    longest = [max(lengths) for lengths in zip(*(value.shape for value in values), strict=True)]
    out = np.full((len(values), *longest), fill, dtype=np.result_type(*values))
    for row, value in zip(out, values, strict=True):
        row[tuple(slice(length) for length in value.shape)] = value
    return out


def _cell(column: Any, row: int) -> Any:
    """One sample's value; of an array also a 0-dimensional one stays an array."""
    return column[row, ...] if isinstance(column, np.ndarray) else column[row]
