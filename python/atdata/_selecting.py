"""Parts of a dataset, and what functions make of it."""

import itertools
import operator
import typing
from collections.abc import Callable, Iterable
from typing import Any, Generic, SupportsIndex, TypeVar, cast, overload

import numpy as np

from atdata import _atdata
from atdata._condition import Column, Condition
from atdata._decoding import Decode, decoded, decoded_fields
from atdata._dict_sample import DictSample
from atdata._errors import InvalidError, OutOfRangeError, UnknownNameError, UnsupportedTypeError
from atdata._fields import fields_of
from atdata._readable import Readable
from atdata._reading import unless_broken
from atdata._sources import Handle
from atdata._told import PartProgress, told_of_all
from atdata._view import Keep, Make, View

if typing.TYPE_CHECKING:
    from atdata._dataset import Dataset

__all__ = ["Selecting"]

ST_co = TypeVar("ST_co", covariant=True)
RT = TypeVar("RT")
FOR_EVER = 2**62
TOLD_EVERY = 1000  # samples


class Selecting(Readable[ST_co], Generic[ST_co]):
    """What picks samples out and what is done with each."""

    def _with(self, handle: Handle, view: View) -> "Dataset[Any]":
        """The same dataset of other samples."""
        raise NotImplementedError

    def __len__(self) -> int:
        if self._seen.filters:
            return len(self.ordered())  # says why it is not known
        return unless_broken(self._handle.shards.sample_count)

    @overload
    def __getitem__(self, index: SupportsIndex) -> ST_co: ...
    @overload
    def __getitem__(self, index: slice) -> "Dataset[ST_co]": ...
    def __getitem__(self, index: SupportsIndex | slice) -> "ST_co | Dataset[ST_co]":
        """One sample by its number, also from the end, or a dataset of a slice.

        What is stored comes back: of an image, the bytes of its file. It comes decoded from
        `ds[3:4].ordered(decode=True)`.

        Raises `OutOfRangeError` (an IndexError).
        """
        view = self._numbered()
        if isinstance(index, slice):
            start, step, count = _range(index, self)
            return self._with(self._handle.selected("slice", start, step, count), view)
        number = operator.index(index)
        if number < 0:
            number += len(self)
        if not 0 <= number < 2**63:
            raise OutOfRangeError(f"there is no sample {index}: the dataset has {len(self)}")
        return cast("ST_co", view.seen(self._handle.shards.sample(view.layout, number)))

    def _numbered(self) -> View:
        """How samples are seen, if they have numbers."""
        view = self._seen
        if view.filters:
            raise UnsupportedTypeError(
                "the samples that a filter keeps have no numbers; pick them out before the filter, "
                "or take them from iter(dataset)"
            )
        return view

    def select(self, indices: Iterable[SupportsIndex]) -> "Dataset[ST_co]":
        """The samples with these numbers, in this order; a number may come more than once.

        Numbers may count from the end, and may be an array. Raises `OutOfRangeError` (an
        IndexError) for a number that no sample has.

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(10))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     [sample.number for sample in dataset.select([7, 0, -1])], len(dataset[2:5])
        ([7, 0, 9], 3)
        """
        view = self._numbered()
        numbers = _whole_numbers(indices)
        if any(number < 0 for number in numbers):
            total = len(self)
            wrong = [number for number in numbers if number < -total]
            if wrong:
                raise OutOfRangeError(f"there is no sample {wrong[0]}: the dataset has {total}")
            numbers = [number + total if number < 0 else number for number in numbers]
        return self._with(self._handle.selected("pick", numbers), view)

    def head(self, n: int = 5) -> list[ST_co]:
        """The first `n` samples, or all if there are fewer."""
        return list(itertools.islice(iter(self.ordered()), n))

    def get(self, key: str, *, decode: Decode = False) -> ST_co:
        """The sample with this key, the first if there are several.

        `decode` is as for `ordered`: with `decode=True` images and recordings come decoded. Raises
        `UnknownNameError` (a KeyError) if there is no such sample, and `DataError` (a ValueError)
        for what cannot be decoded.

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(3))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     dataset.get("000000002")
        DictSample(number=2)
        """
        view, shards = self._seen, self._handle.shards
        fields = decoded_fields(view.sample_type, decode)
        try:
            sample = view.seen(view.over(shards).keyed(view.layout, key))
        except UnknownNameError as error:
            raise UnknownNameError(f"no sample has the key {key!r}") from error
        return cast("ST_co", decoded(sample, fields, key))

    def filter(
        self, predicate: "str | Condition | Column | Callable[[ST_co], object]"
    ) -> "Dataset[ST_co]":
        """Only the samples of which a condition holds, or for which a function gives true.

        A condition is a text, `"score > 0.99 and label in ['cat', 'dog']"`, or the same with
        `atdata.col`. The engine asks it of the stored bytes: of samples that are left out nothing
        but its fields is decoded, large arrays are not read, and shards whose manifest rules them
        out are not opened. It is about the samples as they are seen here: behind a lens or `map`
        it is asked of what those gave. Values are compared as Python does it, but a comparison
        with None is false (`is None` asks for it), and text beside a number is an error.

        A function is called with each sample while samples are read, on the thread that reads.

        Batches are filled up with samples that are kept. How many those are is known only when all
        have been asked: see `count`. Raises `InvalidError` that shows what is wrong in a text, and
        `UnknownNameError` (a KeyError) for a field that is not there; of a `DictSample`, the first
        sample shows what there is.

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(9))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     large = dataset.filter("number > 5")
        ...     odd = large.filter(lambda sample: sample.number % 2)
        ...     [sample.number for sample in large], [sample.number for sample in odd]
        ([6, 7, 8], [7])
        """
        if isinstance(predicate, str):
            predicate = Condition(predicate)
        elif isinstance(predicate, Column):
            predicate = predicate._condition
        if not isinstance(predicate, Condition):
            return self._with(self._handle, self._seen.then(Keep(predicate)))
        view = self._seen.where(predicate)
        view.over(self._handle.shards)  # says at once what cannot be asked
        return self._with(self._handle, view)

    def count(self, *, progress: bool | PartProgress | None = None) -> int:
        """How many samples there are, also behind filters.

        Behind a condition it is asked of all samples, without decoding any; behind a function all
        are decoded and given to it. Else it is `len`. `progress=True` shows a bar or a line of
        text; a function is called with the samples that were kept so far, and None.

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(9))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     dataset.filter("number > 5").count()
        3
        """
        view = self._seen
        if not view.filters:
            return len(self)
        if any(not isinstance(step, Make) for step in view.steps):
            return self._counted(progress)
        with told_of_all(progress, "samples") as watch:
            shards = view.over(self._handle.shards)
            return shards.count(_atdata.Order(), self._on_error, progress=watch)

    def _counted(self, progress: bool | PartProgress | None) -> int:
        """How many samples come out of functions."""
        with told_of_all(progress, "samples") as watch:
            count = 0
            for count, _ in enumerate(self.ordered(), 1):
                if watch is not None and count % TOLD_EVERY == 0:
                    watch(count, None)
            if watch is not None:
                watch(count, None)
            return count

    def select_columns(self, names: Iterable[str]) -> "Dataset[Any]":
        """The same samples with only these fields; the others are never decoded, and large ones
        not read where the shard can be read at any place.

        The samples are of a data class with these fields, their types and defaults, in the order of
        the type they are of now; `DictSample`s stay that. Filter before, by any field, or after, by
        these. Raises `UnknownNameError` (a KeyError) for a name that is no field.

        >>> import atdata, tempfile
        >>> @atdata.packable
        ... class Image:
        ...     pixels: bytes
        ...     label: str
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     images = (Image(bytes(9), f"class {n}") for n in range(2))
        ...     dataset = atdata.write_samples(images, f"{folder}/images.tar")
        ...     list(dataset.select_columns(["label"]))
        [Image_label(label='class 0'), Image_label(label='class 1')]
        """
        chosen = (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))
        if not chosen:
            raise InvalidError("select_columns([]): no field would be left")
        return self._with(self._handle, self._seen.narrowed(chosen))

    def map(self, function: Callable[[ST_co], RT]) -> "Dataset[RT]":
        """What `function(sample)` gives, in place of each sample.

        It is called while samples are read, on the thread that reads them. In batches, results
        that are samples or dicts are gathered by field.

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(5))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     odd = dataset.filter(lambda sample: sample.number % 2)
        ...     list(odd.map(lambda sample: {"square": sample.number**2}))
        [{'square': 1}, {'square': 9}]
        """
        step = Make(function, _result_type(function))
        return self._with(self._handle, self._seen.then(step))

    @property
    def schema(self) -> dict[str, Any]:
        """The fields of the samples with their types, as annotated; for `DictSample`s the types
        of the first one's values."""
        cls = self.sample_type
        if cls is DictSample:
            first: Any = next(iter(self.head(1)), DictSample())
            return {name: type(value) for name, value in first.items()}
        hints = typing.get_type_hints(cls, include_extras=True)
        return {field.name: hints.get(field.name, Any) for field in fields_of(cls)}

    @property
    def column_names(self) -> list[str]:
        """The names of the fields, in their order."""
        return list(self.schema)

    @property
    def sample_type(self) -> type[ST_co]:
        """The class of the samples."""
        return self._seen.sample_type

    def _size(self) -> int | None:
        """The bytes of all shards, where that is known."""
        return self._handle.shards.total_bytes()


