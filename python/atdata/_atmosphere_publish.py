"""How datasets are published: their shards where they are, or in a store."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from atdata import _atdata
from atdata._atmosphere_store import as_stored
from atdata._errors import InvalidError
from atdata._index_write import _options
from atdata._rows import DatasetRow, GivenSchema
from atdata._schemas import schema_text
from atdata._sources import URLSource
from atdata._told import Progress, told
from atdata.stores import is_own_store

if TYPE_CHECKING:
    from atdata._dataset import Dataset

__all__ = ["publish_stored", "publish_urls", "said", "urls_of", "wanted_schema"]

Limits = tuple[int | None, float | None, bool]
Placing = tuple[Any, Limits, bool | Progress | None]
"""A store; the most samples and bytes of a shard, whether manifests are made; who is told."""


def said(
    *,
    description: str | None = None,
    tags: Sequence[str] | None = None,
    license: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> _atdata.WriteOptions:
    """What is said of a dataset, as the engine takes it."""
    return _options(description=description, tags=tags, license=license, metadata=metadata)


def wanted_schema(sample_type: type, reference: Any, version: str) -> GivenSchema:
    """The address of a schema that is published, or a type's with the version it is to have."""
    return (schema_text(sample_type), version) if reference is None else str(reference)


def urls_of(ds: "Dataset[Any]") -> list[str]:
    """Where a dataset's shards are, patterns as they are.

    Raises `InvalidError` (a ValueError) for one that has other samples than its shards.
    """
    if not ds._is_whole:
        raise InvalidError(
            "the dataset is a selection or a view, which its shards do not hold: publish it with a "
            "store (data_store=PDSBlobStore(client)), into which it is written"
        )
    source = ds.source
    return source.patterns if isinstance(source, URLSource) else ds.list_shards()


def publish_urls(
    engine: _atdata.Atmosphere,
    ds: "Dataset[Any]",
    name: str,
    schema: GivenSchema,
    about: _atdata.WriteOptions,
    rkey: str | None,
    strict: bool,
) -> DatasetRow:
    """Publish shards where they are."""
    return engine.publish_urls(urls_of(ds), name, schema, about, rkey, strict)


def publish_stored(
    engine: _atdata.Atmosphere,
    ds: "Dataset[Any]",
    placing: Placing,
    name: str,
    schema: GivenSchema,
    about: _atdata.WriteOptions,
    rkey: str | None,
) -> DatasetRow:
    """Copy shards into a store, and publish them there."""
    store, limits, progress = placing
    if not is_own_store(store):
        maxcount, maxsize, _ = limits
        given = {"maxcount": maxcount, "maxsize": maxsize}
        given = {word: limit for word, limit in given.items() if limit is not None}
        urls = list(store.write_shards(ds, prefix=name, **given))
        return engine.publish_urls(urls, name, schema, about, rkey, False)
    with as_stored(ds, store, *limits) as staged, told(progress) as watch:
        shards = staged._handle.shards
        return engine.insert(shards, store._engine, name, schema, about, rkey, watch)
