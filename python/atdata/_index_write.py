"""How datasets get into an index."""

import functools
import itertools
import logging
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from atdata import _atdata
from atdata._dataset import Dataset
from atdata._entry import LocalDatasetEntry
from atdata._errors import InvalidError
from atdata._index_schemas import warn
from atdata._manifest import manifest_of as manifest_fields
from atdata._schemas import schema_text
from atdata._sources import URLSource
from atdata._told import Progress, told
from atdata._write import OneType, write_samples
from atdata.stores import is_own_store, usual_store

__all__ = ["Writing"]

ST = TypeVar("ST")
Key = str | Callable[[int, Any], str]
_log = logging.getLogger("atdata")


class Writing:
    """The part of an `Index` that writes."""

    _engine: _atdata.Index
    _provider: Any
    _store: Any

    def write(
        self,
        samples: Iterable[Any],
        *,
        name: str,
        schema_ref: str | None = None,
        description: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        prefix: str | None = None,
        maxcount: int | None = None,
        maxsize: int | None = None,
        key: Key | None = None,
        manifest: bool = False,
        progress: bool | Progress | None = None,
        data_store: Any = None,
    ) -> LocalDatasetEntry:
        """Write samples of one type as shards into the store, and put them under a name.

        Samples may be any iterable: they are encoded one after the other and never held together.
        `maxcount` and `maxsize` limit a shard's samples and bytes; `key`, `manifest` and `progress`
        are as in `write_samples`. `description`, `tags` and `license` are kept in the entry's
        metadata under those keys. Shards are named by their content: writing the same samples again
        stores nothing new and gives the same entry. The schema is published if it is not yet; where
        it differs from the published one, as a new version, with a warning if that breaks readers.

        Raises `InvalidError` for a name that cannot be one or no samples, and what `write_samples`
        raises. Nothing is in the index before all is stored.
        """
        if schema_ref is not None:
            self.get_schema(schema_ref)  # type: ignore[attr-defined]
        store = self._store_for(data_store)
        options = _options(
            maxcount=maxcount,
            maxsize=maxsize,
            description=description,
            tags=tags,
            license=license,
            metadata=metadata,
            prefix=prefix,
        )
        samples = _some(samples)
        if not is_own_store(store):
            return self._write_elsewhere(
                samples, store, name, options, maxcount, maxsize, prefix, key, progress
            )
        types = OneType()
        engine = _atdata.Index(self._provider._engine, store._engine)
        with told(progress) as watch:
            row, warning = engine.write(
                samples,
                name,
                types.layout,
                lambda: schema_text(types.sample_type),
                options=options,
                key=key,
                progress=watch,
                manifest_of=manifest_fields if manifest else None,
            )
        warn(warning)
        return LocalDatasetEntry._of(row)

    write_samples = write

    def add_entry(
        self,
        ds: Dataset[Any],
        *,
        name: str,
        schema_ref: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        description: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
    ) -> LocalDatasetEntry:
        """Put a dataset under a name, its shards where they are; nothing is read or copied.

        Brace patterns are kept as they are. Without a reference the sample type's schema is
        published if it is not yet.
        """
        options = _options(
            description=description,
            tags=tags,
            license=license,
            metadata=_metadata_of(ds, metadata),
        )
        source = ds.source
        urls = source.patterns if isinstance(source, URLSource) else ds.list_shards()
        schema = schema_text(ds.sample_type)
        row, warning = self._engine.add_entry(
            name, urls, schema, schema_ref=schema_ref, options=options
        )
        warn(warning)
        return LocalDatasetEntry._of(row)

    def insert_dataset(
        self,
        ds: Dataset[Any],
        *,
        name: str,
        schema_ref: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        description: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
        prefix: str | None = None,
        maxcount: int | None = None,
        maxsize: int | None = None,
        manifest: bool = False,
        cache_local: bool = False,
        progress: bool | Progress | None = None,
        data_store: Any = None,
    ) -> LocalDatasetEntry:
        """Copy a dataset's shards into the index's store, and put them under a name.

        They are copied byte for byte, several at once; what an earlier attempt has copied is not
        stored again. Where something was selected, filtered or viewed through a lens, or limits or
        manifests are asked for, the samples are written anew. Without a store this is `add_entry`.
        `cache_local` changes nothing: a shard is always whole before it is uploaded.
        """
        store = self._store if data_store is None else data_store
        about: dict[str, Any] = {"description": description, "tags": tags, "license": license}
        about["metadata"] = _metadata_of(ds, metadata)
        if store is None:
            return self.add_entry(ds, name=name, schema_ref=schema_ref, **about)
        limits = maxcount is not None or maxsize is not None or manifest
        if limits or not ds._is_whole or not is_own_store(store):
            return self.write(
                ds.ordered(),
                name=name,
                prefix=prefix,
                maxcount=maxcount,
                maxsize=maxsize,
                manifest=manifest,
                progress=progress,
                data_store=store,
                **about,
            )
        engine = _atdata.Index(self._provider._engine, store._engine)
        self._warn_of_memory()
        with told(progress) as watch:
            row, warning = engine.insert(
                ds._handle.shards,
                name,
                schema_text(ds.sample_type),
                schema_ref=schema_ref,
                options=_options(prefix=prefix, **about),
                progress=watch,
            )
        warn(warning)
        return LocalDatasetEntry._of(row)

    def _store_for(self, data_store: Any) -> Any:
        """The store to write to: the one that was given, else the index's, else the usual one."""
        store = self._store if data_store is None else data_store
        self._warn_of_memory()
        return usual_store() if store is None else store

    def _warn_of_memory(self) -> None:
        from atdata._default_index import shared_memory

        if self._provider is shared_memory():
            _say_once(
                "this index is in memory: its entries are gone when the process ends, its shards "
                "are not; give the index path= to keep both"
            )

    def _write_elsewhere(
        self,
        samples: Iterable[Any],
        store: Any,
        name: str,
        options: _atdata.WriteOptions,
        maxcount: int | None,
        maxsize: int | None,
        prefix: str | None,
        key: Key | None,
        progress: bool | Progress | None,
    ) -> LocalDatasetEntry:
        """Through a store of the user's, which takes datasets."""
        with tempfile.TemporaryDirectory(prefix="atdata-") as folder:
            path = f"{folder}/data.tar"
            staged = write_samples(
                samples, path, maxcount=maxcount, maxsize=maxsize, key=key, progress=progress
            )
            limits = {"maxcount": maxcount, "maxsize": maxsize}
            given = {word: limit for word, limit in limits.items() if limit is not None}
            urls = list(store.write_shards(staged, prefix=prefix or name, **given))
            schema = schema_text(staged.sample_type)
        row, warning = self._engine.add_entry(name, urls, schema, options=options)
        warn(warning)
        return LocalDatasetEntry._of(row)


@functools.cache
def _say_once(message: str) -> None:
    _log.warning(message)


def _some(samples: Iterable[Any]) -> Iterable[Any]:
    """The samples, of which there must be one: its class says what they are."""
    iterator = iter(samples)
    for first in iterator:
        return itertools.chain([first], iterator)
    raise InvalidError("there are no samples, so it is not known of which type they would be")


def _options(
    *,
    tags: Sequence[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    **given: Any,
) -> _atdata.WriteOptions:
    if isinstance(tags, str):
        raise InvalidError(f"tags={tags!r} is one text; give a list of tags")
    known = None if metadata is None else dict(metadata)
    return _atdata.WriteOptions(tags=list(tags or ()), metadata=known, **given)


def _metadata_of(ds: Dataset[Any], metadata: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return ds.metadata if metadata is None else metadata
