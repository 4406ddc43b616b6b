"""The engine: what the Python package calls. Not public; `import atdata` is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, final

from numpy.typing import NDArray

__all__ = [
    "REQUIRED",
    "BatchIterator",
    "Columns",
    "Export",
    "Factory",
    "Layout",
    "Order",
    "Report",
    "SampleIterator",
    "Shards",
    "Table",
    "Written",
    "array_to_bytes",
    "bytes_to_array",
    "error_kinds",
    "expand_braces",
    "export_samples",
    "find_data",
    "main",
    "pack",
    "unpack",
    "write_samples",
]

REQUIRED: Final[object]
"""Stands for "no default" in a field of a `Layout`."""

@final
class Factory:
    """A default that is made anew for every sample."""

    def __new__(cls, make: Callable[[], Any], /) -> Factory: ...

@final
class Layout:
    """How samples of one class are read and written.

    `fields` holds (name, kind, optional, default) with kind one of "str", "int", "float", "bool",
    "bytes", "array", "list", "list[kind]", "map", "any", and default a value, a `Factory` or
    `REQUIRED`.
    With `fill`, instances are made without calling `__init__` and their attributes are set
    directly: right when the class has the generated `__init__` and nothing runs after it.
    """

    def __new__(
        cls, sample_type: type, fields: Sequence[tuple[str, str, bool, Any]], fill: bool
    ) -> Layout: ...
    @staticmethod
    def open(sample_type: type) -> Layout:
        """For a class that takes any fields: made by `sample_type.from_data(dict)`."""

    @property
    def has_columns(self) -> bool:
        """Whether batches can be decoded by column."""

    @property
    def is_open(self) -> bool:
        """Whether the class takes any fields."""

    def decode(self, payload: bytes, /) -> Any: ...
    def encode(self, sample: Any, /) -> bytes: ...

@final
class Order:
    """In which order, and which part of all samples.

    `shuffle` is None or (seed, epoch, buffer_shards, buffer_samples).
    """

    def __new__(
        cls,
        shuffle: tuple[int, int, int, int] | None = None,
        rank: int = 0,
        world: int = 1,
        worker: int = 0,
        workers: int = 1,
    ) -> Order: ...

@final
class Report:
    """What one pass left out: counted, and named (the first thousand)."""

    @property
    def skipped(self) -> int: ...
    @property
    def errors(self) -> list[str]: ...
    @property
    def extra_fields(self) -> int: ...
    @property
    def without_end(self) -> list[str]: ...

@final
class SampleIterator:
    def __iter__(self) -> SampleIterator: ...
    def __next__(self) -> Any: ...
    @property
    def report(self) -> Report: ...

@final
class Columns:
    """A batch by column. Arrays of one shape are one array with the rows first, else a list."""

    def __len__(self) -> int: ...
    @property
    def names(self) -> list[str]: ...
    def column(self, name: str, /) -> Any:
        """A list, or an array with `len(self)` rows. KeyError for a name that is no column."""

    def items(self, name: str, /) -> Any:
        """As `column`, but arrays that became of one dtype when stacked are a list, unchanged."""

@final
class BatchIterator:
    def __iter__(self) -> BatchIterator: ...
    def __next__(self) -> Columns: ...
    @property
    def report(self) -> Report: ...

@final
class Export:
    """Samples that can be exported, again and again."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A stream in constant memory: a `PyCapsule` named "arrow_array_stream"."""

    def read_all(self) -> Table: ...
    def to_parquet(
        self,
        path: str,
        *,
        compression: str = "snappy",
        row_group_size: int | None = None,
        maxcount: int | None = None,
    ) -> list[str]:
        """Compression is "snappy", "zstd", "gzip" or "none"; returns the paths of the files."""

@final
class Table:
    """Samples in memory, as Arrow has them."""

    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

@final
class Shards:
    """The shards of a data set: brace patterns and paths, or a source object of the user's.

    A source object has `list_shards()` (or the attribute `shard_list`) and `open_shard(name)`.
    """

    def __new__(cls, patterns: Sequence[str] = ..., source: Any = None) -> Shards: ...
    def slice(self, start: int, step: int, count: int, /) -> Shards:
        """Samples at equal distances; at most `count`, negative steps go backwards."""

    def pick(self, numbers: Sequence[int], /) -> Shards:
        """The samples with these numbers, in this order."""

    def find(self, key: str, /) -> int:
        """The number of the first sample with a key."""

    @property
    def names(self) -> list[str]: ...
    def sample_count(self) -> int:
        """All samples, from the indexes, or a walk over the headers."""

    def statistics(self) -> tuple[str, int]:
        """What manifests say of the fields, as JSON, and of how many shards."""

    def total_bytes(self) -> int | None:
        """The sizes of all shards together, where they are all known."""

    def part_count(self, order: Order, rows: int | None = None) -> int:
        """The samples of a part, or its batches of so many rows."""

    def sample(self, layout: Layout, index: int, /) -> Any: ...
    def samples(
        self, layout: Layout, order: Order, on_error: str = "raise", rows: int = 1
    ) -> SampleIterator:
        """Parts are dealt out in blocks of `rows`."""

    def batches(
        self, layout: Layout, order: Order, rows: int, on_error: str = "raise"
    ) -> BatchIterator:
        """Only for a layout that has columns."""

    def export(self, layout: Layout, order: Order, on_error: str = "raise") -> Export:
        """Only for a layout that has columns or is open."""

@final
class Written:
    @property
    def paths(self) -> list[str]: ...
    @property
    def samples(self) -> int: ...
    @property
    def bytes(self) -> int: ...

def write_samples(
    samples: Iterable[Any],
    path: str,
    layout_of: Callable[[type], Layout],
    *,
    maxcount: int | None = None,
    maxsize: int | None = None,
    key: str | Callable[[int, Any], str] | None = None,
    progress: Callable[[int, int], object] | None = None,
    manifest_of: Callable[[type], tuple[str, str, list[tuple[str, str, str]]]] | None = None,
) -> Written:
    """`progress` is called with (samples, bytes) so far.

    `manifest_of`, called with the class of the first sample, asks for manifests: it gives the
    type's name and version, and (field, kind, "numeric", "categorical" or "set").
    """

def export_samples(samples: Callable[[], Iterable[Any]], layout: Layout | None = None, /) -> Export:
    """`samples` is called for each pass; without a layout what it gives are mappings."""

def pack(data: Mapping[str, Any], /) -> bytes: ...
def unpack(payload: bytes, /) -> dict[str, Any]: ...
def array_to_bytes(array: NDArray[Any], /) -> bytes: ...
def bytes_to_array(data: bytes, /) -> NDArray[Any]: ...
def expand_braces(pattern: str, /) -> list[str]: ...
def find_data(
    path: str, data_files: Sequence[tuple[str, Sequence[str]]] | None = None
) -> list[tuple[str, list[str]]]:
    """(split, shards) pairs of a path, directory, glob or brace pattern; local files are there."""

def error_kinds() -> list[str]:
    """Every code that an error of the engine can have as its kind."""

def main(arguments: Sequence[str], /) -> int:
    """The command line; returns the exit code."""
