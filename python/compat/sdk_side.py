"""What the Python `atproto` SDK makes of a repository's records: `sdk_side.py SETTINGS OUTCOME`.

SETTINGS is JSON: `service`, `repository`, `collections`. OUTCOME is the file for what there is, as
JSON. A record is read twice: as JSON, and as the DAG-CBOR block of that CID in the proof that the
server gives of it. Metadata is unpacked, and each blob fetched and hashed.
"""

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import content
import libipld
import msgpack
from atproto import CAR, Client
from atproto_client.models.utils import get_model_as_dict

PAGE = 100
Json = dict[str, Any]


def main(settings: Json, outcome: Path) -> None:
    """Everything of the repository."""
    client = Client(base_url=settings["service"])
    found = [
        told(client, settings["repository"], record)
        for collection in settings["collections"]
        for record in listed(client, settings["repository"], collection)
    ]
    outcome.write_text(json.dumps(found))


def listed(client: Client, repository: str, collection: str) -> Iterator[Any]:
    """The records of a collection, page by page."""
    cursor: str | None = None
    while True:
        asked = {"repo": repository, "collection": collection, "limit": PAGE, "cursor": cursor}
        page = client.com.atproto.repo.list_records(asked)
        yield from page.records
        if not (cursor := page.cursor):
            return


def told(client: Client, repository: str, record: Any) -> Json:
    """A record in each of the two ways, its metadata, and the SHA-256 of its blobs."""
    value = get_model_as_dict(record.value)
    collection, rkey = record.uri.split("/")[-2:]
    asked = {"did": repository, "collection": collection, "rkey": rkey}
    car = CAR.from_bytes(client.com.atproto.sync.get_record(asked))
    block = next(block for cid, block in car.blocks.items() if cid.encode() == record.cid)
    cids = list(blob_cids(value))
    return {
        "uri": record.uri,
        "cid": record.cid,
        "value": value,
        "block": plain(block),
        "block_cid": None if cids else dag_cbor_cid(libipld.encode_dag_cbor(block)),
        "metadata": unpacked(value.get("metadata")),
        "blobs": {cid: blob_hash(client, repository, cid) for cid in cids},
    }


def dag_cbor_cid(data: bytes) -> str:
    """The CID of a block: version 1, dag-cbor, SHA-256. (A link, libipld does not encode again.)"""
    raw = bytes([1, 0x71, 0x12, 0x20]) + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(raw).decode().lower().rstrip("=")


def plain(value: Any, key: str = "") -> Any:
    """A decoded block as the protocol's JSON; libipld gives links as bytes, which `ref` tells."""
    if isinstance(value, dict):
        return {name: plain(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bytes) and key == "ref":
        return {"$link": libipld.encode_cid(value)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode().rstrip("=")}
    return value


def blob_cids(value: Any) -> Iterator[str]:
    """The CIDs of the blobs that a record refers to."""
    if isinstance(value, list):
        for item in value:
            yield from blob_cids(item)
    elif isinstance(value, dict) and value.get("$type") == "blob":
        yield value["ref"]["$link"]
    elif isinstance(value, dict):
        yield from blob_cids(list(value.values()))


def blob_hash(client: Client, repository: str, cid: str) -> str:
    """The SHA-256 of a blob, in hex; of one in JSON, which the SDK parses, that of the JSON."""
    data = client.com.atproto.sync.get_blob({"did": repository, "cid": cid})
    if not isinstance(data, bytes):
        data = content.canonical(data)
    return hashlib.sha256(data).hexdigest()


def unpacked(metadata: Any) -> Any:
    """Metadata in msgpack, written down exactly; an object as it is."""
    if not isinstance(metadata, dict) or "$bytes" not in metadata:
        return metadata
    text = metadata["$bytes"]
    return content.described(msgpack.unpackb(base64.b64decode(text + "=" * (-len(text) % 4))))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), Path(sys.argv[2]))
