"""Accounts on the AT Protocol: sessions, records, blobs."""

import json
import logging
import os
import pickle
import subprocess
from pathlib import Path
from typing import Any

import federation
import pytest
import serve_atproto

import atdata
from atdata.atmosphere import (
    Atmosphere,
    AtmosphereClient,
    AtmosphereIndex,
    AtUri,
    Client,
    DatasetPublisher,
    LensLoader,
    PDSBlobStore,
    SchemaPublisher,
)

COLLECTION = "ac.foundation.dataset.note"
Network = dict[str, Any]


def note(**members: Any) -> dict[str, Any]:
    return {"$type": COLLECTION, **members}


def test_a_client_has_three_names() -> None:
    assert Atmosphere is AtmosphereClient is Client


def test_login_is_a_factory_and_in_place(network: Network) -> None:
    account = network["alice.test"]
    made = Atmosphere.login("alice.test", account["app_password"])
    client = AtmosphereClient()
    assert not client.is_authenticated
    assert client.login("@alice.test", account["app_password"]) is client
    for one in (made, client):
        assert (one.did, one.handle, one.is_authenticated) == (account["did"], "alice.test", True)


def test_a_did_web_and_a_named_server(network: Network) -> None:
    account = network["web.test"]
    client = AtmosphereClient(base_url=account["pds"]).login("web.test", account["app_password"])
    assert client.did.startswith("did:web:")
    assert client.handle == "web.test"


def test_who_is_not_logged_in_gets_a_value_error(network: Network) -> None:
    client = AtmosphereClient()
    for ask in (
        lambda: client.did,
        lambda: client.handle,
        client.export_session,
        client.logout,
        client.list_schemas,
        lambda: client.list_records(COLLECTION),
        lambda: client.create_record(COLLECTION, note()),
        lambda: client.upload_blob(b"bytes"),
        lambda: SchemaPublisher(client).publish(federation.Feature),
        lambda: AtmosphereIndex(client).list_datasets(),
        lambda: LensLoader(client).list_all(),
        lambda: PDSBlobStore(client).address,
        lambda: DatasetPublisher(client).publish_with_urls(["s3://b/a.tar"], "at://x", name="n"),
    ):
        with pytest.raises(ValueError, match="log"):
            ask()


def test_a_wrong_password_is_denied_and_never_shown(network: Network) -> None:
    with pytest.raises(PermissionError) as raised:
        Atmosphere.login("alice.test", "wrong-secret-word")
    assert isinstance(raised.value, atdata.DeniedError)
    assert "wrong-secret-word" not in f"{raised.value!r} {raised.value}"
    with pytest.raises(ValueError, match="empty"):
        Atmosphere.login("alice.test", "")


def test_a_handle_that_nobody_has(network: Network) -> None:
    with pytest.raises(KeyError, match=r"nobody\.test"):
        AtmosphereClient().list_datasets("nobody.test")


def test_a_session_goes_on_elsewhere(alice: Atmosphere, tmp_path: Path) -> None:
    text = alice.export_session()
    assert AtmosphereClient().login_with_session(text).did == alice.did
    assert Atmosphere.login_with_session(text).create_record(COLLECTION, note(n=1))
    file = tmp_path / "saved" / "session"
    alice.save_session(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert Atmosphere.load_session(file).did == alice.did
    file.chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        Atmosphere.load_session(file)
    with pytest.raises(FileNotFoundError, match="no session"):
        Atmosphere.load_session(tmp_path / "nothing")
    with pytest.raises(ValueError, match="not an exported session"):
        Atmosphere.login_with_session("{}")


def test_a_session_that_ended_is_denied(network: Network) -> None:
    client = federation.login(network, "bob.test")
    text = client.export_session()
    client.logout()
    assert not client.is_authenticated
    session = json.loads(text)
    tokens = session["tokens"]
    session["tokens"] |= {
        name: "of.another.time" for name in tokens if isinstance(tokens[name], str)
    }
    with pytest.raises(atdata.DeniedError):
        Atmosphere.login_with_session(json.dumps(session))


def test_a_login_with_the_browser(network: Network, tmp_path: Path) -> None:
    account = network["bob.test"]
    script = str(serve_atproto.NETWORK / "oauth-headless.mjs")

    def person(url: str, *more: str) -> None:
        command = [serve_atproto.node(), script, url, "bob.test", account["password"], *more]
        subprocess.Popen(command, stdout=subprocess.DEVNULL)

    client = Atmosphere.login_oauth("bob.test", open_browser=person, timeout=60)
    assert (client.did, client.handle) == (account["did"], "bob.test")
    schema = client.publish_schema(federation.Feature)
    entry = AtmosphereIndex(client).write(federation.features(3), name=federation.new_name("oauth"))
    assert entry.schema_ref == schema
    with pytest.raises(PermissionError):
        client.create_record(COLLECTION, note(n=1))
    client.save_session(tmp_path / "session")
    again = Atmosphere.load_session(tmp_path / "session")
    assert again.publish_schema(federation.Feature) == schema
    again.logout()
    with pytest.raises(PermissionError):
        Atmosphere.login_oauth(
            "bob.test", open_browser=lambda url: person(url, "--reject"), timeout=60
        )


def test_the_environment_names_an_account(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="ATPROTO_HANDLE and ATPROTO_APP_PASSWORD"):
        Atmosphere.from_env()
    account = network["bob.test"]
    monkeypatch.setenv("ATPROTO_HANDLE", "bob.test")
    monkeypatch.setenv("ATPROTO_APP_PASSWORD", account["app_password"])
    monkeypatch.setenv("ATPROTO_PDS", account["pds"])
    assert Atmosphere.from_env().did == account["did"]


def test_secrets_are_never_shown(
    network: Network, alice: Atmosphere, caplog: pytest.LogCaptureFixture
) -> None:
    session = alice.export_session()
    with caplog.at_level(logging.DEBUG):
        shown = [repr(alice), str(alice), repr(PDSBlobStore(alice)), repr(AtmosphereIndex(alice))]
        for wrong in (session[:-9], session.replace("password", "pass")):
            with pytest.raises(atdata.AtdataError) as raised:
                AtmosphereClient().login_with_session(wrong)
            shown.append(f"{raised.value!r} {raised.value}")
    secrets = [part for part in session.split('"') if len(part) > 40]
    secrets.append(network["alice.test"]["app_password"])
    assert len(secrets) >= 3
    assert not [
        secret for secret in secrets if any(secret in text for text in [*shown, caplog.text])
    ]


def test_a_client_is_not_pickled(alice: Atmosphere) -> None:
    for thing in (alice, PDSBlobStore(alice), AtmosphereIndex(alice)):
        with pytest.raises(TypeError, match="session"):
            pickle.dumps(thing)


def test_an_app_password_that_was_revoked(network: Network) -> None:
    account = network["bob.test"]
    token = federation.session(account)
    made = federation.tell(
        account["pds"], "com.atproto.server.createAppPassword", {"name": "brief"}, token
    )
    client = Atmosphere.login("bob.test", made["password"])
    assert client.create_record(COLLECTION, note(n=1))
    federation.tell(
        account["pds"], "com.atproto.server.revokeAppPassword", {"name": "brief"}, token
    )
    with pytest.raises(atdata.DeniedError) as raised:
        Atmosphere.login("bob.test", made["password"])
    assert made["password"] not in str(raised.value)


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


def test_another_library_s_client_is_refused() -> None:
    with pytest.raises(ValueError, match="_client="):
        AtmosphereClient(_client=object())
    with pytest.raises(ValueError, match=r"science\.alt"):
        AtmosphereClient(lexicons="other")
