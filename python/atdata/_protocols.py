"""What sample types, sources, indexes and stores have in common, whoever wrote them.

All can be checked at run time with `isinstance`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

if TYPE_CHECKING:
    from atdata._dataset import Dataset

__all__ = [
    "AbstractDataStore",
    "AbstractIndex",
    "DataSource",
    "IndexEntry",
    "ListedSource",
    "Packable",
]


@runtime_checkable
class Packable(Protocol):
    """A sample type: made with `@packable`, by inheritance, or written by hand.

    >>> import atdata
    >>> isinstance(atdata.DictSample(label=3), Packable)
    True
    """

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """A sample made from unpacked data."""
        ...

    @classmethod
    def from_bytes(cls, bs: bytes) -> Self:
        """The sample that was packed into these bytes."""
        ...

    @property
    def packed(self) -> bytes:
        """The sample as msgpack bytes."""
        ...

    @property
    def as_wds(self) -> dict[str, Any]:
        """The sample as webdataset's writers want it: `__key__` and `msgpack`."""
        ...


@runtime_checkable
class DataSource(Protocol):
    """Where the shards of a dataset come from.

    >>> import atdata
    >>> isinstance(atdata.URLSource("data-{000..009}.tar"), DataSource)
    True
    """

    if TYPE_CHECKING:
        # Sources name their shards with shard_list or with list_shards(): not asked at run time.
        @property
        def shard_list(self) -> list[str]:
            """The names of all shards."""
            ...

    @property
    def shards(self) -> Callable[[], Iterable[tuple[str, IO[bytes]]]]:
        """A method that gives pairs of a shard's name and a binary stream on it."""
        ...

    def open_shard(self, shard_id: str) -> IO[bytes]:
        """A binary stream on one shard; a KeyError for a name that is not one of its shards."""
        ...


@runtime_checkable
class ListedSource(Protocol):
    """The least that a source must have: names, and a stream on each."""

    def list_shards(self) -> list[str]:
        """The names of all shards."""
        ...

    def open_shard(self, shard_id: str) -> IO[bytes]:
        """A binary stream on one shard; a KeyError for a name that is not one of its shards."""
        ...


@runtime_checkable
class IndexEntry(Protocol):
    """A dataset in an index."""

    @property
    def name(self) -> str:
        """The name that people gave it."""
        ...

    @property
    def schema_ref(self) -> str:
        """A reference to the schema of its samples."""
        ...

    @property
    def data_urls(self) -> list[str]:
        """Where its shards are."""
        ...

    @property
    def metadata(self) -> dict[str, Any] | None:
        """What else is known about it, or None."""
        ...


@runtime_checkable
class AbstractDataStore(Protocol):
    """A place that shards are written to."""

    def write_shards(self, ds: "Dataset[Any]", *, prefix: str, **kwargs: Any) -> list[str]:
        """Write a dataset's samples as shards under a prefix; gives their URLs."""
        ...

    def read_url(self, url: str) -> str:
        """The URL to read a stored shard with."""
        ...

    def supports_streaming(self) -> bool:
        """Whether a shard can be read while it comes."""
        ...


@runtime_checkable
class AbstractIndex(Protocol):
    """A place where datasets and their schemas are found by name."""

    @property
    def data_store(self) -> AbstractDataStore | None:
        """Where the index writes shards to, if it does."""
        ...

    @property
    def datasets(self) -> Iterator[IndexEntry]:
        """All datasets, one by one."""
        ...

    @property
    def schemas(self) -> Iterator[Any]:
        """All schemas, one by one."""
        ...

    def insert_dataset(
        self, ds: "Dataset[Any]", *, name: str, schema_ref: str | None = None, **kwargs: Any
    ) -> IndexEntry:
        """Put a dataset under a name."""
        ...

    def get_dataset(self, ref: str) -> IndexEntry:
        """The dataset of a name or reference; a KeyError if there is none."""
        ...

    def list_datasets(self) -> list[Any]:
        """All datasets."""
        ...

    def publish_schema(self, sample_type: type, *, version: str = "1.0.0", **kwargs: Any) -> str:
        """Put a sample type's schema into the index; gives a reference to it."""
        ...

    def get_schema(self, ref: str) -> dict[str, Any]:
        """The schema of a reference; a KeyError if there is none."""
        ...

    def list_schemas(self) -> list[Any]:
        """All schemas."""
        ...

    def decode_schema(self, ref: str) -> type[Any]:
        """A sample type made from a schema; a KeyError or ValueError if that cannot be."""
        ...
