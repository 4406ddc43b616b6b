"""Addresses of records, and records with their addresses."""

import base64
import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from atdata import _atdata
from atdata._errors import InvalidError
from atdata._rows import RecordRow

__all__ = ["AtRecord", "AtUri", "json_of", "records_of"]


@dataclasses.dataclass(frozen=True)
class AtUri:
    """The address of a record: whose it is (a DID or handle), its collection, its key.

    Raises `InvalidError` (a ValueError) for parts that cannot be those of an address.

    >>> uri = AtUri.parse("at://did:plc:abc123/ac.foundation.dataset.sampleSchema/xyz")
    >>> uri.authority, uri.collection, uri.rkey
    ('did:plc:abc123', 'ac.foundation.dataset.sampleSchema', 'xyz')
    >>> str(uri)
    'at://did:plc:abc123/ac.foundation.dataset.sampleSchema/xyz'
    """

    authority: str
    collection: str
    rkey: str

    def __post_init__(self) -> None:
        parts = (self.authority, self.collection, self.rkey)
        if any("/" in part for part in parts):
            raise InvalidError(f"{str(self)[:300]!r} is not the address of a record")
        _atdata.at_uri(str(self))

    @classmethod
    def parse(cls, uri: str) -> "AtUri":
        """The address that a text is: `at://authority/collection/rkey`.

        Raises `InvalidError` (a ValueError), which says what is wrong.
        """
        return cls(*_atdata.at_uri(uri))

    def __str__(self) -> str:
        return f"at://{self.authority}/{self.collection}/{self.rkey}"


class AtRecord(dict[str, Any]):
    """A record of the network: a dict of its members, with its address and CID as attributes."""

    uri: AtUri
    cid: str

    @classmethod
    def _of(cls, row: RecordRow) -> "AtRecord":
        uri, cid, text = row
        made = cls(json.loads(text))
        made.uri, made.cid = AtUri.parse(uri), cid
        return made


def records_of(rows: list[RecordRow]) -> list[AtRecord]:
    """Records of the engine's rows."""
    return [AtRecord._of(row) for row in rows]


def json_of(record: Mapping[str, Any]) -> str:
    """A record as JSON, in which bytes are `{"$bytes": ...}`.

    >>> json_of({"data": b"hi"})
    '{"data": {"$bytes": "aGk="}}'
    """
    return json.dumps(dict(record), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, AtUri):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise InvalidError(f"a record cannot hold a {type(value).__qualname__}")
