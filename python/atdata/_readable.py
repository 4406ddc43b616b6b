"""The ways to go through a dataset."""

import operator
import secrets
from collections.abc import Iterator
from typing import Generic, Literal, TypedDict, TypeVar, Unpack, cast, overload

from atdata._batch import Padding
from atdata._decoding import Decode, decoded_fields
from atdata._errors import InvalidError
from atdata._part import Rank, part_of
from atdata._reading import Batches, Pass, Samples, Shuffle, reading
from atdata._sources import Handle
from atdata._view import View

__all__ = ["Readable"]

ArrayKind = Literal["copy", "view"]
ST_co = TypeVar("ST_co", covariant=True)


class _Shares(TypedDict, total=False):
    """Which part of the samples is wanted, and how batches are made."""

    pad: Padding
    arrays: ArrayKind
    decode: Decode

    rank: Rank
    world: int | None
    worker: int | None
    workers: int | None


class _Shuffling(_Shares, total=False):
    """Which of the random orders is wanted."""

    initial: int | None
    seed: int | None
    epoch: int | None


class Readable(Generic[ST_co]):
    """What can be read in order or shuffled, one by one or in batches."""

    _handle: Handle
    _on_error: str

    @property
    def _seen(self) -> View:
        """How samples are decoded and seen."""
        raise NotImplementedError

    @overload
    def ordered(self, batch_size: None = None, **shares: Unpack[_Shares]) -> Samples[ST_co]: ...
    @overload
    def ordered(self, batch_size: int, **shares: Unpack[_Shares]) -> Batches[ST_co]: ...
    @overload
    def ordered(
        self, batch_size: int | None, **shares: Unpack[_Shares]
    ) -> Samples[ST_co] | Batches[ST_co]: ...
    def ordered(
        self,
        batch_size: int | None = None,
        *,
        rank: Rank = None,
        world: int | None = None,
        worker: int | None = None,
        workers: int | None = None,
        pad: Padding = None,
        arrays: ArrayKind = "copy",
        decode: Decode = False,
    ) -> Samples[ST_co] | Batches[ST_co]:
        """All samples in their order: one by one, or in batches of `batch_size`.

        What comes back can be iterated again and knows its length. With `rank` of `world`
        processes it is that process's part (`rank="auto"` asks `torch.distributed`, else `RANK`
        and `WORLD_SIZE`); so with `worker` of `workers`, which are found without asking in the
        workers of a PyTorch DataLoader. In batches, `pad` fills arrays of different lengths up to
        the longest with that value (or with that of a field, given a dict), so that they are one
        array; without it they are a list. Raises `InvalidError` for numbers that make no sense.

        The arrays of single samples are copies; with `arrays="view"` they look at the shard's
        file where it lies in memory, which makes large ones many times faster. They cannot be
        written to, may be unaligned (numpy copes, at half the speed), keep the file mapped while
        one of them lives, and need it to stay as it is: whoever cuts a shard in place, which
        nothing of atdata does, ends the process that looks at it. Shards that are no files of
        this machine are copied all the same.

        With `decode=True` the fields that are annotated as `atdata.Image` and `atdata.Audio` come
        decoded (or those named: `decode=["photo"]`): an image as a uint8 array of height, width and
        channels (see `decode_image`), in batches one array of them where all have one shape, else a
        list; a recording as a `Sound`. Samples are of the same class, with that in the place of the
        bytes. It is done while samples are read, on several threads, without the GIL; functions of
        `filter` and `map` still see bytes, and files in lists stay bytes. What cannot be decoded is
        a `DataError` that names shard, key and field, or with `on_error="skip"` is left out; then a
        batch may be shorter.

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(4))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     [batch.number for batch in dataset.ordered(batch_size=2)]
        [[0, 1], [2, 3]]
        """
        part = part_of(rank, world, worker, workers)
        rows = _positive("batch_size", batch_size)
        views, fields = _views(arrays, rows), decoded_fields(self._seen.sample_type, decode)
        if views and fields:
            raise InvalidError("arrays='view' looks at what is stored: it cannot be decoded")
        how = Pass(self._handle, self._seen, self._on_error, part, None, rows, pad, views, fields)
        return self._read(how)

    @overload
    def shuffled(
        self,
        buffer_shards: int = 100,
        buffer_samples: int = 10_000,
        batch_size: None = None,
        **how: Unpack[_Shuffling],
    ) -> Samples[ST_co]: ...
    @overload
    def shuffled(
        self,
        buffer_shards: int = 100,
        buffer_samples: int = 10_000,
        *,
        batch_size: int,
        **how: Unpack[_Shuffling],
    ) -> Batches[ST_co]: ...
    @overload
    def shuffled(
        self,
        buffer_shards: int,
        buffer_samples: int,
        batch_size: int,
        **how: Unpack[_Shuffling],
    ) -> Batches[ST_co]: ...
    @overload
    def shuffled(
        self,
        buffer_shards: int = 100,
        buffer_samples: int = 10_000,
        batch_size: int | None = None,
        **how: Unpack[_Shuffling],
    ) -> Samples[ST_co] | Batches[ST_co]: ...
    def shuffled(
        self,
        buffer_shards: int = 100,
        buffer_samples: int = 10_000,
        batch_size: int | None = None,
        *,
        initial: int | None = None,
        seed: int | None = None,
        epoch: int | None = None,
        rank: Rank = None,
        world: int | None = None,
        worker: int | None = None,
        workers: int | None = None,
        pad: Padding = None,
        arrays: ArrayKind = "copy",
        decode: Decode = False,
    ) -> Samples[ST_co] | Batches[ST_co]:
        """All samples in random order: one by one, or in batches of `batch_size`.

        Shards are shuffled `buffer_shards` at a time and samples `buffer_samples` at a time
        (`initial` is another name for that). Positions wait there, 40 bytes each, and the bytes of
        samples up to 4 KiB, at most 32 MiB of them; larger samples are read at their turn. With
        one batch and the indexes of the shards, 24 bytes and the key for each sample of the
        dataset, that is all the memory. (Of a source that cannot seek, the
        samples themselves wait.) The same seed and epoch give the same order. Without
        a seed a fresh one is drawn. Each new pass over what comes back is the next epoch, unless
        `epoch` fixes it. Ranks, workers, `pad`, `arrays` and
        `decode` are as for `ordered`; ranks need a
        common seed. Raises `InvalidError` for numbers that make no sense.

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(4))
        ...     dataset = atdata.write_samples(numbers, f"{folder}/numbers.tar")
        ...     sorted(sample.number for sample in dataset.shuffled(seed=7))
        [0, 1, 2, 3]
        """
        part = part_of(rank, world, worker, workers)
        if seed is None and part.world > 1:
            raise InvalidError("ranks shuffle alike only with the same seed: pass seed=")
        shuffle = Shuffle(
            secrets.randbits(63) if seed is None else operator.index(seed) % 2**64,
            None if epoch is None else operator.index(epoch) % 2**64,
            _positive("buffer_shards", buffer_shards) or 1,
            _positive("buffer_samples", buffer_samples if initial is None else initial) or 1,
        )
        rows = _positive("batch_size", batch_size)
        views, fields = _views(arrays, rows), decoded_fields(self._seen.sample_type, decode)
        if views and fields:
            raise InvalidError("arrays='view' looks at what is stored: it cannot be decoded")
        how = Pass(
            self._handle, self._seen, self._on_error, part, shuffle, rows, pad, views, fields
        )
        return self._read(how)

    def _read(self, how: Pass) -> Samples[ST_co] | Batches[ST_co]:
        return cast("Samples[ST_co] | Batches[ST_co]", reading(how))

    def __iter__(self) -> Iterator[ST_co]:
        return iter(self.ordered())


def _views(arrays: str, rows: int | None) -> bool:
    """Whether arrays are views."""
    if arrays not in ("copy", "view"):
        raise InvalidError(f"arrays={arrays!r} must be 'copy' or 'view'")
    if arrays == "view" and rows is not None:
        raise InvalidError(
            "arrays='view' is for samples one by one: a batch's arrays are one array of its own"
        )
    return arrays == "view"


def _positive(name: str, number: int | None) -> int | None:
    """A number of at least 1, or None."""
    if number is not None and operator.index(number) < 1:
        raise InvalidError(f"{name}={number} must be at least 1")
    return None if number is None else operator.index(number)
