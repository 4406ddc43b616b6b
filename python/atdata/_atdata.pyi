"""The engine: what the Python package calls. Not public; `import atdata` is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, final

from numpy.typing import NDArray

from atdata._rows import (
    DatasetRow,
    EntryRow,
    FoundRow,
    GivenSchema,
    LabelRow,
    PathLike,
    RecordRow,
    SchemaRow,
    SchemaText,
)

__all__ = [
    "REQUIRED",
    "VERSION",
    "Atmosphere",
    "BatchIterator",
    "BrowserLogin",
    "Columns",
    "Condition",
    "Converted",
    "Export",
    "Factory",
    "Index",
    "Layout",
    "LocalAtmosphere",
    "Order",
    "Provider",
    "Published",
    "Report",
    "SampleIterator",
    "ShardStream",
    "Shards",
    "Store",
    "Table",
    "WriteOptions",
    "Written",
    "array_to_bytes",
    "at_uri",
    "bytes_to_array",
    "convert",
    "convert_records",
    "dataset_row",
    "decode_images",
    "decode_recording",
    "did_you_mean",
    "entry_cid",
    "error_kinds",
    "expand_braces",
    "export_samples",
    "find_data",
    "home_folder",
    "main",
    "pack",
    "png_of",
    "read_whole",
    "save_session",
    "saved_session",
    "shown",
    "split_of",
    "thumbnail",
    "unpack",
    "usual_places",
    "write_samples",
]

VERSION: Final[str]
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
        cls,
        sample_type: type,
        fields: Sequence[tuple[str, str, bool, Any]],
        fill: bool,
        projected: bool = False,
    ) -> Layout: ...
    @staticmethod
    def open(sample_type: type, only: Sequence[str] | None = None) -> Layout:
        """For a class that takes any fields: made by `sample_type.from_data(dict)`, which has only
        those that are named, if any are."""

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

    def skip(self, error: str, /) -> None: ...
    @property
    def skipped(self) -> int: ...
    @property
    def errors(self) -> list[str]: ...
    @property
    def extra_fields(self) -> int: ...
    @property
    def without_end(self) -> list[str]: ...
    @property
    def passed_shards(self) -> int: ...

@final
class SampleIterator:
    def __iter__(self) -> SampleIterator: ...
    def __next__(self) -> Any: ...
    @property
    def report(self) -> Report: ...

@final
class Condition:
    """A condition on the fields of samples: of a text, or made with `atdata.col`.

    Conditions are joined with `&`, `|` and `~`. `str` is a text that gives the same.

    >>> from atdata import Condition
    >>> both = Condition("score > 0.5") & ~Condition("label is None")
    >>> print(both)
    score > 0.5 and label is not None
    >>> both.fields
    ['score', 'label']
    """

    def __new__(cls, text: str, /) -> Condition: ...
    @property
    def fields(self) -> list[str]:
        """The names of the fields that it asks for."""

    def holds(self, values: Mapping[str, Any], /) -> bool:
        """Whether it holds of these values; a field that is not there is None."""

    def __and__(self, value: Any, /) -> Condition: ...
    def __rand__(self, value: Any, /) -> Condition: ...
    def __or__(self, value: Any, /) -> Condition: ...
    def __ror__(self, value: Any, /) -> Condition: ...
    def __invert__(self) -> Condition: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

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
    def to_files(
        self,
        path: str,
        kind: str,
        *,
        maxcount: int | None = None,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> list[str]:
        """`progress` is called with samples so far, and all there are where that is known."""

    def to_parquet(
        self,
        path: str,
        *,
        compression: str = "snappy",
        row_group_size: int | None = None,
        maxcount: int | None = None,
        progress: Callable[[int, int | None], object] | None = None,
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

    def __new__(
        cls,
        patterns: Sequence[str] = ...,
        source: Any = None,
        *,
        store: Store | Published | None = None,
        checksums: Mapping[str, str] | None = None,
        verify: bool = False,
        cache: tuple[PathLike, int] | None = None,
        allow_pipe: bool = False,
    ) -> Shards: ...
    def slice(self, start: int, step: int, count: int, /) -> Shards:
        """Samples at equal distances; at most `count`, negative steps go backwards."""

    def pick(self, numbers: Sequence[int], /) -> Shards:
        """The samples with these numbers, in this order."""

    def matching(self, layout: Layout, condition: Condition, /) -> Shards:
        """The samples of which a condition holds; its fields are those of the layout."""

    def count(
        self,
        order: Order,
        on_error: str = "raise",
        *,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> int:
        """How many samples a part has, also behind a condition, which is asked of all."""

    def keyed(self, layout: Layout, key: str, /) -> Any:
        """The first sample with a key that is kept."""

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
        self,
        layout: Layout,
        order: Order,
        on_error: str = "raise",
        rows: int = 1,
        views: bool = False,
    ) -> SampleIterator:
        """Parts are dealt out in blocks of `rows`; with `views` arrays look at mapped shards."""

    def batches(
        self,
        layout: Layout,
        order: Order,
        rows: int,
        on_error: str = "raise",
        *,
        decode: Sequence[tuple[str, str]] = ...,
        dealt_in: int | None = None,
    ) -> BatchIterator:
        """Only for a layout that has columns. `decode` names fields with their encodings."""

    def export(
        self, layout: Layout, order: Order, on_error: str = "raise", rows: int | None = None
    ) -> Export:
        """Only for a layout that has columns or is open; record batches may be of so many rows."""

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

@final
class Converted:
    @property
    def schema(self) -> str: ...
    @property
    def splits(self) -> list[tuple[str, Written]]: ...
    @property
    def left_out(self) -> list[str]: ...

def convert(
    source: str,
    target: str,
    kind: str | None,
    *,
    schema: str | None = None,
    type_name: str | None = None,
    maxcount: int | None = None,
    maxsize: int | None = None,
    rename_dots: bool = False,
    overwrite: bool = False,
    delimiter: int | None = None,
    split: str | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Converted:
    """Shards at `target`; `progress` is called with (bytes, all bytes) of the source."""

def convert_records(
    records: Iterable[Mapping[str, Any]],
    target: str,
    place: str,
    rows: int | None = None,
    *,
    schema: str | None = None,
    type_name: str | None = None,
    maxcount: int | None = None,
    maxsize: int | None = None,
    overwrite: bool = False,
    progress: Callable[[int, int | None], object] | None = None,
) -> Converted:
    """Shards of records; `place` is what messages call them, `rows` how many there are."""

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

def did_you_mean(wanted: str, names: Sequence[str], /) -> str:
    """A question for a message, such as ` (did you mean 'score'?)`, where a name is similar."""

def error_kinds() -> list[str]:
    """Every code that an error of the engine can have as its kind."""

def main(arguments: Sequence[str], /) -> int:
    """The command line; returns the exit code."""

def entry_cid(schema_ref: str, data_urls: Sequence[str], /) -> str: ...
def home_folder() -> Path:
    """The folder for what atdata keeps on this machine."""

def usual_places() -> tuple[str | None, str | None]:
    """The index and the store that `$ATDATA_INDEX` and `$ATDATA_STORE` name."""

def shown(address: str, /) -> str:
    """An address without what may be secret in it: user, password, query."""

def split_of(file: str, /) -> str:
    """The split that a file belongs to, by its name."""

def read_whole(url: str, limit: int, store: Store | Published | None = None) -> bytes:
    """A file or an object as bytes, at most so many."""

@final
class ShardStream:
    """A shard as a stream."""

    def __new__(
        cls, shard: str, store: Store | Published | None = None, allow_pipe: bool = False
    ) -> ShardStream: ...
    def read(self, count: int, /) -> bytes:
        """Up to so many bytes; none at the end."""

    def close(self) -> None: ...

@final
class Store:
    """A place that shards are written to."""

    @staticmethod
    def local(root: PathLike | None = None) -> Store: ...
    @staticmethod
    def open(url: str, /) -> Store: ...
    @staticmethod
    def s3(
        bucket: str,
        *,
        prefix: str | None = None,
        endpoint: str | None = None,
        region: str | None = None,
        credentials: Mapping[str, str] | None = None,
        env_file: PathLike | None = None,
        profile: str | None = None,
    ) -> Store: ...
    @staticmethod
    def blobs(atmosphere: Atmosphere, /) -> Store:
        """The blobs of an account."""

    def put(
        self, shards: Shards, prefix: str, progress: Callable[[int, int], object] | None, /
    ) -> list[str]: ...
    def max_shard_bytes(self) -> int | None: ...
    @property
    def address(self) -> str: ...
    def check(self) -> None: ...
    def holds(self, url: str, /) -> bool: ...
    def read_url(self, url: str, signed_for: int | None = None) -> str: ...

@final
class Provider:
    """Where an index keeps its rows."""

    @staticmethod
    def memory() -> Provider: ...
    @staticmethod
    def open(url: str, /) -> Provider: ...
    @staticmethod
    def sqlite(path: PathLike | None = None) -> Provider: ...
    @staticmethod
    def redis(
        *,
        hosts: Sequence[tuple[str, int]],
        db: int = 0,
        username: str | None = None,
        password: str | None = None,
        tls: bool = False,
        ca: PathLike | None = None,
        verify: bool = True,
        cluster: bool = False,
    ) -> Provider: ...
    @staticmethod
    def postgres(dsn: str, /) -> Provider: ...
    @staticmethod
    def of_object(own: Any, /) -> Provider: ...
    @property
    def address(self) -> str: ...
    def check(self) -> None: ...
    def put(self, entries: Sequence[EntryRow], labels: Sequence[LabelRow], /) -> None: ...
    def entry(self, cid: str, /) -> EntryRow | None: ...

@final
class WriteOptions:
    """How a data set is written, and what is said of it."""

    def __new__(
        cls,
        *,
        maxcount: int | None = None,
        maxsize: int | None = None,
        description: str | None = None,
        tags: Sequence[str] = ...,
        license: str | None = None,
        metadata: Mapping[str, Any] | None,
        prefix: str | None = None,
    ) -> WriteOptions: ...

@final
class Index:
    """An index over a provider and perhaps a store."""

    def __new__(cls, provider: Provider, store: Store | None = None) -> Index: ...
    def publish_schema(
        self, schema: SchemaText, version: str | None = None, metadata: str | None = None
    ) -> str: ...
    def ensure_schema(self, schema: SchemaText, /) -> tuple[str, str | None]: ...
    def schema(self, reference: str, /) -> tuple[str, str]:
        """The document of a schema as JSON, and its reference."""

    def schemas(self) -> list[tuple[str, str]]: ...
    def schema_diff(self, old: str, new: str, /) -> list[str]: ...
    def named(self, name: str, /) -> EntryRow: ...
    def entry(self, cid: str, /) -> EntryRow: ...
    def find(self, text: str, /) -> EntryRow: ...
    def current(self, after: str | None, limit: int, /) -> list[EntryRow]: ...
    def entries(self, after: str | None, limit: int, /) -> list[EntryRow]: ...
    def search(
        self,
        text: str,
        tags: Sequence[str],
        schema: str | None,
        license: str | None,
        limit: int,
        /,
    ) -> list[EntryRow]: ...
    def add_entry(
        self,
        name: str,
        data_urls: Sequence[str],
        schema: SchemaText,
        *,
        schema_ref: str | None = None,
        options: WriteOptions,
    ) -> tuple[EntryRow, str | None]: ...
    def insert(
        self,
        shards: Shards,
        name: str,
        schema: SchemaText,
        *,
        schema_ref: str | None = None,
        options: WriteOptions,
        progress: Callable[[int, int], object] | None = None,
    ) -> tuple[EntryRow, str | None]: ...
    def write(
        self,
        samples: Iterable[Any],
        name: str,
        layout_of: Callable[[type], Layout],
        schema_of: Callable[[], SchemaText],
        *,
        options: WriteOptions,
        key: str | Callable[[int, Any], str] | None = None,
        progress: Callable[[int, int], object] | None = None,
        manifest_of: Callable[[type], tuple[str, str, Sequence[tuple[str, str, str]]]]
        | None = None,
    ) -> tuple[EntryRow, str | None]:
        """The entry, and what there is to warn of."""

    def history(self, name: str, /) -> list[tuple[str, str]]: ...
    def label(
        self, cid: str, name: str, version: str, description: str | None = None
    ) -> LabelRow: ...
    def labels(self, cid: str, /) -> list[LabelRow]: ...
    def put_labels(self, labels: Sequence[LabelRow], /) -> None: ...
    def delete(self, text: str, /) -> list[EntryRow]: ...
    def verify(
        self, text: str, progress: Callable[[int, int], object] | None = None
    ) -> list[tuple[str, str | None, int, str, str | None]]: ...
    def garbage(self, grace: float, /) -> tuple[list[FoundRow], int, str | None]: ...
    def remove_garbage(self, found: Sequence[FoundRow], /) -> list[FoundRow]: ...
    def export(self, path: PathLike, /) -> None: ...
    def import_(self, path: PathLike, replace: bool, /) -> tuple[int, int, int, list[str]]: ...
    def create_lens(self, name: str, version: str, json: str, /) -> bool: ...
    def lens(self, name: str, version: str, /) -> str | None: ...
    def lens_versions(self, name: str, /) -> list[str]: ...
    def lenses(self, after: str | None, limit: int, /) -> list[tuple[str, str, str]]: ...

@final
class LocalAtmosphere:
    """A network in memory."""

    def __new__(cls) -> LocalAtmosphere: ...
    def account(self, handle: str, password: str, server: str | None) -> str: ...
    def login(self, handle: str, password: str, lexicons: str) -> Atmosphere: ...
    def reading(self, lexicons: str) -> Atmosphere: ...
    def fail_next(self, count: int, status: int) -> None: ...
    def expire_tokens(self, did: str) -> None: ...
    def revoke(self, did: str) -> None: ...
    def limit_blobs(self, nbytes: int) -> None: ...
    def corrupt_blob(self, did: str, blob: str) -> bool: ...

@final
class Atmosphere:
    """The network, and perhaps an account on it. Repositories are None (the account's own), a
    handle or a DID; records are JSON.
    """

    @staticmethod
    def reading(lexicons: str, /) -> Atmosphere: ...
    @staticmethod
    def login(handle: str, password: str, service: str | None, lexicons: str, /) -> Atmosphere: ...
    @staticmethod
    def restore(session: str, service: str | None, lexicons: str, /) -> Atmosphere: ...
    def export(self) -> str: ...
    def logout(self) -> None: ...
    @property
    def did(self) -> str: ...
    @property
    def is_authenticated(self) -> bool: ...
    def handle(self) -> str | None: ...
    def identity(self, who: str, /) -> tuple[str, str | None, str]:
        """DID, handle and server."""

    def create(
        self, collection: str, rkey: str | None, record: str, validate: bool, /
    ) -> tuple[str, str]:
        """Address and CID of what was written."""

    def put(
        self,
        collection: str,
        rkey: str,
        record: str,
        validate: bool,
        swap_commit: str | None,
        /,
    ) -> tuple[str, str]: ...
    def delete(self, uri: str, swap_commit: str | None, /) -> None: ...
    def apply(
        self,
        writes: Sequence[tuple[str, str, str | None, str | None]],
        swap_commit: str | None,
        /,
    ) -> list[tuple[str, str]]:
        """A change is (action, collection, key, record)."""

    def record(self, uri: str, /) -> RecordRow: ...
    def page(
        self, collection: str, repo: str | None, limit: int, cursor: str | None, /
    ) -> tuple[list[RecordRow], str | None, list[str]]:
        """Records, where the next page begins, and what is wrong with those left out."""

    def listed(self, word: str, repo: str | None, limit: int | None, /) -> list[RecordRow]:
        """Those of a kind: "schema", "dataset", "lens" or "label"."""

    def upload(self, data: bytes, mime: str, /) -> str: ...
    def blob(self, did: str, cid: str, /) -> bytes: ...
    def blob_url(self, did: str, cid: str, /) -> str: ...
    def blob_limit(self) -> int: ...
    def publish_schema(
        self,
        schema: SchemaText,
        version: str,
        metadata: Mapping[str, Any] | None,
        rkey: str | None,
        /,
    ) -> str: ...
    def schema(self, reference: str, cid: str | None = None, /) -> SchemaRow: ...
    def schemas(self, repo: str | None, limit: int | None, /) -> list[SchemaRow]: ...
    def find_schema(self, repo: str | None, name: str, version: str, /) -> SchemaRow | None: ...
    def publish_lens(self, record: str, rkey: str | None, /) -> str: ...
    def lens(self, uri: str, /) -> RecordRow: ...
    def find_lenses(
        self, repo: str | None, source: str, target: str | None, /
    ) -> list[RecordRow]: ...
    def dataset(self, text: str, /) -> DatasetRow: ...
    def datasets(self, repo: str | None, /) -> list[DatasetRow]: ...
    def all_datasets(self, repo: str | None, limit: int | None, /) -> list[DatasetRow]: ...
    def label(self, name: str, version: str, /) -> str: ...
    def import_into(self, index: Index, text: str, name: str | None, copy: bool, /) -> EntryRow: ...
    def verify(self, uri: str, /) -> None: ...
    def publish_urls(
        self,
        urls: Sequence[str],
        name: str,
        schema: GivenSchema,
        options: WriteOptions,
        rkey: str | None,
        strict: bool,
        /,
    ) -> DatasetRow: ...
    def publish_blobs(
        self,
        blobs: Sequence[str],
        name: str,
        schema: GivenSchema,
        options: WriteOptions,
        rkey: str | None,
        /,
    ) -> DatasetRow: ...
    def insert(
        self,
        shards: Shards,
        store: Store,
        name: str,
        schema: GivenSchema,
        options: WriteOptions,
        rkey: str | None,
        progress: Callable[[int, int], object] | None,
        /,
    ) -> DatasetRow: ...
    def promote(
        self,
        index: Index,
        entry: EntryRow,
        name: str | None,
        options: WriteOptions,
        store: Store | None,
        strict: bool,
        progress: Callable[[int, int], object] | None,
        /,
    ) -> DatasetRow: ...

@final
class Published:
    """Shards that somebody has published, and how they are reached."""

    def __new__(
        cls,
        urls: Sequence[str],
        *,
        beside: Mapping[str, str] | None = None,
        endpoint: str | None = None,
        untrusted: bool = True,
        mirrors: Sequence[str] = ...,
        checksums: Mapping[str, str] | None = None,
        atmosphere: Atmosphere | None = None,
    ) -> Published: ...
    def read_url(self, url: str, /) -> str: ...

@final
class BrowserLogin:
    """A login that waits for the user, who has a page to open."""

    def __new__(cls, handle: str, service: str | None, lexicons: str, /) -> BrowserLogin: ...
    @property
    def url(self) -> str: ...
    def wait(self, seconds: float, /) -> Atmosphere: ...

def decode_images(
    files: Sequence[bytes | None], field: str | None = None, /
) -> tuple[Any, list[tuple[int, Exception]]]:
    """One uint8 array or a list of them, and what was wrong in which place."""

def decode_recording(file: bytes, /) -> tuple[int, Any]:
    """Frames a second, and a float32 array of frames and channels."""

def png_of(pixels: bytes, shape: tuple[int, int, int], side: int, /) -> bytes:
    """A PNG file of pixels (height, width, channels), scaled down to a side."""

def thumbnail(file: bytes, side: int, /) -> bytes:
    """A PNG file of an image file, scaled down to a side."""

def at_uri(text: str, /) -> tuple[str, str, str]:
    """Authority, collection and key of a record's address."""

def dataset_row(uri: str, record: str, /) -> DatasetRow: ...
def save_session(path: PathLike, session: str, /) -> None: ...
def saved_session(path: PathLike, /) -> str | None: ...
