"""Writing samples into shards."""

import os
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from atdata import _atdata
from atdata._dataset import Dataset
from atdata._dict_sample import DictSample
from atdata._errors import UnsupportedTypeError
from atdata._fields import layout_of, schema_fields
from atdata._manifest import manifest_of
from atdata._sources import PathLike, URLSource
from atdata._told import Progress, told

__all__ = ["OneType", "write_samples"]

ST = TypeVar("ST")


def write_samples(
    samples: Iterable[ST],
    path: PathLike,
    *,
    maxcount: int | None = None,
    maxsize: int | None = None,
    key: str | Callable[[int, ST], str] | None = None,
    progress: bool | Progress | None = None,
    manifest: bool = False,
) -> Dataset[ST]:
    """Write samples of one type into shards, and give the dataset of them.

    Without limits that is the one file `path`; with `maxcount` samples or `maxsize` bytes in a
    shard, they are `name-000000.tar`, `name-000001.tar`, ... The key of a sample is its number
    with nine digits, or the value of the field `key`, or what the function `key(number, sample)`
    gives. `progress=True` shows a line on a terminal; a function is called with the samples and
    bytes so far. With `manifest`, what the fields hold is written beside each shard
    (`name-000000.manifest.json`, and `.parquet` with a row a sample); annotate fields with
    `ManifestField` to say how. Shards appear when they are whole; the same samples give the same
    bytes.

    Raises `UnsupportedTypeError` (a TypeError) for samples that are no sample type, of two types,
    or with a field that cannot be stored; `InvalidError` for a key or limit that cannot be;
    `StorageError` when the operating system refuses.

    >>> import atdata, tempfile
    >>> @atdata.packable
    ... class Number:
    ...     value: int
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     numbers = (Number(n) for n in range(5))
    ...     dataset = write_samples(numbers, f"{folder}/numbers.tar", maxcount=2)
    ...     [shard.rsplit("/")[-1] for shard in dataset.list_shards()], dataset[4]
    (['numbers-000000.tar', 'numbers-000001.tar', 'numbers-000002.tar'], Number(value=4))
    """
    types = OneType()
    with told(progress) as watch:
        written = _atdata.write_samples(
            samples,
            os.fspath(path),
            types.layout,
            maxcount=maxcount,
            maxsize=maxsize,
            key=key,
            progress=watch,
            manifest_of=manifest_of if manifest else None,
        )
    return Dataset._of(URLSource(written.paths), types.sample_type)


class OneType:
    """Sees to it that all samples are of one type, which can be written."""

    def __init__(self) -> None:
        self.found: type[Any] | None = None

    @property
    def sample_type(self) -> type[Any]:
        """The type of the samples; of none, `DictSample`."""
        return self.found or DictSample

    def layout(self, cls: type[Any]) -> _atdata.Layout:
        """The layout of a sample's class: the engine asks for each class that it meets."""
        if self.found is not None and self.found is not cls:
            raise UnsupportedTypeError(
                f"the samples are of two types, {self.found.__qualname__} and {cls.__qualname__}: "
                f"a dataset holds one"
            )
        layout = layout_of(cls)
        if cls is not DictSample:
            schema_fields(cls)
        self.found = cls
        return layout
