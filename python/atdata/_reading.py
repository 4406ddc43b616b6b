"""Passes over a dataset: objects that can be iterated again and again."""

import dataclasses
import functools
import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from atdata import _atdata
from atdata._batch import Padding, SampleBatch
from atdata._decoding import Fields, made_decoded, samples_of, sounded
from atdata._errors import DataError, InvalidError, MalformedSampleError, UnknownLengthError
from atdata._handover import as_mapping
from atdata._part import Part, worker_seed
from atdata._sources import Handle
from atdata._view import View

__all__ = ["Batches", "Samples", "Shuffle", "reading", "unless_broken"]

T_co = TypeVar("T_co", covariant=True)

# Single samples are decoded so many at a time, on several threads.
AT_ONCE = 16


@dataclasses.dataclass(frozen=True)
class Shuffle:
    """How samples are shuffled; a fixed epoch is the same order at every pass."""

    seed: int
    epoch: int | None
    buffer_shards: int
    buffer_samples: int


@dataclasses.dataclass(frozen=True)
class Pass:
    """All that a pass depends on."""

    handle: Handle
    view: View
    on_error: str
    part: Part
    shuffle: Shuffle | None = None
    rows: int | None = None
    pad: Padding = None
    views: bool = False
    decode: Fields = ()

    @property
    def shards(self) -> _atdata.Shards:
        """The samples that the engine gives."""
        return self.view.over(self.handle.shards)

    def order(self, number: int) -> _atdata.Order:
        """The order of a numbered pass."""
        return _atdata.Order(self._mixing(number), *self.part.shares())

    def count(self, number: int) -> int:
        """The samples or batches of a numbered pass; `UnknownLengthError` behind a filter."""
        if self.view.filters:
            raise UnknownLengthError("how many samples the filter keeps is known when all are read")
        return self.handle.shards.part_count(self.order(number), self.rows)

    def _mixing(self, number: int) -> tuple[int, int, int, int] | None:
        shuffle = self.shuffle
        if shuffle is None:
            return None
        epoch = shuffle.epoch
        if epoch is None:
            # A DataLoader starts new workers for each pass, which all count from 0.
            shared = worker_seed() if self.part.world == 1 else None
            epoch = number + (shared or 0)
        return shuffle.seed, epoch, shuffle.buffer_shards, shuffle.buffer_samples