def _range(index: slice, sized: Any) -> tuple[int, int, int]:
    """Start, step and the most samples of a slice.

    Only what counts from the end needs the length.
    """
    step = 1 if index.step is None else operator.index(index.step)
    start = 0 if index.start is None else operator.index(index.start)
    stop = FOR_EVER if index.stop is None else operator.index(index.stop)
    if step < 1 or start < 0 or stop < 0:
        start, stop, step = index.indices(len(sized))
    return max(start, 0), step, len(range(start, stop, step))


def _whole_numbers(indices: Iterable[SupportsIndex]) -> list[int]:
    """Indices as Python's own numbers."""
    if isinstance(indices, np.ndarray):
        if indices.dtype.kind == "b":
            return [int(number) for number in np.flatnonzero(indices)]
        if indices.size and indices.dtype.kind not in "iu":
            raise UnsupportedTypeError(
                f"samples are selected by whole numbers, not {indices.dtype}"
            )
        return [int(number) for number in indices.ravel()]
    return [operator.index(number) for number in indices]


def _result_type(function: Callable[[Any], Any]) -> type[Any]:
    """The class that a function says it gives."""
    try:
        found = typing.get_type_hints(function).get("return", object)
    except (NameError, TypeError):
        return object
    found = typing.get_origin(found) or found
    return found if isinstance(found, type) else object
