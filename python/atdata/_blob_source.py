"""Shards that are blobs of accounts on the AT Protocol."""

import re
from collections.abc import Mapping, Sequence
from typing import IO, Any, Self

from atdata import _atdata
from atdata._errors import InvalidError
from atdata._sources import URLSource

__all__ = ["BlobSource"]

_URL = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/blob/([A-Za-z0-9]+)")


class BlobSource(URLSource):
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
        *,
        _beside: Mapping[str, str] | None = None,
        _atmosphere: "_atdata.Atmosphere | None" = None,
    ) -> None:
        self.blob_refs = [_plain(ref) for ref in blob_refs]
        if not self.blob_refs:
            raise InvalidError("no blobs: the list of references is empty")
        super().__init__([f"at://{ref['did']}/blob/{ref['cid']}" for ref in self.blob_refs])
        self.pds_endpoint = pds_endpoint
        self._beside = dict(_beside or {})
        self._atmosphere = _atmosphere
        self._blobs: _atdata.Blobs | None = None

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

    @property
    def _reader(self) -> _atdata.Blobs:
        if self._blobs is None:
            self._blobs = _atdata.Blobs(
                self.patterns,
                beside=self._beside,
                endpoint=self.pds_endpoint,
                atmosphere=self._atmosphere,
            )
        return self._blobs

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_atmosphere": None, "_blobs": None}

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