class _Reading(Generic[T_co]):
    """What `Samples` and `Batches` share."""

    def __init__(self, how: Pass) -> None:
        self._how = how
        self._passes = 0
        self._report: _atdata.Report | None = None

    @property
    def report(self) -> _atdata.Report:
        """What the last pass left out: skipped samples, extra fields, shards that end too early.

        Raises `InvalidError` before the first pass.
        """
        if self._report is None:
            raise InvalidError("there was no pass yet: iterate first")
        return self._report

    def __len__(self) -> int:
        return unless_broken(functools.partial(self._how.count, self._passes))

    def _next_order(self) -> _atdata.Order:
        """The order of a pass that begins now."""
        self._passes += 1
        return self._how.order(self._passes - 1)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A new pass as an Arrow stream, its columns as `Dataset.to_parquet` writes them: for other
        libraries to call. Record batches are of the size of the batches.

        A stream tells its types first, so what is no single batch is gone through twice.
        """
        return self._export(self._next_order()).__arrow_c_stream__(requested_schema)

    def _export(self, order: _atdata.Order) -> _atdata.Export:
        how, view = self._how, self._how.view
        layout = view.layout
        if not (view.steps or how.decode or view.only) and (layout.has_columns or layout.is_open):
            return how.shards.export(layout, order, how.on_error, how.rows)
        return _atdata.export_samples(lambda: map(as_mapping, _one_by_one(how, order)[0]))

    def __reduce__(self) -> tuple[Any, ...]:
        return reading, (self._how, self._passes)

    def __repr__(self) -> str:
        how = self._how
        order = "ordered" if how.shuffle is None else f"shuffled, seed {how.shuffle.seed}"
        rows = "" if how.rows is None else f", batches of {how.rows}"
        return f"<{type(self).__name__} of {how.view.sample_type.__qualname__}, {order}{rows}>"


class Samples(_Reading[T_co]):
    """The samples of a dataset, one by one; each new pass over it starts again.

    What `ordered()` and `shuffled()` give. Its length counts the samples of this process's part
    (also those that are then skipped). A real `torch.utils.data.IterableDataset` when PyTorch was
    imported before it was made.

    >>> import atdata, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     numbers = (atdata.DictSample(number=n) for n in range(4))
    ...     samples = atdata.write_samples(numbers, f"{folder}/numbers.tar").ordered()
    ...     len(samples), [sample.number for sample in samples], samples.report.skipped
    (4, [0, 1, 2, 3], 0)
    """

    def __iter__(self) -> Iterator[T_co]:
        """A new pass."""
        found, self._report = _one_by_one(self._how, self._next_order())
        return found


class Batches(_Reading[SampleBatch[T_co]], Generic[T_co]):
    """The samples of a dataset in batches; the last one of a pass may be shorter.

    What `ordered(batch_size=...)` and `shuffled(batch_size=...)` give; else as `Samples`. Its
    length counts batches.

    >>> import atdata, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     numbers = (atdata.DictSample(number=n) for n in range(4))
    ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
    ...     [batch.number for batch in dataset.ordered(batch_size=3)]
    [[0, 1, 2], [3]]
    """

    def __iter__(self) -> Iterator[SampleBatch[T_co]]:
        """A new pass."""
        how, order = self._how, self._next_order()
        rows, view = how.rows or 1, how.view
        if view.has_columns:
            batches = _batches(how, order, rows, None)
            self._report = batches.report
            made = functools.partial(SampleBatch._of_columns, view.sample_type, how.pad)
            if not how.decode:
                return map(made, batches)
            return map(made, (sounded(columns, how.decode) for columns in batches))
        found, self._report = _seen(how, order, rows)
        return _grouped(found, view.sample_type, how.pad, rows)


def _batches(
    how: Pass, order: _atdata.Order, rows: int, dealt_in: int | None
) -> _atdata.BatchIterator:
    layout = how.view.layout
    return how.shards.batches(
        layout, order, rows, how.on_error, decode=list(how.decode), dealt_in=dealt_in
    )


def _one_by_one(how: Pass, order: _atdata.Order) -> tuple[Iterator[Any], _atdata.Report]:
    """Samples as they come out, decoded where that is asked for."""
    if how.decode and how.view.has_columns:
        batches = _batches(how, order, AT_ONCE, how.rows or 1)
        return samples_of(batches, how.view.sample_type, how.decode), batches.report
    return _seen(how, order, AT_ONCE)


def _seen(how: Pass, order: _atdata.Order, rows: int) -> tuple[Iterator[Any], _atdata.Report]:
    """Samples that are made one by one, as they come out."""
    layout, on_error = how.view.layout, how.on_error
    made = how.shards.samples(layout, order, on_error, how.rows or 1, how.views)
    found = how.view.all_seen(made)
    if how.decode:
        found = made_decoded(found, how.decode, rows, on_error, made.report)
    return found, made.report


def _grouped(
    samples: Iterator[Any], sample_type: type[Any], pad: Padding, rows: int
) -> Iterator[SampleBatch[Any]]:
    """Batches of samples that were made one by one. No generator: that would be at its end when
    an exception has passed through it, Ctrl-C for one.
    """
    groups = iter(lambda: list(itertools.islice(samples, rows)), [])
    batch_of = functools.partial(SampleBatch._of, sample_type=sample_type, pad=pad)
    return map(batch_of, groups)


def unless_broken(count: Callable[[], int]) -> int:
    """A count of samples, or `UnknownLengthError` when a shard is broken."""
    try:
        return count()
    except (DataError, MalformedSampleError) as error:
        raise UnknownLengthError(
            f"the samples cannot be counted: {error}", shard=error.shard, offset=error.offset
        ) from error


def reading(how: Pass, passes: int = 0) -> Any:
    """The object that reads so, after a number of passes."""
    made = _class_here(Samples if how.rows is None else Batches)(how)
    made._passes = passes
    return made


def _class_here(cls: Any) -> type[Any]:
    """The class, as an `IterableDataset` of PyTorch too when that is imported."""
    torch_data: Any = sys.modules.get("torch.utils.data")
    base = getattr(torch_data, "IterableDataset", None)
    return cls if base is None else _with_base(cls, base)


@functools.cache
def _with_base(cls: Any, base: Any) -> type[Any]:
    return type(cls.__name__, (cls, base), {"__module__": cls.__module__, "__doc__": cls.__doc__})
