"""Loading datasets by path, with their splits found from the names of the files."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from atdata import _atdata
from atdata._atmosphere_load import by_split, from_network, is_network
from atdata._blob_source import BlobSource
from atdata._dataset import CacheLike, Dataset
from atdata._default_index import default_index
from atdata._dict_sample import DictSample
from atdata._errors import InvalidError, SplitNotFoundError, UnknownNameError
from atdata._sources import PathLike, URLSource
from atdata.stores import is_own_store

if TYPE_CHECKING:
    from atdata._protocols import AbstractIndex

__all__ = ["DataFiles", "DatasetDict", "load_dataset"]

ST = TypeVar("ST")
Verify = bool | Literal["repo"]
DataFiles = PathLike | Sequence[PathLike] | Mapping[str, PathLike | Sequence[PathLike]]


class DatasetDict(dict[str, Dataset[ST]], Generic[ST]):
    """The splits of a dataset by name, as `load_dataset` gives them.

    When there is just one split, attributes of its `Dataset` (`ordered`, `shuffled`, `as_type`,
    ...) can be used directly; with more, that is an error that names the splits.

    >>> splits = DatasetDict({"train": Dataset("a-{0..9}.tar"), "test": Dataset("b.tar")})
    >>> splits.num_shards, splits.sample_type.__name__, splits.streaming
    ({'train': 10, 'test': 1}, 'DictSample', False)
    """

    def __init__(
        self,
        splits: Mapping[str, Dataset[ST]] | None = None,
        sample_type: type[ST] | None = None,
        streaming: bool = False,
    ) -> None:
        super().__init__(splits or {})
        self._sample_type = sample_type
        self._streaming = streaming

    @property
    def sample_type(self) -> type[ST] | None:
        """The class of the samples; None when there are no splits and none was given."""
        if self._sample_type is not None:
            return self._sample_type
        return next((dataset.sample_type for dataset in self.values()), None)

    @property
    def num_shards(self) -> dict[str, int]:
        """How many shards each split has."""
        return {name: len(dataset.list_shards()) for name, dataset in self.items()}

    @property
    def streaming(self) -> bool:
        """Whether it was loaded with `streaming=True`."""
        return self._streaming

    def __missing__(self, split: str) -> Dataset[ST]:
        raise UnknownNameError(_no_split(split, list(self)))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if len(self) != 1:
            splits = ", ".join(self) or "none"
            raise AttributeError(
                f"a DatasetDict has no {name!r}; choose a split first (there are {splits})",
                name=name,
                obj=self,
            )
        return getattr(next(iter(self.values())), name)

    def __repr__(self) -> str:
        return f"DatasetDict({super().__repr__()})"


@overload
def load_dataset(
    path: PathLike,
    sample_type: type[ST],
    *,
    split: str,
    data_files: DataFiles | None = None,
    streaming: bool = False,
    index: "AbstractIndex | None" = None,
    on_error: str = "raise",
    verify: Verify = False,
    mirrors: Sequence[str] | None = None,
    cache: CacheLike = None,
) -> Dataset[ST]: ...
@overload
def load_dataset(
    path: PathLike,
    sample_type: type[ST],
    *,
    split: None = None,
    data_files: DataFiles | None = None,
    streaming: bool = False,
    index: "AbstractIndex | None" = None,
    on_error: str = "raise",
    verify: Verify = False,
    mirrors: Sequence[str] | None = None,
    cache: CacheLike = None,
) -> DatasetDict[ST]: ...
@overload
def load_dataset(
    path: PathLike,
    sample_type: None = None,
    *,
    split: str,
    data_files: DataFiles | None = None,
    streaming: bool = False,
    index: "AbstractIndex | None" = None,
    on_error: str = "raise",
    verify: Verify = False,
    mirrors: Sequence[str] | None = None,
    cache: CacheLike = None,
) -> Dataset[DictSample]: ...
@overload
def load_dataset(
    path: PathLike,
    sample_type: None = None,
    *,
    split: None = None,
    data_files: DataFiles | None = None,
    streaming: bool = False,
    index: "AbstractIndex | None" = None,
    on_error: str = "raise",
    verify: Verify = False,
    mirrors: Sequence[str] | None = None,
    cache: CacheLike = None,
) -> DatasetDict[DictSample]: ...
def load_dataset(
    path: PathLike,
    sample_type: type[Any] | None = None,
    *,
    split: str | None = None,
    data_files: DataFiles | None = None,
    streaming: bool = False,
    index: "AbstractIndex | None" = None,
    on_error: str = "raise",
    verify: Verify = False,
    mirrors: Sequence[str] | None = None,
    cache: CacheLike = None,
) -> Dataset[Any] | DatasetDict[Any]:
    """Load a dataset from shards: one split as a `Dataset`, else all as a `DatasetDict`.

    The path is a shard, a brace or glob pattern, a folder, a URL, or `@local/name` for what an
    index calls so (`@local/name@version` for an older one): `index=`, else the default index; or
    `@handle/name` (`@handle/name@version`) or `at://...` for what somebody has published on the AT
    Protocol, for which nobody needs to log in. Then no sample type is needed: it is made of the
    schema that the index or the publisher keeps. Splits are found from
    the names of files and folders (`train-000.tar`, `test/000.tar`), else all is `train`;
    `data_files` says them instead: a pattern, a list of them, or those by split. Without a sample
    type the samples of a path are `DictSample`s. `streaming` is only remembered: reading is always
    lazy. `on_error`, `verify` and `cache` are as for `Dataset`. Of what is published, blobs are
    always checked against their CIDs, and other shards against the checksums in the record;
    `verify="repo"` also checks that the record and its schema's are those that their owners have
    signed, and refuses shards without a checksum. `mirrors`, folders or URLs of folders, are asked
    for shards first; whatever they give must have the published checksum.

    Raises `NotFoundError` (a FileNotFoundError) when no file fits, `SplitNotFoundError` (a
    ValueError) when there is no such split, and `UnknownNameError` (a KeyError) for a name or
    schema that the index does not have.

    >>> import atdata, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for split, count in (("train", 3), ("test", 1)):
    ...         numbers = (atdata.DictSample(number=n) for n in range(count))
    ...         _ = atdata.write_samples(numbers, f"{folder}/{split}.tar")
    ...     splits = load_dataset(folder)
    ...     {name: len(dataset) for name, dataset in sorted(splits.items())}
    ...     len(load_dataset(folder, split="test"))
    {'test': 1, 'train': 3}
    1
    """
    text = os.fspath(path)
    reading: dict[str, Any] = {"verify": bool(verify), "cache": cache}
    if _is_published(text, index):
        found, cls, how = from_network(text, sample_type, index, verify, mirrors or ())
        reading |= how
    elif mirrors is not None:
        raise InvalidError(f"{text}: mirrors are for what is published: @handle/name or at://...")
    elif text.startswith("@"):
        found, cls, reading["checksums"] = _from_index(text, sample_type, index)
    else:
        listed = _atdata.find_data(text, _by_split(data_files))
        found = {name: URLSource(shards) for name, shards in listed}
        cls = DictSample if sample_type is None else sample_type
    splits = {
        name: Dataset._of(source, cls, on_error, streaming, **reading)
        for name, source in found.items()
    }
    if split is None:
        return DatasetDict(splits, cls, streaming)
    if split not in splits:
        raise SplitNotFoundError(_no_split(split, list(splits)))
    return splits[split]


def _is_published(text: str, index: Any) -> bool:
    """Whether a text names a dataset of the network: not one of an index, and no blob."""
    if text.startswith("@"):
        return text.partition("/")[0] != "@local" or is_network(index)
    return text.startswith("at://") and text.split("/")[3:4] != ["blob"]


def _from_index(
    text: str, sample_type: type[Any] | None, index: Any
) -> tuple[dict[str, URLSource], type[Any], dict[str, str]]:
    """The splits, the sample type, and the shards' checksums of what an index calls so."""
    name = text.partition("/")[2]
    if not name:
        raise InvalidError(f"{text}: a dataset of an index is @local/name")
    index = default_index() if index is None else index
    entry = index.get_dataset(name)
    cls = index.decode_schema(entry.schema_ref) if sample_type is None else sample_type
    store = getattr(index, "data_store", None)
    store = store if store is not None and is_own_store(store) else None
    splits = by_split(entry.data_urls)
    checksums = getattr(entry, "checksums", {})
    sources = {split: _source(urls, store) for split, urls in splits.items()}
    return sources, cls, checksums


def _source(urls: list[str], store: Any) -> URLSource:
    """The shards of an entry, read with the index's store where they are in it."""
    if all(url.startswith("at://") for url in urls):
        return BlobSource._of(urls)
    held = store is not None and all(store.holds(url) for url in urls)
    return URLSource(urls, store=store if held else None)


def _no_split(split: str, splits: Sequence[str]) -> str:
    return f"Split {split!r} not found; the data has {', '.join(splits) or 'none'}"


def _by_split(data_files: DataFiles | None) -> list[tuple[str, list[str]]] | None:
    """The patterns of each split."""
    if data_files is None:
        return None
    if not isinstance(data_files, Mapping):
        data_files = {"train": data_files}
    return [(split, _patterns(given)) for split, given in data_files.items()]


def _patterns(given: PathLike | Sequence[PathLike]) -> list[str]:
    several = [given] if isinstance(given, (str, os.PathLike)) else given
    return [os.fspath(one) for one in several]
