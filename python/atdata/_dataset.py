"""A typed dataset over shards: samples in order or shuffled, one by one or in batches."""

import json
import typing
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from atdata import _atdata
from atdata._batch import SampleBatch
from atdata._dict_sample import DictSample
from atdata._errors import InvalidError, UnsupportedTypeError
from atdata._export import Exportable
from atdata._projection import is_projected
from atdata._protocols import DataSource, ListedSource
from atdata._reading_options import Cache, read_options
from atdata._selecting import Selecting
from atdata._sources import (
    Handle,
    PathLike,
    ShardStreams,
    URLSource,
    as_source,
    brace_pattern,
    known_store,
)
from atdata._view import View, payload_of

__all__ = ["Dataset", "Source"]

if TYPE_CHECKING:
    from typing_extensions import (
        TypeVar as TypeVarWithDefault,
    )  # the checker's own: not needed to run

    ST_co = TypeVarWithDefault("ST_co", covariant=True, default=Any)
else:
    ST_co = TypeVar("ST_co", covariant=True)

RT = TypeVar("RT")
CacheLike = Cache | PathLike | bool | None
MAX_METADATA = 256 << 20  # bytes
Source = PathLike | Sequence[PathLike] | DataSource | ListedSource


class Dataset(Exportable[ST_co], Selecting[ST_co], Generic[ST_co]):
    """Samples of one type in shards: `Dataset[MySample]("train-{000..009}.tar")`.

    The source is a path or a brace pattern, a list of those, a `URLSource`, or an object of your
    own with `list_shards()` (or `shard_list`) and `open_shard(name)`. Nothing is opened before
    samples are asked for. Without a type the samples are `DictSample`s.

    A sample that cannot be read is an error that names shard, key and byte offset; with
    `on_error="skip"` it is left out, counted and named in the `report` of the pass.

    Shards may also be URLs, see `URLSource`. `cache=` (a folder, an `atdata.Cache`, or True) keeps
    remote shards once they were fetched; `verify=True` refuses shards whose bytes are not those of
    `checksums` (SHA-256 in hex by shard), which `load_dataset("@local/name")` takes from the index.

    >>> import atdata, tempfile
    >>> @atdata.packable
    ... class Number:
    ...     value: int
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/numbers.tar"
    ...     _ = atdata.write_samples([Number(n) for n in range(10)], path)
    ...     dataset = Dataset[Number](path)
    ...     len(dataset), dataset[-1], [batch.value for batch in dataset.ordered(batch_size=6)]
    (10, Number(value=9), [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9]])
    """

    streaming: bool = False
    metadata_url: str | None

    def __init__(
        self,
        source: Source | None = None,
        metadata_url: PathLike | None = None,
        *,
        url: PathLike | None = None,
        on_error: str = "raise",
        verify: bool = False,
        cache: CacheLike = None,
        checksums: Mapping[str, str] | None = None,
    ) -> None:
        if (source is None) == (url is None):
            raise UnsupportedTypeError("Dataset takes one source: a path, or an object with shards")
        if on_error not in ("raise", "skip"):
            raise InvalidError(f"on_error={on_error!r} is neither 'raise' nor 'skip'")
        options = read_options(verify, cache, checksums)
        self._handle = Handle(as_source(url if source is None else source), options=options)
        self._on_error = on_error
        self._view: View | None = None
        self._metadata: dict[str, Any] | None = None
        self.metadata_url = None if metadata_url is None else str(metadata_url)

    @classmethod
    def _of(
        cls,
        source: Any,
        sample_type: type[RT],
        on_error: str = "raise",
        streaming: bool = False,
        **reading: Any,
    ) -> "Dataset[RT]":
        """A dataset of a type that is known as a value."""
        made = cast("Dataset[RT]", Dataset(source, on_error=on_error, **reading))
        made._view, made.streaming = View(sample_type), streaming
        return made

    @property
    def _seen(self) -> View:
        """How samples are decoded and seen; `Dataset[T](...)` tells T only after `__init__`."""
        if self._view is None:
            given = typing.get_args(getattr(self, "__orig_class__", None))
            found: Any = given[0] if given and not isinstance(given[0], TypeVar) else DictSample
            self._view = View(typing.get_origin(found) or found)
        return self._view

    @property
    def batch_type(self) -> type[SampleBatch[ST_co]]:
        """The type of the batches: `SampleBatch[T]`."""
        return cast("type[SampleBatch[ST_co]]", SampleBatch[self._seen.sample_type])  # type: ignore[name-defined]

    @property
    def source(self) -> Any:
        """Where the shards come from: a `URLSource`, or the object that was given."""
        return self._handle.source

    @property
    def url(self) -> str:
        """The shards as one path or brace pattern."""
        found = getattr(self.source, "url", None)
        return found if isinstance(found, str) else brace_pattern(self.list_shards())

    def list_shards(self) -> list[str]:
        """The names of all shards."""
        return self._handle.named.list_shards()

    @property
    def shard_list(self) -> list[str]:
        """The names of all shards."""
        return self.list_shards()

    @property
    def shards(self) -> ShardStreams:
        """Pairs of a shard's name and a binary stream on it; `shards` and `shards()` both work."""
        if isinstance(self.source, URLSource):
            return self.source.shards
        return ShardStreams(self.list_shards, self._handle.named.open_shard)

    @property
    def metadata(self) -> dict[str, Any] | None:
        """What the JSON or msgpack file at `metadata_url` holds, read once; None without one.

        Raises `NotFoundError` when there is no such file.
        """
        if self._metadata is None and self.metadata_url is not None:
            self._metadata = _read_metadata(self.metadata_url)
        return self._metadata

    def describe(self) -> dict[str, Any]:
        """What there is: type, fields, samples, bytes, shards, and what manifests say of the fields
        (`statistics`, over the `num_described_shards` that have one).

        >>> import atdata, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     numbers = (atdata.DictSample(number=n) for n in range(3))
        ...     found = atdata.write_samples(numbers, f"{folder}/numbers.tar").describe()
        ...     found["fields"], found["num_samples"], found["num_bytes"], found["num_shards"]
        ({'number': <class 'int'>}, 3, 4096, 1)
        """
        shards = self.list_shards()
        statistics, described = self._handle.shards.statistics()
        return {
            "sample_type": self.sample_type.__qualname__,
            "fields": self.schema,
            "num_samples": None if self._seen.filters else len(self),
            "num_bytes": self._size(),
            "num_shards": len(shards),
            "shards": shards,
            "url": self.url,
            "metadata": self.metadata,
            "statistics": json.loads(statistics),
            "num_described_shards": described,
        }

    def as_type(self, other: type[RT]) -> "Dataset[RT]":
        """The same samples, seen as another type.

        That is through a registered lens, or the only shortest chain of lenses; else, when all
        fields of `other` are here with the same types, they are read by name. A `DictSample` can
        be seen as any sample type. Raises `NoLensError` (a ValueError) otherwise.
        """
        view = self._seen.as_type(other)
        if view is self._seen:
            return cast("Dataset[RT]", self)
        return self._with(self._handle, view)

    @property
    def _is_whole(self) -> bool:
        """Whether its samples are those of its shards: none left out, none seen as others."""
        view = self._seen
        narrowed = view.only is not None or is_projected(view.stored)
        return not (self._handle.selections or view.steps or view.matching or narrowed)

    def _with(self, handle: Handle, view: View) -> "Dataset[Any]":
        made: Dataset[Any] = Dataset._of(self.source, view.stored, self._on_error, self.streaming)
        made._view, made._handle, made.metadata_url = view, handle, self.metadata_url
        return made

    def wrap(self, sample: Mapping[str, Any]) -> ST_co:
        """The typed sample in a raw webdataset sample, a dict with `msgpack` bytes.

        Raises `MalformedSampleError` (a RuntimeError) without those.
        """
        return cast("ST_co", self._seen.unwrapped(sample))

    def wrap_batch(self, batch: Mapping[str, Any]) -> SampleBatch[ST_co]:
        """The typed batch in a raw webdataset batch, a dict with a list of `msgpack` bytes."""
        view = self._seen
        samples = [view.unwrapped({"msgpack": payload}) for payload in payload_of(batch)]
        return SampleBatch._of(samples, view.sample_type)

    def __getstate__(self) -> dict[str, Any]:
        state = {**self.__dict__, "_view": self._seen}
        state.pop("__orig_class__", None)
        return state

    def _repr_html_(self) -> str:
        from atdata._notebook import dataset_html  # needed in notebooks only

        return dataset_html(self)

    def __repr__(self) -> str:
        return f"Dataset[{self.sample_type.__qualname__}]({_atdata.shown(self.url)!r})"


def _read_metadata(url: str) -> dict[str, Any]:
    store = known_store([url])
    data = _atdata.read_whole(url, MAX_METADATA, None if store is None else store._engine)
    if url.partition("?")[0].endswith(".json"):
        found: dict[str, Any] = json.loads(data)
        return found
    return _atdata.unpack(data)
