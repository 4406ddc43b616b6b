"""Typed datasets in tar shards: declare a class, write samples, iterate batches.

>>> import atdata, numpy, tempfile
>>> from numpy.typing import NDArray
>>> @atdata.packable
... class Image:
...     pixels: NDArray
...     label: str
>>> images = [Image(numpy.full((28, 28), n, "u1"), f"class {n % 2}") for n in range(10)]
>>> with tempfile.TemporaryDirectory() as folder:
...     dataset = atdata.write_samples(images, f"{folder}/images.tar")
...     for batch in dataset.shuffled(batch_size=5, seed=0):
...         print(batch.pixels.shape, len(batch.label))
(5, 28, 28) 5
(5, 28, 28) 5
"""

from importlib import import_module as _import_module
from types import ModuleType as _ModuleType
from typing import TYPE_CHECKING

from atdata import index, local, providers, stores
from atdata._atdata import VERSION as _VERSION
from atdata._batch import SampleBatch
from atdata._blob_source import BlobSource
from atdata._condition import Column, Condition, col
from atdata._convert import from_csv, from_image_folder, from_jsonl, from_webdataset
from atdata._convert_columns import from_arrow, from_npz, from_parquet
from atdata._dataset import Dataset
from atdata._default_index import get_default_index, set_default_index
from atdata._dict_sample import DictSample
from atdata._encodings import Audio, Image, Sound, decode_audio, decode_image, encode_png
from atdata._entry import LocalDatasetEntry
from atdata._errors import (
    AtdataError,
    AtProtocolError,
    BadIdentityError,
    ConflictError,
    DataError,
    DeniedError,
    ForbiddenAddressError,
    InvalidError,
    MalformedSampleError,
    NoLensError,
    NotFoundError,
    NotLoggedInError,
    NotSupportedError,
    OutOfRangeError,
    RateLimitedError,
    RecordNotFoundError,
    SplitNotFoundError,
    StoppedError,
    StorageError,
    UnknownLengthError,
    UnknownNameError,
    UnreachableError,
    UnsupportedTypeError,
    UnverifiedError,
)
from atdata._hugging_face import from_hf
from atdata._index import Index, LocalIndex
from atdata._lens import Lens
from atdata._litdata import from_litdata
from atdata._load import DatasetDict, load_dataset
from atdata._manifest import ManifestField
from atdata._mds import from_mds
from atdata._protocols import AbstractDataStore, AbstractIndex, DataSource, IndexEntry, Packable
from atdata._reading import Batches, Samples
from atdata._reading_options import Cache
from atdata._records import from_records
from atdata._s3_source import S3Source
from atdata._sample import PackableSample, packable
from atdata._sources import URLSource
from atdata._write import write_samples
from atdata.lens import LensNetwork
from atdata.stores import LocalDiskStore, S3DataStore, open_store

if TYPE_CHECKING:
    from atdata import atmosphere as atmosphere
    from atdata import promote as promote
    from atdata.lens import lens as lens
else:
    from atdata import lens  # the module, which is the decorator too

__all__ = [
    "AbstractDataStore",
    "AbstractIndex",
    "AtProtocolError",
    "AtdataError",
    "Audio",
    "BadIdentityError",
    "Batches",
    "BlobSource",
    "Cache",
    "Column",
    "Condition",
    "ConflictError",
    "DataError",
    "DataSource",
    "Dataset",
    "DatasetDict",
    "DeniedError",
    "DictSample",
    "ForbiddenAddressError",
    "Image",
    "Index",
    "IndexEntry",
    "InvalidError",
    "Lens",
    "LensNetwork",
    "LocalDatasetEntry",
    "LocalDiskStore",
    "LocalIndex",
    "MalformedSampleError",
    "ManifestField",
    "NoLensError",
    "NotFoundError",
    "NotLoggedInError",
    "NotSupportedError",
    "OutOfRangeError",
    "Packable",
    "PackableSample",
    "RateLimitedError",
    "RecordNotFoundError",
    "S3DataStore",
    "S3Source",
    "SampleBatch",
    "Samples",
    "Sound",
    "SplitNotFoundError",
    "StoppedError",
    "StorageError",
    "URLSource",
    "UnknownLengthError",
    "UnknownNameError",
    "UnreachableError",
    "UnsupportedTypeError",
    "UnverifiedError",
    "atmosphere",
    "col",
    "decode_audio",
    "decode_image",
    "encode_png",
    "from_arrow",
    "from_csv",
    "from_hf",
    "from_image_folder",
    "from_jsonl",
    "from_litdata",
    "from_mds",
    "from_npz",
    "from_parquet",
    "from_records",
    "from_webdataset",
    "get_default_index",
    "index",
    "lens",
    "load_dataset",
    "local",
    "open_store",
    "packable",
    "promote",
    "providers",
    "set_default_index",
    "stores",
    "testing",
    "write_samples",
]

__version__ = _VERSION


def __getattr__(name: str) -> _ModuleType:
    """The modules of the network, imported when they are first asked for."""
    if name in ("atmosphere", "promote", "testing"):
        return _import_module(f"atdata.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
