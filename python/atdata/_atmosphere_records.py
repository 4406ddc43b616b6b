"""What a client does with records and blobs, of its own and of others."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from atdata import _atdata
from atdata._atmosphere_uri import AtRecord, AtUri, json_of, records_of
from atdata._errors import InvalidError
from atdata._schemas import schema_text

__all__ = ["Records"]

PAGE = 100
_log = logging.getLogger("atdata")


class Records:
    """The part of an `AtmosphereClient` that reads and writes records and blobs."""

    _engine: _atdata.Atmosphere

    def create_record(
        self,
        collection: str,
        record: Mapping[str, Any],
        *,
        rkey: str | None = None,
        validate: bool = False,
    ) -> AtUri:
        """Write a new record, whose `$type` is its collection; without a key it gets a new one.

        `validate` has the server check it, which knows few lexicons. What was written is never
        there twice, also when the answer is lost. Raises `NotLoggedInError` and `InvalidError`
        (ValueErrors), `ConflictError` where a record is there already, `AtProtocolError`.
        """
        return AtUri.parse(self._engine.create(collection, rkey, json_of(record), validate)[0])

    def put_record(
        self,
        collection: str,
        rkey: str,
        record: Mapping[str, Any],
        *,
        validate: bool = False,
        swap_commit: str | None = None,
    ) -> AtUri:
        """Write a record at a key, whether there is one or not.

        With `swap_commit`, the CID of a commit, only if nothing was committed since. Raises as
        `create_record`, and `ConflictError` where something was.
        """
        text = json_of(record)
        return AtUri.parse(self._engine.put(collection, rkey, text, validate, swap_commit)[0])

    def delete_record(self, uri: str | AtUri, *, swap_commit: str | None = None) -> None:
        """Delete a record of one's own; that there is none is no error.

        Raises as `put_record`, and `DeniedError` for a record of somebody else.
        """
        self._engine.delete(str(uri), swap_commit)

    def apply_writes(
        self, writes: Iterable[Mapping[str, Any]], *, swap_commit: str | None = None
    ) -> list[AtUri]:
        """Make up to 200 changes at once, all or none; gives the addresses of what was written.

        A change is a dict: `action` ("create", "update" or "delete"), `collection`, `rkey` and
        `record`. Raises as `put_record`.
        """
        written = self._engine.apply([_write(write) for write in writes], swap_commit)
        return [AtUri.parse(uri) for uri, _ in written]

    def get_record(self, uri: str | AtUri) -> AtRecord:
        """The record at an address, as a dict with `uri` and `cid` as attributes.

        Its CID is computed from its content. Raises `RecordNotFoundError`.
        """
        return AtRecord._of(self._engine.record(str(uri)))

    def list_records(
        self,
        collection: str,
        *,
        repo: str | None = None,
        limit: int | None = 100,
        cursor: str | None = None,
    ) -> tuple[list[AtRecord], str | None]:
        """Up to `limit` records of a collection (None: all), and where to go on (None: the end).

        `repo` is a handle or DID, by default one's own. The newest keys come first. Raises
        `NotLoggedInError` (a ValueError) without either.
        """
        found: list[AtRecord] = []
        while limit is None or len(found) < limit:
            wanted = PAGE if limit is None else min(PAGE, limit - len(found))
            rows, cursor, problems = self._engine.page(collection, repo, wanted, cursor)
            for problem in problems:
                _log.warning("left out: %s", problem)
            found += records_of(rows)
            if cursor is None:
                break
        return found, cursor

    def list_schemas(self, repo: str | None = None, limit: int | None = 100) -> list[AtRecord]:
        """The records of sample types of a handle or DID, by default one's own; None: all."""
        return records_of(self._engine.listed("schema", repo, limit))

    def list_datasets(self, repo: str | None = None, limit: int | None = 100) -> list[AtRecord]:
        """The records of datasets of a handle or DID, by default one's own; None: all."""
        return records_of(self._engine.listed("dataset", repo, limit))

    def list_lenses(self, repo: str | None = None, limit: int | None = 100) -> list[AtRecord]:
        """The records of lenses of a handle or DID, by default one's own; None: all."""
        return records_of(self._engine.listed("lens", repo, limit))

    def upload_blob(
        self, data: bytes, mime_type: str = "application/octet-stream"
    ) -> dict[str, Any]:
        """Upload bytes; gives what a record may hold: `$type`, `ref`, `mimeType`, `size`.

        The server keeps a blob only if a record refers to it soon. Raises `NotLoggedInError`, and
        `DataError` (a ValueError) for more than the server takes.
        """
        found: dict[str, Any] = json.loads(self._engine.upload(bytes(data), mime_type))
        return found

    def get_blob(self, did: str, cid: str) -> bytes:
        """A blob of an account, whose bytes have been checked against its CID.

        Raises `RecordNotFoundError`, `UnverifiedError` (a ValueError).
        """
        return self._engine.blob(did, cid)

    def get_blob_url(self, did: str, cid: str) -> str:
        """The URL where everybody may read a blob, on the server that the DID names."""
        return self._engine.blob_url(did, cid)

    def publish_schema(
        self,
        sample_type: type,
        *,
        version: str = "1.0.0",
        name: str | None = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        rkey: str | None = None,
    ) -> str:
        """Publish a sample type's schema; gives the record's address.

        One of that name and version that has the same fields is used again; where the fields
        differ, another record is made, and a warning says so. Raises `NotLoggedInError` (a
        ValueError), `UnsupportedTypeError` (a TypeError) for a field that cannot be stored.
        """
        schema = schema_text(sample_type, description, name)
        extra = None if metadata is None else dict(metadata)
        return self._engine.publish_schema(schema, version, extra, rkey)


def _write(write: Mapping[str, Any]) -> tuple[str, str, str | None, str | None]:
    """A change in the form of the engine."""
    action = str(write.get("action", write.get("$type", ""))).rpartition("#")[2]
    collection, record = write.get("collection"), write.get("record", write.get("value"))
    if not isinstance(collection, str):
        raise InvalidError("a change names its collection")
    return action, collection, write.get("rkey"), None if record is None else json_of(record)
