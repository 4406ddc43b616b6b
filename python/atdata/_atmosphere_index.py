"""The network as an index: what an account publishes, and what others have."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from atdata import _atdata
from atdata._atmosphere_entry import AtmosphereIndexEntry
from atdata._atmosphere_publish import publish_stored, publish_urls, said, wanted_schema
from atdata._atmosphere_schemas import AtmosphereSchemaRecord, Decoder
from atdata._atmosphere_store import PDSBlobStore
from atdata._atmosphere_uri import AtUri
from atdata._errors import InvalidError
from atdata._told import Progress
from atdata._write import write_samples

if TYPE_CHECKING:
    from atdata._atmosphere_client import AtmosphereClient
    from atdata._dataset import Dataset

__all__ = ["AtmosphereIndex"]


class AtmosphereIndex:
    """Datasets on the AT Protocol: those of an account by name, and everybody's by address.

    With a `data_store` (a `PDSBlobStore` for blobs on the account's own server, or any other
    store), shards are copied into it; without one they are published where they are. To find and
    read, the client need not be logged in.
    """

    def __init__(self, client: "AtmosphereClient", *, data_store: Any = None) -> None:
        self._client, self._store = client, data_store
        self._decoder = Decoder()

    @property
    def client(self) -> "AtmosphereClient":
        """The account."""
        return self._client

    @property
    def _engine(self) -> _atdata.Atmosphere:
        return self._client._engine

    @property
    def data_store(self) -> Any:
        """Where shards are copied to, or None."""
        return self._store

    # Schemas.

    def publish_schema(
        self,
        sample_type: type,
        *,
        version: str = "1.0.0",
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        name: str | None = None,
        rkey: str | None = None,
    ) -> str:
        """Publish a sample type's schema; gives the record's address.

        One of that name and version that has the same fields is used again; where the fields
        differ, another record is made, and a warning says so. Raises `NotLoggedInError` (a
        ValueError), `UnsupportedTypeError` (a TypeError) for a field that cannot be stored.
        """
        return self._client.publish_schema(
            sample_type,
            version=version,
            name=name,
            description=description,
            metadata=metadata,
            rkey=rkey,
        )

    def get_schema(self, ref: str | AtUri) -> AtmosphereSchemaRecord:
        """The schema of `at://...` or `atdata://{did or handle}/sampleSchema/{Name}@{version}`.

        Without a version it is the highest. Raises `UnknownNameError` or `RecordNotFoundError`
        (KeyErrors), and `InvalidError` (a ValueError) for what names no schema.
        """
        return AtmosphereSchemaRecord._row(self._engine.schema(str(ref)))

    def list_schemas(
        self, repo: str | None = None, limit: int | None = None
    ) -> list[AtmosphereSchemaRecord]:
        """The schemas of a handle or DID, by default one's own; at most `limit`."""
        rows = self._engine.schemas(repo, limit)
        return [AtmosphereSchemaRecord._row(row) for row in rows]

    @property
    def schemas(self) -> Iterator[AtmosphereSchemaRecord]:
        """The account's own schemas, one by one."""
        return iter(self.list_schemas())

    def decode_schema(self, ref: str | AtUri) -> type[Any]:
        """A sample type with the fields of a schema.

        Raises as `get_schema`, and `DataError` (a ValueError) for a schema that no class can have.
        """
        return self._decoder.decode(self._engine, str(ref))

    # Datasets.

    def get_dataset(self, ref: str | AtUri) -> AtmosphereIndexEntry:
        """The dataset of an address, of `@handle/name`, or of a name of one's own.

        A name may end with `@version` or `@CID`, for an older one. Raises `UnknownNameError` or
        `RecordNotFoundError` (KeyErrors), and `InvalidError` (a ValueError) for the address of
        something else.
        """
        return AtmosphereIndexEntry._of(self._engine.dataset(str(ref)))

    def list_datasets(
        self, repo: str | None = None, limit: int | None = None
    ) -> list[AtmosphereIndexEntry]:
        """The current dataset of every name of a handle or DID, by default one's own.

        They come in the order of their names; all of them, or at most `limit`.
        """
        return [AtmosphereIndexEntry._of(row) for row in self._engine.datasets(repo)[:limit]]

    def list_entries(
        self, repo: str | None = None, limit: int | None = None
    ) -> list[AtmosphereIndexEntry]:
        """All datasets of a handle or DID, older ones of a name too, the newest first."""
        return [AtmosphereIndexEntry._of(row) for row in self._engine.all_datasets(repo, limit)]

    @property
    def datasets(self) -> Iterator[AtmosphereIndexEntry]:
        """The account's own datasets, one by one."""
        return iter(self.list_datasets())

    def insert_dataset(
        self,
        ds: "Dataset[Any]",
        *,
        name: str,
        schema_ref: str | AtUri | None = None,
        description: str | None = None,
        tags: Sequence[str] | None = None,
        license: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        schema_version: str = "1.0.0",
        data_store: Any = None,
        maxcount: int | None = None,
        maxsize: int | None = None,
        manifest: bool = False,
        progress: bool | Progress | None = None,
        rkey: str | None = None,
        strict: bool = False,
    ) -> AtmosphereIndexEntry:
        """Publish a dataset, and the schema of its samples if that is not published yet.

        Its shards are copied into the store, byte for byte where nothing was selected or viewed, no
        limit is given and the store takes them. Without a store they are published where they are;
        a warning, or with `strict=True` an `InvalidError`, tells of those that others may not be
        able to read. What is published under the name already, just like this, is not published
        again. Raises `NotLoggedInError` and `InvalidError` (ValueErrors), `AtProtocolError`.
        """
        store = self._store if data_store is None else data_store
        metadata = ds.metadata if metadata is None else metadata
        about = said(description=description, tags=tags, license=license, metadata=metadata)
        schema = wanted_schema(ds.sample_type, schema_ref, schema_version)
        if store is None:
            row = publish_urls(self._engine, ds, name, schema, about, rkey, strict)
        else:
            placing = (store, (maxcount, maxsize, manifest), progress)
            row = publish_stored(self._engine, ds, placing, name, schema, about, rkey)
        return AtmosphereIndexEntry._of(row)

    def write(
        self,
        samples: Iterable[Any],
        *,
        name: str,
        maxcount: int | None = None,
        maxsize: int | None = None,
        key: str | Callable[[int, Any], str] | None = None,
        manifest: bool = False,
        **about: Any,
    ) -> AtmosphereIndexEntry:
        """Write samples of one type, and publish them: in the store, or as blobs of the account.

        Limits, `key` and `manifest` are as in `write_samples`, the rest as in `insert_dataset`.
        """
        about.setdefault("data_store", self._store or PDSBlobStore(self._client))
        with tempfile.TemporaryDirectory(prefix="atdata-") as folder:
            how: dict[str, Any] = {"maxcount": maxcount, "maxsize": maxsize, "key": key}
            ds = write_samples(samples, f"{folder}/data.tar", manifest=manifest, **how)
            if not len(ds):
                raise InvalidError("there are no samples, so there is nothing to publish")
            return self.insert_dataset(ds, name=name, **about)

    write_samples = write

    def label(self, name: str, version: str) -> AtUri:
        """Give a dataset of one's own a version: `@handle/name@version` means it from now on.

        Raises `UnknownNameError` (a KeyError), `InvalidError` for what is no version.
        """
        return AtUri.parse(self._engine.label(name, version))

    def delete_dataset(self, ref: str | AtUri) -> None:
        """Delete the record of a dataset of one's own; its blobs go with it.

        Raises as `get_dataset`, and `DeniedError` for somebody else's.
        """
        self._client.delete_record(self.get_dataset(ref).uri)

    def verify(self, ref: str | AtUri) -> None:
        """Check a dataset's record, and its schema's, against what their owners have signed.

        Raises `UnverifiedError` (a ValueError).
        """
        entry = self.get_dataset(ref)
        self._engine.verify(entry.uri)
        self._engine.verify(entry.schema_ref)

    def __repr__(self) -> str:
        return f"AtmosphereIndex({self._client!r})"
