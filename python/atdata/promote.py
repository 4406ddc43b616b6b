"""From an index to the network: entries and their schemas, published."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from atdata import _atdata
from atdata._entry import LocalDatasetEntry
from atdata._errors import InvalidError, UnsupportedTypeError
from atdata._sources import known_store
from atdata._told import Progress, told
from atdata.stores import is_own_store

if TYPE_CHECKING:
    from atdata._atmosphere_client import AtmosphereClient
    from atdata._index import Index

__all__ = ["promote_to_atmosphere"]


def promote_to_atmosphere(
    local_entry: LocalDatasetEntry,
    local_index: "Index",
    atmosphere_client: "AtmosphereClient",
    *,
    data_store: Any = None,
    name: str | None = None,
    description: str | None = None,
    tags: Sequence[str] | None = None,
    license: str | None = None,
    strict: bool = False,
    progress: bool | Progress | None = None,
) -> str:
    """Publish an entry of an index, and its schema if that is not published; gives the address.

    Shards that others can reach stay where they are; those on this machine become blobs of the
    account. With `data_store` all are copied into it first. What others may not be able to read is
    warned of, or with `strict=True` an `InvalidError`. Name, description, tags, license and other
    metadata are the entry's, unless they are given. An entry that was published just like this is
    not published again, and an attempt that was cut short goes on where it was.

    Raises `UnknownNameError` (a KeyError) where the index does not have the schema, `InvalidError`
    (a ValueError) for an entry without data URLs, `NotLoggedInError` (a ValueError).
    """
    from atdata._atmosphere_publish import said

    is_index = isinstance(getattr(local_index, "_engine", None), _atdata.Index)
    if not is_index or not hasattr(local_entry, "_row"):
        raise UnsupportedTypeError("promote an entry of an atdata.Index, with that index")
    about = said(description=description, tags=tags, license=license)
    if data_store is not None and not is_own_store(data_store):
        local_entry = _elsewhere(local_entry, local_index, data_store, name or local_entry.name)
        data_store = None
    store = None if data_store is None else data_store._engine
    engine = _reading(local_index, local_entry)
    atmosphere = atmosphere_client._engine
    with told(progress) as watch:
        row = atmosphere.promote(engine, local_entry._row, name, about, store, strict, watch)
    return row[0][0]


def _reading(index: "Index", entry: LocalDatasetEntry) -> _atdata.Index:
    """The index, with a store of this process that can read the entry's shards if it has none."""
    store = known_store(entry.data_urls) if index.data_store is None else None
    if store is None:
        return index._engine
    return _atdata.Index(index._provider._engine, store._engine)


def _elsewhere(
    entry: LocalDatasetEntry, index: "Index", store: Any, prefix: str
) -> LocalDatasetEntry:
    """The entry with its shards in a store of the user's, which takes datasets."""
    from atdata._dataset import Dataset
    from atdata._load import _source

    if not entry.data_urls:
        raise InvalidError(f"{entry.name}: the entry has no data URLs")
    own = index.data_store if is_own_store(index.data_store) else None
    cls = index.decode_schema(entry.schema_ref)
    dataset = Dataset._of(_source(entry.data_urls, own), cls)
    urls = list(store.write_shards(dataset, prefix=prefix))
    metadata = {key: value for key, value in (entry.metadata or {}).items() if key != "checksums"}
    return LocalDatasetEntry(entry.name, entry.schema_ref, urls, metadata or None)


def _find_existing_schema(client: "AtmosphereClient", name: str, version: str) -> str | None:
    """The address of the account's own schema of a name (or `module.name`) and version, or None."""
    found = client._engine.find_schema(None, name, version)
    return None if found is None else found[0][0]
