"""Records and blobs of an account: written, read, changed together, listed."""

import os
import pickle
from typing import Any

import federation
import pytest
from federation import COLLECTION, note

import atdata
from atdata.atmosphere import (
    Atmosphere,
    AtmosphereClient,
    AtUri,
)

Network = dict[str, Any]


def test_records_are_written_read_and_deleted(alice: Atmosphere) -> None:
    uri = alice.create_record(
        COLLECTION,
        note(text="one", data=b"bytes", at=AtUri.parse(f"at://{alice.did}/{COLLECTION}/x")),
    )
    assert (uri.authority, uri.collection) == (alice.did, COLLECTION)
    record = AtmosphereClient().get_record(uri)
    assert (record["text"], record["data"], record.uri) == ("one", {"$bytes": "Ynl0ZXM"}, uri)
    assert record.cid.startswith("bafyrei")
    assert alice.put_record(COLLECTION, uri.rkey, note(text="two")) == uri
    assert alice.get_record(str(uri))["text"] == "two"
    alice.delete_record(uri)
    alice.delete_record(uri)
    with pytest.raises(KeyError) as raised:
        alice.get_record(uri)
    assert isinstance(raised.value, atdata.AtProtocolError)


def test_what_cannot_be_a_record(alice: Atmosphere) -> None:
    for record in (note(x=1.5), {"text": "no type"}, {"$type": "com.example.other"}):
        with pytest.raises(ValueError, match=r"record|type"):
            alice.create_record(COLLECTION, record)
    with pytest.raises(ValueError, match="cannot hold a set"):
        alice.create_record(COLLECTION, note(x={1}))
    with pytest.raises(ValueError, match="no collection"):
        alice.create_record("no collection", note())


def test_a_stale_swap_and_a_taken_key_are_conflicts(alice: Atmosphere) -> None:
    uri = alice.create_record(COLLECTION, note(n=1), rkey=federation.new_name("key"))
    with pytest.raises(atdata.ConflictError):
        alice.create_record(COLLECTION, note(n=2), rkey=uri.rkey)
    stale = alice.get_record(uri).cid
    with pytest.raises(atdata.ConflictError):
        alice.put_record(COLLECTION, uri.rkey, note(n=3), swap_commit=stale)
    assert alice.get_record(uri)["n"] == 1


def test_changes_are_made_together_or_not_at_all(bob: Atmosphere) -> None:
    keys = [federation.new_name("many") for _ in range(3)]
    create = [
        {"action": "create", "collection": COLLECTION, "rkey": key, "record": note(key=key)}
        for key in keys
    ]
    assert [uri.rkey for uri in bob.apply_writes(create)] == keys
    more = [{"action": "delete", "collection": COLLECTION, "rkey": keys[0]}, create[1]]
    with pytest.raises(atdata.ConflictError):
        bob.apply_writes(more)
    assert bob.get_record(f"at://{bob.did}/{COLLECTION}/{keys[0]}")["key"] == keys[0]
    with pytest.raises(ValueError, match="create"):
        bob.apply_writes([{"action": "burn", "collection": COLLECTION}])


def test_lists_go_to_the_end(bob: Atmosphere) -> None:
    collection = "ac.foundation.dataset.paged"
    change = {"action": "create", "collection": collection}
    changes = [{**change, "record": {"$type": collection, "n": n}} for n in range(120)]
    bob.apply_writes(changes)
    found, cursor = bob.list_records(collection, limit=None)
    assert sorted(record["n"] for record in found) == list(range(120))
    assert cursor is None
    first, cursor = bob.list_records(collection, limit=110)
    rest, end = AtmosphereClient().list_records(
        collection, repo="bob.test", limit=None, cursor=cursor
    )
    assert sorted(record["n"] for record in first + rest) == list(range(120))
    assert (len(first), end) == (110, None)


def test_blobs_are_kept_once_a_record_names_them(alice: Atmosphere, network: Network) -> None:
    blob = alice.upload_blob(b"some bytes", "text/plain")
    assert (blob["$type"], blob["mimeType"], blob["size"]) == ("blob", "text/plain", 10)
    alice.create_record(COLLECTION, note(blob=blob))
    cid = blob["ref"]["$link"]
    assert AtmosphereClient().get_blob(alice.did, cid) == b"some bytes"
    url = AtmosphereClient().get_blob_url(alice.did, cid)
    assert url.startswith(f"{network['alice.test']['pds']}/xrpc/com.atproto.sync.getBlob?")
    with pytest.raises(KeyError):
        alice.get_blob(alice.did, alice.upload_blob(os.urandom(8))["ref"]["$link"])
    with pytest.raises(ValueError, match="bytes"):
        alice.upload_blob(bytes(6 << 20))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "at://",
        "at:///a.b.c/x",
        "at:///../x",
        "at://did:plc:abc/a.b.c",
        "at://did:plc:abc/a.b.c/x/y",
        "at://did:plc:abc/a.b.c/x?query#frag",
        "at://did:plc:abc/a.b.c/..",
        "at://not a handle/a.b.c/x",
        "https://did:plc:abc/a.b.c/x",
    ],
)
def test_what_is_no_address_of_a_record(text: str) -> None:
    with pytest.raises(ValueError, match="address of a record"):
        AtUri.parse(text)
    with pytest.raises(ValueError, match="address of a record"):
        AtmosphereClient().get_record(text)


def test_addresses_are_values() -> None:
    uri = AtUri("did:plc:abc123", "ac.foundation.dataset.record", "xyz")
    assert uri == AtUri.parse(str(uri))
    assert {uri: 1}[AtUri.parse("at://did:plc:abc123/ac.foundation.dataset.record/xyz")] == 1
    assert pickle.loads(pickle.dumps(uri)) == uri
    for parts in (
        ("did:plc:abc", "a.b.c/d", "x"),
        ("did:plc:abc", "a.b.c", "x/../y"),
        ("", "", ""),
    ):
        with pytest.raises(ValueError, match="address of a record"):
            AtUri(*parts)
