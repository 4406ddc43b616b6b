"""Shards that are blobs of accounts on the AT Protocol."""

import re
from collections.abc import Mapping, Sequence
from typing import IO, Any, Self

from atdata import _atdata
from atdata._errors import InvalidError
from atdata._sources import URLSource, known_store

__all__ = ["BlobSource", "PublishedSource"]

_URL = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/blob/([A-Za-z0-9]+)")


class PublishedSource(URLSource):
    """Shards that somebody has published: nothing private is read for strangers' addresses.

    Pickled without the client that it was found by.
    """

    def __init__(
        self, urls: Sequence[str], *, atmosphere: "_atdata.Atmosphere | None" = None, **how: Any
    ) -> None:
        super().__init__(urls)
        self._how, self._atmosphere = how, atmosphere
        self._opened_as: _atdata.Published | None = None

    @property
    def _reader(self) -> _atdata.Store | _atdata.Published:
        store = None if self._how.get("mirrors") else known_store(self.patterns)
        if store is not None:
            engine: _atdata.Store = store._engine
            return engine
        if self._opened_as is None:
            how = {**self._how, "atmosphere": self._atmosphere}
            self._opened_as = _atdata.Published(self.patterns, **how)
        return self._opened_as

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_atmosphere": None, "_opened_as": None}


class BlobSource(PublishedSource):
    """Blobs as shards: each is named by whose it is and by its CID, `at://{did}/blob/{cid}`.

    `blob_refs` are dicts with `did` and `cid`. They are fetched from the server that the DID names,
    or all from `pds_endpoint`. Nobody needs to be logged in. A blob's bytes are always checked
    against its CID before anything of it is used. Nothing is reached before a shard is read.

    >>> source = BlobSource([{"did": "did:plc:abc123", "cid": "bafkreibme22gw2h7y2h7tg2fhqotaqj"}])
    >>> source.list_shards()
    ['at://did:plc:abc123/blob/bafkreibme22gw2h7y2h7tg2fhqotaqj']
    """

    def __init__(
        self,
        blob_refs: Sequence[Mapping[str, str]],
        pds_endpoint: str | None = None,
        **_how: Any,
    ) -> None:
        self.blob_refs = [_plain(ref) for ref in blob_refs]
        if not self.blob_refs:
            raise InvalidError("no blobs: the list of references is empty")
        urls = [f"at://{ref['did']}/blob/{ref['cid']}" for ref in self.blob_refs]
        super().__init__(urls, endpoint=pds_endpoint, **_how)
        self.pds_endpoint = pds_endpoint

    @classmethod
    def from_refs(
        cls,
        refs: Sequence[Mapping[str, Any]],
        *,
        pds_endpoint: str | None = None,
        did: str | None = None,
    ) -> Self:
        """The blobs of these references: `{"did": ..., "cid": ...}`, or as records have them,
        `{"$type": "blob", "ref": {"$link": ...}}`, which do not say whose they are: `did` says it.

        Raises `InvalidError` (a ValueError) for no references, and for what is none.

        >>> blob = {"$type": "blob", "ref": {"$link": "bafkreibme22gw2h7y2h7tg2fhqotaqj"}}
        >>> BlobSource.from_refs([blob], did="did:plc:abc123").blob_refs
        [{'did': 'did:plc:abc123', 'cid': 'bafkreibme22gw2h7y2h7tg2fhqotaqj'}]
        """
        return cls([_ref(ref, did) for ref in refs], pds_endpoint)

    @classmethod
    def _of(cls, urls: Sequence[str], **how: Any) -> Self:
        """The blobs of these addresses."""
        return cls([_parts(url) for url in urls], **how)

    def list_shards(self) -> list[str]:
        """The addresses of all blobs: `at://{did}/blob/{cid}`."""
        return self.patterns

    def open_shard(self, shard_id: str) -> IO[bytes]:
        """A binary stream on one blob, whose bytes have been checked against its CID.

        Raises `InvalidError` (a ValueError) for what is no blob's address, and `UnknownNameError`
        (a KeyError) for one that is not in `list_shards()`.
        """
        _parts(shard_id)
        return super().open_shard(shard_id)

    def __repr__(self) -> str:
        return f"BlobSource({self.url!r})"


def _plain(ref: Mapping[str, Any]) -> dict[str, str]:
    did, cid = ref.get("did"), ref.get("cid")
    if not isinstance(did, str) or not isinstance(cid, str):
        raise InvalidError('a reference to a blob has a "did" and a "cid"')
    return {"did": did, "cid": cid}


def _ref(ref: Any, did: str | None) -> dict[str, str]:
    """A reference in either form."""
    if not isinstance(ref, Mapping):
        raise InvalidError("a reference to a blob is a dict")
    if ref.get("$type") != "blob":
        return _plain({"did": did, **ref})
    link = ref.get("ref")
    cid = link.get("$link") if isinstance(link, Mapping) else link
    whose = ref.get("did", did)
    if whose is None:
        raise InvalidError('a blob of a record does not say whose it is: give did="did:plc:..."')
    return _plain({"did": whose, "cid": cid})


def _parts(url: str) -> dict[str, str]:
    found = _URL.fullmatch(url)
    if found is None:
        raise InvalidError(f"{url[:300]} is not the address of a blob: at://{{did}}/blob/{{cid}}")
    return {"did": found[1], "cid": found[2]}
